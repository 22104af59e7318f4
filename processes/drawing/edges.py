"""How flows and associations look; arrow heads are drawn, not referred to by id."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from processes.drawing.pen import number, put
from processes.drawing.reading import Box

if TYPE_CHECKING:
    from lxml import etree

    from processes.drawing.reading import Edge

Point = tuple[float, float]

_BEND = 6.0
_PLAIN_LINES = {"association", "dataInputAssociation", "dataOutputAssociation"}


def draw_edge(parent: etree._Element, edge: Edge, colour: str, weight: float) -> None:
    """The line with what stands at its ends."""
    _line(parent, edge, colour, weight)
    start, second = edge.points[:2]
    before, end = edge.points[-2:]
    if edge.kind == "sequenceFlow":
        _head(parent, before, end, colour, filled=True)
        if edge.is_default:
            _slash(parent, start, second, colour)
        elif edge.is_conditional:
            _diamond(parent, start, second, colour)
    elif edge.kind == "messageFlow":
        _head(parent, before, end, colour, filled=False)
        put(
            parent,
            "circle",
            cx=start[0],
            cy=start[1],
            r=4,
            fill="#fff",
            stroke=colour,
            stroke_width=1.5,
            class_="message-end",
        )
    else:
        _open_ends(parent, edge, colour)


def middle_of(edge: Edge) -> Box:
    """Where a line's name stands if the file does not say: above its longest part."""
    pairs = list(zip(edge.points, edge.points[1:], strict=False))
    (x1, y1), (x2, y2) = max(pairs, key=lambda pair: _length(*pair))
    return Box((x1 + x2) / 2 - 45, (y1 + y2) / 2 - 18, 90, 0)


def _line(parent: etree._Element, edge: Edge, colour: str, weight: float) -> None:
    dashes = {"messageFlow": "10 6"}.get(edge.kind)
    if edge.kind in _PLAIN_LINES:
        dashes = "1 5"
    put(
        parent,
        "path",
        d=_rounded(edge.points),
        class_="reach",
        fill="none",
        stroke="transparent",
        stroke_width=12,
    )
    put(
        parent,
        "path",
        d=_rounded(edge.points),
        class_="flow",
        fill="none",
        stroke=colour,
        stroke_width=weight,
        stroke_linejoin="round",
        stroke_linecap="round" if edge.kind in _PLAIN_LINES else None,
        stroke_dasharray=dashes,
    )


def _rounded(points: tuple[Point, ...]) -> str:
    """A path through the points with soft corners."""
    path = f"M{_written(points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(_BEND, _length(before, corner) / 2, _length(corner, after) / 2)
        path += f"L{_written(_toward(corner, before, bend))}"
        path += f"Q{_written(corner)} {_written(_toward(corner, after, bend))}"
    return path + f"L{_written(points[-1])}"


def _head(parent: etree._Element, before: Point, end: Point, colour: str, *, filled: bool) -> None:
    base = _toward(end, before, 11)
    left, right = _beside(base, end, 4.5), _beside(base, end, -4.5)
    put(
        parent,
        "path",
        d=f"M{_written(left)}L{_written(end)}L{_written(right)}z",
        class_="flow-head" if filled else "flow-head open",
        fill=colour if filled else "#fff",
        stroke=colour,
        stroke_width=1 if filled else 1.5,
        stroke_linejoin="round",
    )


def _slash(parent: etree._Element, start: Point, second: Point, colour: str) -> None:
    near, far = _toward(start, second, 7), _toward(start, second, 13)
    ends = _beside(near, start, 5), _beside(far, start, -5)
    put(
        parent,
        "path",
        d=f"M{_written(ends[0])}L{_written(ends[1])}",
        fill="none",
        stroke=colour,
        stroke_width=2,
        class_="flow-default",
    )


def _diamond(parent: etree._Element, start: Point, second: Point, colour: str) -> None:
    middle, far = _toward(start, second, 8), _toward(start, second, 16)
    corners = (start, _beside(middle, start, 5), far, _beside(middle, start, -5))
    put(
        parent,
        "path",
        d="M" + "L".join(map(_written, corners)) + "z",
        fill="#fff",
        stroke=colour,
        stroke_width=1.5,
        class_="flow-condition",
    )


def _open_ends(parent: etree._Element, edge: Edge, colour: str) -> None:
    direction = edge.node.get("associationDirection", "None")
    ends = []
    if edge.kind != "association" or direction in {"One", "Both"}:
        ends.append((edge.points[-2], edge.points[-1]))
    if direction == "Both":
        ends.append((edge.points[1], edge.points[0]))
    for before, end in ends:
        base = _toward(end, before, 9)
        left, right = _beside(base, end, 5), _beside(base, end, -5)
        put(
            parent,
            "path",
            d=f"M{_written(left)}L{_written(end)}L{_written(right)}",
            fill="none",
            stroke=colour,
            stroke_width=1.5,
            class_="flow-open",
        )


def _length(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _toward(start: Point, goal: Point, by: float) -> Point:
    length = _length(start, goal) or 1.0
    share = by / length
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share


def _beside(point: Point, goal: Point, by: float) -> Point:
    """The point, moved at a right angle to its way to the goal."""
    length = _length(point, goal) or 1.0
    dx, dy = (goal[0] - point[0]) / length, (goal[1] - point[1]) / length
    return point[0] - dy * by, point[1] + dx * by


def _written(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
