"""How each kind of BPMN node looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processes.drawing import labels
from processes.drawing.icons import EVENTS, GATEWAYS, MARKERS, TASKS, THROWN_EVENTS, draw_icon
from processes.drawing.pen import number, put
from processes.drawing.reading import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

    from processes.drawing.reading import Shape

PAPER = "#fff"
STRIP = 30.0
"""Width of the strip that holds a pool's or lane's name."""

_DASHES = "6 4"
_MARKER = 14.0
_PALE = 190


@dataclass(frozen=True)
class Ink:
    """Colours of one shape, before a page's own style sheet has its say."""

    line: str = "currentColor"
    fill: str = PAPER
    weight: float = 2.0


def draw_shape(parent: etree._Element, shape: Shape, ink: Ink, tint: str | None) -> None:
    """The shape without its outside label; `tint` is a lane's colour."""
    if shape.kind == "participant":
        _draw_pool(parent, shape, ink)
    elif shape.kind == "lane":
        _draw_lane(parent, shape, ink, tint)
    elif shape.kind.endswith("Event"):
        _draw_event(parent, shape, ink)
    elif shape.kind.endswith("Gateway"):
        _draw_gateway(parent, shape, ink)
    else:
        _THINGS.get(shape.kind, _draw_activity)(parent, shape, ink)


def has_outside_label(shape: Shape) -> bool:
    """Whether the name stands beside the shape instead of inside."""
    return shape.kind.endswith(("Event", "Gateway")) or shape.kind in _LABELLED_THINGS


def event_triggers(shape: Shape) -> list[str]:
    """Local names of the event definitions, such as `timerEventDefinition`."""
    return [tag for tag in EVENTS if tag.endswith("Definition") and shape.has(tag)]


def _draw_pool(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box = shape.box
    _rectangle(parent, box, ink, "shape pool")
    if not shape.expanded:
        labels.write_inside(parent, shape.name, box.inset(8))
        if shape.has("participantMultiplicity"):
            draw_icon(parent, MARKERS["parallel"], box.cx - _MARKER / 2, box.bottom - 18)
        return
    strip = _strip(shape)
    edge = f"M{number(box.x + STRIP)} {number(box.y)}V{number(box.bottom)}"
    if not shape.horizontal:
        edge = f"M{number(box.x)} {number(box.y + STRIP)}H{number(box.right)}"
    put(parent, "path", d=edge, stroke="currentColor", stroke_width=2, fill="none")
    _write_strip(parent, shape, strip, "600")


def _draw_lane(parent: etree._Element, shape: Shape, ink: Ink, tint: str | None) -> None:
    _paint_lane(parent, shape.box, tint, 0.13)
    _paint_lane(parent, _strip(shape), tint, 0.26)
    _rectangle(parent, shape.box, Ink(ink.line, "none", 1.5), "lane")
    _write_strip(parent, shape, _strip(shape))


def _paint_lane(parent: etree._Element, box: Box, tint: str | None, strength: float) -> None:
    if not tint:
        return
    names_class = tint.startswith("lane-")
    put(
        parent,
        "rect",
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        class_=tint if names_class else "tint",
        fill=None if names_class else tint,
        fill_opacity=None if names_class else 0.75 if _is_pale(tint) else strength,
    )


def _is_pale(colour: str) -> bool:
    """Whether the colour is light already and needs no thinning."""
    if len(colour) != len("#rrggbb") or not colour.startswith("#"):
        return False
    try:
        parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    except ValueError:
        return False
    return min(parts) > _PALE


def _strip(shape: Shape) -> Box:
    box = shape.box
    if shape.horizontal:
        return Box(box.x, box.y, min(STRIP, box.width), box.height)
    return Box(box.x, box.y, box.width, min(STRIP, box.height))


def _write_strip(
    parent: etree._Element, shape: Shape, strip: Box, weight: str | None = None
) -> None:
    if shape.horizontal:
        labels.write_upward(parent, shape.name, strip, weight)
    else:
        labels.write_inside(parent, shape.name, strip.inset(2))


def _draw_activity(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box = shape.box
    is_event_sub_process = shape.is_sub_process and shape.is_true("triggeredByEvent")
    opened = shape.is_sub_process and shape.expanded
    outline = Ink(ink.line, PAPER, ink.weight) if opened else ink
    dashes = "2 4" if is_event_sub_process else None
    _rectangle(parent, box, outline, "frame" if opened else "task", rx=10, dashes=dashes)
    if shape.kind == "callActivity":
        _rectangle(parent, box.inset(2), Ink(ink.line, "none"), "inner", rx=8)
    if shape.kind == "transaction":
        _rectangle(parent, box.inset(4), Ink(ink.line, "none", 1.5), "inner", rx=7)
    if opened:
        labels.write_on_top(parent, shape.name, Box(box.x + 12, box.y + 7, box.width - 24, 28))
    else:
        _draw_content(parent, shape, is_event_sub_process=is_event_sub_process)
    _draw_markers(parent, box, _markers(shape))


def _draw_content(parent: etree._Element, shape: Shape, *, is_event_sub_process: bool) -> None:
    box = shape.box
    head, foot = 0.0, 16.0 if _markers(shape) or shape.crowded_foot else 0.0
    if icon := TASKS.get(shape.kind):
        draw_icon(parent, icon, box.x + 6, box.y + 6)
        head = 16.0
    if shape.kind == "receiveTask" and shape.is_true("instantiate"):
        put(
            parent,
            "circle",
            cx=box.x + 14,
            cy=box.y + 14,
            r=11,
            fill="none",
            stroke="currentColor",
            stroke_width=1.2,
        )
        head = 20.0
    if is_event_sub_process:
        _draw_start_of(parent, shape)
        head = 16.0
    room = box.inset(6)
    labels.write_under_icon(
        parent, shape.name, Box(room.x, room.y, room.width, room.height - foot), head
    )


def _draw_start_of(parent: etree._Element, shape: Shape) -> None:
    """What sets off a collapsed event sub-process, in its corner."""
    start = next(iter(shape.node.iterfind("{*}startEvent")), None)
    if start is None:
        return
    for child in start:
        if isinstance(child.tag, str) and (icon := EVENTS.get(child.tag.rpartition("}")[2])):
            draw_icon(parent, icon, shape.box.x + 15, shape.box.y + 15, 0.7)


def _markers(shape: Shape) -> list[str]:
    found = []
    multiple = shape.node.find("{*}multiInstanceLoopCharacteristics")
    if multiple is not None:
        found.append("sequential" if multiple.get("isSequential") == "true" else "parallel")
    if shape.has("standardLoopCharacteristics"):
        found.append("loop")
    if shape.is_true("isForCompensation"):
        found.append("compensation")
    if shape.kind == "callActivity" or (shape.is_sub_process and not shape.expanded):
        found.append("collapsed")
    if shape.kind == "adHocSubProcess":
        found.append("adHoc")
    return found


def _draw_markers(parent: etree._Element, box: Box, markers: list[str]) -> None:
    left = box.cx - len(markers) * (_MARKER + 4) / 2 + 2
    for count, marker in enumerate(markers):
        x = left + count * (_MARKER + 4)
        draw_icon(parent, MARKERS[marker], x, box.bottom - _MARKER - 4)


def _draw_event(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box = shape.box
    radius = min(box.width, box.height) / 2
    dashes = (
        _DASHES if shape.is_false("isInterrupting") or shape.is_false("cancelActivity") else None
    )
    _ring(parent, box, radius, ink, "event", dashes)
    if shape.kind == "endEvent":
        _ring(parent, box, radius - 2, Ink(ink.line, "none"), "inner", None)
    elif shape.kind != "startEvent":
        _ring(parent, box, radius - 4, Ink(ink.line, "none", 1.5), "inner", dashes)
    icon = _event_icon(shape)
    if icon in EVENTS:
        throws = shape.kind in {"endEvent", "intermediateThrowEvent"}
        signs = THROWN_EVENTS if throws and icon in THROWN_EVENTS else EVENTS
        draw_icon(parent, signs[icon], box.cx, box.cy, radius * 0.56 / 10)


def _event_icon(shape: Shape) -> str:
    triggers = event_triggers(shape)
    if len(triggers) > 1:
        return "parallelMultiple" if shape.is_true("parallelMultiple") else "multiple"
    return triggers[0] if triggers else ""


def _ring(
    parent: etree._Element, box: Box, radius: float, ink: Ink, kind: str, dashes: str | None
) -> None:
    put(
        parent,
        "circle",
        cx=box.cx,
        cy=box.cy,
        r=max(radius, 1),
        class_=kind,
        fill=ink.fill,
        stroke=ink.line,
        stroke_width=ink.weight,
        stroke_dasharray=dashes,
    )


def _draw_gateway(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box = shape.box
    corners = ((box.cx, box.y), (box.right, box.cy), (box.cx, box.bottom), (box.x, box.cy))
    _outline(parent, _closed(corners), ink, "gateway")
    kind = shape.kind
    if kind == "eventBasedGateway" and shape.is_true("instantiate"):
        parallel = shape.node.get("eventGatewayType") == "Parallel"
        kind = "parallelInstantiating" if parallel else "instantiating"
    if kind == "exclusiveGateway" and not shape.marker_visible:
        return
    if icon := GATEWAYS.get(kind):
        draw_icon(parent, icon, box.cx, box.cy, min(box.width, box.height) / 50)


def _draw_page(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box, fold = shape.box, min(shape.box.width, shape.box.height) / 3.5
    corners = (
        (box.x, box.y),
        (box.right - fold, box.y),
        (box.right, box.y + fold),
        (box.right, box.bottom),
        (box.x, box.bottom),
    )
    ear = f"M{number(box.right - fold)} {number(box.y)}V{number(box.y + fold)}H{number(box.right)}"
    _outline(parent, _closed(corners), ink, "shape")
    put(parent, "path", d=ear, fill="none", stroke=ink.line, stroke_width=1.5, class_="inner")
    if _is_collection(shape):
        draw_icon(parent, MARKERS["parallel"], box.cx - _MARKER / 2, box.bottom - _MARKER - 2)
    if shape.kind in {"dataInput", "dataOutput"}:
        signs = THROWN_EVENTS if shape.kind == "dataOutput" else EVENTS
        draw_icon(parent, signs["linkEventDefinition"], box.x + 11, box.y + 11, 0.75)


def _is_collection(shape: Shape) -> bool:
    if shape.is_true("isCollection"):
        return True
    target = shape.node.get("dataObjectRef")
    found = shape.node.getroottree().getroot().iterfind(".//{*}dataObject")
    return any(node.get("id") == target and node.get("isCollection") == "true" for node in found)


def _draw_store(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box = shape.box
    rx, ry = number(box.width / 2), number(box.height / 8)
    top, foot = box.y + box.height / 8, box.bottom - box.height / 8
    body = (
        f"M{number(box.x)} {number(top)}A{rx} {ry} 0 0 1 {number(box.right)} {number(top)}"
        f"V{number(foot)}A{rx} {ry} 0 0 1 {number(box.x)} {number(foot)}z"
    )
    _outline(parent, body, ink, "shape")
    for step in range(3):
        y = number(top + step * box.height / 11)
        ring = f"M{number(box.x)} {y}A{rx} {ry} 0 0 0 {number(box.right)} {y}"
        put(parent, "path", d=ring, fill="none", stroke=ink.line, stroke_width=1.5, class_="inner")


def _draw_note(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    box = shape.box
    put(
        parent,
        "rect",
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        fill="transparent",
        class_="note",
    )
    bracket = f"M{number(box.x + 10)} {number(box.y)}H{number(box.x)}V{number(box.bottom)}h10"
    put(parent, "path", d=bracket, fill="none", stroke=ink.line, stroke_width=1.5)
    labels.write_note(parent, shape.name, box)


def _draw_group(parent: etree._Element, shape: Shape, ink: Ink) -> None:
    _rectangle(parent, shape.box, Ink(ink.line, "none"), "group", rx=10, dashes="10 6 1 6")
    if shape.label is None:
        box = shape.box
        labels.write_on_top(parent, shape.name, Box(box.x + 8, box.y + 5, box.width - 16, 16))


_THINGS: dict[str, Callable[[etree._Element, Shape, Ink], None]] = {
    "dataInput": _draw_page,
    "dataObjectReference": _draw_page,
    "dataOutput": _draw_page,
    "dataStoreReference": _draw_store,
    "group": _draw_group,
    "textAnnotation": _draw_note,
}
_LABELLED_THINGS = {"dataInput", "dataObjectReference", "dataOutput", "dataStoreReference"}


def _rectangle(
    parent: etree._Element,
    box: Box,
    ink: Ink,
    kind: str,
    *,
    rx: float | None = None,
    dashes: str | None = None,
) -> None:
    put(
        parent,
        "rect",
        x=box.x,
        y=box.y,
        width=max(box.width, 1),
        height=max(box.height, 1),
        rx=rx,
        class_=kind,
        fill=ink.fill,
        stroke=ink.line,
        stroke_width=ink.weight,
        stroke_dasharray=dashes,
    )


def _outline(parent: etree._Element, path: str, ink: Ink, kind: str) -> None:
    put(
        parent,
        "path",
        d=path,
        class_=kind,
        fill=ink.fill,
        stroke=ink.line,
        stroke_width=ink.weight,
        stroke_linejoin="round",
    )


def _closed(corners: tuple[tuple[float, float], ...]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "z"
