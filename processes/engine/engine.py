"""The engine as a function: definition, state, data, command and clock in; a step out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from processes.engine import moves, snapshot, suspension, throwing, timing
from processes.engine.commands import (
    Broadcast,
    Cancel,
    Command,
    Complete,
    Correct,
    Deliver,
    FailJob,
    FinishJob,
    Fire,
    Move,
    MoveDeadline,
    PauseDeadline,
    RaiseIncident,
    Restart,
    Resume,
    ResumeDeadline,
    Retry,
    Skip,
    Start,
    Suspend,
)
from processes.engine.document import Document, tag, tag_all
from processes.engine.elements.containers import entry_points, event_starts
from processes.engine.elements.gateways import waits_in_vain
from processes.engine.migration import CannotMove, Migrated, Report, carry_over, report_of
from processes.engine.moment import FAILURES, Moment, Surroundings, is_finished, plant_root
from processes.engine.problems import BadDiagram, NotPossible, NotWaiting, Problem
from processes.engine.step import (
    ArmedStart,
    CaseData,
    Happening,
    Preview,
    Standing,
    Step,
    Waits,
)
from processes.engine.waits import collect_waits
from processes.engine.workflow import CaseWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from SpiffWorkflow.task import Task

    from processes.engine.definition import Definition
    from processes.engine.diagram import Node
    from processes.engine.feel import Feel
    from processes.engine.placement import Directions
    from processes.engine.step import Subscription
    from processes.engine.workflow import ScopeSpec

NO_DAYS: frozenset[date] = frozenset()


class CaseRests(NotWaiting):
    """The case is suspended, and the command is not one of those that may come meanwhile."""

    def __init__(self) -> None:
        super().__init__("anything:", "it is suspended")


WHILE_SUSPENDED: tuple[type[Command], ...] = (Fire, Resume, Cancel)
"""What may happen to a case at rest; only timers that run on are armed."""


class Engine:
    """Runs cases; holds nothing but the FEEL interpreter, so that it can be shared."""

    def __init__(self, feel: Feel) -> None:
        self.feel = feel

    def start(
        self,
        definition: Definition,
        data: CaseData,
        command: Start,
        *,
        now: datetime,
        closing_days: frozenset[date] = NO_DAYS,
    ) -> Step:
        """Begin a case; `now` is aware.

        Raises:
            NotWaiting: the process has no such start event.
        """
        workflow = snapshot.new_workflow(definition)
        plant_root(workflow)
        workflow.data = {"since": now.isoformat()}
        data = replace(data, kinds={**definition.kinds_of(data.values), **data.kinds})
        moment = self._moment(definition, workflow, data, now, closing_days)
        moment.log.append(Happening("case.started", now, None, definition.process.name))
        moment.arm_event_starts(workflow)
        _begin(moment, command)
        return _finish(moment, data)

    def listen(
        self, definition: Definition, *, now: datetime, closing_days: frozenset[date] = NO_DAYS
    ) -> list[ArmedStart]:
        """What begins a case of a definition without anybody's doing, armed at `now`.

        Raises:
            BadDiagram: the time of a start event cannot be computed.
        """
        moment = self._moment(
            definition, snapshot.new_workflow(definition), CaseData(), now, closing_days
        )
        plant_root(moment.workflow)
        tasks = [moment.arm(moment.workflow, spec) for spec in event_starts(moment.workflow.spec)]
        for task in tasks:
            moment.watch(task)
        return [_armed_start(task) for task in tasks]

    def listen_on(
        self,
        definition: Definition,
        start: ArmedStart,
        *,
        now: datetime,
        closing_days: frozenset[date] = NO_DAYS,
    ) -> ArmedStart | None:
        """A start timer that has rung, armed for its next occurrence; None after the last."""
        moment = self._moment(
            definition, snapshot.new_workflow(definition), CaseData(), now, closing_days
        )
        plant_root(moment.workflow)
        spec = definition.main.nodes[start.element]
        task = moment.arm(moment.workflow, spec, timer=dict(start.timer or {}))
        return _armed_start(task) if timing.rearm(task, spec.node, moment) else None

    def act(
        self,
        definition: Definition,
        state: bytes | object,
        data: CaseData,
        command: Command,
        *,
        now: datetime,
        closing_days: frozenset[date] = NO_DAYS,
    ) -> Step:
        """Carry out one command and run to the next waits; `now` is aware.

        `state` is the stored bytes, or the `live` state of the step before, which is then used up.

        Raises:
            NotWaiting: the case does not wait for what the command names.
            CaseRests: it is suspended.
            BadSnapshot: the stored state cannot be restored.
        """
        workflow = state if isinstance(state, CaseWorkflow) else snapshot.restore(definition, state)
        if suspension.is_suspended(workflow) and not isinstance(command, WHILE_SUSPENDED):
            raise CaseRests
        moment = self._moment(definition, workflow, data, now, closing_days)
        moment.before = workflow.known or _waits_of(workflow, definition)
        HANDLERS[type(command)](moment, command)
        return _finish(moment, data)

    def migrate(
        self,
        old: Definition,
        new: Definition,
        state: bytes,
        data: CaseData,
        directions: Directions,
        *,
        now: datetime,
        closing_days: frozenset[date] = NO_DAYS,
    ) -> Migrated:
        """Move a case from one version to another, or say why it cannot be; `now` is aware.

        Raises:
            BadSnapshot: the stored state cannot be restored.
        """
        leaving, arriving = (
            Surroundings(version, self.feel, now, closing_days) for version in (old, new)
        )
        try:
            moment, plan = carry_over(leaving, arriving, state, data, directions)
        except CannotMove as error:
            return Migrated(Report(refused=error.refusals))
        step = _finish(moment, data)
        return Migrated(report_of(step, plan), step)

    def preview(
        self,
        definition: Definition,
        state: bytes,
        data: CaseData,
        command: Command,
        *,
        now: datetime,
        closing_days: frozenset[date] = NO_DAYS,
    ) -> Preview:
        """What a command would come to; the state stays as it is.

        Raises:
            NotWaiting, NotPossible, CaseRests, BadSnapshot.
        """
        before = {node.id for node in waits_in_vain(snapshot.restore(definition, state))}
        step = self.act(definition, state, data, command, now=now, closing_days=closing_days)
        after = waits_in_vain(step.live) if isinstance(step.live, CaseWorkflow) else []
        return Preview(step, tuple(n.name or n.id for n in after if n.id not in before))

    def standing(self, definition: Definition, state: bytes | object) -> Standing:
        """Where a case stands, where it could be put, and what could be begun anew.

        `state` is the stored bytes, or the `live` state of the step before, which is only read.

        Raises:
            BadSnapshot.
        """
        workflow = state if isinstance(state, CaseWorkflow) else snapshot.restore(definition, state)
        return Standing(
            tuple(moves.positions(workflow)),
            tuple(moves.places(workflow)),
            tuple(moves.restartable(workflow)),
            {
                str(task.id): moves.result_name(task.task_spec)
                for task in workflow.everyone()
                if "incident" in task.internal_data
            },
        )

    def waits(self, definition: Definition, state: bytes, data: CaseData) -> Waits:
        """What a stored state waits for.

        Raises:
            BadSnapshot: it cannot be restored.
        """
        workflow = snapshot.restore(definition, state)
        self._moment(definition, workflow, data, datetime.now().astimezone(), NO_DAYS)
        return _waits_of(workflow, definition)

    def _moment(
        self,
        definition: Definition,
        workflow: CaseWorkflow,
        data: CaseData,
        now: datetime,
        closing_days: frozenset[date],
    ) -> Moment:
        surroundings = Surroundings(definition, self.feel, now, closing_days)
        return Moment(surroundings, workflow, Document(data))


def _waits_of(workflow: CaseWorkflow, definition: Definition) -> Waits:
    try:
        return collect_waits(workflow, definition)
    except snapshot.UNREADABLE as error:
        raise snapshot.BadSnapshot(f"the stored tokens cannot be read: {error!r}") from error


def _finish(moment: Moment, data: CaseData) -> Step:
    workflow = moment.workflow
    if not suspension.is_suspended(workflow):
        moment.run()
    begun = any(line.kind in {"case.started", "case.reopened"} for line in moment.log)
    ended = is_finished(workflow)
    if ended and (begun or moment.before.instances):
        _end(moment)
    workflow.known = collect_waits(workflow, moment.definition)
    return Step(
        state=snapshot.dump(workflow),
        data=moment.document.freeze() if moment.document.changed else data,
        waits=workflow.known,
        before=moment.before,
        happened=tuple(moment.log),
        ended=ended,
        messages=tuple(moment.messages),
        signals=tuple(moment.signals),
        live=workflow,
    )


def _end(moment: Moment) -> None:
    if any(happening.kind == "case.cancelled" for happening in moment.log):
        return
    for task in moment.workflow.live():
        moment.cancel(task)
    moment.log.append(Happening("case.ended", moment.now, None, moment.definition.process.name))


def _begin(moment: Moment, command: Start) -> None:
    """Put the first tokens where they belong.

    Raises:
        NotWaiting: there is no such start event.
    """
    workflow = moment.workflow
    if command.event is not None:
        spec = next((s for s in event_starts(workflow.spec) if s.name == command.event), None)
        if spec is None:
            raise NotWaiting("start event", command.event)
        kinds = {**moment.definition.kinds_of(command.payload), **command.kinds}
        moment.occur(moment.arm(workflow, spec), tag_all(command.payload, kinds))
        return
    plain, waiting = entry_points(workflow.spec), event_starts(workflow.spec)
    if not plain and not waiting:
        raise NotWaiting("start event", "")
    for spec in plain:
        moment.spawn(workflow, spec)
    for spec in [] if plain else waiting:
        moment.spawn(workflow, spec, gateway=spec.node.kind)


def _armed_start(task: Task) -> ArmedStart:
    """What a start event on watch waits for.

    Raises:
        BadDiagram: its time could not be computed.
    """
    spec, timer = task.task_spec, task.internal_data.get("timer", {})
    trigger = spec.node.trigger
    if "incident" in task.internal_data or (trigger.kind == "timer" and "due" not in timer):
        reason = task.internal_data.get("incident", "it follows a deadline")
        raise BadDiagram([_bad_start(task.workflow.spec, spec.node, reason)])
    return ArmedStart(
        element=spec.name,
        name=spec.node.name,
        kind=trigger.kind,
        event=trigger.name,
        text=trigger.expression,
        timer=timer,
        due_at=datetime.fromisoformat(timer["due"]) if timer else None,
    )


def _bad_start(scope: ScopeSpec, node: Node, reason: str) -> Problem:
    return Problem(
        scope.process.file,
        node.id,
        node.line,
        "start-time",
        f"The time of the start event cannot be computed: {reason}. Write a date, a duration after "
        "the deployment or a cycle; no case is there yet whose data it could use.",
        f"Starthændelsens tid kan ikke beregnes: {reason}. Skriv en dato, en varighed efter "
        "udgivelsen eller en gentagelse; der er endnu ingen sag, hvis data den kan bruge.",
        name=node.name,
    )


# -- one function a command --------------------------------------------------------------------


def _complete(moment: Moment, command: Complete) -> None:
    task = _task(moment, "task", command.task, "since")
    answers = tag_all(command.answers, command.kinds)
    task.task_spec.done(task, answers, command.compartment, moment)


def _deliver(moment: Moment, command: Deliver) -> None:
    task = _live(moment, command.subscription)
    if task is None or command.subscription not in _subscriptions(moment):
        raise NotWaiting("message", command.subscription)
    kinds = {**moment.definition.kinds_of(command.payload), **command.kinds}
    moment.occur(task, tag_all(command.payload, kinds))


def _broadcast(moment: Moment, command: Broadcast) -> None:
    throwing.deliver_inside("signal", command.signal, command.payload, moment)


def _fire(moment: Moment, command: Fire) -> None:
    task = timing.timer_holder(moment, command.timer)
    armed = moment.before.timers.get(command.timer)
    if task is None or armed is None:
        raise NotWaiting("timer", command.timer)
    moment.now = min(armed.due_at, moment.clock)
    moment.note("timer.fired", task, timer=command.timer, fired_at=moment.clock.isoformat())
    if str(task.id) != command.timer:
        timing.miss(task, moment)
    elif suspension.is_suspended(moment.workflow):
        suspension.ring(task, moment)
    else:
        moment.occur(task, {})


def _finish_job(moment: Moment, command: FinishJob) -> None:
    task = _task(moment, "job", command.job, "job")
    kinds = {pointer and "/" + pointer.lstrip("/"): k for pointer, k in command.kinds.items()}
    task.task_spec.done(task, tag(command.result, "", kinds), moment)


def _fail_job(moment: Moment, command: FailJob) -> None:
    task = _task(moment, "job", command.job, "job")
    if not throwing.fault(task, command.code, command.detail, moment):
        moment.stall(task, f"the fault {command.code} is caught by nothing in the diagram")


def _raise_incident(moment: Moment, command: RaiseIncident) -> None:
    moment.stall(_task(moment, "job", command.job, "job"), command.message)


def _retry(moment: Moment, command: Retry) -> None:
    task = _live(moment, command.incident)
    if task is None or "incident" not in task.internal_data:
        raise NotWaiting("incident", command.incident)
    moment.note("incident.retried", task)
    moment.retry(task)


def _skip(moment: Moment, command: Skip) -> None:
    task = _live(moment, command.incident)
    if task is None or "incident" not in task.internal_data:
        raise NotWaiting("incident", command.incident)
    kinds = {pointer and "/" + pointer.lstrip("/"): k for pointer, k in command.kinds.items()}
    moment.note("incident.skipped", task, reason=command.reason)
    try:
        moves.skip(task, tag(command.result, "", kinds), moment)
    except FAILURES as error:
        raise NotPossible("no_way", str(error)) from error


def _correct(moment: Moment, command: Correct) -> None:
    """One line of history for each compartment, so that nobody reads more than theirs."""
    document, told = moment.document, command.values
    for part in ("A", "B"):
        names = [n for n in told if document.compartment_of(n, command.compartment) == part]
        changes = {name: {"from": document.plain(name), "to": told[name]} for name in names}
        if changes:
            detail = {"reason": command.reason, "compartment": part, "changes": changes}
            moment.log.append(Happening("data.corrected", moment.now, detail=detail))
    for name, value in tag_all(told, command.kinds).items():
        document.write(name, value, command.compartment)


def _move(moment: Moment, command: Move) -> None:
    detail = {"reason": command.reason, **moves.named(moment, command.cancel, command.create)}
    name = moment.definition.process.name
    moment.log.append(Happening("case.moved", moment.now, None, name, detail=detail))
    moves.move(moment, command.cancel, command.create)


def _restart(moment: Moment, command: Restart) -> None:
    moves.restart(moment, command.element, command.reason)


def _move_deadline(moment: Moment, command: MoveDeadline) -> None:
    timing.move(_holder(moment, command.deadline), command.due, command.reason, moment)


def _pause_deadline(moment: Moment, command: PauseDeadline) -> None:
    holder = _holder(moment, command.deadline)
    if holder.internal_data["deadline"].keys() & {"missed", "paused_at"}:
        raise NotWaiting("running deadline", command.deadline)
    timing.pause(holder, command.reason, moment)


def _resume_deadline(moment: Moment, command: ResumeDeadline) -> None:
    holder = _holder(moment, command.deadline)
    if "paused_at" not in holder.internal_data["deadline"]:
        raise NotWaiting("paused deadline", command.deadline)
    timing.resume(holder, moment)


def _suspend(moment: Moment, command: Suspend) -> None:
    if not moment.before.instances:
        raise NotWaiting("anything", "")
    suspension.suspend(moment, command.reason)


def _resume(moment: Moment, command: Resume) -> None:
    if not suspension.is_suspended(moment.workflow):
        raise NotWaiting("being resumed", "")
    suspension.resume(moment, command.reason)


def _cancel(moment: Moment, command: Cancel) -> None:
    if not moment.before.instances:
        return  # it is over
    moment.workflow.data.pop(suspension.MARK, None)
    moment.cancel_all(moment.workflow)
    moment.log.append(
        Happening(
            "case.cancelled",
            moment.now,
            None,
            moment.definition.process.name,
            detail={"reason": command.reason},
        )
    )


HANDLERS: dict[type, Callable[[Moment, Any], None]] = {
    Complete: _complete,
    Deliver: _deliver,
    Broadcast: _broadcast,
    Fire: _fire,
    FinishJob: _finish_job,
    FailJob: _fail_job,
    RaiseIncident: _raise_incident,
    Retry: _retry,
    Skip: _skip,
    Correct: _correct,
    Move: _move,
    Restart: _restart,
    MoveDeadline: _move_deadline,
    PauseDeadline: _pause_deadline,
    ResumeDeadline: _resume_deadline,
    Suspend: _suspend,
    Resume: _resume,
    Cancel: _cancel,
}


def _live(moment: Moment, identity: str) -> Task | None:
    return next((t for t in moment.workflow.everyone() if str(t.id) == identity), None)


def _subscriptions(moment: Moment) -> dict[str, Subscription]:
    return collect_waits(moment.workflow, moment.definition).subscriptions


def _task(moment: Moment, what: str, identity: str, mark: str) -> Task:
    """A waiting token, known by what its element left on it."""
    task = _live(moment, identity)
    if task is None or mark not in task.internal_data or "incident" in task.internal_data:
        raise NotWaiting(what, identity)
    return task


def _holder(moment: Moment, deadline: str) -> Task:
    holder = timing.deadline_holder(moment, deadline)
    if holder is None:
        raise NotWaiting("deadline", deadline)
    return holder
