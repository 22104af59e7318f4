"""The diagrams are drawn so that one can read them."""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise

import pytest
from lxml import etree

from processes.engine.diagram import MODEL
from tests.conformance.corpus import HERE
from tests.conformance.layout import NAMES, Box, tag

DIAGRAMS = sorted(HERE.rglob("*.bpmn"))
every_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: f"{p.parent.name}/{p.stem}")
DI, DC, WAY = (f"{{{NAMES[name]}}}" for name in ("bpmndi", "dc", "di"))
MEANT = ("Task", "task", "Event", "Gateway", "Process", "Activity", "Flow", "lane", "Reference")
"""How the names of what must be seen end."""

SCOPES = {"subProcess", "adHocSubProcess", "transaction", "participant", "lane"}


class Drawing:
    """A file's shapes, labels and ways, by element id."""

    def __init__(self, path):
        root = etree.parse(path).getroot()
        self.elements = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str)}
        self.boxes = {s.get("bpmnElement"): box(s) for s in root.iter(f"{DI}BPMNShape")}
        labelled = [e for kind in ("Shape", "Edge") for e in root.iter(f"{DI}BPMN{kind}")]
        self.labels = {
            e.get("bpmnElement"): box(label)
            for e in labelled
            if (label := e.find(f"{DI}BPMNLabel")) is not None
        }
        self.ways = {
            e.get("bpmnElement"): [
                (float(p.get("x")), float(p.get("y"))) for p in e.iter(f"{WAY}waypoint")
            ]
            for e in root.iter(f"{DI}BPMNEdge")
        }

    def kind(self, key):
        return tag(self.elements[key])

    def ends(self, key):
        return {self.elements[key].get(end) for end in ("sourceRef", "targetRef")}

    def things(self):
        """The shapes that hold no others, edge events apart."""
        return {
            k: b for k, b in self.boxes.items() if self.kind(k) not in SCOPES | {"boundaryEvent"}
        }


@cache
def drawing_of(path):
    return Drawing(path)


def box(element):
    bounds = element.find(f"{DC}Bounds")
    return Box(*(float(bounds.get(name)) for name in ("x", "y", "width", "height")))


def meet(a, b):
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def as_box(start, stop):
    (x1, y1), (x2, y2) = sorted([start, stop])
    return Box(x1, min(y1, y2), x2 - x1, abs(y2 - y1))


def cross(one, other):
    """Whether two stretches cross in their middles, or run on top of each other."""
    a, b = as_box(*one), as_box(*other)
    if (a.w == 0) == (b.w == 0):
        same = a.x == b.x if a.w == 0 else a.y == b.y
        along = (a.y, a.bottom, b.y, b.bottom) if a.w == 0 else (a.x, a.right, b.x, b.right)
        return same and along[0] < along[3] and along[2] < along[1]
    upright, level = (a, b) if a.w == 0 else (b, a)
    return level.x < upright.x < level.right and upright.y < level.y < upright.bottom


@every_diagram
class TestDrawing:
    def test_shows_every_element(self, path):
        drawing = drawing_of(path)

        drawn = {
            key for key in drawing.elements if key in drawing.boxes.keys() | drawing.ways.keys()
        }
        meant = {
            key
            for key, e in drawing.elements.items()
            if e.tag.startswith(f"{{{MODEL}}}")
            and tag(e).endswith(MEANT)
            and e.getparent().tag != f"{{{MODEL}}}definitions"
        }
        assert meant - drawn == set()

    def test_lays_nothing_over_something_else(self, path):
        drawing = drawing_of(path)

        over = [
            (a, b)
            for (a, one), (b, other) in combinations(drawing.things().items(), 2)
            if meet(one, other)
        ]
        assert over == []

    def test_writes_no_name_over_a_shape_or_another_name(self, path):
        drawing = drawing_of(path)

        over = [
            (label, thing)
            for label, place in drawing.labels.items()
            for thing, other in drawing.things().items()
            if meet(place, other)
        ]
        over += [
            (a, b)
            for (a, one), (b, other) in combinations(drawing.labels.items(), 2)
            if meet(one, other)
        ]
        assert over == []

    def test_leads_no_flow_through_a_shape(self, path):
        drawing = drawing_of(path)

        through = [
            (flow, thing)
            for flow, way in drawing.ways.items()
            for thing, place in drawing.things().items()
            if thing not in drawing.ends(flow)
            and any(meet(as_box(*stretch), place) for stretch in pairwise(way))
        ]
        assert through == []

    def test_crosses_no_flows(self, path):
        drawing = drawing_of(path)

        crossed = [
            (a, b)
            for (a, one), (b, other) in combinations(drawing.ways.items(), 2)
            if not drawing.ends(a) & drawing.ends(b)
            and any(cross(s, t) for s in pairwise(one) for t in pairwise(other))
        ]
        assert crossed == []
