"""Lokale Ungepartnerskaber: whom it takes, that it has no last date, and what it registers."""

from __future__ import annotations

import pytest

from models.calendar import parse_instant
from tests.bpmn.folders import BPMN, definition, nodes

PARTNERSHIP = BPMN / "ungepartnerskab"


@pytest.fixture
def report(plays):
    return lambda name: plays.report(PARTNERSHIP / "scenarios" / f"{name}.yaml")


def times(report, element):
    return [entry["element"] for entry in report["trace"]].count(element)


class TestTargetGroup:
    @pytest.mark.parametrize(
        ("age", "vulnerable", "answer"),
        [
            (15, True, "afvis"),
            (16, True, "optag"),
            (29, True, "optag"),
            (30, True, "afvis"),
            (20, False, "afvis"),
            (None, True, "afvis"),
        ],
    )
    def test_is_16_to_29_and_vulnerable(self, engine, age, vulnerable, answer):
        bundle = definition(PARTNERSHIP)

        found = bundle.decisions.evaluate(
            bundle.decision("maalgruppe"),
            lambda _: {"alder": age, "i_maalgruppe": vulnerable},
            engine.feel,
            parse_instant("2026-01-31T09:00:00+01:00"),
        )

        assert found["afgoerelse"] == answer


class TestCourse:
    def test_has_no_last_date(self):
        course = definition(PARTNERSHIP).processes["praktikforloeb"]
        timers = [n for n in nodes([course]) if any(t.kind == "timer" for t in n.triggers)]

        assert [timer.id for timer in timers] == ["tre_maaneder"]
        assert "deadlineFor" not in timers[0].properties

    def test_is_reviewed_until_the_youth_is_ready(self, report):
        told = report("t_01")

        assert times(told, "gennemgaa_forloeb") == 2
        assert told["data"]["naeste_skridt"] == "uddannelse"

    @pytest.mark.parametrize(
        ("name", "registered", "followed"),
        [
            ("t_01", "registrer_vej", True),
            ("t_09", "registrer_overgang", True),
            ("andet", "registrer_andet", False),
            ("ukendt", "registrer_andet", False),
            ("t_04", "registrer_afbrydelse", False),
        ],
    )
    def test_registers_how_it_ended_once_and_follows_up_who_went_on(
        self, report, name, registered, followed
    ):
        told = report(name)

        assert times(told, registered) == 1
        assert bool(times(told, "hold_opfoelgning")) is followed
