"""Every programme and every shared part: its scenarios, and what its files promise each other."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from handlers import HANDLERS
from processes.catalogues import gaps_of
from processes.drawing.reading import read_diagram, read_tree
from processes.engine.definition import form_keys
from processes.engine.elements.activities import form_name
from processes.engine.programme import DEFAULT, PROGRAMME
from processes.lint import ROLES
from tests.bpmn.folders import (
    FAELLES,
    FOLDERS,
    NAMESPACES,
    PROGRAMMES,
    below,
    definition,
    drawn,
    flows,
    home,
    named,
    nodes,
    tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from processes.drawing.reading import Box, Edge, Shape
    from processes.engine.diagram import Node

DIAGRAMS = below("*.bpmn")
FORMS = below("*.form.json")
TABLES = below("*.dmn")
SCENARIOS = below("scenarios/*.yaml")
VIGNETTES = {
    "aalborg_oest": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12),
    "en_vej_ind": (1, 2, 3, 4, 5, 6, 7, 9, 10, 12),
    "ishoej": (1, 2, 4, 5, 6, 7, 9, 12),
    "norddjurs": (2, 3, 4, 5, 10, 11),
    "odense_cfu": (2, 3, 5, 6, 7, 8, 10, 12),
    "ungepartnerskab": (1, 2, 3, 4, 9),
}
"""The made-up courses that fit a programme, by their numbers."""

WIDEST, TALLEST = 1650, 900
SPOKEN_ID = re.compile(r"[a-z][a-z0-9_]*")
CPR = re.compile(r"\b\d{6}[- ]?\d{4}\b")
TELLING = re.compile(
    r"\b(afson|anklag|behandling|dom\b|dommen|dømt|fængs|krimi|misbrug|politi|sigt|trussel|vold)",
    re.IGNORECASE,
)
"""What no mail or invitation may say: it is read on telephones and lies in other people's boxes."""

STATUTORY = re.compile(r"[Bb]arnets lov § 13[267]|Retssikkerhedsloven § 6[67]")

each_programme = pytest.mark.parametrize("folder", PROGRAMMES, ids=named)
each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=named)
each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=named)
each_scenario = pytest.mark.parametrize("path", SCENARIOS, ids=named)


class TestScenario:
    @pytest.mark.parametrize("saving", [True, False], ids=["saved", "live"])
    @each_scenario
    def test_comes_out_as_written(self, plays, path, saving):
        report = plays.report(path, saving=saving)

        assert report["failures"] == []
        assert report["ok"]

    @each_scenario
    def test_goes_the_same_way_whether_or_not_it_is_saved(self, plays, path):
        live, saved = (plays.report(path, saving=saving) for saving in (False, True))

        assert live == saved

    @each_scenario
    def test_keeps_what_the_section_115_room_hears_out_of_the_case(self, plays, path):
        rooms, others = _keys_by_room(path)

        data = plays.report(path)["data"]

        assert not (rooms - others) & {key for key, value in data.items() if value is not None}

    @each_programme
    def test_is_there_for_every_vignette_that_the_programme_needs(self, folder):
        needed = {f"t_{number:02}" for number in VIGNETTES.get(folder.name, ())}
        written = {path.stem for path in below("scenarios/*.yaml", [folder])}

        assert needed - written == set()


class TestCoverage:
    """The scenarios of a programme go every way that its own diagrams draw."""

    @each_programme
    def test_of_flows_is_whole(self, plays, folder):
        coverage = plays.coverage(folder, [folder])

        assert coverage.flows
        assert coverage.missed == ()

    @each_programme
    def test_of_people_s_tasks_is_whole(self, plays, folder):
        done = plays.elements([folder])

        assert [n.id for n in _tasks(folder) if n.id not in done] == []

    def test_of_the_shared_parts_is_whole_over_all_programmes(self, plays):
        coverage, done = plays.coverage(FAELLES, FOLDERS), plays.elements(FOLDERS)

        assert coverage.missed == ()
        assert [node.id for node in _tasks(FAELLES) if node.id not in done] == []


class TestDeadline:
    @each_folder
    def test_of_the_law_cannot_be_paused(self, folder):
        lawful = [n for n in _own(folder) if STATUTORY.search(n.properties.get("legalBasis", ""))]

        assert [n.id for n in lawful if n.properties.get("pausable") != "false"] == []

    @each_folder
    def test_says_where_it_comes_from(self, folder):
        counted = [n for n in _own(folder) if {"deadline", "deadlineFor"} & n.properties.keys()]

        sources = {"legalBasis", "statute"}
        assert [n.id for n in counted if not sources & n.properties.keys()] == []


class TestDiagram:
    @each_diagram
    def test_is_bpmn_2(self, path):
        schema = files("SpiffWorkflow") / "bpmn" / "parser" / "schema" / "BPMN20.xsd"

        etree.XMLSchema(etree.parse(str(schema))).assertValid(tree(path))

    @each_diagram
    def test_fits_a_screen(self, path):
        pool = tree(path).find(".//bpmndi:BPMNShape/dc:Bounds", NAMESPACES)

        assert float(pool.get("width")) <= WIDEST
        assert float(pool.get("height")) <= TALLEST

    @each_diagram
    def test_has_a_picture_of_everything(self, path):
        seen = {s.get("bpmnElement") for s in tree(path).iterfind(".//bpmndi:*", NAMESPACES)}
        parts = tree(path).xpath(
            "//bpmn:process//*[@id][not(self::bpmn:laneSet)]"
            "[not(contains(local-name(), 'EventDefinition'))]"
            "[not(contains(local-name(), 'DataItem'))]",
            namespaces=NAMESPACES,
        )

        assert [p.get("id") for p in parts if _is_bpmn(p) and p.get("id") not in seen] == []

    @each_diagram
    def test_crosses_no_flows(self, path):
        crossed = [
            (one.id, other.id)
            for one, other in combinations(_picture(path)[1], 2)
            if any(_cross(a, b) for a, b in product(_segments(one), _segments(other)))
        ]

        assert crossed == []

    @each_diagram
    def test_draws_no_flow_through_an_element(self, path):
        shapes, edges = _picture(path)
        steps = [shape for shape in shapes if not _holds_others(shape)]

        through = [
            (edge.id, step.id)
            for edge, step in product(edges, steps)
            if any(_enters(segment, step.box.inset(4)) for segment in _segments(edge))
        ]

        assert through == []

    @each_diagram
    def test_has_speaking_ascii_ids(self, path):
        ids = [part.get("id") for part in tree(path).xpath("//bpmn:*[@id]", namespaces=NAMESPACES)]

        assert [one for one in ids if not SPOKEN_ID.fullmatch(one)] == []

    @each_diagram
    def test_has_lanes_that_are_roles(self, path):
        lanes = {lane.get("name") for lane in tree(path).iterfind(".//bpmn:lane", NAMESPACES)}

        assert lanes
        assert lanes - ROLES == set()

    @each_folder
    def test_asks_a_question_at_every_fork_and_names_the_answers(self, folder):
        forks = _forks(folder)

        assert [n.id for n in forks if not n.name.endswith("?")] == []
        assert [n.id for n in forks if not all(flow.name for flow in n.outgoing)] == []

    @each_folder
    def test_goes_on_whatever_is_answered(self, folder):
        assert [n.id for n in _forks(folder) if n.default is None] == []

    @each_folder
    def test_guides_the_person_at_every_task(self, folder):
        assert [node.id for node in _tasks(folder) if not node.documentation] == []

    @each_folder
    def test_says_what_each_process_is_for(self, folder):
        said = {
            process.get("id")
            for path in below("*.bpmn", [folder])
            for process in tree(path).iterfind(".//bpmn:process", NAMESPACES)
            if process.findtext("bpmn:documentation", namespaces=NAMESPACES)
        }

        assert {process.id for process in drawn(folder)} - said == set()

    @each_programme
    def test_names_elements_and_flows_once(self, folder):
        processes = list(definition(folder).processes.values())

        ids = Counter([n.id for n in nodes(processes)] + [flow.id for flow in flows(processes)])

        assert sorted(one for one, times in ids.items() if times > 1) == []


class TestBundle:
    @each_programme
    def test_is_named_as_its_folder(self, folder):
        assert definition(folder).process.file == f"{folder.name}.bpmn"

    @each_programme
    def test_comes_with_a_page_that_describes_it(self, folder):
        page = (folder / "README.md").read_text(encoding="utf-8")

        assert page.startswith("# ")
        assert len(page.split()) > 100

    @each_programme
    def test_holds_every_form_a_task_names(self, folder):
        bundle = definition(folder)
        tasks = [node for node in nodes(bundle.processes.values()) if node.kind == "userTask"]

        assert [n.id for n in tasks if bundle.form(form_name(n) or "") is None] == []

    @each_programme
    def test_holds_every_decision_and_operation(self, folder):
        bundle = definition(folder)
        decided = {n.decision for n in nodes(bundle.processes.values()) if n.decision}
        asked = {n.operation.id for n in nodes(bundle.processes.values()) if n.operation}

        assert decided - set(bundle.decisions.by_id) == set()
        assert asked - set(HANDLERS) == set()

    @each_folder
    def test_holds_no_form_or_table_that_nobody_uses(self, folder):
        processes = list(drawn(folder))
        if folder != FAELLES:
            processes += definition(folder).processes.values()
        asked = {form_name(node) for node in nodes(processes)}
        decided = {node.decision for node in nodes(processes)}

        assert {path.name for path in below("*.form.json", [folder])} - asked == set()
        for table in below("*.dmn", [folder]):
            assert decided & {d.get("id") for d in tree(table).iterfind(".//{*}decision")}

    @each_programme
    def test_uses_every_parameter(self, folder):
        bundle = definition(folder)
        written = re.sub(
            r'"parameter\.\w+"',
            "",
            "".join(text for name, text in bundle.files.items() if _is_read_by_feel(name)),
        )

        names = [one.name for one in bundle.programmes[folder.name].parameters]
        unused = [name for name in names if not re.search(rf"\b{name}\b", written)]

        assert names
        assert unused == []


class TestProgrammeFile:
    @each_programme
    def test_is_the_only_place_of_the_programme_s_values(self, folder):
        in_diagrams = {process.id: process.parameters for process in drawn(folder)}

        assert in_diagrams
        assert {id_: names for id_, names in in_diagrams.items() if names} == {}

    @each_programme
    def test_belongs_to_a_process_of_its_folder(self, folder):
        files = {path.name.removesuffix(PROGRAMME) for path in folder.glob(f"*{PROGRAMME}")}

        assert folder.name in files
        assert files <= {process.id for process in drawn(folder)}

    @each_programme
    def test_says_for_each_fact_where_it_stands_or_that_it_is_ours(self, folder):
        about = definition(folder).programmes[folder.name]
        told = [*about.facts, *about.indicators, *about.parameters]

        assert about.facts
        assert about.parameters
        assert {one.source for one in told} <= {*about.sources, DEFAULT}


class TestForm:
    @pytest.mark.parametrize("path", FORMS, ids=named)
    def test_names_the_compartment_of_its_answers(self, path):
        assert json.loads(path.read_text(encoding="utf-8")).get("compartment") in {"A", "B", "C"}


class TestText:
    @each_folder
    def test_has_english_for_every_danish_one(self, folder):
        gaps = gaps_of(folder)

        assert gaps.missing == []
        assert gaps.unused == []

    @pytest.mark.parametrize("path", [*DIAGRAMS, *FORMS, *TABLES, *SCENARIOS], ids=named)
    def test_names_nobody(self, path):
        assert CPR.findall(path.read_text(encoding="utf-8")) == []

    @each_diagram
    def test_that_leaves_the_house_tells_no_crime_and_no_treatment(self, path):
        leaving = tree(path).iterfind(".//{*}serviceTaskOperator")
        said = [
            parameter.get("value", "")
            for operator in leaving
            if operator.get("id") in {"mail/Send", "calendar/Invite"}
            for parameter in operator.iterfind(".//{*}parameter")
            if parameter.get("id") in {"subject", "body", "title"}
        ]

        assert [text for text in said if TELLING.search(text)] == []


def _own(folder: Path) -> Iterator[Node]:
    return nodes(drawn(folder))


def _tasks(folder: Path) -> list[Node]:
    return [node for node in _own(folder) if node.kind == "userTask"]


def _forks(folder: Path) -> list[Node]:
    return [n for n in _own(folder) if n.kind == "exclusiveGateway" and len(n.outgoing) > 1]


def _keys_by_room(scenario: Path) -> tuple[set[str], set[str]]:
    """What the forms of the § 115 room ask for, and what all others do."""
    forms = definition(home(scenario)).forms if home(scenario) != FAELLES else _shared_forms()
    rooms = [form for form in forms.values() if form.get("compartment") == "C"]
    others = [form for form in forms.values() if form.get("compartment") != "C"]
    return _keys(rooms), _keys(others)


@cache
def _shared_forms() -> dict[str, Any]:
    shared = below("*.form.json", [FAELLES])
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in shared}


def _keys(forms: list[dict[str, Any]]) -> set[str]:
    return {key for form in forms for key in form_keys(form)}


def _is_bpmn(part: Any) -> bool:
    return bool(etree.QName(part).namespace == NAMESPACES["bpmn"])


def _is_read_by_feel(name: str) -> bool:
    return name.endswith((".bpmn", ".dmn", ".form.json"))


# -- geometry ----------------------------------------------------------------------------------

Point = tuple[float, float]
Segment = tuple[Point, Point]


@cache
def _picture(path: Path) -> tuple[tuple[Shape, ...], tuple[Edge, ...]]:
    """The shapes, and the sequence flows."""
    picture = read_diagram(read_tree(path.read_text(encoding="utf-8")))
    return picture.shapes, tuple(e for e in picture.edges if e.kind == "sequenceFlow")


def _segments(edge: Edge) -> Iterator[Segment]:
    return pairwise(edge.points)


def _holds_others(shape: Shape) -> bool:
    return shape.kind in {"participant", "lane"} or (shape.is_sub_process and shape.expanded)


def _side(a: Point, b: Point, c: Point) -> float:
    """Positive if `c` is on one side of the line through `a` and `b`, negative on the other."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(one: Segment, other: Segment) -> bool:
    """Whether two segments cross; to touch or to run into each other is to meet."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _enters(segment: Segment, box: Box) -> bool:
    """Whether a segment goes into a box or through it."""
    (x, y), (u, v) = segment
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    inside = any(box.x < p < box.right and box.y < q < box.bottom for p, q in segment)
    diagonals = [(corners[0], corners[2]), (corners[1], corners[3])]
    return inside or any(_cross(((x, y), (u, v)), diagonal) for diagonal in diagonals)
