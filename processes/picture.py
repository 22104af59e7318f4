"""What does a diagram look like, and where on it is a case? BPMN DI in, SVG out.

The SVG carries classes and presentation attributes, never a style, so a page with a strict
content security policy can hold it, and its own style sheet may recolour it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lxml import etree

from processes.drawing import labels
from processes.drawing.edges import draw_edge, middle_of
from processes.drawing.icons import BADGES, draw_icon
from processes.drawing.pen import number, page, printable, put
from processes.drawing.reading import (
    BPMN,
    Box,
    Diagram,
    Edge,
    NoPicture,
    Shape,
    elements_by_id,
    kind_of,
    name_of,
    read_diagram,
    read_tree,
)
from processes.drawing.shapes import Ink, draw_shape, has_outside_label
from processes.drawing.text import width
from processes.drawing.words import kind_in_words, state_in_words
from processes.wording import LANG, translate_diagram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.wording import Translate

__all__ = ["Mark", "NoPicture", "Row", "describe", "draw"]

State = Literal["active", "late", "done", "incident", "changed"]

_MARGIN = 20.0
_BADGE = 20.0
_BADGE_SIZE = 11.0
_INKS = {
    "active": Ink("#0b5cad", "#e8f1fc", 3),
    "late": Ink("#b3001b", "#fdeaec", 3),
    "done": Ink("#2c6e3f", "#eef7ef", 2),
    "incident": Ink("#9a3b00", "#fff1e2", 3),
    "changed": Ink("#6b2d8c", "#f6edfb", 3),
}
_PLAIN = Ink()


@dataclass(frozen=True)
class Mark:
    """Where a case stands at one element; `badge` is a short text such as `3` or `2 dage`."""

    state: State
    badge: str | None = None


@dataclass(frozen=True)
class Row:
    """One element, for the table that says the same as the picture."""

    element: str
    name: str
    kind: str
    """BPMN name, with the trigger after a dot: `userTask`, `boundaryEvent.timer`."""

    lane: str | None
    state: State | None


def draw(
    xml: str,
    marks: Mapping[str, Mark],
    title: str,
    tints: Mapping[str, str],
    *,
    plane: str | None = None,
    language: str = "da",
    words: Translate | None = None,
) -> str:
    """The diagram as one `<svg>` element.

    `tints` maps a lane's name to a colour, or to a class that starts with `lane-`. `plane`
    is the id of the process or sub-process to draw, if the file holds several pictures. `words`
    are the English ones of its labels; a label that has none is marked as Danish.

    Raises:
        NoPicture: the file has no BPMN DI, or cannot be read.
    """
    tree = read_tree(xml)
    if words is not None:
        translate_diagram(tree, words)
    diagram = read_diagram(tree, plane)
    canvas = _Canvas(marks, tints, language)
    svg = canvas.draw(diagram, title)
    return etree.tostring(svg, encoding="unicode")


def describe(xml: str, marks: Mapping[str, Mark]) -> list[Row]:
    """Steps, events and choices in reading order, whether or not the file has a picture.

    Raises:
        NoPicture: the file cannot be read.
    """
    elements = elements_by_id(read_tree(xml))
    lanes = _lanes(elements)
    return [
        Row(
            element=key,
            name=name_of(node, elements),
            kind=_full_kind(node),
            lane=_lane_of(node, lanes),
            state=marks[key].state if key in marks else None,
        )
        for key, node in _in_reading_order(elements)
    ]


class _Canvas:
    """An SVG being drawn, and how far it reaches."""

    def __init__(self, marks: Mapping[str, Mark], tints: Mapping[str, str], language: str) -> None:
        self.marks = marks
        self.tints = tints
        self.language = language
        self.svg = page()
        self.left = self.top = float("inf")
        self.right = self.bottom = float("-inf")

    def draw(self, diagram: Diagram, title: str) -> etree._Element:
        put(self.svg, "title").text = printable(title)
        below = sorted(diagram.shapes, key=_depth)
        for shape in below:
            if shape.is_container:
                self.draw_shape(shape)
        for edge in diagram.edges:
            self.draw_edge(edge)
        for shape in below:
            if not shape.is_container:
                self.draw_shape(shape)
        self.draw_labels(diagram)
        for shape in diagram.shapes:
            self.draw_badge(shape)
        self.frame(title)
        return self.svg

    def draw_shape(self, shape: Shape) -> None:
        group = self.group(shape, "node")
        mark = self.marks.get(shape.id)
        ink = _INKS[mark.state] if mark else _PLAIN
        draw_shape(group, shape, ink, self.tints.get(shape.name))
        self.reach(shape.box)

    def draw_edge(self, edge: Edge) -> None:
        group = self.group(edge, "edge")
        mark = self.marks.get(edge.id)
        colour = _INKS[mark.state].line if mark else "currentColor"
        draw_edge(group, edge, colour, 3 if mark else 2)
        for x, y in edge.points:
            self.reach(Box(x, y, 0, 0))

    def draw_labels(self, diagram: Diagram) -> None:
        layer = put(self.svg, "g", class_="labels")
        for shape in diagram.shapes:
            if has_outside_label(shape) or (shape.kind == "group" and shape.label):
                place = _in_its_language(layer, shape)
                self.reach(labels.write_beside(place, shape, labels.below(shape.box)))
        for edge in diagram.edges:
            self.reach(labels.write_beside(_in_its_language(layer, edge), edge, middle_of(edge)))

    def draw_badge(self, shape: Shape) -> None:
        mark = self.marks.get(shape.id)
        if mark is None:
            return
        text = printable(mark.badge or "")
        room = width(text, _BADGE_SIZE, bold=True) + 5 if text else 0
        box = _badge_box(shape, _BADGE + room)
        ink = _INKS[mark.state]
        badge = put(
            self.svg, "g", data_element=shape.id, class_=f"badge is-{mark.state}", color=ink.line
        )
        put(badge, "title").text = self.title_of(shape)
        _draw_pill(badge, box, ink)
        draw_icon(badge, BADGES[mark.state], box.x + _BADGE / 2, box.cy)
        if text:
            _draw_badge_text(badge, text, box)
        self.reach(box)

    def group(self, part: Shape | Edge, layer: str) -> etree._Element:
        mark = self.marks.get(part.id)
        classes = [layer, f"bpmn-{part.kind}"] + ([f"is-{mark.state}"] if mark else [])
        group = put(
            self.svg,
            "g",
            id=f"el-{part.id}",
            data_element=part.id,
            class_=" ".join(classes),
            color=_INKS[mark.state].line if mark else None,
            lang=part.node.get(LANG),
        )
        put(group, "title").text = self.title_of(part)
        return group

    def title_of(self, part: Shape | Edge) -> str:
        """What a reader learns who points at the part."""
        mark = self.marks.get(part.id)
        words = kind_in_words(_full_kind(part.node), self.language)
        title = f"{part.name} ({words})" if part.name else words
        if mark:
            title += f": {state_in_words(mark.state, self.language)}"
            title += f", {mark.badge}" if mark.badge else ""
        return printable(title)

    def reach(self, box: Box | None) -> None:
        if box is not None:
            self.left, self.top = min(self.left, box.x), min(self.top, box.y)
            self.right, self.bottom = max(self.right, box.right), max(self.bottom, box.bottom)

    def frame(self, title: str) -> None:
        x, y = self.left - _MARGIN, self.top - _MARGIN
        across, down = self.right - x + _MARGIN, self.bottom - y + _MARGIN
        attributes = {
            "class": "bpmn",
            "role": "img",
            "aria-label": printable(title),
            "viewBox": " ".join(map(number, (x, y, across, down))),
            "width": number(across),
            "height": number(down),
            "font-family": "IBM Plex Sans, system-ui, sans-serif",
        }
        for name, value in attributes.items():
            self.svg.set(name, value)


def _in_its_language(layer: etree._Element, part: Shape | Edge) -> etree._Element:
    """Where to write a label: in a group of its own if it is not in the picture's language."""
    language = part.node.get(LANG)
    return put(layer, "g", lang=language) if language else layer


def _depth(shape: Shape) -> tuple[int, float]:
    """Pools first, then lanes, then what contains more; what sits on an edge last."""
    order = {"participant": 0, "lane": 1, "group": 3, "boundaryEvent": 5}
    if shape.is_sub_process and shape.expanded:
        return 2, -shape.box.width * shape.box.height
    return order.get(shape.kind, 4), -shape.box.width * shape.box.height


def _badge_box(shape: Shape, across: float) -> Box:
    """On the upper right corner; of round things, where their outline turns down."""
    box = shape.box
    if shape.kind.endswith(("Event", "Gateway")):
        return Box(box.cx + box.width * 0.2, box.y - _BADGE * 0.65, across, _BADGE)
    return Box(box.right - across + 8, box.y - _BADGE * 0.65, across, _BADGE)


def _draw_pill(badge: etree._Element, box: Box, ink: Ink) -> None:
    put(
        badge,
        "rect",
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        rx=_BADGE / 2,
        class_="shape pill",
        fill="#fff",
        stroke=ink.line,
        stroke_width=2,
    )


def _draw_badge_text(badge: etree._Element, text: str, box: Box) -> None:
    put(
        badge,
        "text",
        x=box.x + _BADGE - 2 + (box.width - _BADGE) / 2,
        y=box.cy + _BADGE_SIZE * 0.36,
        font_size=_BADGE_SIZE,
        font_weight="600",
        text_anchor="middle",
        fill="currentColor",
    ).text = text


def _full_kind(node: etree._Element) -> str:
    kind = kind_of(node)
    if kind == "subProcess" and node.get("triggeredByEvent") == "true":
        return "eventSubProcess"
    if not kind.endswith("Event"):
        return kind
    triggers = [
        kind_of(child).removesuffix("EventDefinition")
        for child in node.iterchildren(f"{{{BPMN}}}*")
        if kind_of(child).endswith("EventDefinition")
    ]
    return f"{kind}.{triggers[0]}" if triggers else kind


def _lanes(elements: Mapping[str, etree._Element]) -> dict[str, str]:
    """Element id to the name of the innermost lane that lists it."""
    lanes: dict[str, str] = {}
    for node in elements.values():
        if kind_of(node) == "lane":
            for reference in node.iterfind(f"{{{BPMN}}}flowNodeRef"):
                lanes[(reference.text or "").strip()] = node.get("name", "")
    return lanes


def _lane_of(node: etree._Element, lanes: Mapping[str, str]) -> str | None:
    """The lane of the element, or of the sub-process around it."""
    around: etree._Element | None = node
    while around is not None:
        if lane := lanes.get(around.get("id", "")):
            return lane
        around = around.getparent()
    return None


def _in_reading_order(
    elements: Mapping[str, etree._Element],
) -> Iterator[tuple[str, etree._Element]]:
    """Steps as the flows lead from the starts; what no flow reaches follows at the end."""
    steps = {key: node for key, node in elements.items() if _is_step(node)}
    following = _following(elements)
    starts = [key for key, node in steps.items() if _starts_process(node)]
    waiting = [*reversed(steps), *reversed(starts)]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in steps and key not in seen:
            seen.add(key)
            yield key, steps[key]
            waiting += reversed(following.get(key, []))


def _following(elements: Mapping[str, etree._Element]) -> dict[str, list[str]]:
    """What comes after each element: its content, its boundary events, its flows' targets."""
    content: dict[str, list[str]] = {}
    edges: dict[str, list[str]] = {}
    flows: dict[str, list[str]] = {}
    for key, node in elements.items():
        kind = kind_of(node)
        if kind == "startEvent" and not _starts_process(node):
            content.setdefault(_parent(node).get("id", ""), []).append(key)
        elif kind == "boundaryEvent":
            edges.setdefault(node.get("attachedToRef", ""), []).append(key)
        elif kind == "sequenceFlow":
            flows.setdefault(node.get("sourceRef", ""), []).append(node.get("targetRef", ""))
    return {key: content.get(key, []) + edges.get(key, []) + flows.get(key, []) for key in elements}


def _starts_process(node: etree._Element) -> bool:
    return kind_of(node) == "startEvent" and kind_of(_parent(node)) == "process"


def _parent(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    return node if parent is None else parent


def _is_step(node: etree._Element) -> bool:
    kind = kind_of(node)
    return kind == "task" or kind.endswith(
        ("Task", "Event", "Gateway", "Activity", "ubProcess", "transaction")
    )
