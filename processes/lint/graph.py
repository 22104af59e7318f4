"""A scope as a graph: which element can follow which, in what order, and round which circles."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from processes.engine.diagram import Node, Scope


class Graph:
    """The nodes of one scope; links and the events on an activity's edge lead on like flows."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.edges: dict[str, list[Node]] = {}
        """Attached events by their activity."""

        catches: dict[str, Node] = {}
        for node in scope.nodes.values():
            if node.attached_to:
                self.edges.setdefault(node.attached_to, []).append(node)
            name = node.link("Catch")
            if name is not None:
                catches.setdefault(name, node)
        self.link_targets = catches
        self.after = {key: self._after(node) for key, node in scope.nodes.items()}

    def _after(self, node: Node) -> list[str]:
        follows = [flow.target for flow in node.outgoing if flow.target in self.scope.nodes]
        target = self.link_targets.get(node.link("Throw") or "")
        if target is not None:
            follows.append(target.id)
        return follows + [event.id for event in self.edges.get(node.id, ())]

    def reachable(
        self, begin: Iterable[str], passes: Callable[[str], bool] = lambda _: True
    ) -> set[str]:
        """The nodes one can get to, the first ones included, never beyond one that lets no pass."""
        reached: set[str] = set()
        ahead = [key for key in begin if key in self.after]
        while ahead:
            key = ahead.pop()
            if key in reached:
                continue
            reached.add(key)
            if passes(key):
                ahead += self.after[key]
        return reached

    @cached_property
    def circles(self) -> list[set[str]]:
        """The groups of nodes that lead to each other, in the order of the diagram."""
        return circles(self.after)

    @cached_property
    def circle_of(self) -> dict[str, int]:
        """Each node's group; what has a smaller number never comes after it."""
        return {key: number for number, group in enumerate(self.circles) for key in group}

    def turns(self, key: str) -> bool:
        """Whether a token can come back to a node."""
        return len(self.circles[self.circle_of[key]]) > 1 or key in self.after[key]


def circles(after: Mapping[str, list[str]]) -> list[set[str]]:
    """The strongly connected components, those that lead to others first.

    Source: Sharir, A strong-connectivity algorithm, 1981.
    """
    before: dict[str, list[str]] = {key: [] for key in after}
    for key, follows in after.items():
        for one in follows:
            before[one].append(key)
    taken: set[str] = set()
    return [
        set(group)
        for key in reversed(_left(after, after, set()))
        if (group := _left([key], before, taken))
    ]


def _left(begin: Iterable[str], after: Mapping[str, list[str]], seen: set[str]) -> list[str]:
    """The nodes reached and not seen before, in the order in which a deep search leaves them."""
    left: list[str] = []
    path: list[tuple[str, Iterator[str]]] = []
    for root in begin:
        if root not in seen:
            seen.add(root)
            path.append((root, iter(after[root])))
        while path:
            key, rest = path[-1]
            step = next((one for one in rest if one not in seen), None)
            if step is None:
                left.append(key)
                path.pop()
            else:
                seen.add(step)
                path.append((step, iter(after[step])))
    return left
