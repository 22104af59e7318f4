"""Move a case to a phase of its programme; `case/SetPhase` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.contract import Done, SetPhase, Words, handler, parameter
from handlers.reads import Line

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Ports


@dataclass(frozen=True)
class Phase:
    """The phase's name as people read it."""

    phase: str = parameter(Line(), Words("Fase", "Phase"), example='"Visitation"')


@handler(
    "case/SetPhase",
    takes=Phase,
    label=Words("Sæt fase", "Set phase"),
    about=Words(
        "Viser på sagen og på overblikket, hvor langt den unge er.",
        "Shows on the case and on the board how far the young person has come.",
    ),
)
def set_phase(asked: Phase, _job: JobContext, _ports: Ports) -> Done:
    """The phase's name is also the result."""
    return Done(asked.phase, effects=(SetPhase(asked.phase),))
