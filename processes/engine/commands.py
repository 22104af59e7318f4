"""What a turn may ask of the engine: one frozen record a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Start:
    """Begin a case at the plain start event; without one it waits at all its start events."""

    event: str | None = None
    """Begin at this start event instead: what it waits for has come."""

    payload: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Complete:
    """Finish an open user task."""

    task: str
    answers: dict[str, Any] = field(default_factory=dict)
    """Form key to JSON value, already checked against the form."""

    kinds: dict[str, str] = field(default_factory=dict)
    """Answer key to `date`, `time` or `date and time`, where the form knows it."""

    compartment: str = "B"
    """The part of the case data that new keys belong to: `A` or `B`."""


@dataclass(frozen=True)
class Deliver:
    """Hand a message to one subscription."""

    subscription: str
    payload: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Broadcast:
    """Hand a signal to everything on this case that waits for it; none is fine."""

    signal: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fire:
    """Let one armed timer fire; what follows counts from its due time, not from now."""

    timer: str


@dataclass(frozen=True)
class FinishJob:
    """Give a service task its result and go on."""

    job: str
    result: Any = None
    kinds: dict[str, str] = field(default_factory=dict)
    """JSON pointer into the result to `date`, `time` or `date and time`."""


@dataclass(frozen=True)
class FailJob:
    """A handler raised `Fault`: look for the error event that catches the code."""

    job: str
    code: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RaiseIncident:
    """A handler failed for good: the element waits for a person."""

    job: str
    message: str


@dataclass(frozen=True)
class Retry:
    """Try the element of an incident again."""

    incident: str


@dataclass(frozen=True)
class MoveDeadline:
    """Give an open deadline a new due time; its followers move with it."""

    deadline: str
    due: datetime
    reason: str


@dataclass(frozen=True)
class PauseDeadline:
    """Stop an open deadline's clock and disarm its timers."""

    deadline: str
    reason: str


@dataclass(frozen=True)
class ResumeDeadline:
    """Start a paused deadline's clock again with the time that was left."""

    deadline: str


@dataclass(frozen=True)
class Suspend:
    """Let the whole case rest: only deadlines that nobody may pause run on."""

    reason: str


@dataclass(frozen=True)
class Resume:
    """Go on with a case that rests, with the time that was left."""

    reason: str


@dataclass(frozen=True)
class Cancel:
    """End the whole case here and now."""

    reason: str


Command = (
    Start
    | Complete
    | Deliver
    | Broadcast
    | Fire
    | FinishJob
    | FailJob
    | RaiseIncident
    | Retry
    | MoveDeadline
    | PauseDeadline
    | ResumeDeadline
    | Suspend
    | Resume
    | Cancel
)
