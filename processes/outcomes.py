"""How a job went: done, a fault for the diagram, put off, or broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from handlers.contract import (
    AssignTeamMember,
    Done,
    RegisterOutcome,
    ReleaseTeamMember,
    SetPhase,
)

LONGEST_PAUSE = timedelta(hours=1)
EFFECTS = {
    kind.__name__: kind for kind in (SetPhase, AssignTeamMember, ReleaseTeamMember, RegisterOutcome)
}


@dataclass(frozen=True)
class Faulted:
    """The handler raised a `Fault`: the diagram's turn."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PutOff:
    """The handler asked for another try."""

    delay: timedelta
    reason: str

    @classmethod
    def later(cls, reason: str) -> Self:
        """Another try after the longest pause."""
        return cls(LONGEST_PAUSE, reason)


@dataclass(frozen=True)
class Broken:
    """The handler failed in a way nobody planned: a person's turn."""

    message: str


Outcome = Done | Faulted | PutOff | Broken


def packed(outcome: Done | Faulted | Broken) -> dict[str, Any]:
    """An outcome as JSON, for a job whose case is suspended."""
    told: dict[str, Any] = {"kind": type(outcome).__name__, **vars(outcome)}
    if isinstance(outcome, Done):
        told["effects"] = [[type(effect).__name__, vars(effect)] for effect in outcome.effects]
    return told


def unpacked(told: dict[str, Any] | None) -> Outcome | None:
    """The outcome that was packed; None where none was kept."""
    if told is None:
        return None
    facts = {name: value for name, value in told.items() if name != "kind"}
    if told["kind"] == "Done":
        effects = tuple(EFFECTS[kind](**of) for kind, of in told["effects"])
        return Done(**{**facts, "effects": effects})
    return Faulted(**facts) if told["kind"] == "Faulted" else Broken(**facts)
