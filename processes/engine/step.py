"""What the engine answers: where the case waits now, and what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

WAITS = ("tasks", "deadlines", "timers", "subscriptions", "jobs", "incidents", "instances")
"""The fields of `Waits` that hold waits by their id, in the order in which people hear of them."""


@dataclass(frozen=True)
class OpenTask:
    """A person is asked for something."""

    id: str
    instance: str
    element: str
    name: str
    role: str | None
    """Lane, after the call activity's `lane.<name>` bindings; None is the owner's queue."""

    form: str | None
    """File name of the form beside the diagram, such as `f1_henvisning.form.json`."""

    created_at: datetime
    due_at: datetime | None = None
    priority: int = 50
    assign: str | None = None
    """`team`, or the account name that the `assign` expression gave."""

    item: int | None = None
    """Position among the instances of a multi-instance, from 0."""

    local: dict[str, Any] = field(default_factory=dict)
    """Variables only this item or called process sees."""

    documentation: str = ""
    """The diagram's guidance to the person, plain text."""


@dataclass(frozen=True)
class ArmedTimer:
    """The case wants to be woken."""

    id: str
    instance: str
    element: str
    name: str
    due_at: datetime
    deadline: str | None = None
    """The open deadline this timer belongs to, if any."""

    role: str = "event"
    """`event` (moves a token), `due` (a deadline's own due timer), `follower`."""

    arithmetic: tuple[dict[str, str], ...] = ()
    """How the due time came about; see `models.calendar.Line`."""


@dataclass(frozen=True)
class ArmedStart:
    """An event that begins a case of a deployed definition."""

    element: str
    name: str
    kind: str
    """`message`, `signal` or `timer`."""

    event: str
    """The BPMN message's or signal's name."""

    text: str
    """The timer's text, as written."""

    timer: dict[str, Any] = field(default_factory=dict)
    """Where a timer stands; empty for a message or signal."""

    due_at: datetime | None = None


@dataclass(frozen=True)
class OpenDeadline:
    """Something must have happened by a time, and the reader may ask why."""

    id: str
    instance: str
    element: str
    """The element that must be finished in time."""

    name: str
    started_at: datetime
    duration: str
    calendar: str
    roll: str
    due_at: datetime
    original_due_at: datetime
    legal_basis: str = ""
    pausable: bool = True
    paused_at: datetime | None = None
    arithmetic: tuple[dict[str, str], ...] = ()
    role: str | None = None
    task: str | None = None
    """The open user task it belongs to, if it belongs to one."""


@dataclass(frozen=True)
class Subscription:
    """The case waits for a message or a signal."""

    id: str
    instance: str
    element: str
    name: str
    """The BPMN message's (or signal's) name."""

    kind: str = "message"
    correlation: Any = None
    """Value of the catching event's `correlation`; None is the case itself."""


@dataclass(frozen=True)
class Job:
    """A service task wants its handler called, outside the turn."""

    id: str
    instance: str
    element: str
    name: str
    operation: str
    parameters: dict[str, Any]
    """Parameter name to JSON value, FEEL already evaluated."""


@dataclass(frozen=True)
class Incident:
    """An element could not run; the rest of the case goes on."""

    id: str
    instance: str
    element: str
    name: str
    message: str


@dataclass(frozen=True)
class Instance:
    """One running process: the case's own, or one that an event started inside it."""

    id: str
    parent: str | None
    process: str
    """Id of the process, or of the event sub-process."""

    name: str
    started_at: datetime


@dataclass(frozen=True)
class Position:
    """A token: where the case stands, one of perhaps several places."""

    id: str
    element: str
    name: str
    kind: str
    """BPMN tag, such as `userTask`."""

    scope: str
    """The position it is inside of; empty for the case's own process."""

    inside: str
    """The name of what it is inside of."""


@dataclass(frozen=True)
class Place:
    """Where a new token could be put."""

    scope: str
    element: str
    name: str
    kind: str
    inside: str


@dataclass(frozen=True)
class Standing:
    """What a supervisor can choose among on a case."""

    positions: tuple[Position, ...]
    places: tuple[Place, ...]
    restartable: tuple[Place, ...]
    results: dict[str, str | None]
    """Id of an incident to the variable that its element stores a result under."""


@dataclass(frozen=True)
class Waits:
    """Everything a case waits for, each by its id."""

    tasks: dict[str, OpenTask] = field(default_factory=dict)
    timers: dict[str, ArmedTimer] = field(default_factory=dict)
    deadlines: dict[str, OpenDeadline] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    suspended: bool = False
    """The case rests: of all this only armed timers do anything."""

    def beyond(self, others: Waits) -> Iterator[tuple[str, Any]]:
        """The field's name and the wait, for each that the others do not hold."""
        for kind in WAITS:
            known = getattr(others, kind)
            for id_, wait in getattr(self, kind).items():
                if id_ not in known:
                    yield kind, wait


@dataclass(frozen=True)
class Happening:
    """One line of the history.

    `kind` is one of `case.started`, `case.ended`, `case.cancelled`, `case.suspended`,
    `case.resumed`, `case.migrated`, `case.moved`, `case.restarted`, `case.reopened`,
    `element.completed`, `element.cancelled`, `task.opened`, `activity.chosen`, `timer.fired`,
    `message.received`, `message.sent`, `signal.sent`, `escalation.thrown`, `job.requested`,
    `job.faulted`, `incident.raised`, `incident.retried`, `incident.skipped`, `data.corrected`,
    `deadline.opened`, `deadline.met`, `deadline.missed`, `deadline.cancelled`,
    `deadline.warned`, `deadline.moved`, `deadline.recounted`, `deadline.paused`,
    `deadline.resumed`, `instance.started`, `instance.ended`. The database turn adds kinds of
    its own, such as `task.assigned` and `case.stuck`.
    """

    kind: str
    at: datetime
    """The case's clock; a late timer's happenings carry its due time."""

    element: str | None = None
    name: str = ""
    instance: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OutgoingMessage:
    """A message thrown by the diagram that nothing on this case waited for."""

    name: str
    payload: dict[str, Any]
    correlation: Any = None


@dataclass(frozen=True)
class CaseData:
    """The case's document: plain JSON, and beside it what JSON cannot say."""

    values: dict[str, Any] = field(default_factory=dict)
    """Top-level keys to JSON values; dates are ISO 8601 strings."""

    kinds: dict[str, str] = field(default_factory=dict)
    """JSON pointer, such as `/moeder/0/dato`, to `date`, `time`, `date and time` or `duration`."""

    authority: frozenset[str] = frozenset()
    """The top-level keys that belong to compartment A; all others are B."""

    facts: dict[str, Any] = field(default_factory=dict)
    """What FEEL may know of the case beside its document: `reference`. Never stored with it."""


@dataclass(frozen=True)
class Step:
    """The outcome of one command."""

    state: bytes
    """The compressed snapshot to store; restoring it gives the same waits."""

    data: CaseData
    waits: Waits
    before: Waits
    """The waits as they were when the command came; empty at the start."""

    happened: tuple[Happening, ...]
    ended: bool
    messages: tuple[OutgoingMessage, ...] = ()
    signals: tuple[OutgoingMessage, ...] = ()
    live: object = field(default=None, repr=False, compare=False)
    """The same state not yet frozen; the simulator may go on from it without a restore."""


@dataclass(frozen=True)
class Preview:
    """What a command would come to."""

    step: Step
    in_vain: tuple[str, ...]
    """Names of the joins that would wait for ever."""
