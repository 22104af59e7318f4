"""What a BPMN file says about its picture: shapes, edges, labels and their places."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_PLACES = {
    "di": _DI,
    "dc": _DC,
    "dd": "http://www.omg.org/spec/DD/20100524/DI",
    "bpmn": BPMN,
}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_FARTHEST = 1_000_000
_NEAR = 10.0
_SUB_PROCESSES = {"subProcess", "transaction", "adHocSubProcess"}


_REASONS = {
    "broken": ("it is not well-formed XML", "den er ikke gyldig XML"),
    "doctype": (
        "it has a document type, which a BPMN file does not need",
        "den har en dokumenttype, som en BPMN-fil ikke skal have",
    ),
    "undrawn": (
        "the file holds no drawing of it (BPMN DI); open it in the editor and save it",
        "filen har ingen tegning af den (BPMN DI); åbn den i tegneprogrammet og gem den",
    ),
    "empty": ("nothing in the drawing has a place", "intet i tegningen har en plads"),
}


class NoPicture(ValueError):
    """The file holds nothing that could be drawn; `en` and `da` say why and what to do."""

    def __init__(self, reason: str) -> None:
        en, da = _REASONS[reason]
        self.reason = reason
        self.en = f"The diagram cannot be drawn: {en}."
        self.da = f"Diagrammet kan ikke tegnes: {da}."
        super().__init__(self.en)


@dataclass(frozen=True)
class Box:
    """A rectangle in the diagram's pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def cx(self) -> float:
        return self.x + self.width / 2

    @property
    def cy(self) -> float:
        return self.y + self.height / 2

    def inset(self, by: float) -> Box:
        """The box with its sides moved inward."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True)
class Shape:
    """One node of the picture, with the element it stands for."""

    id: str
    kind: str
    """Local name of the BPMN element, such as `userTask`."""

    name: str
    box: Box
    label: Box | None
    node: etree._Element
    expanded: bool = True
    horizontal: bool = True
    marker_visible: bool = True
    crowded_foot: bool = False
    """Whether an event sits on the lower edge, where text would run into it."""

    @property
    def is_sub_process(self) -> bool:
        return self.kind in _SUB_PROCESSES

    @property
    def is_container(self) -> bool:
        """Whether other shapes lie inside it."""
        return self.kind in {"participant", "lane"} or (self.is_sub_process and self.expanded)

    def has(self, *tags: str) -> bool:
        """Whether the element has a child of one of these names."""
        return any(self.node.find(f"{{{BPMN}}}{tag}") is not None for tag in tags)

    def is_true(self, attribute: str) -> bool:
        return self.node.get(attribute) == "true"

    def is_false(self, attribute: str) -> bool:
        return self.node.get(attribute) == "false"


@dataclass(frozen=True)
class Edge:
    """One line of the picture, with the element it stands for."""

    id: str
    kind: str
    name: str
    points: tuple[tuple[float, float], ...]
    label: Box | None
    node: etree._Element
    is_default: bool = False
    is_conditional: bool = False
    """A condition on a flow that leaves an activity, which BPMN draws as a diamond."""


@dataclass(frozen=True)
class Diagram:
    """What one plane of the file shows."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


def read_tree(xml: str) -> etree._Element:
    """The file's root; nothing outside the text is looked at.

    Raises:
        NoPicture: it is no XML, or declares entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", xml).encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise NoPicture("broken") from error
    if root.getroottree().docinfo.doctype:
        raise NoPicture("doctype")
    return root


def elements_by_id(root: etree._Element) -> dict[str, etree._Element]:
    """BPMN elements by their id."""
    return {
        node.get("id", ""): node
        for node in root.iter(f"{{{BPMN}}}*")
        if node.get("id") and isinstance(node.tag, str)
    }


def read_diagram(root: etree._Element, plane: str | None = None) -> Diagram:
    """The file's first picture, or the one of the process or sub-process `plane`.

    Raises:
        NoPicture: there is no such picture, or nothing is in it.
    """
    elements = elements_by_id(root)
    chosen = _find_plane(root, plane)
    shapes = tuple(_shapes(chosen, elements))
    if not shapes:
        raise NoPicture("empty")
    return Diagram(_with_crowded_feet(shapes), tuple(_edges(chosen, elements)))


def kind_of(node: etree._Element) -> str:
    """Local name of a BPMN element."""
    return etree.QName(node).localname


def name_of(node: etree._Element, elements: dict[str, etree._Element]) -> str:
    """What the picture writes on or beside the element."""
    kind = kind_of(node)
    if kind == "textAnnotation":
        return (node.findtext(f"{{{BPMN}}}text") or "").strip()
    if kind == "group":
        category = elements.get(_local(node.get("categoryValueRef")))
        return "" if category is None else category.get("value", "").strip()
    return node.get("name", "").strip()


def _find_plane(root: etree._Element, plane: str | None) -> etree._Element:
    for found in root.iterfind(".//di:BPMNPlane", _PLACES):
        if plane is None or _local(found.get("bpmnElement")) == plane:
            return found
    raise NoPicture("undrawn")


def _shapes(plane: etree._Element, elements: dict[str, etree._Element]) -> Iterator[Shape]:
    seen: set[str] = set()
    for drawn in plane.iterfind("di:BPMNShape", _PLACES):
        key = _local(drawn.get("bpmnElement"))
        box = _box(drawn.find("dc:Bounds", _PLACES))
        if key not in elements or box is None or key in seen:
            continue
        seen.add(key)
        node = elements[key]
        yield Shape(
            id=key,
            kind=kind_of(node),
            name=name_of(node, elements),
            box=box,
            label=_box(drawn.find("di:BPMNLabel/dc:Bounds", _PLACES)),
            node=node,
            expanded=_is_expanded(drawn, node),
            horizontal=drawn.get("isHorizontal") != "false",
            marker_visible=drawn.get("isMarkerVisible") != "false",
        )


def _with_crowded_feet(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    feet = {
        (_local(shape.node.get("attachedToRef")), round(shape.box.cy / _NEAR))
        for shape in shapes
        if shape.kind == "boundaryEvent"
    }
    return tuple(
        replace(shape, crowded_foot=(shape.id, round(shape.box.bottom / _NEAR)) in feet)
        for shape in shapes
    )


def _is_expanded(drawn: etree._Element, node: etree._Element) -> bool:
    """Whether the content is shown; a file that does not say so shows it only for pools."""
    if kind_of(node) == "participant":
        return node.get("processRef") is not None
    return drawn.get("isExpanded") == "true"


def _edges(plane: etree._Element, elements: dict[str, etree._Element]) -> Iterator[Edge]:
    seen: set[str] = set()
    for drawn in plane.iterfind("di:BPMNEdge", _PLACES):
        key = _local(drawn.get("bpmnElement"))
        points = tuple(_points(drawn))
        if key not in elements or len(points) < 2 or key in seen:  # noqa: PLR2004 -- a line
            continue
        seen.add(key)
        node = elements[key]
        source = elements.get(_local(node.get("sourceRef")))
        yield Edge(
            id=key,
            kind=kind_of(node),
            name=name_of(node, elements),
            points=points,
            label=_box(drawn.find("di:BPMNLabel/dc:Bounds", _PLACES)),
            node=node,
            is_default=source is not None and source.get("default") == key,
            is_conditional=_leaves_activity(source)
            and node.find(f"{{{BPMN}}}conditionExpression") is not None,
        )


def _leaves_activity(source: etree._Element | None) -> bool:
    return source is not None and not kind_of(source).endswith(("Gateway", "Event"))


def _points(drawn: etree._Element) -> Iterator[tuple[float, float]]:
    for waypoint in drawn.iterfind("dd:waypoint", _PLACES):
        x, y = _number(waypoint.get("x")), _number(waypoint.get("y"))
        if x is not None and y is not None:
            yield x, y


def _box(bounds: etree._Element | None) -> Box | None:
    if bounds is None:
        return None
    x, y, width, height = (_number(bounds.get(side)) for side in ("x", "y", "width", "height"))
    if x is None or y is None or not width or not height or width < 0 or height < 0:
        return None
    return Box(x, y, width, height)


def _number(text: str | None) -> float | None:
    """The coordinate; None for what no screen could show."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < _FARTHEST else None


def _local(reference: str | None) -> str:
    """The id a reference names, without the prefix of its namespace."""
    return (reference or "").rpartition(":")[2]
