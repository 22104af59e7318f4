"""En Vej Ind: what its § 115 room, its deadlines and its target group promise."""

from __future__ import annotations

import json
import re

import pytest

from models.calendar import due, parse_instant
from processes.engine.definition import form_keys
from tests.bpmn.folders import BPMN, definition, nodes

EN_VEJ_IND = BPMN / "en_vej_ind"


class TestRoom:
    def test_lets_no_word_of_a_charge_into_the_case(self, plays):
        form = definition(EN_VEJ_IND).form("c1_grundlag.form.json")

        data = plays.report(EN_VEJ_IND / "scenarios" / "t_05.yaml")["data"]
        told = json.dumps(data, ensure_ascii=False).lower()

        assert form is not None
        assert not set(form_keys(form)) & {key for key, value in data.items() if value is not None}
        assert not re.search("sigt|tiltal|anklage", told)


class TestDeadline:
    def test_says_how_a_course_from_the_31st_reaches_the_last_day_of_february(self):
        begun = parse_instant("2026-10-31T09:00:00+01:00")

        ends = due(begun, "P4M")

        assert ends.at == parse_instant("2027-02-28T09:00:00+01:00")
        assert any("28/2" in line.da for line in ends.lines)

    def test_of_a_concern_cannot_be_paused(self):
        steps = {node.id: node for node in nodes(definition(EN_VEJ_IND).processes.values())}

        assert steps["vurder_underretning"].properties["pausable"] == "false"
        assert steps["send_kvittering"].properties["pausable"] == "false"


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
        bundle = definition(EN_VEJ_IND)
        facts = {"alder": age, "i_maalgruppe": at_risk}

        found = bundle.decisions.evaluate(
            bundle.decision("maalgruppe"),
            lambda _: facts,
            engine.feel,
            parse_instant("2026-01-31T09:00:00+01:00"),
        )

        assert found["afgoerelse"] == answer
        assert found["begrundelse"]
