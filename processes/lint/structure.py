"""Does the drawing hang together: starts, ends, flows, gateways and edges?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.diagram import ACTIVITIES
from processes.lint.findings import shown
from processes.lint.graph import Graph
from processes.lint.loops import Waiting, check_loops
from processes.lint.soundness import check_soundness

if TYPE_CHECKING:
    from processes.engine.diagram import Node, Scope
    from processes.lint.findings import Findings

WAITING = {"intermediateCatchEvent", "receiveTask"}
CONDITIONAL = {"exclusiveGateway", "inclusiveGateway"}


def check_structure(findings: Findings) -> None:
    """Every rule of shape."""
    waiting = Waiting()
    for scope in findings.scopes():
        _check_starts(scope, findings)
        _check_flows(scope, findings)
        _check_reach(scope, findings)
        for node in scope.nodes.values():
            _check_node(scope, node, findings)
        for node in scope.event_sub_processes:
            _check_event_start(node, findings)
        graph = Graph(scope)
        check_loops(graph, findings, waiting)
        check_soundness(graph, findings)
        _check_way_out(graph, findings)


def _starts(scope: Scope) -> list[Node]:
    return [node for node in scope.nodes.values() if node.kind == "startEvent"]


def _check_starts(scope: Scope, findings: Findings) -> None:
    if not scope.nodes or scope.kind == "adHocSubProcess":
        return
    starts = _starts(scope)
    if not starts:
        findings.add("start-event-missing", scope, what=f"'{shown(scope)}'")
    seen: set[tuple[str, str]] = set()
    for start in starts:
        trigger = start.trigger
        begins = ("", "") if trigger is None else (trigger.kind, trigger.name)
        if begins in seen and begins[0] in {"", "message", "signal"}:
            findings.add("start-events-clash", start, what=f"'{shown(scope)}'")
        seen.add(begins)


def _check_event_start(node: Node, findings: Findings) -> None:
    """One start, with something that starts it."""
    starts = _starts(node.body) if node.body is not None else []
    if len(starts) != 1 or starts[0].trigger is None:
        findings.add("event-sub-process-start", node)


def _check_flows(scope: Scope, findings: Findings) -> None:
    for flow in scope.flows.values():
        if flow.source not in scope.nodes or flow.target not in scope.nodes:
            findings.add("flow-end-missing", scope, at=flow, flow=f"'{flow.name or flow.id}'")


def _check_reach(scope: Scope, findings: Findings) -> None:
    """Everything is reachable; reachable means from a start, an edge or a link."""
    if scope.kind == "adHocSubProcess":
        return
    reached: set[str] = set()
    ahead = _starts(scope) or [n for n in scope.nodes.values() if not n.incoming]
    ahead += [n for n in scope.nodes.values() if _is_link_target(n)]
    while ahead:
        node = ahead.pop()
        if node.id in reached:
            continue
        reached.add(node.id)
        ahead += [scope.nodes[f.target] for f in node.outgoing if f.target in scope.nodes]
        ahead += scope.boundary_events(node.id)
    for node in scope.nodes.values():
        orphan = node.attached_to is not None and node.attached_to not in scope.nodes
        if node.id not in reached and not orphan and not node.for_compensation:
            findings.add("unreachable", node)


def _is_link_target(node: Node) -> bool:
    catching = node.kind == "intermediateCatchEvent"
    return catching and node.trigger is not None and node.trigger.kind == "link"


def _check_node(scope: Scope, node: Node, findings: Findings) -> None:
    _check_ends(scope, node, findings)
    _check_conditions(node, findings)
    if node.kind == "boundaryEvent":
        host = scope.nodes.get(node.attached_to or "")
        if host is None or host.kind not in ACTIVITIES:
            findings.add("boundary-on-nothing", node)
        if node.incoming:
            findings.add("boundary-with-incoming", node)
    if node.kind == "startEvent" and node.incoming:
        findings.add("start-with-incoming", node)
    if node.kind == "endEvent" and node.outgoing:
        findings.add("end-with-outgoing", node)
    if node.kind == "eventBasedGateway":
        _check_event_gateway(scope, node, findings)


def _check_ends(scope: Scope, node: Node, findings: Findings) -> None:
    throws_link = node.trigger is not None and node.trigger.kind == "link"
    exempt = node.kind == "endEvent" or node.for_compensation or throws_link
    if not node.outgoing and not exempt and scope.kind != "adHocSubProcess":
        findings.add("dead-end", node)


def _check_event_gateway(scope: Scope, node: Node, findings: Findings) -> None:
    for flow in node.outgoing:
        target = scope.nodes.get(flow.target)
        if target is not None and not _may_be_awaited(scope, target):
            findings.add("event-gateway-target", node, target=shown(target))


def _may_be_awaited(scope: Scope, node: Node) -> bool:
    """Whether a gateway can call it off again: it waits for one event, once."""
    waits = node.kind in WAITING and node.link("Catch") is None
    return waits and node.loop is None and not scope.boundary_events(node.id)


def _check_conditions(node: Node, findings: Findings) -> None:
    if node.default and node.default not in {flow.id for flow in node.outgoing}:
        findings.add("default-unknown", node, flow=node.default)
    if node.kind in ACTIVITIES | CONDITIONAL:
        return
    for flow in node.outgoing:
        if flow.condition is not None:
            findings.add("condition-misplaced", node, at=flow, flow=f"'{flow.name or flow.id}'")


def _check_way_out(graph: Graph, findings: Findings) -> None:
    """From everywhere a token can run to an end; a circle may be left only by what interrupts."""
    scope = graph.scope
    if scope.kind == "adHocSubProcess" or any(_stops_all(n) for n in scope.event_sub_processes):
        return
    ends = {key for key, follows in graph.after.items() if not follows}
    for group in graph.circles:
        circle = [key for key in scope.nodes if key in group]
        onward = {one for key in circle for one in graph.after[key]} - group
        if graph.turns(circle[0]) and not onward and not ends & group:
            way = " → ".join(shown(scope.nodes[key]) for key in circle[:5])
            findings.add("no-way-out", scope.nodes[circle[0]], severity="warning", way=way)


def _stops_all(sub_process: Node) -> bool:
    starts = _starts(sub_process.body) if sub_process.body is not None else []
    return any(start.interrupting for start in starts)
