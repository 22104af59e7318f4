"""En Vej Ind i Ishøj: its target group, its room, its half-year and what counts in K1 to K3."""

from __future__ import annotations

import json
import re

import pytest

from models.calendar import parse_instant
from models.errors import InvalidAnswers
from processes.engine.definition import form_keys
from processes.forms.check import check_answers
from tests.bpmn.folders import BPMN, definition, nodes

ISHOEJ = BPMN / "ishoej"


@pytest.fixture
def report(plays):
    return lambda name: plays.report(ISHOEJ / "scenarios" / f"{name}.yaml")


def order(report, *elements):
    """The elements among these, as often and in the order they were completed."""
    return [entry["element"] for entry in report["trace"] if entry["element"] in elements]


class TestTargetGroup:
    @pytest.mark.parametrize(
        ("age", "fits", "answer"),
        [
            (17, True, "afvis"),
            (18, True, "optag"),
            (30, True, "optag"),
            (31, True, "afvis"),
            (24, False, "afvis"),
            (None, True, "afvis"),
            (24, None, "afvis"),
        ],
    )
    def test_is_18_to_30_and_sentenced_before(self, engine, age, fits, answer):
        bundle = definition(ISHOEJ)

        found = bundle.decisions.evaluate(
            bundle.decision("maalgruppe"),
            lambda _: {"alder": age, "i_maalgruppe": fits},
            engine.feel,
            parse_instant("2026-01-31T09:00:00+01:00"),
        )

        assert found["afgoerelse"] == answer
        assert found["begrundelse"]


class TestRoom:
    def test_lets_no_word_of_a_charge_into_the_case(self, report):
        data = report("t_05")["data"]
        told = json.dumps(data, ensure_ascii=False).lower()

        assert not re.search("sigt|tiltal|anklage", told)

    def test_alone_asks_for_what_k2_counts(self):
        forms = definition(ISHOEJ).forms.values()

        asking = [form["compartment"] for form in forms if "taeller_k2" in form_keys(form)]

        assert asking == ["C"]


class TestCommitments:
    def test_are_asked_of_the_centres_that_are_needed_and_no_others(self, report):
        asked = {"giv_tilsagn_jobcenter", "giv_tilsagn_uu"}
        asked |= {"giv_tilsagn_socialservice", "giv_tilsagn_familiecenter"}

        assert set(order(report("t_01"), *asked)) == asked
        assert set(order(report("t_12"), *asked)) == {
            "giv_tilsagn_socialservice",
            "giv_tilsagn_familiecenter",
        }
        assert order(report("t_04"), *asked) == []

    def test_lie_in_the_lanes_of_their_centres(self):
        steps = {node.id: node for node in nodes(definition(ISHOEJ).processes.values())}

        lanes = {key: steps[key].lane for key in steps if key.startswith("giv_tilsagn_")}

        assert lanes == {
            "giv_tilsagn_jobcenter": "Jobcenter",
            "giv_tilsagn_uu": "UU-vejleder",
            "giv_tilsagn_socialservice": "Borger- og Socialservice",
            "giv_tilsagn_familiecenter": "Familiecenter",
        }


class TestTag:
    @pytest.mark.parametrize("name", ["t_07", "fodlaenke_fra_start"])
    def test_leaves_the_course_running(self, report, name):
        told = report(name)

        assert told["data"]["fodlaenke_udetider"]
        assert told["data"].get("kursus_udfald") is None
        assert not told["ended"]

    def test_has_every_weekly_plan_confirm_the_hours_out(self, engine):
        form = definition(ISHOEJ).form("f7_ugeskema.form.json")
        plan = {"ugeplan": [{"ugedag": "mandag", "tid": "9.00", "aktivitet": "ART"}]}
        tagged = {"fodlaenke_udetider": "Hverdage 8-16"}

        with pytest.raises(InvalidAnswers) as refused:
            check_answers(form, plan, tagged, engine.feel)
        confirmed = check_answers(form, {**plan, "inden_for_udetider": True}, tagged, engine.feel)
        free = check_answers(form, plan, {}, engine.feel)

        assert list(refused.value.errors) == ["inden_for_udetider"]
        assert confirmed.answers["inden_for_udetider"] is True
        assert "inden_for_udetider" not in free.answers


class TestEnding:
    @pytest.mark.parametrize(
        ("name", "k1"),
        [("t_01", "gennemfoert"), ("t_09", "tidlig_overgang"), ("t_04", None), ("t_12", None)],
    )
    def test_is_assessed_by_the_professionals_before_it_is_registered(self, report, name, k1):
        told = report(name)

        steps = order(told, "foretag_faglig_vurdering", "registrer_forloebsudfald")

        assert steps[:2] == ["foretag_faglig_vurdering", "registrer_forloebsudfald"]
        assert told["data"].get("forloeb_udfald") == k1

    def test_of_a_discharge_waits_for_the_complaint(self, report):
        steps = order(
            report("t_12"), "tilbyd_exit", "partshoer_den_unge", "genvurder_afgoerelse",
            "foretag_faglig_vurdering",
        )  # fmt: skip

        assert steps == [
            "tilbyd_exit",
            "partshoer_den_unge",
            "genvurder_afgoerelse",
            "foretag_faglig_vurdering",
        ]


class TestIndicators:
    def test_are_those_of_the_municipality(self):
        written = json.loads((ISHOEJ / "ishoej.programme.json").read_text(encoding="utf-8"))

        targets = {one["id"]: (one["target"], one["source"]) for one in written["indicators"]}

        assert targets == {"K1": ("≥ 75 %", "S3"), "K2": ("≤ 15 %", "S3"), "K3": ("≥ 60 %", "S3")}
