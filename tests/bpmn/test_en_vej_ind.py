"""The programme En Vej Ind: every scenario beside it, and what its files promise each other."""

from __future__ import annotations

import json
import re
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from handlers import HANDLERS
from models.calendar import due, parse_instant
from processes.engine import Engine, Feel, load_definition
from processes.engine.definition import form_keys
from processes.engine.elements.activities import form_name
from processes.simulate import simulate_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from processes.engine import Definition

BPMN = Path(__file__).parents[2] / "bpmn"
FOLDERS = (BPMN / "en_vej_ind", BPMN / "faelles")
DIAGRAMS = sorted(path for folder in FOLDERS for path in folder.glob("*.bpmn"))
FORMS = sorted(path for folder in FOLDERS for path in folder.glob("*.form.json"))
SCENARIOS = sorted((BPMN / "en_vej_ind" / "scenarios").glob("*.yaml"))
ROLES = {
    "Visitator",
    "Koordinator",
    "Mentor",
    "Visitationsudvalg",
    "Underviser",
    "Leder",
    "SSP-konsulent",
    "Kriminalforsorg",
}
WIDEST, TALLEST = 1650, 900
SPOKEN_ID = re.compile(r"[a-z][a-z0-9_]*")
CPR = re.compile(r"\b\d{6}[- ]?\d{4}\b")
NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Feel()) as feel:
        yield Engine(feel)


@cache
def definition() -> Definition:
    named = [path for folder in FOLDERS for path in folder.iterdir() if path.is_file()]
    return load_definition(
        "en_vej_ind", {path.name: path.read_text(encoding="utf-8") for path in named}
    )


@pytest.fixture(scope="module")
def play(engine: Engine) -> Callable[..., dict[str, Any]]:
    """A scenario's report; each is played once a way."""

    @cache
    def report(path: Path, *, saving: bool = True) -> dict[str, Any]:
        return simulate_file(path, engine, saving=saving)

    return report


@cache
def tree(path: Path) -> Any:
    return etree.parse(path)


def nodes() -> Iterator[Any]:
    for process in definition().processes.values():
        for _, node in process.walk():
            yield node


def named(path: Path) -> str:
    return path.stem.removesuffix(".form")


class TestScenario:
    @pytest.mark.parametrize("saving", [True, False], ids=["saved", "live"])
    @pytest.mark.parametrize("path", SCENARIOS, ids=named)
    def test_comes_out_as_written(self, play, path, saving):
        report = play(path, saving=saving)

        assert report["failures"] == []
        assert report["ok"]

    @pytest.mark.parametrize("path", SCENARIOS, ids=named)
    def test_goes_the_same_way_whether_or_not_it_is_saved(self, play, path):
        live, saved = (play(path, saving=saving) for saving in (False, True))

        assert live == saved

    def test_keeps_what_the_section_115_room_hears_out_of_the_case(self, play):
        t_05 = BPMN / "en_vej_ind" / "scenarios" / "t_05.yaml"
        room = set(form_keys(_form("c1_grundlag.form.json")))

        data = play(t_05, saving=True)["data"]
        told = json.dumps(data, ensure_ascii=False).lower()

        assert room
        assert not room & {key for key, value in data.items() if value is not None}
        assert not re.search("sigt|tiltal|anklage", told)

    def test_is_there_for_every_task_of_a_person(self, play):
        done = {
            entry["element"] for path in SCENARIOS for entry in play(path, saving=True)["trace"]
        }

        tasks = {node.id for node in nodes() if node.kind == "userTask"}

        assert tasks - done == set()


class TestDeadline:
    def test_says_how_a_course_from_the_31st_reaches_the_last_day_of_february(self):
        begun = parse_instant("2026-10-31T09:00:00+01:00")

        ends = due(begun, "P4M")

        assert ends.at == parse_instant("2027-02-28T09:00:00+01:00")
        assert any("28/2" in line.da for line in ends.lines)

    def test_of_the_law_cannot_be_paused(self):
        statutory = re.compile(r"[Bb]arnets lov § 13[267]|Retssikkerhedsloven § 6[67]")

        lawful = [n for n in nodes() if statutory.search(n.properties.get("legalBasis", ""))]

        assert {n.id for n in lawful} >= {"vurder_underretning", "send_kvittering"}
        assert [n.id for n in lawful if n.properties.get("pausable") != "false"] == []

    def test_says_where_it_comes_from(self):
        counted = [n for n in nodes() if {"deadline", "deadlineFor"} & n.properties.keys()]

        assert counted
        assert [n.id for n in counted if not n.properties.get("legalBasis")] == []


class TestDiagram:
    @pytest.mark.parametrize("path", DIAGRAMS, ids=named)
    def test_is_bpmn_2(self, path):
        schema = files("SpiffWorkflow") / "bpmn" / "parser" / "schema" / "BPMN20.xsd"

        etree.XMLSchema(etree.parse(str(schema))).assertValid(tree(path))

    @pytest.mark.parametrize("path", DIAGRAMS, ids=named)
    def test_fits_a_screen(self, path):
        pool = tree(path).find(".//bpmndi:BPMNShape/dc:Bounds", NAMESPACES)

        assert float(pool.get("width")) <= WIDEST
        assert float(pool.get("height")) <= TALLEST

    @pytest.mark.parametrize("path", DIAGRAMS, ids=named)
    def test_has_a_picture_of_everything(self, path):
        drawn = {s.get("bpmnElement") for s in tree(path).iterfind(".//bpmndi:*", NAMESPACES)}
        parts = tree(path).xpath(
            "//bpmn:process//*[@id][not(self::bpmn:laneSet)]"
            "[not(contains(local-name(), 'EventDefinition'))]",
            namespaces=NAMESPACES,
        )

        assert [p.get("id") for p in parts if _is_bpmn(p) and p.get("id") not in drawn] == []

    @pytest.mark.parametrize("path", DIAGRAMS, ids=named)
    def test_has_speaking_ascii_ids(self, path):
        ids = [part.get("id") for part in tree(path).xpath("//bpmn:*[@id]", namespaces=NAMESPACES)]

        assert [one for one in ids if not SPOKEN_ID.fullmatch(one)] == []

    @pytest.mark.parametrize("path", DIAGRAMS, ids=named)
    def test_has_lanes_that_are_roles(self, path):
        lanes = {lane.get("name") for lane in tree(path).iterfind(".//bpmn:lane", NAMESPACES)}

        assert lanes
        assert lanes <= ROLES

    def test_asks_a_question_at_every_fork_and_names_the_answers(self):
        forks = [n for n in nodes() if n.kind == "exclusiveGateway" and len(n.outgoing) > 1]

        assert forks
        assert [n.id for n in forks if not n.name.endswith("?")] == []
        assert [n.id for n in forks if not all(flow.name for flow in n.outgoing)] == []

    def test_goes_on_whatever_is_answered(self):
        forks = [n for n in nodes() if n.kind == "exclusiveGateway" and len(n.outgoing) > 1]

        assert [n.id for n in forks if n.default is None] == []

    def test_guides_the_person_at_every_task(self):
        tasks = [node for node in nodes() if node.kind == "userTask"]

        assert [node.id for node in tasks if not node.documentation] == []

    def test_names_elements_once(self):
        ids = [node.id for node in nodes()]

        assert sorted({one for one in ids if ids.count(one) > 1}) == []


class TestBundle:
    def test_holds_every_form_a_task_names(self):
        tasks = [node for node in nodes() if node.kind == "userTask"]

        assert [n.id for n in tasks if definition().form(form_name(n) or "") is None] == []

    def test_holds_no_form_that_nobody_fills_in(self):
        asked = {form_name(node) for node in nodes() if node.kind == "userTask"}

        assert {path.name for path in FORMS} - asked == set()

    def test_holds_every_decision_and_operation(self):
        decided = {node.decision for node in nodes() if node.kind == "businessRuleTask"}
        asked = {node.operation.id for node in nodes() if node.operation is not None}

        assert decided == set(definition().decisions.by_id)
        assert asked <= set(HANDLERS)

    def test_uses_every_parameter(self):
        written = "".join(path.read_text(encoding="utf-8") for path in DIAGRAMS)

        unused = [
            name
            for name in definition().process.parameters
            if len(re.findall(rf"\b{name}\b", written)) < 2
        ]

        assert unused == []

    @pytest.mark.parametrize("path", [*DIAGRAMS, *FORMS, *SCENARIOS], ids=named)
    def test_names_nobody(self, path):
        assert CPR.findall(path.read_text(encoding="utf-8")) == []


class TestTargetGroup:
    @pytest.mark.parametrize(
        ("age", "at_risk", "answer"),
        [
            (15, True, "afvis"),
            (16, True, "dispensation"),
            (17, True, "optag"),
            (23, True, "optag"),
            (24, True, "afvis"),
            (19, False, "afvis"),
            (None, True, "afvis"),
            (19, None, "afvis"),
        ],
    )
    def test_is_17_to_23_and_16_by_leave(self, engine, age, at_risk, answer):
        table = definition().decisions
        facts = {"alder": age, "i_maalgruppe": at_risk}

        found = table.evaluate(
            definition().decision("maalgruppe"),
            lambda _: facts,
            engine.feel,
            parse_instant("2026-01-31T09:00:00+01:00"),
        )

        assert found["afgoerelse"] == answer
        assert found["begrundelse"]


def _form(name: str) -> dict[str, Any]:
    form = definition().form(name)
    assert form is not None
    return form


def _is_bpmn(part: Any) -> bool:
    return bool(etree.QName(part).namespace == NAMESPACES["bpmn"])
