"""Are there loops that nothing stops: no person, no job, no event to wait for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.diagram import SUB_PROCESSES
from processes.lint.findings import shown
from processes.lint.graph import Graph, circles

if TYPE_CHECKING:
    from processes.engine.diagram import Node, Scope
    from processes.lint.findings import Findings

WAITING = frozenset(
    {
        "adHocSubProcess",
        "boundaryEvent",
        "callActivity",
        "eventBasedGateway",
        "manualTask",
        "receiveTask",
        "userTask",
    }
)
"""What takes time by its kind; of a called process it is taken for granted."""

WRITING = frozenset({"scriptTask", "businessRuleTask", *SUB_PROCESSES})
CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check_loops(graph: Graph, findings: Findings) -> None:
    """The circles that a token runs through in one go."""
    nodes = graph.scope.nodes
    quick = {key: node for key, node in nodes.items() if not waits(node)}
    after = {key: [one for one in graph.after[key] if one in quick] for key in quick}
    for group in circles(after):
        if len(group) > 1 or any(key in after[key] for key in group):
            _judge([nodes[key] for key in nodes if key in group], group, findings)


def waits(node: Node) -> bool:
    """Whether every token stops at an element."""
    if node.kind in WAITING or node.operation is not None:
        return True
    if node.kind == "intermediateCatchEvent":
        return node.link("Catch") is None and bool(node.triggers)
    return node.body is not None and _always_waits(node.body)


def _always_waits(body: Scope) -> bool:
    graph = Graph(body)
    starts = [key for key, node in body.nodes.items() if node.kind == "startEvent"]
    ways = graph.reachable(starts, lambda key: not waits(body.nodes[key]))
    ends = [key for key in ways if not graph.after[key] and not waits(body.nodes[key])]
    return not ends


def _judge(circle: list[Node], group: set[str], findings: Findings) -> None:
    way = " → ".join(shown(node) for node in circle[:5])
    doors = [node for node in circle if _may_leave(node, group)]
    at = doors[0] if doors else circle[0]
    if not doors:
        findings.add("loop-never-ends", at, way=way)
    elif any(node.kind in WRITING for node in circle):
        findings.add("loop-without-wait", at, severity="warning", way=way)
    else:
        findings.add("loop-changes-nothing", at, way=way)


def _may_leave(node: Node, group: set[str]) -> bool:
    """Whether an answer decides here if the token stays in the circle."""
    answers = node.kind in CHOOSING or any(flow.condition for flow in node.outgoing)
    return answers and any(flow.target not in group for flow in node.outgoing)
