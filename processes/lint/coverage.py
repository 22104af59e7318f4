"""Which values of a table's inputs hit two rules, which hit none, and which rules nothing hits.

A column is asked at a few values that stand for all (see `survey_bridge.js`). Rules are the bits
of a number; a cell that names other values says neither yes nor no, so that it overlaps nothing
for sure and may cover anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_STATES = 20_000
"""Combinations to look at before a table is taken to be whole; each is one step of a search."""

PLAIN = frozenset({"plain", "unknown"})
ALL = PLAIN | {"other", "null"}


@dataclass(frozen=True)
class Point:
    """A value of an input, and the rules whose cells accept it."""

    value: Any
    sort: str
    """`plain`; `other` or `null` if no cell mentions such a value; `unknown` if none tells any."""

    sure: int
    perhaps: int
    """Those of `sure` and those that may accept it."""


@dataclass(frozen=True)
class Axis:
    """One input, as several columns may ask about it."""

    label: str
    points: tuple[Point, ...]
    asking: int
    """The rules whose cells ask anything of it."""


Example = tuple[tuple[str, Any], ...]
"""The inputs' labels and values."""


def overlap(axes: Sequence[Axis], one: int, other: int) -> Example | None:
    """Values that hit both rules (their indices), if there are any for sure."""
    both = 1 << one | 1 << other
    found = []
    for axis in axes:
        point = next((point for point in axis.points if point.sure & both == both), None)
        if point is None:
            return None
        if axis.asking & both:
            found.append((axis.label, point.value))
    return tuple(found)


def gap(axes: Sequence[Axis], rules: int) -> Example | None:
    """Values that no rule accepts, not even perhaps."""
    return _Search(axes, 0, PLAIN).uncovered((1 << rules) - 1)


def reachable(axes: Sequence[Axis], rule: int) -> bool:
    """Whether something may hit a rule (its index) that none above it is sure to take."""
    search = _Search(axes, 1 << rule, ALL)
    return search.uncovered((1 << rule) - 1) is not None or search.exhausted


class _Search:
    """Goes through the axes, keeping the rules that every value so far may hit."""

    def __init__(self, axes: Sequence[Axis], wanted: int, sorts: frozenset[str]) -> None:
        self.axes = axes
        self.wanted = wanted
        self.sorts = sorts
        self.barren: set[tuple[int, int]] = set()
        self.exhausted = False

    def uncovered(self, alive: int) -> Example | None:
        """Values at which nothing of `alive` is left, and all of `wanted` may be."""
        return self._from(0, alive)

    def _from(self, index: int, alive: int) -> Example | None:
        if index == len(self.axes):
            return None if alive else ()
        if self.exhausted or (index, alive) in self.barren:
            return None
        axis = self.axes[index]
        for left, point in self._choices(axis, alive):
            rest = self._from(index + 1, left)
            if rest is not None:
                tells = alive & axis.asking and point.sort != "unknown"
                return ((axis.label, point.value), *rest) if tells else rest
        self.barren.add((index, alive))
        self.exhausted = len(self.barren) >= MOST_STATES
        return None

    def _choices(self, axis: Axis, alive: int) -> list[tuple[int, Point]]:
        """The rules that may be left after this axis, fewest first, and a value that does it."""
        choices: dict[int, Point] = {}
        for point in axis.points:
            if point.sort in self.sorts and point.perhaps & self.wanted == self.wanted:
                left = alive & (point.sure if self.wanted else point.perhaps)
                choices.setdefault(left, point)
        return sorted(choices.items(), key=lambda choice: choice[0].bit_count())
