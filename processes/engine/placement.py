"""Where each live token of a case goes when its diagram is exchanged, and which can go nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from processes.engine.elements.activities import ServiceTask
from processes.engine.elements.ad_hoc import Choice
from processes.engine.elements.containers import CallActivity
from processes.engine.elements.gateways import InclusiveGateway, ParallelGateway, upstream
from processes.engine.elements.loops import Repetition
from processes.engine.moment import is_idle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from SpiffWorkflow.task import Task

    from processes.engine.definition import Definition
    from processes.engine.elements.base import NodeSpec
    from processes.engine.workflow import CaseWorkflow, Flat, ScopeSpec


@dataclass(frozen=True)
class Directions:
    """What somebody decided beside "the same id is the same element"."""

    renames: Mapping[str, str] = field(default_factory=dict)
    """Old id of an element or flow to its new one; `scope/id` where an id occurs twice."""

    cancels: frozenset[str] = frozenset()
    """Old elements whose tokens are cancelled, written like the keys of `renames`."""

    tokens: Mapping[str, str] = field(default_factory=dict)
    """Token id to new element id, for single tokens; comes before all else."""

    def new_id(self, scope: ScopeSpec, old: str, token: str = "") -> str:
        """The id that an element or flow of a scope has in the new version."""
        by_name = self.renames.get(f"{scope.name}/{old}", self.renames.get(old, old))
        return self.tokens.get(token, by_name)

    def cancelled(self, scope: ScopeSpec, old: str) -> bool:
        """Whether the tokens of an element are to be cancelled."""
        return bool(self.cancels & {f"{scope.name}/{old}", old})


@dataclass(frozen=True)
class Refusal:
    """Why a case cannot be moved: one element, one reason."""

    element: str
    name: str
    reason: str
    """A key of `processes.engine.reasons.REASONS`."""

    facts: dict[str, str] = field(default_factory=dict)


class Unplaceable(Exception):
    """A token cannot go to the new version; carries the reason."""

    def __init__(self, reason: str, **facts: str) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(reason)


class Placement:
    """The plan for one case."""

    def __init__(self, new: Definition, directions: Directions) -> None:
        self.new = new
        self.directions = directions
        self.scopes: dict[UUID | None, ScopeSpec] = {None: new.main}
        """Host token, None for the main scope, to the new specification of its inside."""

        self.places: dict[UUID, NodeSpec] = {}
        """Token to the element where it goes on."""

        self.origins: dict[UUID, NodeSpec] = {}
        """Token to the element where it stood."""

        self.flows: dict[UUID, str] = {}
        """Token at a gateway to the new id of the flow by which it came."""

        self.cancelled: list[Task] = []
        self.dropped: list[Task] = []
        """Events on watch that the new version has not, or has elsewhere."""

        self.refused: list[Refusal] = []

    def keep(self, task: Task, spec: NodeSpec) -> None:
        """Let a token go on at an element of the new version."""
        self.places[task.id] = spec
        self.origins[task.id] = task.task_spec

    def has_twin(self, scope: ScopeSpec, old: NodeSpec, events: Sequence[NodeSpec]) -> bool:
        """Whether an event of the old version is among these of the new one."""
        new_id = self.directions.new_id(scope, base_of(old.name))
        return any(base_of(new.name) == new_id and same_event(old, new) for new in events)

    def refuse(self, spec: NodeSpec, reason: str, **facts: str) -> None:
        """Note why it cannot be done, once an element and reason."""
        refusal = Refusal(base_of(spec.name), spec.node.name or spec.node.id, reason, facts)
        if refusal not in self.refused:
            self.refused.append(refusal)


def place_tokens(workflow: CaseWorkflow, new: Definition, directions: Directions) -> Placement:
    """Find every live token its element in the new version, by id within its own scope."""
    plan = Placement(new, directions)
    for scope in workflow.scopes():
        target = plan.scopes.get(scope.parent_task_id)
        if target is not None:
            _place_scope(plan, scope, target)
    return plan


def base_of(name: str) -> str:
    """The element's id in the name of a specification: `id`, `id [part]` or `id [watch]`."""
    return name.partition(" [")[0]


def same_event(old: NodeSpec, new: NodeSpec) -> bool:
    """Whether both wait for the same kind of thing."""
    one, other = old.node.trigger, new.node.trigger
    kinds = {trigger.kind if trigger else None for trigger in (one, other)}
    return type(old) is type(new) and len(kinds) == 1


def is_open(task: Task) -> bool:
    """Whether an activity is under way, with the events on its edge on watch."""
    stalled = task.state == TaskState.ERROR and "waiting" in task.internal_data
    return bool(task.state == TaskState.STARTED) or stalled


def stands_before(task: Task) -> bool:
    """Whether a token failed on its way in: it begins anew when somebody tries again."""
    return task.state == TaskState.ERROR and not task.internal_data.keys() & {"waiting", "leaving"}


def _place_scope(plan: Placement, scope: Flat, target: ScopeSpec) -> None:
    for task in sorted(scope.live(), key=_dependence):
        if _host_of(task) in {str(other.id) for other in plan.cancelled}:
            continue  # it goes with its activity
        try:
            _place(plan, task, target)
        except Unplaceable as error:
            plan.refuse(task.task_spec, error.reason, **error.facts)
    _refuse_lost_choices(plan, scope)
    if not plan.refused:
        _refuse_idleness(plan, scope)
        _refuse_starving_joins(plan, scope, target)


def _dependence(task: Task) -> int:
    """Activities first, then the parts of them, then the events on watch."""
    return 2 if is_idle(task) else int("outer" in task.internal_data)


def _host_of(task: Task) -> str | None:
    internal = task.internal_data
    found: str | None = internal.get("host") or internal.get("outer")
    return found


# -- one token ---------------------------------------------------------------------------------


def _place(plan: Placement, task: Task, target: ScopeSpec) -> None:
    """Keep the token, or note that it is cancelled or off watch.

    Raises:
        Unplaceable: there is nothing like its element.
    """
    if is_idle(task):
        _place_watch(plan, task, target)
    elif plan.directions.cancelled(task.workflow.spec, base_of(task.task_spec.name)):
        (plan.dropped if _rivals(task) else plan.cancelled).append(task)
    else:
        _place_token(plan, task, target)


def _place_token(plan: Placement, task: Task, target: ScopeSpec) -> None:
    new = _counterpart(plan, task, target)
    chosen_otherwise = new is None and isinstance(task.task_spec, Choice)
    decided_otherwise = new is None or not same_event(task.task_spec, new)
    if chosen_otherwise or (_rivals(task) and decided_otherwise):
        plan.dropped.append(task)
        return
    if new is None:
        raise _nowhere(plan, task, target)
    _require_likeness(task, new)
    _place_flow(plan, task, new)
    plan.keep(task, new)
    if task.id in task.workflow.top_workflow.subprocesses:
        plan.scopes[task.id] = _inside(target, new)


def _place_watch(plan: Placement, task: Task, target: ScopeSpec) -> None:
    """An event on watch goes along with what it sits on, or is off."""
    new = _counterpart(plan, task, target)
    if new is None or not same_event(task.task_spec, new) or not _sits_on(plan, task, new):
        plan.dropped.append(task)
    else:
        plan.keep(task, new)


def _sits_on(plan: Placement, task: Task, new: NodeSpec) -> bool:
    """Whether the new version has the event on the activity that it watches."""
    host = _host_of(task)
    hosts = [spec.node.id for token, spec in plan.places.items() if str(token) == host]
    return host is None or new.node.attached_to in hosts


def _counterpart(plan: Placement, task: Task, target: ScopeSpec) -> NodeSpec | None:
    name = task.task_spec.name
    base = base_of(name)
    new_id = plan.directions.new_id(task.workflow.spec, base, str(task.id))
    found: NodeSpec | None = target.task_specs.get(new_id + name.removeprefix(base))
    if found is None and "outer" in task.internal_data and new_id in target.nodes:
        raise Unplaceable("kind_changed")
    return found


def _rivals(task: Task) -> list[Task]:
    """The other events that wait behind the same event-based gateway."""
    gateway = task.internal_data.get("gateway")
    return [
        other
        for other in task.workflow.live()
        if gateway is not None
        and other is not task
        and other.internal_data.get("gateway") == gateway
    ]


def _nowhere(plan: Placement, task: Task, target: ScopeSpec) -> Unplaceable:
    new_id = plan.directions.new_id(task.workflow.spec, base_of(task.task_spec.name), str(task.id))
    for spec in plan.new.specs.values():
        if spec is not target and new_id in spec.nodes:
            return Unplaceable("moved", scope=spec.scope.name or spec.scope.id)
    return Unplaceable("removed")


def _require_likeness(task: Task, new: NodeSpec) -> None:
    """What is under way can only go on as what it is.

    Raises:
        Unplaceable.
    """
    old = task.task_spec
    if stands_before(task):
        return
    if not same_event(old, new):
        raise Unplaceable("kind_changed")
    if isinstance(old, ServiceTask) and is_open(task) and not _asks_the_same(task, new):
        raise Unplaceable("job_asked")
    if isinstance(old, Repetition) and old.loop.kind != new.loop.kind:
        raise Unplaceable("loop_changed")
    if isinstance(old, CallActivity) and old.declares() != new.declares():
        raise Unplaceable("call_variables")


def _asks_the_same(task: Task, new: NodeSpec) -> bool:
    """Whether a job that is out can come back here; one that failed is asked for anew."""
    old, now = task.task_spec.node.operation, new.node.operation
    if "job" not in task.internal_data or old is None:
        return True
    return now is not None and (now.id == old.id or task.state == TaskState.ERROR)


def _place_flow(plan: Placement, task: Task, new: NodeSpec) -> None:
    """A token at a join counts for the flow by which it came.

    Raises:
        Unplaceable: that flow is gone.
    """
    came_by = task.internal_data.get("flow")
    joins = isinstance(new, ParallelGateway | InclusiveGateway)
    if came_by is None or not (joins or "gateway" in task.internal_data):
        return
    found = _same_flow(plan, task.workflow.spec, came_by, new)
    if found is not None:
        plan.flows[task.id] = found
    elif joins:
        raise Unplaceable("flow_gone", flow=came_by)


def _same_flow(plan: Placement, spec: ScopeSpec, old: str, new: NodeSpec) -> str | None:
    """The way into an element that stands for an old one: by id, else from the same element."""
    wanted = plan.directions.new_id(spec, old)
    ways = {flow.id: flow.source for flow in new.node.incoming}
    if wanted in ways or old not in spec.scope.flows:
        return wanted if wanted in ways else None
    source = plan.directions.new_id(spec, spec.scope.flows[old].source)
    fresh = [flow for flow, start in ways.items() if start == source]
    return fresh[0] if len(fresh) == 1 else None


def _inside(target: ScopeSpec, new: NodeSpec) -> ScopeSpec:
    """What an activity or the occurrence of an event sub-process holds."""
    for watch in target.event_starts:
        if getattr(watch, "occurrence", None) is new:
            return watch.body  # type: ignore[no-any-return]
    return new.body  # type: ignore[no-any-return]


# -- a scope as a whole ------------------------------------------------------------------------


def _refuse_lost_choices(plan: Placement, scope: Flat) -> None:
    """Of the events behind a gateway one at least must stay."""
    for task in scope.live():
        rivals = _rivals(task)
        if rivals and all(other in plan.dropped for other in [task, *rivals]):
            plan.refuse(task.task_spec, "removed")


def _refuse_idleness(plan: Placement, scope: Flat) -> None:
    """Cancelling must leave something to do: a scope without tokens would be over."""
    gone = [*plan.cancelled, *plan.dropped]
    ids = {str(task.id) for task in gone}
    tokens = [t for t in scope.live() if not is_idle(t) and not isinstance(t.task_spec, Choice)]
    if tokens and all(task in gone or _host_of(task) in ids for task in tokens):
        plan.refuse(tokens[0].task_spec, "nothing_left")


def _refuse_starving_joins(plan: Placement, scope: Flat, target: ScopeSpec) -> None:
    """A join must not wait for a branch that nobody will send a token along."""
    tokens = [task for task in scope.live() if not is_idle(task)]
    here = [
        (plan.places[t.id], plan.flows.get(t.id, _flow(t))) for t in tokens if t.id in plan.places
    ]
    before = [(task.task_spec, _flow(task)) for task in tokens]
    for spec in target.nodes.values():
        if isinstance(spec, ParallelGateway) and _starves(target, spec, here):
            old = [
                one
                for one in scope.spec.nodes.values()
                if plan.directions.new_id(scope.spec, one.node.id) == spec.node.id
            ]
            if not any(_starves(scope.spec, one, before) for one in old):
                plan.refuse(spec, "join_starves")


def _starves(scope: ScopeSpec, join: NodeSpec, tokens: list[tuple[NodeSpec, str | None]]) -> bool:
    """Whether some ways into a join have, or can get, a token and others never will."""
    arrived = {flow for spec, flow in tokens if spec is join}
    places = {spec.node.attached_to or spec.node.id for spec, _ in tokens if spec is not join}
    served = [
        flow.id in arrived or bool(places & _feeders(scope, join.node.id, flow.id))
        for flow in join.node.incoming
    ]
    return any(served) and not all(served)


@lru_cache(maxsize=4096)
def _feeders(scope: ScopeSpec, join: str, flow: str) -> frozenset[str]:
    return frozenset(upstream(scope, join, {flow}))


def _flow(task: Task) -> str | None:
    flow: str | None = task.internal_data.get("flow")
    return flow
