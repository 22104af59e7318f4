"""Projekt Aalborg Øst: what its two tables say, and what nobody may learn from a case."""

from __future__ import annotations

import json
import re
from itertools import product

import pytest

from models.calendar import parse_instant
from processes.engine.elements.activities import form_name
from processes.forms import compartment
from tests.bpmn.folders import BPMN, below, definition, nodes

OEST = BPMN / "aalborg_oest"
NOW = parse_instant("2026-03-09T09:00:00+01:00")
READY, KEPT, AGREED = ("klar", "ikke_endnu"), (75, 74), ("ja", "nej")
LIST = {"liste_mindst": 10, "liste_hoejst": 15}
OF_CASES = re.compile(r"verserende|straffesag|sigtelse|sagsstatus", re.IGNORECASE)


@pytest.fixture
def decide(plays):
    """A table's answer to some facts."""

    def decided(name, facts):
        bundle = definition(OEST)
        table, feel = bundle.decision(name), plays.engine.feel
        return bundle.decisions.evaluate(table, lambda _: facts, feel, NOW)

    return decided


def tasks():
    return [n for n in nodes(definition(OEST).processes.values()) if n.kind == "userTask"]


class TestImprovement:
    @pytest.mark.parametrize(("ready", "kept", "agreed"), list(product(READY, KEPT, AGREED)))
    def test_needs_all_three_criteria(self, decide, ready, kept, agreed):
        facts = {"rum_svar": ready, "overholdt_procent": kept, "parter_enige": agreed}

        found = decide("bedring", {**facts, "bedring_procent": 75})

        is_better = (ready, kept, agreed) == (READY[0], KEPT[0], AGREED[0])
        assert found["afgoerelse"] == ("trap_ned" if is_better else "fortsaet")

    def test_does_not_say_which_criterion_is_missing(self, decide):
        missing = [
            {"rum_svar": ready, "overholdt_procent": kept, "parter_enige": agreed}
            for ready, kept, agreed in product(READY, KEPT, AGREED)
        ][1:]

        said = {decide("bedring", {**f, "bedring_procent": 75})["begrundelse"] for f in missing}

        assert len(said) == 1

    def test_follows_the_share_that_the_programme_sets(self, decide):
        facts = {"rum_svar": "klar", "overholdt_procent": 60, "parter_enige": "ja"}

        assert decide("bedring", {**facts, "bedring_procent": 60})["afgoerelse"] == "trap_ned"


class TestList:
    @pytest.mark.parametrize(
        ("others", "said"),
        [(0, "under"), (8, "under"), (9, "inden_for"), (14, "inden_for"), (15, "over")],
    )
    def test_warns_outside_ten_to_fifteen(self, decide, others, said):
        assert decide("listestoerrelse", {"paa_listen": others, **LIST})["vurdering"] == said

    def test_counts_everybody_between_the_confirmation_and_the_way_off(self):
        counting = [
            parameter.value
            for node in nodes(definition(OEST).processes.values())
            if node.operation and node.operation.id == "programme/CountOthers"
            for parameter in node.operation.parameters
        ]

        assert len(counting) == 2
        assert set(counting) == {'["På listen", "Indsats", "Venter", "Nedtrapning"]'}


class TestRoom:
    def test_keeps_what_police_and_prosecution_tell_out_of_the_programme_record(self):
        forms = {
            node.id: compartment(definition(OEST).form(form_name(node)))
            for node in tasks()
            if node.lane in {"Politi", "Anklagemyndighed"}
        }

        assert forms == {
            "gennemgaa_straffesager": "C",
            "giv_sagsstatus": "C",
            "gennemgaa_rummet": "C",
            "svar_fra_rummet": "A",
        }

    def test_leaves_no_word_of_a_pending_case_in_any_case(self, plays):
        for path in below("scenarios/*.yaml", [OEST]):
            told = json.dumps(plays.report(path)["data"], ensure_ascii=False)

            assert not OF_CASES.search(re.sub(r'"\w+": null', "", told)), path.name

    def test_asks_everybody_on_the_list_so_that_the_question_tells_nothing(self):
        effort = definition(OEST).processes["oest_indsats"]
        asked = {"gennemgaa_straffesager", "giv_sagsstatus"}

        forks = [node.id for _, node in effort.walk() if node.kind == "exclusiveGateway"]

        assert asked <= {node.id for _, node in effort.walk()}
        assert forks == []
