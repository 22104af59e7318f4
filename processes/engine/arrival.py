"""The tokens of a case that has come to a new version, brought in line with their new elements."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from processes.engine import timing
from processes.engine.elements.containers import CallActivity
from processes.engine.elements.events import CatchEvent
from processes.engine.elements.gateways import EventBasedGateway, ParallelGateway
from processes.engine.moment import FAILURES, attached
from processes.engine.placement import Unplaceable, is_open, stands_before
from processes.engine.recount import began, recount, rest_with_paused, scope_began
from processes.engine.remembered import bring_back, is_remembered
from processes.engine.suspension import MARK, is_suspended
from processes.engine.workflow import add_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Node
    from processes.engine.elements.base import NodeSpec
    from processes.engine.moment import Moment
    from processes.engine.placement import Placement
    from processes.engine.workflow import Flat, ScopeSpec

BEFORE_BEGINNING = frozenset(
    {"flow", "gateway", "outer", "index", "local", "seen", "n", "incident"}
)
"""What a token takes along to an element of another kind, when it has not entered the old one."""


class Arrival:
    """One case between two versions."""

    def __init__(self, plan: Placement, there: Moment, here: Moment) -> None:
        self.plan = plan
        self.there = there
        """The old version; its tokens are as they were, but for what was cancelled."""

        self.here = here
        self.was = {task.id: task for task in there.workflow.everyone()}

    def settle(self) -> None:
        """Recount times, put new events on watch, let joins look again."""
        tasks = self.here.workflow.everyone()
        for task in _followers_last(tasks, lambda task: task.task_spec.node):
            self._try(self._reconcile, task)
        for task in tasks:
            self._try(self._arm_edge, task)
            self._try(self._arm_alternatives, task)
        for scope in self.here.workflow.scopes():
            self._arm_starts(scope)
        if is_suspended(self.here.workflow):
            self._rest()
        elif not self.plan.refused:
            self._look_at_joins(tasks)

    def _try(self, act: Callable[[Task], None], task: Task) -> None:
        try:
            act(task)
        except Unplaceable as error:
            self.plan.refuse(task.task_spec, error.reason, **error.facts)
        except FAILURES as error:
            self.plan.refuse(task.task_spec, "unclear", error=str(error))

    # -- what came along -------------------------------------------------------------------

    def _reconcile(self, task: Task) -> None:
        was = self.was[task.id]
        if stands_before(task):
            _begin_clean(task, was)
            return
        rename = partial(self.plan.directions.new_id, was.workflow.spec)
        recount(task, was, self.there, self.here, rename)
        self._recorrelate(task, was)
        _rename_item(task, was)
        self._hand_in(task)

    def _recorrelate(self, task: Task, was: Task) -> None:
        """Another correlation is worked out now."""
        name = "correlation"
        old, new = (one.task_spec.node.properties.get(name) for one in (was, task))
        if old != new and task.task_spec.catches:
            task.internal_data.pop(name, None)
            task.task_spec.watch(task, self.here)

    def _hand_in(self, task: Task) -> None:
        """Inputs that the new version's call declares beside those it began with."""
        scope = self.here.workflow.subprocesses.get(task.id)
        if scope is None or not isinstance(task.task_spec, CallActivity):
            return
        own = scope.data.get("own", {})
        for name, value in task.task_spec.inputs(task, self.here, known=own).items():
            own[name] = value

    # -- what is new -----------------------------------------------------------------------

    def _arm_edge(self, task: Task) -> None:
        """Events that the new version has on an activity count from when that began."""
        if not is_open(task) or task.id not in self.was:
            return
        was, known = self.was[task.id], {event.task_spec for event in attached(task)}
        for event in _followers_last(task.task_spec.boundaries, lambda spec: spec.node):
            old = was.task_spec.boundaries
            if event not in known and not self._had(was.workflow.spec, event, old):
                home = task.internal_data
                self._arm(task.workflow, event, home, began(task, self.here), host=str(task.id))

    def _arm_starts(self, scope: Flat) -> None:
        """Event sub-processes that the new version has count from when their scope began."""
        parent = scope.parent_task_id
        inside = self.there.workflow.subprocesses
        old = (self.there.workflow if parent is None else inside[parent]).spec
        if _is_interrupted(scope):
            return
        for watch in _followers_last(scope.spec.event_starts, lambda spec: spec.node):
            if not self._had(old, watch, old.event_starts):
                self._arm(scope, watch, scope.data, scope_began(scope, self.here))

    def _had(self, scope: ScopeSpec, new: NodeSpec, old: Iterable[NodeSpec]) -> bool:
        return any(self.plan.has_twin(scope, event, [new]) for event in old)

    def _arm(
        self, scope: Flat, event: NodeSpec, home: dict[str, Any], start: datetime, **internal: Any
    ) -> None:
        """Put an event on watch as if it had been there from the start.

        One that was on watch before, and was away with a version between, goes on where it was.
        """
        if is_remembered(home, event):
            task = bring_back(scope, home, event)
            if task is not None:
                self._wake(task)
            return
        self.here.now = start
        task = self.here.arm(scope, event, **internal)
        self.here.watch(task)
        self.here.now = self.here.clock
        rest_with_paused(task, self.here)
        if task.state == TaskState.ERROR:
            self.plan.refuse(event, "unclear", error=task.internal_data["incident"])

    def _wake(self, task: Task) -> None:
        """Tell of the deadline it brings back; what it follows may have moved meanwhile."""
        internal = task.internal_data
        deadline = internal.get("deadline")
        if deadline is not None:
            facts = {"deadline": deadline["id"], "due": deadline["due_at"]}
            self.here.note("deadline.opened", task, element=deadline["element"], **facts)
        if "follows" in internal.get("timer", {}) and "spent" not in internal:
            del internal["timer"]
            internal.pop("asleep", None)
            self.here.watch(task)
            rest_with_paused(task, self.here)

    def _arm_alternatives(self, task: Task) -> None:
        """An event-based gateway that nothing has decided yet gets its new events."""
        old, new = self._gateways(task)
        if old is None or new is None or not self._is_undecided(task, old):
            return
        scope = self.was[task.id].workflow.spec
        known = {self.plan.directions.new_id(scope, flow.target) for flow in old.outgoing}
        waiting = {other.task_spec.node.id for other in _rivals(task)}
        for flow in new.outgoing:
            if flow.target not in known | waiting:
                self._wait_too(task, flow.id, task.workflow.spec.nodes[flow.target])

    def _gateways(self, task: Task) -> tuple[Node | None, Node | None]:
        """The gateway whose event a token waits for, in both versions."""
        was = self.was.get(task.id)
        if was is None or "gateway" not in task.internal_data:
            return None, None
        old, new = _gateway(was), _gateway(task)
        return old, new

    def _is_undecided(self, task: Task, old: Node) -> bool:
        key = task.internal_data["gateway"]
        everyone = [*self.was.values(), *self.plan.dropped]
        group = [one for one in everyone if one.internal_data.get("gateway") == key]
        return len(group) == len(old.outgoing)

    def _wait_too(self, task: Task, flow: str, spec: NodeSpec) -> None:
        start = began(task, self.here)
        told = {"flow": flow, "gateway": task.internal_data["gateway"]}
        if not isinstance(spec, CatchEvent):
            if not is_suspended(self.here.workflow):
                self.here.spawn(task.workflow, spec, **told)
            return
        told |= {"entered": True, "at": start.isoformat()}
        other = add_task(task.workflow, spec, told, TaskState.STARTED)
        self.here.now = start
        spec.arm_boundaries(other, self.here)
        spec.watch(other, self.here)
        self.here.now = self.here.clock

    # -- what may go on --------------------------------------------------------------------

    def _rest(self) -> None:
        """In a case at rest the new clocks stand since it rests, and no join may go on."""
        self.here.now = datetime.fromisoformat(self.here.workflow.data[MARK]["at"])
        timing.stop(self.here)
        self.here.now = self.here.clock
        for task in self.here.workflow.everyone():
            if isinstance(task.task_spec, ParallelGateway) and _is_full(task):
                self.plan.refuse(task.task_spec, "rests")

    def _look_at_joins(self, tasks: list[Task]) -> None:
        """Where a branch is gone, those that wait may be all there are."""
        for task in tasks:
            spec = task.task_spec
            waits = isinstance(spec, ParallelGateway) and task.state == TaskState.STARTED
            if waits and task.id in task.workflow.tasks and spec.enter(task, self.here):
                self.here.complete(task)


def _gateway(task: Task) -> Node | None:
    """The event-based gateway that a waiting token came from."""
    spec = task.workflow.spec
    flow = spec.scope.flows.get(task.internal_data.get("flow", ""))
    found = spec.nodes.get(flow.source) if flow is not None else None
    return found.node if isinstance(found, EventBasedGateway) else None


def _rivals(task: Task) -> list[Task]:
    key = task.internal_data["gateway"]
    return [one for one in task.workflow.live() if one.internal_data.get("gateway") == key]


def _begin_clean(task: Task, was: Task) -> None:
    """What an element of another kind left on a token that could not enter it."""
    if type(was.task_spec) is not type(task.task_spec):
        internal = task.internal_data
        task.internal_data = {name: internal[name] for name in internal if name in BEFORE_BEGINNING}


def _rename_item(task: Task, was: Task) -> None:
    """The item of a multi-instance has the name that the new version gives it."""
    old, new = (getattr(one.task_spec.repetition, "loop", None) for one in (was, task))
    local = task.internal_data.get("local")
    if local is not None and old and new and new.item and old.item in local:
        local[new.item] = local.pop(old.item)


def _is_full(task: Task) -> bool:
    """Whether a branch has come by every way into a join."""
    here = [one for one in task.workflow.live() if one.task_spec is task.task_spec]
    arrived = {one.internal_data.get("flow") for one in here}
    return all(flow.id in arrived for flow in task.task_spec.node.incoming)


def _is_interrupted(scope: Flat) -> bool:
    """Whether an event sub-process has taken the scope over: its other events are off."""
    running = {task.task_spec for task in scope.live()}
    return any(
        watch.node.interrupting and watch.occurrence in running for watch in scope.spec.event_starts
    )


def _followers_last(what: Iterable[Any], node_of: Callable[[Any], Node]) -> list[Any]:
    """Those that follow a deadline come after what may open it."""
    return sorted(what, key=lambda one: bool(node_of(one).properties.get("follows")))
