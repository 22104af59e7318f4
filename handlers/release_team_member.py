"""End somebody's part in a case; `team/Release` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.contract import Done, ReleaseTeamMember, Words, handler, parameter
from handlers.reads import Line

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Ports


@dataclass(frozen=True)
class Part:
    """The role that nobody shall fill any more."""

    role: str = parameter(Line(), Words("Rolle", "Role"), example='"Rusmiddelrådgiver"')


@handler(
    "team/Release",
    takes=Part,
    label=Words("Afslut tilknytning", "Release team member"),
    about=Words(
        "Tager den, der har rollen på sagen, ud af sagens team igen.",
        "Takes whoever fills the role on the case out of the case's team again.",
    ),
)
def release_team_member(part: Part, _job: JobContext, _ports: Ports) -> Done:
    """Nobody there is as good as somebody who leaves."""
    return Done(effects=(ReleaseTeamMember(part.role),))
