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


def check_loops(graph: Graph, findings: Findings, waiting: Waiting) -> None:
    """The circles that a token runs through in one go."""
    nodes = graph.scope.nodes
    quick = {key: node for key, node in nodes.items() if not waiting.at(node)}
    after = {key: [one for one in graph.after[key] if one in quick] for key in quick}
    for group in circles(after):
        if len(group) > 1 or any(key in after[key] for key in group):
            _judge([nodes[key] for key in nodes if key in group], group, findings)


class Waiting:
    """Where every token stops; asked once for each sub-process, however deep it is nested."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def at(self, node: Node) -> bool:
        """Whether every token stops at an element."""
        if node.kind in WAITING or node.operation is not None:
            return True
        if node.kind == "intermediateCatchEvent":
            return node.link("Catch") is None and bool(node.triggers)
        return node.body is not None and self._inside(node.body)

    def _inside(self, body: Scope) -> bool:
        known = self._known.get(id(body))
        if known is None:
            known = self._known[id(body)] = self._always(body)
        return known

    def _always(self, body: Scope) -> bool:
        graph = Graph(body)
        starts = [key for key, node in body.nodes.items() if node.kind == "startEvent"]
        ways = graph.reachable(starts, lambda key: not self.at(body.nodes[key]))
        return all(graph.after[key] or self.at(body.nodes[key]) for key in ways)


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
