"""The small signs inside tasks, events and gateways, as path data.

Task signs live in a square of 16, event signs in a circle of radius 10 around the origin,
markers in a square of 14, badge signs in a circle of radius 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import TYPE_CHECKING

from processes.drawing.pen import number, put

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True)
class Icon:
    """Lines to stroke and areas to fill, both in the colour of their surroundings."""

    lines: str = ""
    areas: str = ""
    weight: float = 1.5


def draw_icon(
    parent: etree._Element, icon: Icon, x: float, y: float, scale: float = 1.0
) -> etree._Element:
    """The icon with its origin at a point."""
    group = put(
        parent,
        "g",
        class_="icon",
        transform=f"translate({number(x)} {number(y)}) scale({number(scale)})",
        stroke_linecap="round",
        stroke_linejoin="round",
    )
    if icon.areas:
        put(group, "path", d=icon.areas, fill="currentColor", stroke="none")
    if icon.lines:
        weight = icon.weight / scale
        put(group, "path", d=icon.lines, fill="none", stroke="currentColor", stroke_width=weight)
    return group


def _polygon(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "z"


def _around(count: int, radius: float, turn: float = 0.0) -> list[tuple[float, float]]:
    """Corners of a regular polygon, the first one on top."""
    angles = [2 * pi * (step / count) + turn for step in range(count)]
    return [(radius * sin(angle), -radius * cos(angle)) for angle in angles]


def _gear() -> str:
    outline = []
    for tooth in range(8):
        for share, radius in ((-0.32, 5.4), (-0.2, 7.3), (0.2, 7.3), (0.32, 5.4)):
            angle = 2 * pi * (tooth + share) / 8
            outline.append((8 + radius * sin(angle), 8 - radius * cos(angle)))
    return _polygon(outline)


def _circle(x: float, y: float, radius: float) -> str:
    r = number(radius)
    span = number(2 * radius)
    return f"M{number(x - radius)} {number(y)}a{r} {r} 0 1 0 {span} 0a{r} {r} 0 1 0 -{span} 0z"


def _clock() -> str:
    ticks = zip(_around(12, 9.2), _around(12, 7.4), strict=True)
    marks = "".join(f"M{number(x)} {number(y)}L{number(a)} {number(b)}" for (x, y), (a, b) in ticks)
    return _circle(0, 0, 9.2) + marks + "M1.5 -6.5L0 0H5"


def _asterisk(radius: float) -> str:
    return "".join(f"M0 0L{number(x)} {number(y)}" for x, y in _around(8, radius))


_PLUS = "M-2 -7.5H2V-2H7.5V2H2V7.5H-2V2H-7.5V-2H-2z"
_PENTAGON = _polygon(_around(5, 8.5))
_TRIANGLE = _polygon(_around(3, 9.0))
_BOLT = "M-7.5 7.5L-3 -6.5L2.5 1L7.5 -7.5L3.5 6.5L-2.5 -1z"
_RISE = "M0 -9L6.5 8L0 1.5L-6.5 8z"
_ARROW = "M-8.5 -3H1.5V-7L8.5 0L1.5 7V3H-8.5z"
_REWIND = "M0 -6V6L-8 0zM8 -6V6L0 0z"
_CROSS = "M0 -2.6L5 -7.6L7.6 -5L2.6 0L7.6 5L5 7.6L0 2.6L-5 7.6L-7.6 5L-2.6 0L-7.6 -5L-5 -7.6z"
_SEALED = "M-8 -5.5H8L0 1zM-8 -3.2L0 3.2L8 -3.2V6H-8z"

EVENTS = {
    "timerEventDefinition": Icon(_clock(), weight=1.2),
    "messageEventDefinition": Icon("M-8 -5.5H8V6H-8zM-8 -5.5L0 1.2L8 -5.5"),
    "signalEventDefinition": Icon(_TRIANGLE),
    "errorEventDefinition": Icon(_BOLT),
    "escalationEventDefinition": Icon(_RISE),
    "conditionalEventDefinition": Icon(
        "M-6 -8H6V8H-6zM-3.5 -4.5H3.5M-3.5 -1.5H3.5M-3.5 1.5H3.5M-3.5 4.5H3.5", weight=1.3
    ),
    "linkEventDefinition": Icon(_ARROW),
    "compensateEventDefinition": Icon(_REWIND),
    "cancelEventDefinition": Icon(_CROSS),
    "terminateEventDefinition": Icon(areas=_circle(0, 0, 9.5)),
    "multiple": Icon(_PENTAGON),
    "parallelMultiple": Icon(_PLUS),
}
"""Signs of what an event waits for."""

THROWN_EVENTS = {
    "messageEventDefinition": Icon(areas=_SEALED),
    "signalEventDefinition": Icon(areas=_TRIANGLE),
    "errorEventDefinition": Icon(areas=_BOLT),
    "escalationEventDefinition": Icon(areas=_RISE),
    "linkEventDefinition": Icon(areas=_ARROW),
    "compensateEventDefinition": Icon(areas=_REWIND),
    "cancelEventDefinition": Icon(areas=_CROSS),
    "terminateEventDefinition": Icon(areas=_circle(0, 0, 9.5)),
    "multiple": Icon(areas=_PENTAGON),
}
"""Signs of what an event sends: the same, filled."""

TASKS = {
    "userTask": Icon(_circle(8, 4.8, 3.1) + "M2 14.8C2 11.2 4.4 9.6 8 9.6S14 11.2 14 14.8z"),
    "manualTask": Icon(
        "M1.2 6.4L5.6 2.6H8.2C9.4 2.6 9.4 4.3 8.2 4.3H6.4H13.4C14.8 4.3 14.8 6.4 13.4 6.4H9.2"
        "H14.2C15.6 6.4 15.6 8.6 14.2 8.6H9.2H13.4C14.7 8.6 14.7 10.7 13.4 10.7H9.2H12C13.2 10.7"
        " 13.2 12.8 12 12.8H4.6C2.6 12.8 1.2 11.6 1.2 9.8z",
        weight=1.2,
    ),
    "serviceTask": Icon(_gear() + _circle(8, 8, 2.3), weight=1.3),
    "scriptTask": Icon(
        "M5.2 1.2H14C11.4 3.8 15.4 6.2 14 9.4C13.2 11.3 11.6 12.6 11 14.8H2.2"
        "C2.6 12.6 4.4 11.3 5 9.4C6 6.2 2.8 3.8 5.2 1.2zM6.4 4.4H10.6M7 7.8H11.4M5.8 11.2H10",
        weight=1.3,
    ),
    "businessRuleTask": Icon(
        "M1.2 2.6H14.8V13.4H1.2zM1.2 9.6H14.8M5.6 6V13.4", "M1.2 2.6H14.8V6H1.2z", weight=1.3
    ),
    "receiveTask": Icon("M1 3.2H15V13H1zM1 3.2L8 9L15 3.2", weight=1.3),
    "sendTask": Icon(areas="M1 3H15L8 8.6zM1 5L8 10.6L15 5V13H1z"),
}
"""Signs of a task's kind."""

GATEWAYS = {
    "exclusiveGateway": Icon("M-6.5 -8L6.5 8M6.5 -8L-6.5 8", weight=3.5),
    "parallelGateway": Icon("M-10 0H10M0 -10V10", weight=3.5),
    "inclusiveGateway": Icon(_circle(0, 0, 9.5), weight=3),
    "complexGateway": Icon(_asterisk(10), weight=3),
    "eventBasedGateway": Icon(
        _circle(0, 0, 12.5) + _circle(0, 0, 9.8) + _polygon(_around(5, 6.5)), weight=1.3
    ),
    "instantiating": Icon(_circle(0, 0, 11.5) + _polygon(_around(5, 7.5)), weight=1.3),
    "parallelInstantiating": Icon(
        _circle(0, 0, 11.5) + "M-1.7 -7.5H1.7V-1.7H7.5V1.7H1.7V7.5H-1.7V1.7H-7.5V-1.7H-1.7z",
        weight=1.3,
    ),
}
"""Signs of how a gateway decides."""

MARKERS = {
    "parallel": Icon("M3 2V12M7 2V12M11 2V12", weight=2.2),
    "sequential": Icon("M2 3H12M2 7H12M2 11H12", weight=2.2),
    "loop": Icon("M4.6 11.9A5.4 5.4 0 1 1 8.4 12.2M1.6 12H5V8.6", weight=1.8),
    "collapsed": Icon("M0.5 0.5H13.5V13.5H0.5zM7 3.5V10.5M3.5 7H10.5", weight=1.5),
    "adHoc": Icon("M1.5 8.5C3.5 4 6 6.5 7 7.5S10.5 10 12.5 5.5", weight=2.2),
    "compensation": Icon("M7 2.5V11.5L1 7zM13 2.5V11.5L7 7z", weight=1.4),
}
"""Signs at the foot of an activity."""

BADGES = {
    "active": Icon(areas="M-2.6 -4.2L4.6 0L-2.6 4.2z"),
    "late": Icon(_circle(0, 0, 4.8) + "M0 -2.8V0.4L2 1.6", weight=1.7),
    "done": Icon("M-4 0.4L-1.2 3.2L4.2 -3.2", weight=2.2),
    "incident": Icon("M0 -4.6V0.8", _circle(0, 4.1, 1.35), weight=2.4),
    "changed": Icon("M-4.4 0H3.6M0.8 -3.2L4 0L0.8 3.2", weight=2),
}
"""Signs of the state of a case at an element."""
