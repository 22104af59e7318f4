"""What a supervisor does with a case's tokens: move them, begin a part anew, go on without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.engine.elements.ad_hoc import AdHocSubProcess
from processes.engine.elements.containers import SubProcess
from processes.engine.elements.events import BoundaryEvent, Occurrence
from processes.engine.elements.gateways import InclusiveGateway, ParallelGateway
from processes.engine.elements.loops import Repetition
from processes.engine.moment import ancestry, is_finished, is_idle
from processes.engine.problems import NotPossible, NotWaiting
from processes.engine.step import Happening, Place, Position

if TYPE_CHECKING:
    from collections.abc import Iterable

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Flow
    from processes.engine.elements.base import NodeSpec
    from processes.engine.moment import Moment
    from processes.engine.workflow import CaseWorkflow, Flat

RESTARTABLE = "restartable"
"""The property of an activity that a supervisor may begin anew."""


# -- where the case stands, and where it could -------------------------------------------------


def positions(workflow: CaseWorkflow) -> list[Position]:
    """Every token that may be taken away, oldest first; events on watch are none."""
    return [
        Position(
            id=str(task.id),
            element=task.task_spec.node.id,
            name=task.task_spec.node.name or task.task_spec.node.id,
            kind=task.task_spec.node.kind,
            scope=_scope_name(task.workflow),
            inside=_title(task.workflow),
        )
        for task in workflow.everyone()
        if _is_position(task)
    ]


def places(workflow: CaseWorkflow) -> list[Place]:
    """Every element of the scopes that are open at which a token could begin."""
    return [
        Place(
            scope=_scope_name(scope),
            element=spec.node.id,
            name=spec.node.name or spec.node.id,
            kind=spec.node.kind,
            inside=_title(scope),
        )
        for scope in workflow.scopes()
        for spec in scope.spec.nodes.values()
        if _can_begin_at(spec)
    ]


def _is_position(task: Task) -> bool:
    """A part of a multi-instance is none: its whole has to go, or it would wait for ever."""
    drawn = task.task_spec in task.workflow.spec.nodes.values()
    if is_idle(task) or "outer" in task.internal_data:
        return False
    return drawn or isinstance(task.task_spec, Occurrence)


def _can_begin_at(spec: NodeSpec) -> bool:
    if isinstance(spec, BoundaryEvent) or spec.node.kind == "startEvent":
        return False
    joins = isinstance(spec, ParallelGateway | InclusiveGateway)
    return not (joins and len(spec.node.incoming) > 1)


def _title(scope: Flat) -> str:
    if scope.host is None:
        return scope.spec.process.name or scope.spec.process.id
    node = scope.host.task_spec.node
    return str(node.name or node.id)


def _scope_name(scope: Flat) -> str:
    return "" if scope.parent_task_id is None else str(scope.parent_task_id)


# -- move --------------------------------------------------------------------------------------


def move(moment: Moment, cancel: Iterable[str], create: Iterable[tuple[str, str]]) -> None:
    """Take tokens away and put new ones elsewhere.

    A sub-process whose last token goes, and that gets no new one, is taken away with it.

    Raises:
        NotWaiting: a position or a scope is gone.
        NotPossible.
    """
    gone = [_position(moment, identity) for identity in cancel]
    new = [_place(moment, scope, element) for scope, element in create]
    if not gone and not new:
        raise NotPossible("nothing")
    _refuse_closed(gone, new)
    for task in gone:
        _take_away(task, moment)
    kept = [scope for scope, _ in new]
    for task in gone:
        _close_empty(task.workflow, kept, moment)
    if not new and is_finished(moment.workflow):
        raise NotPossible("ends")
    for scope, spec in new:
        moment.spawn(scope, spec)


def named(moment: Moment, cancel: Iterable[str], create: Iterable[tuple[str, str]]) -> Any:
    """The elements of a move as its line in the history tells them."""
    gone = [_position(moment, identity).task_spec.node for identity in cancel]
    new = [_place(moment, scope, element)[1].node for scope, element in create]
    return {
        "cancelled": [{"element": node.id, "name": node.name or node.id} for node in gone],
        "created": [{"element": node.id, "name": node.name or node.id} for node in new],
    }


def _position(moment: Moment, identity: str) -> Task:
    for task in moment.workflow.everyone():
        if str(task.id) == identity and _is_position(task):
            return task
    raise NotWaiting("position", identity)


def _place(moment: Moment, scope: str, element: str) -> tuple[Flat, NodeSpec]:
    found: Flat | None = moment.workflow
    if scope:
        inner = {str(key): value for key, value in moment.workflow.subprocesses.items()}
        found = inner.get(scope)
    if found is None:
        raise NotWaiting("scope", scope)
    spec = found.spec.nodes.get(element)
    if spec is None or not _can_begin_at(spec):
        raise NotPossible("no_place", element)
    return found, spec


def _refuse_closed(gone: list[Task], new: list[tuple[Flat, NodeSpec]]) -> None:
    for scope, spec in new:
        hosts = list(ancestry(scope.host)) if scope.host is not None else []
        if any(task is host for task in gone for host in hosts):
            raise NotPossible("closed", spec.node.name or spec.node.id)


def _take_away(task: Task, moment: Moment) -> None:
    """Cancel a token; the other events of an event-based gateway share it."""
    gateway = task.internal_data.get("gateway")
    for other in task.workflow.live():
        if other is task or (gateway and other.internal_data.get("gateway") == gateway):
            moment.cancel(other)


def _close_empty(scope: Flat, kept: list[Flat], moment: Moment) -> None:
    host = scope.host
    if host is None or host.id not in host.workflow.tasks:
        return
    if any(scope is other for other in kept) or not is_finished(scope):
        return
    if isinstance(host.task_spec, AdHocSubProcess):
        return
    if "outer" in host.internal_data:
        raise NotPossible("part", host.task_spec.node.name or host.task_spec.node.id)
    moment.cancel(host)
    _close_empty(host.workflow, kept, moment)


# -- begin anew --------------------------------------------------------------------------------


def restart(moment: Moment, element: str, reason: str) -> None:
    """Begin an activity of the case's own process in place of whatever the case is at.

    Raises:
        NotPossible: the diagram does not offer it.
    """
    workflow = moment.workflow
    spec = workflow.spec.nodes.get(element)
    if spec is None or spec.node.properties.get(RESTARTABLE) != "true":
        raise NotPossible("no_restart", element)
    over = not workflow.live()
    _note(moment, "case.reopened" if over else "case.restarted", spec, reason)
    if over:
        moment.arm_event_starts(workflow)
    for task in workflow.live():
        if _is_position(task) and not isinstance(task.task_spec, Occurrence):
            moment.cancel(task)
    moment.spawn(workflow, spec)


def restartable(workflow: CaseWorkflow) -> list[Place]:
    """The activities that `restart` takes."""
    return [
        Place("", spec.node.id, spec.node.name or spec.node.id, spec.node.kind, "")
        for spec in workflow.spec.nodes.values()
        if spec.node.properties.get(RESTARTABLE) == "true"
    ]


def _note(moment: Moment, kind: str, spec: NodeSpec, reason: str) -> None:
    node = spec.node
    line = Happening(kind, moment.now, node.id, node.name, None, {"reason": reason})
    moment.log.append(line)


# -- go on without -----------------------------------------------------------------------------


def skip(task: Task, result: object, moment: Moment) -> None:
    """Go on after a failed element as if it had been done.

    Raises:
        NotPossible: nothing says where to go on.
    """
    spec = task.task_spec
    if isinstance(spec, Repetition):
        raise NotPossible("many", spec.node.name or spec.node.id)
    if is_idle(task):
        moment.cancel(task)
        return
    flows = _ways_on(task, moment)
    if isinstance(spec, SubProcess | Occurrence):
        moment.close_scope(task)
    name = result_name(spec)
    if name:
        moment.store(task, name, result)
    moment.disarm(task)
    moment.close_deadline(task, "deadline.cancelled")
    spec.stopped(task, moment)
    flow_ids = [flow.id for flow in flows]
    moment.note("element.completed", task, **spec.remark(task), flows=flow_ids, skipped=True)
    spec.pass_on(task, flows, moment)


def result_name(spec: NodeSpec) -> str | None:
    """The variable that an element stores its result under, if it stores one."""
    node = spec.node
    if node.operation is not None:
        return node.operation.result_variable or None
    return node.properties.get("resultVariable") if node.decision else None


def _ways_on(task: Task, moment: Moment) -> list[Flow]:
    """Where the token would go; where asking that has failed, the default flow."""
    spec, node = task.task_spec, task.task_spec.node
    if spec.repetition is not None:
        return []
    conditional = any(flow.condition for flow in node.outgoing)
    if not conditional or ("leaving" not in task.internal_data and not _decides(spec)):
        return list(spec.chosen(task, moment))
    default = [flow for flow in node.outgoing if flow.id == node.default]
    if not default:
        raise NotPossible("no_default", node.name or node.id)
    return default


def _decides(spec: NodeSpec) -> bool:
    return spec.node.kind in {"exclusiveGateway", "inclusiveGateway"}
