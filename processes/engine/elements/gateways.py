"""Gateways: exclusive, parallel, inclusive and event-based."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from processes.engine.elements.base import NodeSpec
from processes.engine.workflow import drop_task

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Flow, Node
    from processes.engine.moment import Moment
    from processes.engine.workflow import CaseWorkflow, Flat, ScopeSpec


class ExclusiveGateway(NodeSpec):
    """The first flow whose answer is true, in document order; the default last."""

    def chosen(self, task: Task, moment: Moment) -> list[Flow]:
        """One flow."""
        if len(self.node.outgoing) == 1 and not self.node.outgoing[0].condition:
            return self.node.outgoing
        if not self.node.outgoing:
            return []
        taken = next(self.true_flows(task, moment), None)
        return [taken or self.default_flow()]


class ParallelGateway(NodeSpec):
    """Waits for a token on every incoming flow, then sends one along every outgoing flow."""

    def enter(self, task: Task, moment: Moment) -> bool:
        """Whether this token completes the set; one token of each flow is used up."""
        waiting = {flow.id: other for flow in self.node.incoming for other in _at(task, flow.id)}
        if len(waiting) < len(self.node.incoming):
            return False
        for other in waiting.values():
            if other is not task:
                drop_task(other)
        return True


class InclusiveGateway(NodeSpec):
    """Sends tokens along every true flow; joins what may still arrive.

    Source: BPMN 2.0.2, 13.4.3: the join waits while a token somewhere else in the scope can reach
    an empty incoming flow, unless it can also reach one that already has its token.
    """

    def chosen(self, task: Task, moment: Moment) -> list[Flow]:
        """The true flows, or the default."""
        if len(self.node.outgoing) <= 1 and not any(f.condition for f in self.node.outgoing):
            return self.node.outgoing
        plain = [f for f in self.node.outgoing if not f.condition and f.id != self.node.default]
        taken = {flow.id for flow in [*self.true_flows(task, moment), *plain]}
        if not taken:
            return [self.default_flow()]
        return [flow for flow in self.node.outgoing if flow.id in taken]

    def enter(self, task: Task, moment: Moment) -> bool:
        """A gateway with one way in waits for nobody."""
        return len(self.node.incoming) <= 1

    def settle(self, task: Task, moment: Moment) -> None:
        """Go on when nobody else can arrive; every waiting flow gives one token."""
        if task.state != TaskState.STARTED or self._someone_may_arrive(task):
            return
        used: set[str | None] = set()
        for other in _here(task):
            flow = other.internal_data.get("flow")
            if other is not task and flow not in used | {task.internal_data.get("flow")}:
                used.add(flow)
                drop_task(other)
        moment.complete(task)

    def _someone_may_arrive(self, task: Task) -> bool:
        filled = {other.internal_data.get("flow") for other in _here(task)}
        empty: set[str | None] = {flow.id for flow in self.node.incoming}
        empty -= filled
        reach_filled = upstream(task.workflow.spec, self.node.id, filled)
        reach_empty = upstream(task.workflow.spec, self.node.id, empty)
        return any(
            place in reach_empty and place not in reach_filled
            for other in task.workflow.live()
            for place in [_place(other)]
            if place != self.node.id and not other.task_spec.idle
        )


class EventBasedGateway(NodeSpec):
    """Puts every following event on watch; the first to occur takes the token."""

    def leave(self, task: Task, moment: Moment) -> None:
        """The events share the gateway's token, so that the first can call the others off."""
        workflow = task.workflow
        moment.note("element.completed", task, **self.remark(task), flows=[])
        drop_task(task)
        for flow in self.node.outgoing:
            moment.spawn(
                workflow, workflow.spec.nodes[flow.target], flow=flow.id, gateway=str(task.id)
            )


def waits_in_vain(workflow: CaseWorkflow) -> list[Node]:
    """The parallel joins at which tokens wait for one that nothing on its way can become."""
    return [
        spec.node
        for scope in workflow.scopes()
        for spec in dict.fromkeys(task.task_spec for task in scope.live())
        if isinstance(spec, ParallelGateway) and _is_in_vain(scope, spec)
    ]


def _is_in_vain(scope: Flat, spec: ParallelGateway) -> bool:
    tokens = [task for task in scope.live() if not task.task_spec.idle]
    filled = {task.internal_data.get("flow") for task in tokens if task.task_spec is spec}
    places = {_place(task) for task in tokens if task.task_spec is not spec}
    return any(
        not places & upstream(scope.spec, spec.node.id, {flow.id})
        for flow in spec.node.incoming
        if flow.id not in filled
    )


def _at(task: Task, flow: str) -> list[Task]:
    """The oldest token of a flow that waits at this gateway, in a list of at most one."""
    return [other for other in _here(task) if other.internal_data.get("flow") == flow][:1]


def _here(task: Task) -> list[Task]:
    arrived = TaskState.STARTED
    return [
        other
        for other in task.workflow.live()
        if other.task_spec is task.task_spec and (other.state == arrived or other is task)
    ]


def _place(task: Task) -> str:
    """The node a token is at; a boundary event or a part of a loop counts as its activity."""
    return str(task.task_spec.node.attached_to or task.task_spec.node.id)


def _link_sources(scope: ScopeSpec, node: Node) -> list[str]:
    """The throwing links that lead to a catching one."""
    name = node.link("Catch")
    others = scope.scope.nodes.values()
    return [] if name is None else [other.id for other in others if other.link("Throw") == name]


def upstream(scope: ScopeSpec, gateway: str, flows: set[str | None]) -> set[str]:
    """The nodes from which a token can get to one of the flows without passing the gateway."""
    reached: set[str] = set()
    ahead = [scope.scope.flows[flow].source for flow in flows if flow in scope.scope.flows]
    while ahead:
        node_id = ahead.pop()
        if node_id == gateway or node_id in reached:
            continue
        reached.add(node_id)
        node = scope.scope.nodes[node_id]
        ahead.extend(flow.source for flow in node.incoming)
        ahead.extend(_link_sources(scope, node))
        if node.attached_to:
            ahead.append(node.attached_to)
    return reached
