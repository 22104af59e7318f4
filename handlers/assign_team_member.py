"""Give a case the person who fills a role; `team/Assign` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.contract import AssignTeamMember, Done, Words, handler, parameter
from handlers.errors import Fault
from handlers.reads import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.contract import JobContext
    from handlers.ports import Holder, Ports


@dataclass(frozen=True)
class Place:
    """A role on the case, and who shall fill it."""

    role: str = parameter(Line(), Words("Rolle", "Role"), example='"Mentor"')
    account: str | None = parameter(
        Line(),
        Words("Person (tom: den med færrest sager)", "Person (empty: fewest cases)"),
        example="valgt_mentor",
        default=None,
    )


@handler(
    "team/Assign",
    takes=Place,
    label=Words("Tilknyt person", "Assign team member"),
    about=Words(
        "Knytter en person til sagen i en rolle. Uden person vælges den i enheden, der har "
        "rollen og færrest åbne sager.",
        "Gives the case a person for a role. Without a person it is the one in the unit who "
        "holds the role and has the fewest open cases.",
    ),
    faults=("NO_HOLDER", "NOT_A_HOLDER"),
)
def assign_team_member(place: Place, job: JobContext, ports: Ports) -> Done:
    """The chosen account's name is the result.

    Raises:
        Fault: NO_HOLDER, nobody in the unit has the role.
        Fault: NOT_A_HOLDER, the person asked for does not have it.
    """
    account = place.account
    if account is None:
        account = _least_busy(ports.staff.holders(place.role, job.unit), place.role, job.unit)
    elif not ports.staff.holds(account, place.role, job.unit):
        raise Fault("NOT_A_HOLDER", account=account, role=place.role, unit=job.unit)
    return Done(account, effects=(AssignTeamMember(place.role, account),))


def _least_busy(holders: Sequence[Holder], role: str, unit: str) -> str:
    if not holders:
        raise Fault("NO_HOLDER", role=role, unit=unit)
    return min(holders, key=lambda one: (one.open_cases, one.account)).account
