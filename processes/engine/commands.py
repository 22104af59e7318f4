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
class Skip:
    """Go on after the element of an incident as if it had been done; somebody did it by hand."""

    incident: str
    reason: str
    result: Any = None
    """What it came to, for an element that stores a result."""

    kinds: dict[str, str] = field(default_factory=dict)
    """JSON pointer into the result to `date`, `time` or `date and time`."""


@dataclass(frozen=True)
class Correct:
    """Put right what the case knows; nothing moves but what waits for such a change."""

    values: dict[str, Any]
    """Top-level key to JSON value."""

    reason: str
    kinds: dict[str, str] = field(default_factory=dict)
    """JSON pointer into the values to `date`, `time` or `date and time`."""

    compartment: str = "B"
    """Where new keys belong; a known one stays where it is."""


@dataclass(frozen=True)
class Move:
    """Take tokens away and put new ones elsewhere: a supervisor's last resort."""

    cancel: tuple[str, ...]
    """Ids of positions; what is inside of them and on their edges goes with them."""

    create: tuple[tuple[str, str], ...]
    """Scope and element; the scope is the position it is inside of, or empty for the case's own."""

    reason: str


@dataclass(frozen=True)
class Restart:
    """Begin a part of the process anew in place of whatever the case is at; reopens one that
    has ended.
    """

    element: str
    """An activity of the case's own process with the property `restartable`."""

    reason: str


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
class Migrate:
    """Move the case to another version; `Engine.migrate` answers the step."""

    version: int


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
    | Skip
    | Correct
    | Move
    | Restart
    | MoveDeadline
    | PauseDeadline
    | ResumeDeadline
    | Suspend
    | Resume
    | Migrate
    | Cancel
)
