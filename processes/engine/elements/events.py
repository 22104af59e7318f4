"""Events: start, end, intermediate and boundary, and what they catch and throw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from processes.engine import throwing, timing
from processes.engine.document import untag
from processes.engine.elements.base import NodeSpec
from processes.engine.moment import attached, decided, instance_of
from processes.engine.step import Subscription
from processes.engine.workflow import drop_task

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Flow, Trigger
    from processes.engine.moment import Moment
    from processes.engine.step import Waits
    from processes.engine.workflow import Flat, ScopeSpec


class EndEvent(NodeSpec):
    """Where a token ends, telling whom it may concern."""

    def enter(self, task: Task, moment: Moment) -> bool:
        """Prepare what is thrown; an error nobody catches stops here."""
        throwing.prepare(task, self.node.trigger, moment)
        return True

    def throw(self, task: Task, moment: Moment) -> None:
        """Throw; a terminate event takes every other token of its scope with it."""
        throwing.throw(task, self.node.trigger, moment)
        if self.node.trigger is not None and self.node.trigger.kind == "terminate":
            moment.cancel_all(task.workflow)


class ThrowEvent(NodeSpec):
    """An intermediate event that tells somebody and goes on."""

    def enter(self, task: Task, moment: Moment) -> bool:
        """Prepare what is thrown."""
        throwing.prepare(task, self.node.trigger, moment)
        return True

    def throw(self, task: Task, moment: Moment) -> None:
        """Throw."""
        throwing.throw(task, self.node.trigger, moment)

    def chosen(self, task: Task, moment: Moment) -> list[Flow]:
        """A link goes on at the catching link of the same name."""
        name = self.node.link("Throw")
        if name is not None:
            moment.spawn(task.workflow, _link_target(task, name))
            return []
        return super().chosen(task, moment)


class CatchEvent(NodeSpec):
    """An intermediate event or a receive task: waits until its event comes."""

    catches = True

    def enter(self, task: Task, moment: Moment) -> bool:
        """Wait, unless there is nothing to wait for."""
        trigger = self.node.trigger
        if trigger is None or trigger.kind == "link":
            return True
        self.arm_boundaries(task, moment)
        self.watch(task, moment)
        return False

    def watch(self, task: Task, moment: Moment) -> None:
        """Compute the due time or the correlation."""
        begin_to_watch(self, task, moment)

    def arm_boundaries(self, task: Task, moment: Moment) -> None:
        """A receive task may have events on its edge."""
        arm_boundary_events(self, task, moment)

    def occur(self, task: Task, payload: dict[str, Any], moment: Moment) -> None:
        """The event has come: a gateway's other events are off, the token goes on."""
        trigger = self.node.trigger
        _keep(task, trigger, payload, moment)
        _drop_rivals(task, moment)
        cycle = trigger is not None and trigger.timer == "cycle"
        if cycle and timing.rearm(task, self.node, moment):
            self.emit(task, moment)
            return
        moment.complete(task)

    def emit(self, task: Task, moment: Moment) -> None:
        """Send a token on while the event stays on watch."""
        flows = self.chosen(task, moment)
        moment.note("element.completed", task, **self.remark(task), flows=[f.id for f in flows])
        for flow in flows:
            moment.follow(task.workflow, flow)

    def settle(self, task: Task, moment: Moment) -> None:
        """A conditional event looks at the data again."""
        look_at_condition(self, task, moment)

    def waits(self, task: Task, found: Waits) -> None:
        """A timer or a subscription."""
        add_event_waits(self, task, found)


class StartEvent(CatchEvent):
    """Where a scope's first token comes from; where a case waits to begin, the first to occur."""

    def enter(self, task: Task, moment: Moment) -> bool:
        """Go on at once, unless the case waits here."""
        return "gateway" not in task.internal_data or super().enter(task, moment)

    def watch(self, task: Task, moment: Moment) -> None:
        """Compute the due time; a message finds the case by its reference."""
        trigger = self.node.trigger
        if trigger is not None and trigger.kind == "timer":
            timing.arm_timer(task, self.node, trigger, moment)

    def occur(self, task: Task, payload: dict[str, Any], moment: Moment) -> None:
        """The case begins here; its other start events are off."""
        _keep(task, self.node.trigger, payload, moment)
        _drop_rivals(task, moment)
        moment.complete(task)


class BoundaryEvent(CatchEvent):
    """On watch as long as its activity is open."""

    idle = True

    def occur(self, task: Task, payload: dict[str, Any], moment: Moment) -> None:
        """Interrupt the activity, or go on beside it and stay on watch."""
        trigger = self.node.trigger
        _keep(task, trigger, payload, moment)
        if self.node.interrupting:
            self._interrupt(task, moment)
            moment.complete(task)
            return
        self.emit(task, moment)
        if trigger is None or trigger.kind != "timer":
            return
        if not timing.rearm(task, self.node, moment):
            task.internal_data["spent"] = True

    def _interrupt(self, task: Task, moment: Moment) -> None:
        host = task.internal_data.pop("host")
        for activity in task.workflow.live():
            if str(activity.id) == host:
                moment.cancel(activity)


class EventStart(CatchEvent):
    """Keeps watch for an event sub-process; each event begins one occurrence."""

    idle = True

    def __init__(self, scope: ScopeSpec, start: NodeSpec, body: ScopeSpec, owner: Any) -> None:
        super().__init__(scope, start.node, name=f"{owner.id} [watch]")
        self.start = start
        self.body = body
        self.occurrence = Occurrence(scope, owner)

    def occur(self, task: Task, payload: dict[str, Any], moment: Moment) -> None:
        """Begin a child instance; an interrupting one first ends what may end of the scope."""
        workflow = task.workflow
        _keep(task, self.node.trigger, payload, moment)
        if self.node.interrupting:
            for other in workflow.live():
                if not _survives(other):
                    moment.cancel(other)
        elif self._is_timer() and not timing.rearm(task, self.node, moment):
            self._rest(task)
        self.occurrence.begin(workflow, self.start, self.body, moment)

    def _rest(self, task: Task) -> None:
        """The timer has rung; one that follows a deadline wakes with the next."""
        if self.node.properties.get("follows"):
            task.internal_data["spent"] = True
        else:
            drop_task(task)

    def _is_timer(self) -> bool:
        return self.node.trigger is not None and self.node.trigger.kind == "timer"


class Occurrence(NodeSpec):
    """One run of an event sub-process: a child instance with a history of its own."""

    def begin(self, workflow: Flat, start: NodeSpec, body: ScopeSpec, moment: Moment) -> None:
        """Open the body with a token at its start event."""
        task = moment.arm(workflow, self, instance=True, began=moment.now.isoformat())
        task._set_state(TaskState.STARTED)  # noqa: SLF001
        moment.note("instance.started", task)
        scope = moment.open_scope(task, body)
        moment.spawn(scope, start)

    def body_done(self, task: Task, scope: Flat, moment: Moment) -> None:
        """Nothing flows out of an event sub-process."""
        moment.close_scope(task)
        moment.note("instance.ended", task)
        moment.complete(task)


def _survives(task: Task) -> bool:
    """Whether the law asks for this run however the case is interrupted, as it does a report's."""
    spec = task.task_spec
    return isinstance(spec, Occurrence) and spec.node.properties.get("survives") == "true"


# -- shared by what catches --------------------------------------------------------------------


def arm_boundary_events(spec: NodeSpec, task: Task, moment: Moment) -> None:
    """Put the events on an activity's edge on watch; those that follow a deadline come last."""
    ordered = sorted(spec.boundaries, key=lambda b: bool(b.node.properties.get("follows")))
    for boundary in ordered:
        moment.watch(moment.arm(task.workflow, boundary, host=str(task.id)))


def begin_to_watch(spec: NodeSpec, task: Task, moment: Moment) -> None:
    """Compute what the event needs to be recognised by."""
    trigger = spec.node.trigger
    if trigger is None:
        return
    if trigger.kind == "timer":
        timing.arm_timer(task, spec.node, trigger, moment)
    elif trigger.kind in {"message", "signal"}:
        correlation = spec.node.properties.get("correlation")
        if correlation:
            task.internal_data["correlation"] = untag(moment.evaluate(task, correlation))


def look_at_condition(spec: CatchEvent, task: Task, moment: Moment) -> None:
    """Let a conditional event occur when its condition becomes true; null is not yet."""
    trigger = spec.node.trigger
    if trigger is None or trigger.kind != "conditional" or task.state == TaskState.ERROR:
        return
    answer = moment.evaluate(task, trigger.expression)
    holds = answer is not None and decided(trigger.expression, answer)
    before = task.internal_data.get("held", False)
    task.internal_data["held"] = holds
    if holds and not before:
        spec.occur(task, {}, moment)


def add_event_waits(spec: NodeSpec, task: Task, found: Waits) -> None:
    """The timer, deadline or subscription of an event on watch."""
    trigger = spec.node.trigger
    if trigger is None or task.state == TaskState.ERROR:
        return
    if trigger.kind == "timer":
        timing.add_timer_waits(task, found)
    elif trigger.kind in {"message", "signal"}:
        found.subscriptions[str(task.id)] = Subscription(
            id=str(task.id),
            instance=instance_of(task),
            element=spec.node.id,
            name=trigger.name,
            kind=trigger.kind,
            correlation=task.internal_data.get("correlation"),
        )


def _keep(task: Task, trigger: Trigger | None, payload: dict[str, Any], moment: Moment) -> None:
    if trigger is None:
        return
    if trigger.kind == "timer":
        timing.ring(task, moment)
    if trigger.kind in {"message", "signal"}:
        moment.note(f"{trigger.kind}.received", task, message=trigger.name)
    if payload or trigger.variable:
        moment.spread(task, payload, trigger.variable)


def _drop_rivals(task: Task, moment: Moment) -> None:
    gateway = task.internal_data.get("gateway")
    if gateway is None:
        return
    for other in task.workflow.live():
        if other is not task and other.internal_data.get("gateway") == gateway:
            for event in attached(other):
                drop_task(event)
            moment.close_deadline(other, "deadline.cancelled")
            drop_task(other)


def _link_target(task: Task, name: str) -> NodeSpec:
    """The compiler has seen to it that there is one."""
    nodes: dict[str, NodeSpec] = task.workflow.spec.nodes
    return next(spec for spec in nodes.values() if spec.node.link("Catch") == name)
