"""What is particular to Norddjurs: whom it invites, when it meets, what it pays."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from models.calendar import parse_instant
from processes.access import GUESTS, sight_of
from tests.bpmn.folders import BPMN, definition, drawn, nodes

NORDDJURS = BPMN / "norddjurs"
SCENARIOS = NORDDJURS / "scenarios"
NOON = parse_instant("2026-03-20T12:00:00+01:00")


@pytest.fixture
def decide(plays):
    """A table's answer to some facts."""

    def answer(table, **facts):
        bundle = definition(NORDDJURS)
        known = {**bundle.parameters("norddjurs"), **facts}
        decision = bundle.decision(table)
        return bundle.decisions.evaluate(decision, lambda _: known, plays.engine.feel, NOON)

    return answer


class TestAdHoc:
    @pytest.mark.parametrize(
        ("cause", "crime", "absence", "invited"),
        [
            ("rusmidler", "nej", 0, ["Rusmiddelrådgiver"]),
            ("rusmidler", "nej", 40, ["Rusmiddelrådgiver", "Fraværskonsulent"]),
            ("kriminalitet", "ja", 14, ["Nærpoliti"]),
            ("hjem", "ja", 15, ["Nærpoliti", "Fraværskonsulent", "Familiehus"]),
            ("andet", "nej", 14, []),
        ],
    )
    def test_is_called_by_the_cause(self, decide, cause, crime, absence, invited):
        facts = {"begyndende_kriminalitet": crime, "fravaer_procent": absence}

        assert decide("ad_hoc", hovedaarsag=cause, **facts) == invited

    def test_is_always_a_guest(self, decide):
        causes = ("rusmidler", "kriminalitet", "fravaer", "hjem", "andet")
        invited = {
            role
            for cause, crime, absence in product(causes, ("ja", "nej"), (0, 100))
            for role in decide(
                "ad_hoc", hovedaarsag=cause, begyndende_kriminalitet=crime, fravaer_procent=absence
            )
        }

        assert invited == GUESTS

    def test_has_no_task_in_another_role_s_lane(self):
        calls = [n for n in nodes(drawn(NORDDJURS)) if n.called == "ad_hoc_deltager"]

        assert {node.mapping("lane")["Ad hoc-deltager"] for node in calls} == GUESTS
        assert all("C" not in sight_of(role).compartments for role in GUESTS)


class TestMeeting:
    def test_on_maundy_thursday_is_held_after_easter_and_the_next_in_its_turn(self, plays):
        trace = plays.report(SCENARIOS / "t_11.yaml")["trace"]

        held = [entry["at"] for entry in trace if entry["element"] == "taskforcen_moedes"]

        assert held == [
            "2026-04-07T13:00:00+02:00",
            "2026-04-16T13:00:00+02:00",
            "2026-04-30T13:00:00+02:00",
        ]

    def test_ends_the_access_of_who_has_not_answered(self, plays):
        trace = plays.report(SCENARIOS / "t_11.yaml")["trace"]

        [begins] = {e["at"] for e in trace if e["element"] == "taskforcen_moedes"} & {
            "2026-04-07T13:00:00+02:00"
        }
        [ended] = [e["at"] for e in trace if e["element"] == "moedet_er_slut"]

        assert parse_instant(ended) - parse_instant(begins) == timedelta(hours=2)
        assert [e["element"] for e in trace].count("luk_adgang") == 3


class TestMoney:
    def test_is_of_one_of_the_six_kinds_of_the_source(self):
        form = definition(NORDDJURS).form("indsats.form.json")
        [kinds] = [c["values"] for c in form["components"] if c.get("key") == "indsats_type"]

        assert len(kinds) == 6

    def test_is_the_source_s_yearly_amount(self):
        values = definition(NORDDJURS).parameters("norddjurs")

        assert values["aarsbudget"] == 1_200_000
        status = definition(NORDDJURS, "udvalgsstatus").parameters("udvalgsstatus")
        assert status["aarsbudget"] == values["aarsbudget"]
