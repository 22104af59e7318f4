"""Draws BPMN files without a drawing: from left to right, a row for each branch.

`python -m tests.conformance.layout FILE...` writes the picture (BPMN DI) anew, and each element's
incoming and outgoing flows. It is for small diagrams: what goes round two corners it does not know.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from lxml import etree

from processes.engine.diagram import ACTIVITIES, MODEL, NODES, SUB_PROCESSES

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
SIZES = {"Event": (36.0, 36.0), "Gateway": (50.0, 50.0), "Reference": (36.0, 50.0)}
TASK = (110.0, 80.0)
GAP, LETTER, LINE = 56.0, 6.4, 14.0
HEAD, PAD = 40.0, 26.0
"""Room inside a sub-process: for its name, and on the other sides."""

STRIP = 30.0
BESIDE = 100.0
"""From one event on an edge to the next, so that their names have room."""

CHANNEL = 16.0
BLACK_BOX = 60.0
"""Height of a pool without a process."""

Point = tuple[float, float]


@dataclass
class Box:
    """A rectangle, from its upper left corner."""

    x: float
    y: float
    w: float
    h: float

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x + dx, self.y + dy, self.w, self.h)


@dataclass
class Picture:
    """What is drawn, in the coordinates of its own corner."""

    boxes: dict[str, Box] = field(default_factory=dict)
    edges: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    flat: set[str] = field(default_factory=set)
    """Pools and lanes."""

    w: float = 0
    h: float = 0

    def take(self, other: Picture, dx: float, dy: float) -> None:
        """Put another picture at a place of this one."""
        self.boxes |= {key: box.moved(dx, dy) for key, box in other.boxes.items()}
        self.labels |= {key: box.moved(dx, dy) for key, box in other.labels.items()}
        self.edges |= {key: [(x + dx, y + dy) for x, y in way] for key, way in other.edges.items()}
        self.flat |= other.flat


Row = tuple[int, int]
"""Lane, and row in it."""


class ScopeLayout:
    """The picture of one process or of the inside of a sub-process."""

    def __init__(self, scope: etree._Element) -> None:
        self.scope = scope
        self.nodes = {e.get("id"): e for e in scope if tag(e) in NODES}
        self.flows = [e for e in scope if tag(e) == "sequenceFlow"]
        every_lane = list(scope.iterfind(f"{{{MODEL}}}laneSet//{{{MODEL}}}lane"))
        self.lanes = [lane for lane in every_lane if lane.find(f"{{{MODEL}}}childLaneSet") is None]
        """The innermost ones: each row belongs to one."""

        self.data = [e for e in scope if tag(e) == "dataObjectReference"]
        self.lane_of = {
            ref.text: n
            for n, lane in enumerate(self.lanes)
            for ref in lane
            if tag(ref) == "flowNodeRef"
        }
        self.edge_of = {key: e.get("attachedToRef") for key, e in self.nodes.items()}
        self.inside = {
            key: ScopeLayout(e).draw() for key, e in self.nodes.items() if tag(e) in SUB_PROCESSES
        }
        self.spoken_with = set(_talking_down(scope))
        self.column: dict[str, int] = {}
        self.row: dict[str, Row] = {}
        self.back: set[str] = set()
        self.channel: dict[str, Row] = {}
        """Flows that go round others in a row of their own."""

        self.picture = Picture()

    def draw(self) -> Picture:
        """Everything, top left at (0, 0)."""
        self._find_columns()
        self._find_rows()
        self._place()
        for flow in self.flows:
            self._route(flow)
        self._label_nodes()
        self._draw_data()
        return self.picture

    # -- the grid --------------------------------------------------------------------------

    def _events_on(self, key: str) -> list[str]:
        return [event for event, host in self.edge_of.items() if host == key]

    def _out(self, key: str) -> list[etree._Element]:
        return [flow for flow in self.flows if flow.get("sourceRef") == key]

    def _starts(self) -> list[str]:
        """Nodes that nothing leads to; event sub-processes last."""
        led_to = {flow.get("targetRef") for flow in self.flows}
        free = [k for k in self.nodes if k not in led_to and not self.edge_of[k]]
        return sorted(free, key=self._is_event_start)

    def _is_event_start(self, key: str) -> bool:
        """Whether it is an event sub-process, which stands below all the rest."""
        return self.nodes[key].get("triggeredByEvent") == "true"

    def _host(self, key: str) -> str:
        return self.edge_of[key] or key

    def _find_columns(self) -> None:
        """The longest way to each node counts; flows that lead back do not."""
        state: dict[str, str] = {}
        for key in self._roots():
            self._visit(key, state)
        done = list(state)
        self.column = dict.fromkeys(done, 0)
        for key in sorted(done, key=lambda k: int(state[k]), reverse=True):
            for flow in self._ahead(key):
                if flow.get("id") not in self.back:
                    target = flow.get("targetRef")
                    self.column[target] = max(self.column[target], self.column[key] + 1)

    def _roots(self) -> list[str]:
        return self._starts() + [key for key in self.nodes if not self.edge_of[key]]

    def _ahead(self, key: str) -> list[etree._Element]:
        """The flows out of a node and out of the events on its edge."""
        return [flow for source in [key, *self._events_on(key)] for flow in self._out(source)]

    def _visit(self, key: str, state: dict[str, str]) -> None:
        """Number a node when all that follows has its number; open ones lie on the way here."""
        if key in state:
            return
        state[key] = "open"
        for flow in self._ahead(key):
            if state.get(flow.get("targetRef")) == "open":
                self.back.add(flow.get("id"))
            self._visit(flow.get("targetRef"), state)
        state[key] = str(sum(number != "open" for number in state.values()))

    def _find_rows(self) -> None:
        self.used: set[Row] = set()
        for key in self._roots():
            if key not in self.row:
                self._walk(key, self._new_row(self.lane_of.get(key, 0)))

    def _new_row(self, lane: int) -> Row:
        row = (lane, max((r for known, r in self.used if known == lane), default=-1) + 1)
        self.used.add(row)
        return row

    def _free_row(self, lane: int, column: int) -> Row:
        taken = {(*self.row[k], self.column[k]) for k in self.row}
        for known in sorted(self.used):
            if known[0] == lane and (*known, column) not in taken:
                return known
        return self._new_row(lane)

    def _walk(self, key: str, row: Row) -> None:
        self.row[key] = row
        straight = True
        for flow in self._out(key):
            straight = self._lead(flow, row, straight=straight) and straight
        for event in self._events_on(key):
            for flow in self._out(event):
                self._lead(flow, row, straight=False)

    def _lead(self, flow: etree._Element, row: Row, *, straight: bool) -> bool:
        """Place what a flow leads to; whether the next flow may still go straight on."""
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        lane = self.lane_of.get(target, row[0])
        if target in self.row:
            if self._goes_round(flow, source, target):
                self.channel[flow.get("id")] = self._new_row(row[0])
            return True
        if lane != row[0]:
            self._walk(target, self._free_row(lane, self.column[target]))
            return straight
        self._walk(target, row if straight else self._new_row(lane))
        return False

    def _goes_round(self, flow: etree._Element, source: str, target: str) -> bool:
        if flow.get("id") in self.back:
            return self.row[self._host(source)] != self.row[target] or bool(self.edge_of[source])
        same = self.row[self._host(source)] == self.row[target]
        return same or bool(self.edge_of[source])

    # -- places ----------------------------------------------------------------------------

    def _size(self, key: str) -> Point:
        element = self.nodes[key]
        if key in self.inside:
            body = self.inside[key]
            return max(body.w + 2 * PAD, 150), max(body.h + HEAD + PAD, 90)
        for ending, size in SIZES.items():
            if tag(element).endswith(ending):
                return size
        return TASK[0] + BESIDE * max(len(self._events_on(key)) - 1, 0), TASK[1]

    def _place(self) -> None:
        lefts, widths = self._columns()
        self.tops, self.heights = self._rows()
        lead = STRIP * max((len(around(lane)) + 1 for lane in self.lanes), default=0)
        for key, column in self.column.items():
            w, h = self._size(key)
            row = self.row[key]
            x = lead + lefts[column] + (0 if w > 150 else (widths[column] - w) / 2)
            self._put(key, Box(x, self.tops[row] + (self.heights[row] - h) / 2, w, h))
        ends = [box.right for box in self.picture.boxes.values()]
        self.picture.w = max(ends, default=0) + (GAP / 2 if self.lanes else 0)
        self._draw_lanes()

    def _put(self, key: str, box: Box) -> None:
        self.picture.boxes[key] = box
        if key in self.inside:
            self.picture.take(self.inside[key], box.x + PAD, box.y + HEAD)
        step = BESIDE if box.w > TASK[0] else 40
        for n, event in enumerate(self._events_on(key)):
            right = box.right - 28 - n * step
            self.picture.boxes[event] = Box(right - 18, box.bottom - 18, 36, 36)

    def _columns(self) -> tuple[list[float], list[float]]:
        lefts, widths, x = [], [], GAP / 2 if self.lanes else 0.0
        for column in range(max(self.column.values(), default=-1) + 1):
            keys = [k for k, c in self.column.items() if c == column]
            width = max([0, *(self._size(k)[0] for k in keys if not self._is_event_start(k))])
            names = [flow.get("name") or "" for key in keys for flow in self._ahead(key)]
            gap = max([GAP, *(len(name) * LETTER + 46 for name in names if name)])
            lefts.append(x)
            widths.append(width)
            x += width + gap
        return lefts, widths

    def _rows(self) -> tuple[dict[Row, float], dict[Row, float]]:
        tops: dict[Row, float] = {}
        heights: dict[Row, float] = {}
        y, lane = 0.0, -1
        for row in sorted(self.used):
            if self.lanes and row[0] != lane:
                y, lane = y + 20, row[0]
            y += CHANNEL * len(self._loops(row)) + (12 if self._named_gateway(row) else 0)
            sizes = [self._size(k)[1] for k in self.row if self.row[k] == row]
            tops[row], heights[row] = y, max(sizes, default=10.0)
            edged = any(self._events_on(k) for k in self.row if self.row[k] == row)
            events = any(
                tag(self.nodes[k]).endswith("Event") for k in self.row if self.row[k] == row
            )
            below = 64 if edged else 30 if sizes == [] else 44
            y += heights[row] + (max(below, 56) if events and heights[row] < 50 else below)
        self.picture.h = max(y - (0 if self.lanes else 24), 0)
        return tops, heights

    def _named_gateway(self, row: Row) -> bool:
        return any(tag(self.nodes[k]).endswith("Gateway") for k in self.row if self.row[k] == row)

    def _loops(self, row: Row) -> list[str]:
        """The flows that go back over a row."""
        return [
            f.get("id")
            for f in self.flows
            if f.get("id") in self.back
            and f.get("id") not in self.channel
            and self.row[f.get("targetRef")] == row
        ]

    def _draw_lanes(self) -> None:
        ends = [*(self._lane_top(n) for n in range(1, len(self.lanes))), self.picture.h]
        for n, lane in enumerate(self.lanes):
            for depth, each in enumerate([*around(lane), lane]):
                x, known = STRIP * depth, self.picture.boxes.get(each.get("id"))
                top = known.y if known else self._lane_top(n)
                box = Box(x, top, self.picture.w - x, ends[n] - top)
                self.picture.boxes[each.get("id")] = box
                self.picture.flat.add(each.get("id"))

    def _draw_data(self) -> None:
        """Below everything, under the first activity that has to do with it."""
        for each in self.data:
            key = each.get("id")
            users = [(a, n) for n, e in self.nodes.items() for a in e if _concerns(a, key)]
            first = self.picture.boxes[users[0][1]]
            box = Box(first.cx - 18, self.picture.h + 10, 36, 50)
            self.picture.boxes[key] = box
            width = len(each.get("name")) * LETTER
            self.picture.labels[key] = Box(box.cx - width / 2, box.bottom + 5, width, LINE)
            for association, node in users:
                there = self.picture.boxes[node]
                way = [(there.cx, there.bottom), (there.cx, box.y)]
                if there is not first:
                    way = [(there.cx, there.bottom), (there.cx, box.cy), (box.right, box.cy)]
                if tag(association) == "dataInputAssociation":
                    way.reverse()
                self.picture.edges[association.get("id")] = way
        if self.data:
            self.picture.h += 80

    def _lane_top(self, lane: int) -> float:
        if lane == 0:
            return 0
        first = min(row for row in self.used if row[0] == lane)
        return (
            self.tops[first]
            - 20
            - CHANNEL * len(self._loops(first))
            - (12 if self._named_gateway(first) else 0)
        )

    # -- flows -----------------------------------------------------------------------------

    def _route(self, flow: etree._Element) -> None:
        key, source, target = flow.get("id"), flow.get("sourceRef"), flow.get("targetRef")
        a, b = self.picture.boxes[source], self.picture.boxes[target]
        if key in self.channel:
            self._around(key, a, b)
        elif key in self.back:
            self._back_over(key, a, b)
        elif self.edge_of[source]:
            self._way(key, (a.cx, a.bottom), (a.cx, b.cy), (b.x, b.cy))
        elif abs(a.cy - b.cy) < 1:
            self._way(key, (a.right, a.cy), (b.x, b.cy))
        elif tag(self.nodes[source]).endswith("Gateway") and self._first_from(flow):
            side = a.bottom if b.cy > a.cy else a.y
            self._way(key, (a.cx, side), (a.cx, b.cy), (b.x, b.cy))
        elif len(self._into(target)) > 1 and a.cy > b.cy and self._is_free_below(target):
            self._way(key, (a.right, a.cy), (b.cx, a.cy), (b.cx, b.bottom))
        else:
            middle = a.right + 20 if self._first_from(flow) else b.x - 22
            self._way(key, (a.right, a.cy), (middle, a.cy), (middle, b.cy), (b.x, b.cy))
        if flow.get("name"):
            self.picture.labels[key] = self._flow_label(flow)

    def _is_free_below(self, key: str) -> bool:
        """Whether flows may come from below: no name stands there, and no flow leaves."""
        below = [f for f in self._out(key) if self.row[f.get("targetRef")] > self.row[key]]
        return not (tag(self.nodes[key]).endswith("Event") or below or self._events_on(key))

    def _first_from(self, flow: etree._Element) -> bool:
        """Whether the flow's source is a place where ways part."""
        return len(self._out(flow.get("sourceRef"))) > 1 or self.lane_of != {}

    def _into(self, key: str) -> list[etree._Element]:
        return [flow for flow in self.flows if flow.get("targetRef") == key]

    def _around(self, key: str, a: Box, b: Box) -> None:
        row = self.channel[key]
        y = self.tops[row] + self.heights[row] / 2
        x = b.cx - (12 if key in self.back else 0)
        self._way(key, (a.cx, a.bottom), (a.cx, y), (x, y), (x, b.bottom))

    def _back_over(self, key: str, a: Box, b: Box) -> None:
        row = self.row[self._key_of(b)]
        level = self._loops(row).index(key) + 1
        top = self.tops[row] - 6 - CHANNEL * level
        self._way(key, (a.cx, a.y), (a.cx, top), (b.cx, top), (b.cx, b.y))

    def _key_of(self, box: Box) -> str:
        return next(key for key, known in self.picture.boxes.items() if known is box)

    def _way(self, key: str, *points: Point) -> None:
        self.picture.edges[key] = list(points)

    # -- names -----------------------------------------------------------------------------

    def _flow_label(self, flow: etree._Element) -> Box:
        """Over the last stretch from left to right, or the one that leads back."""
        way = self.picture.edges[flow.get("id")]
        width = len(flow.get("name")) * LETTER
        for (x, y), (to, same) in reversed(list(pairwise(way))):
            if y == same:
                left = x + 8 if to > x else x - 8 - width
                return Box(left, y - LINE - 5, width, LINE)
        return Box(way[0][0] + 6, way[0][1] + 6, width, LINE)

    def _label_nodes(self) -> None:
        for key, element in self.nodes.items():
            name = element.get("name")
            if name and tag(element) not in ACTIVITIES:
                lines = wrap(name, 15)
                width = max(map(len, lines)) * LETTER
                self.picture.labels[key] = self._beside(key, width, len(lines) * LINE)

    def _beside(self, key: str, width: float, height: float) -> Box:
        box = self.picture.boxes[key]
        ways = [way for way in self.picture.edges.values() if len(way) > 1]
        ends = {point for way in ways for point in (way[0], way[-1])}
        below, above = (box.cx, box.bottom) in ends, (box.cx, box.y) in ends
        below = below or key in self.spoken_with
        if self.edge_of[key]:
            return Box(box.cx - 8 - width, box.bottom + 2, width, height)
        if tag(self.nodes[key]).endswith("Event") and not below:
            return Box(box.cx - width / 2, box.bottom + 5, width, height)
        left = box.cx - width / 2 if not above else box.cx - 6 - width
        if above and not below:
            return Box(box.cx - width / 2, box.bottom + 5, width, height)
        return Box(left, box.y - height - 4, width, height)


def around(lane: etree._Element) -> list[etree._Element]:
    """The lanes that a lane lies in, the outermost first."""
    return [e for e in reversed(list(lane.iterancestors())) if tag(e) == "lane"]


def _talking_down(process: etree._Element) -> Iterator[str]:
    """The nodes of a process that a message flow joins to a pool further down."""
    root = process.getroottree().getroot()
    processes = list(root.iterfind(f"{{{MODEL}}}process"))
    level = {e.get("id"): n for n, p in enumerate(processes) for e in p.iter() if e.get("id")}
    own = {e.get("id") for e in process}
    for flow in root.iter(f"{{{MODEL}}}messageFlow"):
        ends = [flow.get("sourceRef"), flow.get("targetRef")]
        for here, there in (ends, reversed(ends)):
            if here in own and level.get(there, len(processes)) > level[here]:
                yield here


def _concerns(association: etree._Element, data: str) -> bool:
    """Whether it leads a piece of data into an activity or out of it."""
    ends = {e.text for e in association if tag(e) in {"sourceRef", "targetRef"}}
    return tag(association).endswith("Association") and data in ends


# -- files -------------------------------------------------------------------------------------


def draw(root: etree._Element) -> None:
    """Draw the whole file: its pools, or its only process."""
    for old in root.findall(f"{{{NAMES['bpmndi']}}}BPMNDiagram"):
        root.remove(old)
    _tell_nodes_their_flows(root)
    pools = list(root.iter(f"{{{MODEL}}}participant"))
    processes = {p.get("id"): p for p in root.iterfind(f"{{{MODEL}}}process")}
    picture, y = Picture(), 80.0
    for key, process in processes.items():
        inner = ScopeLayout(process).draw()
        pool = next((p for p in pools if p.get("processRef") == key), None)
        if pool is None:
            picture.take(inner, 160, y + 20)
            y += inner.h + 80
            continue
        y += _draw_pool(
            picture, pool, inner, y, lanes=process.find(f"{{{MODEL}}}laneSet") is not None
        )
    for pool in pools:
        if pool.get("processRef") not in processes:
            widest = max(box.right for box in picture.boxes.values())
            picture.boxes[pool.get("id")] = Box(130, y, widest - 130, BLACK_BOX)
            picture.flat.add(pool.get("id"))
            y += BLACK_BOX + 60
    _draw_messages(root, picture)
    plane = root.find(f"{{{MODEL}}}collaboration")
    _write(root, picture, plane.get("id") if plane is not None else next(iter(processes)))


def _draw_pool(
    picture: Picture, pool: etree._Element, inner: Picture, y: float, *, lanes: bool
) -> float:
    margin = 0.0 if lanes else 30.0
    box = Box(130, y, inner.w + STRIP + 2 * margin, inner.h + (0 if lanes else 60))
    picture.boxes[pool.get("id")] = box
    picture.flat.add(pool.get("id"))
    picture.take(inner, box.x + STRIP + margin, y + margin)
    return box.h + 60


def _draw_messages(root: etree._Element, picture: Picture) -> None:
    for flow in root.iter(f"{{{MODEL}}}messageFlow"):
        a, b = picture.boxes[flow.get("sourceRef")], picture.boxes[flow.get("targetRef")]
        down = a.cy < b.cy
        start, stop = (a.bottom, b.y) if down else (a.y, b.bottom)
        middle = (start + stop) / 2
        if BLACK_BOX in {a.h, b.h}:
            x = b.cx if a.h == BLACK_BOX else a.cx
            picture.edges[flow.get("id")] = [(x, start), (x, stop)]
            continue
        picture.edges[flow.get("id")] = [
            (a.cx, start),
            (a.cx, middle),
            (b.cx, middle),
            (b.cx, stop),
        ]


def _tell_nodes_their_flows(root: etree._Element) -> None:
    flows = list(root.iter(f"{{{MODEL}}}sequenceFlow"))
    for node in [e for e in root.iter() if tag(e) in NODES]:
        for old in [e for e in node if tag(e) in {"incoming", "outgoing"}]:
            node.remove(old)
        at = len([e for e in node if tag(e) in {"documentation", "extensionElements"}])
        for name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            for flow in flows:
                if flow.get(end) == node.get("id"):
                    told = etree.Element(f"{{{MODEL}}}{name}")
                    told.text = flow.get("id")
                    node.insert(at, told)
                    at += 1


def _write(root: etree._Element, picture: Picture, plane_of: str) -> None:
    diagram = _put(root, "bpmndi", "BPMNDiagram", id="picture")
    plane = _put(diagram, "bpmndi", "BPMNPlane", id="plane", bpmnElement=plane_of)
    expanded = {e.get("id") for e in root.iter() if tag(e) in SUB_PROCESSES}
    for key, box in picture.boxes.items():
        more = {"isHorizontal": "true"} if key in picture.flat else {}
        more |= {"isExpanded": "true"} if key in expanded else {}
        shape = _put(plane, "bpmndi", "BPMNShape", id=f"{key}_shape", bpmnElement=key, **more)
        _put(shape, "dc", "Bounds", **_bounds(box))
        _write_label(shape, picture.labels.get(key))
    for key, way in picture.edges.items():
        edge = _put(plane, "bpmndi", "BPMNEdge", id=f"{key}_edge", bpmnElement=key)
        for x, y in way:
            _put(edge, "di", "waypoint", x=_number(x), y=_number(y))
        _write_label(edge, picture.labels.get(key))
    etree.indent(root, "  ")


def _write_label(parent: etree._Element, box: Box | None) -> None:
    if box is not None:
        _put(_put(parent, "bpmndi", "BPMNLabel"), "dc", "Bounds", **_bounds(box))


def _put(parent: etree._Element, space: str, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMES[space]}}}{name}", attributes, nsmap=NAMES)


def _bounds(box: Box) -> dict[str, str]:
    return {
        "x": _number(box.x),
        "y": _number(box.y),
        "width": _number(box.w),
        "height": _number(box.h),
    }


def _number(value: float) -> str:
    return str(round(value))


def tag(element: etree._Element) -> str:
    """The local name; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def main(files: list[str]) -> None:
    """Draw the files in place."""
    for name in files:
        tree = etree.parse(name, etree.XMLParser(remove_blank_text=True))
        draw(tree.getroot())
        etree.cleanup_namespaces(tree, top_nsmap=NAMES)
        text = etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True)
        Path(name).write_bytes(text)


if __name__ == "__main__":
    main(sys.argv[1:])
