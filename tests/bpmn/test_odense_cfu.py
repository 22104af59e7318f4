"""The programme of Odense's CFU: no sum decides, and a move does not stop the law."""

from __future__ import annotations

import json
import re

import pytest

from models.calendar import due, parse_instant
from processes.engine.definition import form_keys
from tests.bpmn.folders import BPMN, definition, nodes

FOLDER = BPMN / "odense_cfu"
SCENARIOS = FOLDER / "scenarios"
ELEMENTS = ("problemer", "foranstaltninger", "arbejde", "omverden", "netvaerk", "kriminalitet")


@pytest.fixture(scope="module")
def programme():
    return definition(FOLDER)


@pytest.fixture
def load_form(programme):
    form = programme.form("f3b_belastningsgrad.form.json")
    assert form is not None
    return form


class TestLoad:
    def test_is_six_elements_from_1_to_5_with_a_reason_each(self, load_form):
        asked = {part["key"]: part for part in load_form["components"] if "key" in part}

        for element in ELEMENTS:
            scale = asked[f"belastning_{element}"]
            assert [step["value"] for step in scale["values"]] == [1, 2, 3, 4, 5]
            assert scale["validate"]["required"]
            assert asked[f"belastning_{element}_grund"]["validate"]["required"]
        assert asked["belastning_samlet"]["validate"]["required"]

    def test_tells_the_committee_that_no_sum_decides(self, load_form):
        told = " ".join(part.get("text", "") for part in load_form["components"])

        assert "lægges ikke sammen" in told
        assert "ingen sum afgør" in told

    def test_of_an_element_is_read_by_nothing(self, programme):
        scores = re.compile(rf"belastning_(?:{'|'.join(ELEMENTS)})\b")

        read = [
            name
            for name, text in programme.files.items()
            if name != "f3b_belastningsgrad.form.json" and scores.search(text)
        ]

        assert read == []

    def test_that_is_low_is_admitted_when_the_committee_says_so(self, plays):
        data = plays.report(SCENARIOS / "belastning_faa_point_optages.yaml")["data"]

        assert _points(data) < 10
        assert data["belastning_afgoerelse"] == "cfu_familie"
        assert data["fase"] == "Kobling"

    def test_that_is_high_is_not_when_the_committee_says_so(self, plays):
        report = plays.report(SCENARIOS / "belastning_mange_point_afvises.yaml")

        assert _points(report["data"]) == 30
        assert report["data"]["belastning_afgoerelse"] == "anden_forvaltning"
        assert report["ended"]


class TestExamination:
    def test_ends_four_months_after_the_municipality_became_aware(self, programme):
        [timer] = [
            n for n in nodes(programme.processes.values()) if n.id == "undersoegelse_frist_naaet"
        ]

        assert timer.properties["statute"] == "L3"
        assert timer.properties["countFrom"] == "=medlem.kendskab_dato"
        assert due(parse_instant("2027-10-31"), "P4M").at == parse_instant("2028-02-29")

    def test_of_several_children_is_kept_for_each_in_the_authority_s_file(self, plays):
        data = plays.report(SCENARIOS / "undersoegelse_overskredet.yaml")["data"]

        assert [child["pseudonym"] for child in data["undersoegelser"]] == ["barn 1", "barn 2"]
        assert not {"undersoegelse_resultat", "screening", "alvorlig"} & {
            key for key, value in data.items() if value is not None
        }

    def test_outlives_the_move(self, plays):
        trace = [one["element"] for one in plays.report(SCENARIOS / "t_08.yaml")["trace"]]

        moved, examined = trace.index("noter_fraflyttet"), trace.index("gennemfoer_undersoegelse")

        assert trace.index("forloeb_stoppes") > moved
        assert examined > moved


class TestFamily:
    def test_is_pseudonyms_and_ages_and_nothing_that_names(self, programme):
        form = programme.form("familiens_medlemmer.form.json")
        assert form is not None

        [family] = [part for part in form["components"] if part["type"] == "dynamiclist"]

        assert [one["key"] for one in family["components"]] == ["pseudonym", "alder", "rolle"]

    def test_never_reads_of_charges_outside_the_section_115_room(self, programme):
        rooms = {"c1_grundlag.form.json", "c2_paragraf_115.form.json"}
        asked = {
            key
            for name, form in programme.forms.items()
            if name not in rooms
            for key in form_keys(form)
        }

        assert [key for key in asked if re.search("sigtelse|tiltale", key)] == []

    def test_has_one_plan_over_all_members(self, plays):
        data = plays.report(SCENARIOS / "t_08.yaml")["data"]

        assert len(data["medlemsmaal"]) == len(data["familie"]) == 6
        assert json.dumps(data["familie"], ensure_ascii=False).count("barn") == 8


def _points(data) -> int:
    """What nobody in the programme adds up."""
    return sum(int(data[f"belastning_{element}"]) for element in ELEMENTS)
