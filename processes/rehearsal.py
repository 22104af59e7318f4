"""A case in memory, on a clock of its own: the real engine, nothing sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from handlers import HANDLERS
from handlers.adapters.recorded import recorded_ports
from handlers.contract import JobContext, SetPhase
from handlers.errors import Fault, TryAgain
from models import calendar
from processes.engine.commands import (
    Broadcast,
    Command,
    Complete,
    Correct,
    Deliver,
    FailJob,
    FinishJob,
    Fire,
    Move,
    RaiseIncident,
    Restart,
    Resume,
    Skip,
    Start,
    Suspend,
)
from processes.engine.step import CaseData, OutgoingMessage
from processes.flow_coverage import flows_of
from processes.forms import check_answers, compartment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from handlers.ports import Ports
    from processes.engine import Definition, Engine
    from processes.engine.diagram import Node
    from processes.engine.step import ArmedTimer, Happening, Job, OpenTask, Step, Subscription

BUFFER = "P30D"
MOST_TURNS = 10_000
MOST_TIMERS = 20_000


class CannotDo(Exception):
    """A step asks for something the case does not offer."""


@dataclass
class Run:
    """A case in memory, on its own clock."""

    engine: Engine
    definition: Definition
    now: datetime
    closing_days: frozenset[date] = frozenset()
    saving: bool = False
    """Whether the state is frozen and restored at every wait, as the database does."""

    by_hand: frozenset[str] = frozenset()
    """Service tasks whose jobs wait for somebody to say how they went."""

    step: Step = field(init=False)
    trace: list[dict[str, Any]] = field(default_factory=list)
    flows: set[tuple[str, str]] = field(default_factory=set)
    """The sequence flows that a token went along, each with its file."""

    buffered: list[tuple[OutgoingMessage, datetime]] = field(default_factory=list)
    suspended_at: datetime | None = None
    kept: list[FinishJob | FailJob] = field(default_factory=list)
    """How jobs went that were done while the case was suspended."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    """Messages that nothing on the case waited for when they were thrown."""

    ports: Ports = field(default_factory=recorded_ports)
    phase: str | None = None
    ended_at: datetime | None = None
    item_base: int = 1

    def start(self, data: dict[str, Any], reference: str = "T-00") -> None:
        """Begin the case and run its first jobs."""
        self._took(
            self.engine.start(
                self.definition,
                CaseData(data, facts={"reference": reference}),
                Start(),
                now=self.now,
                closing_days=self.closing_days,
            )
        )

    def act(self, command: Command) -> None:
        """One command, then the jobs and messages it leads to."""
        self._took(self._step(command))

    def travel(self, target: datetime) -> None:
        """Move the clock forward; timers fire in due order, each at its own time."""
        if target.timestamp() < self.now.timestamp():
            raise CannotDo("the clock does not go backward")
        fired = 0
        while (timer := self._next_timer(target)) is not None:
            fired += 1
            if fired > MOST_TIMERS:
                raise CannotDo(f"more than {MOST_TIMERS} timers fire: see '{timer.element}'")
            self.now = max(self.now, timer.due_at)
            self.act(Fire(timer.id))
        self.now = target
        self._go_on()

    def complete(
        self,
        element: str,
        answers: dict[str, Any],
        role: str | None = None,
        item: int | None = None,
    ) -> None:
        """Finish the oldest open task of an element, or the one at a position."""
        task = self._task(element, item, role)
        if role is not None and task.role != role:
            raise CannotDo(f"'{element}' is for the role {task.role or '(none)'}, not {role}")
        form = self.definition.form(task.form) if task.form else None
        if task.form and form is None:
            raise CannotDo(f"the form '{task.form}' is not among the files")
        context = {**self.step.data.values, **task.local}
        checked = check_answers(form, answers, context, self.engine.feel, self.now)
        part = compartment(form) if form else "B"
        kept = {} if part == "C" else checked.answers
        self.act(Complete(task.id, kept, checked.kinds if kept else {}, part))

    def message(self, name: str, payload: dict[str, Any], correlation: object = None) -> str:
        """Hand a message over now, or keep it until something waits for it."""
        if name not in message_names(self.definition):
            raise CannotDo(f"no diagram here knows a message called '{name}'")
        found = self._subscription(name, correlation)
        if found is None or self.step.waits.suspended:
            expiry = calendar.due(self.now, BUFFER).at
            self.buffered.append((OutgoingMessage(name, payload, correlation), expiry))
            return "waiting"
        self.act(Deliver(found.id, payload))
        return "delivered"

    def signal(self, name: str, payload: dict[str, Any]) -> None:
        """Tell everything on this case that waits for a signal."""
        if name not in signal_names(self.definition):
            raise CannotDo(f"no diagram here knows a signal called '{name}'")
        self.act(Broadcast(name, payload))

    def job(self, element: str, result: object, fault: str | None) -> None:
        """Say how a service task's job went."""
        job = next((j for j in self.step.waits.jobs.values() if j.element == element), None)
        if job is None:
            raise CannotDo(f"no job of '{element}' is waiting")
        outcome = FailJob(job.id, fault) if fault else FinishJob(job.id, result)
        if self.step.waits.suspended:
            self.kept.append(outcome)
        else:
            self.act(outcome)

    def suspend(self, reason: str) -> None:
        """Let the case rest."""
        self.act(Suspend(reason))
        self.suspended_at = self.now

    def resume(self, reason: str) -> None:
        """Go on with a case that rests: first what was done meanwhile, then what was kept."""
        self._keep(self._step(Resume(reason)))
        since, until = self.suspended_at or self.now, calendar.due(self.now, BUFFER).at
        self.buffered = [
            (message, min(self.now + (expiry - since), until)) for message, expiry in self.buffered
        ]
        for outcome in self.kept:
            if outcome.job in self.step.waits.jobs:
                self._keep(self._step(outcome))
        self.kept = []
        self._go_on()

    def skip(self, element: str, result: object) -> None:
        """Go on after a failed element as if it had been done."""
        incidents = self.step.waits.incidents.values()
        found = next((one for one in incidents if one.element == element), None)
        if found is None:
            raise CannotDo(f"'{element}' has not failed")
        self.act(Skip(found.id, "", result))

    def correct(self, values: dict[str, Any], reason: str) -> None:
        """Put right what the case knows."""
        self.act(Correct(values, reason, self.definition.kinds_of(values)))

    def move(self, element: str, away_from: str | None) -> None:
        """Take the tokens away from one element and put one in front of another."""
        state = self.step.state if self.saving else self.step.live
        standing = self.engine.standing(self.definition, state)
        gone = [one for one in standing.positions if one.element == away_from]
        if away_from is not None and not gone:
            raise CannotDo(f"the case does not stand at '{away_from}'")
        scope = gone[0].scope if gone else ""
        places = [one.scope for one in standing.places if one.element == element]
        if not places:
            raise CannotDo(f"no token can be put at '{element}'")
        where = scope if scope in places else places[0]
        self.act(Move(tuple(one.id for one in gone), ((where, element),), ""))

    def restart(self, element: str) -> None:
        """Begin an activity anew; a case that has ended is reopened."""
        self.act(Restart(element, ""))

    # -- inside ----------------------------------------------------------------------------

    def _took(self, step: Step) -> None:
        self._keep(step)
        self._go_on()

    def _keep(self, step: Step) -> None:
        self.step = step
        self._remember(step)
        if step.messages:
            expiry = calendar.due(self.now, BUFFER).at
            self.buffered += [(thrown, expiry) for thrown in step.messages]
        self.sent += [
            {"at": iso(self.now), "message": thrown.name, "with": thrown.payload}
            for thrown in step.messages
        ]

    def _go_on(self) -> None:
        """Run the jobs that nobody wants to settle by hand, and deliver what was kept."""
        for _ in range(MOST_TURNS):
            if self.step.waits.suspended:
                return
            command = self._next_job() or self._next_delivery()
            if command is None:
                return
            self._keep(self._step(command))
        raise CannotDo(f"more than {MOST_TURNS} jobs and messages follow from one step")

    def _step(self, command: Command) -> Step:
        return self.engine.act(
            self.definition,
            self.step.state if self.saving else self.step.live,
            self.step.data,
            command,
            now=self.now,
            closing_days=self.closing_days,
        )

    def _remember(self, step: Step) -> None:
        for happening in step.happened:
            self.flows.update((self._files[flow], flow) for flow in self._gone_along(happening))
            if happening.kind == "element.completed" and not happening.detail.get("whole"):
                self.trace.append(
                    {
                        "at": iso(happening.at),
                        "kind": happening.detail["kind"],
                        "element": happening.element,
                    }
                )
        if not step.ended:
            self.ended_at = None
        elif self.ended_at is None:
            self.ended_at = step.happened[-1].at if step.happened else self.now

    def _gone_along(self, happening: Happening) -> Iterator[str]:
        """The flows out of an element that is done; to an awaited event, the flow into it."""
        if happening.kind != "element.completed":
            return
        yield from happening.detail.get("flows", ())
        node = self._nodes.get(happening.element or "")
        for flow in node.incoming if node else ():
            if self._nodes[flow.source].kind == "eventBasedGateway":
                yield flow.id

    @cached_property
    def _files(self) -> dict[str, str]:
        """Flow to the file that draws it."""
        return {
            flow.id: process.file
            for process in self.definition.processes.values()
            for flow in flows_of(process)
        }

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        return {
            node.id: node
            for process in self.definition.processes.values()
            for _, node in process.walk()
        }

    def _next_job(self) -> Command | None:
        jobs = self.step.waits.jobs.values()
        job = next((job for job in jobs if job.element not in self.by_hand), None)
        return None if job is None else self._outcome(job)

    def _next_delivery(self) -> Command | None:
        self.buffered = [kept for kept in self.buffered if kept[1] >= self.now]
        for kept in self.buffered:
            message = kept[0]
            found = self._subscription(message.name, message.correlation)
            if found is not None:
                self.buffered.remove(kept)
                return Deliver(found.id, message.payload)
        return None

    def _outcome(self, job: Job) -> Command:
        handler = HANDLERS.get(job.operation)
        if handler is None:
            return RaiseIncident(job.id, f"there is no operation called '{job.operation}'")
        try:
            done = handler(job.parameters, self._context(job), self.ports)
        except Fault as fault:
            return FailJob(job.id, fault.code, dict(fault.facts))
        except (TryAgain, Exception) as error:  # noqa: BLE001 — a handler may fail in any way
            return RaiseIncident(job.id, str(error))
        for effect in done.effects:
            if isinstance(effect, SetPhase):
                self.phase = effect.phase
        return FinishJob(job.id, done.result, done.kinds)

    def _context(self, job: Job) -> JobContext:
        return JobContext(
            key=job.id,
            case_id=next(iter(self.step.waits.instances)),
            case_number=0,
            case_reference=str(self.step.data.facts["reference"]),
            unit="simulation",
            element=job.element,
            now=self.now,
            closing_days=self.closing_days,
        )

    def _subscription(self, name: str, correlation: object) -> Subscription | None:
        for found in self.step.waits.subscriptions.values():
            if (
                found.kind == "message"
                and found.name == name
                and (correlation is None or found.correlation in (None, correlation))
            ):
                return found
        return None

    def _next_timer(self, target: datetime) -> ArmedTimer | None:
        due = [t for t in self.step.waits.timers.values() if t.due_at <= target]
        return min(due, key=lambda timer: (timer.due_at.timestamp(), timer.id), default=None)

    def _task(self, element: str, item: int | None, role: str | None) -> OpenTask:
        tasks = [t for t in self.step.waits.tasks.values() if t.element == element]
        tasks = [t for t in tasks if t.role == role] or tasks
        if item is not None:
            tasks = self._at(tasks, item - self.item_base)
        if not tasks:
            open_now = ", ".join(sorted({t.element for t in self.step.waits.tasks.values()}))
            raise CannotDo(f"no task '{element}' is open; open now: {open_now or 'none'}")
        return tasks[0]

    def _at(self, tasks: list[OpenTask], position: int) -> list[OpenTask]:
        """The tasks of a multi-instance's part; else one of several, the oldest first."""
        if any(task.item is not None for task in tasks):
            return [task for task in tasks if task.item == position]
        return tasks[position:][:1] if position >= 0 else []


def message_names(definition: Definition) -> set[str]:
    """Every message that a diagram of the bundle names."""
    declared = {name for diagram in definition.diagrams for name in diagram.messages.values()}
    caught = {
        trigger.name
        for process in definition.processes.values()
        for _, node in process.walk()
        for trigger in node.triggers
        if trigger.kind == "message"
    }
    return declared | caught


def signal_names(definition: Definition) -> set[str]:
    """Every signal that a diagram of the bundle names."""
    return {name for diagram in definition.diagrams for name in diagram.signals.values()}


def iso(at: datetime) -> str:
    """An instant in ISO 8601, by Danish clocks."""
    return at.astimezone(calendar.COPENHAGEN).isoformat()
