"""Trying a decision tells what it asks for, what it answers, and which rules match."""

from __future__ import annotations

import pytest

from processes.decision_trial import Question, shown_in_feel, try_decision
from processes.engine import BadDiagram, Feel
from tests.processes.engine.dmn import (
    NOW,
    datum,
    decision,
    dmn,
    knowledge,
    literal,
    on,
    table,
)
from tests.processes.engine.notation import FEEL

AGES = decision(
    "d",
    table(
        ["alder:number", "by:string"], ["r:string"], ("< 18", "-", '"ung"'), ("-", '"Odense"', "by")
    ),
)


def attempt(text, identity="d", **texts):
    return try_decision(text, identity, texts, FEEL, NOW)


class TestTryDecision:
    def test_asks_for_the_inputs_in_their_types(self):
        assert attempt(dmn(AGES)).questions == (
            Question("alder", "number"),
            Question("by", "string"),
        )

    def test_asks_for_every_other_name(self):
        one = decision("d", table(["alder + tillæg"], ["r"], ("> graense", "svar"), ("-", "1")))

        names = {question.name for question in attempt(dmn(one)).questions}

        assert names == {"alder", "tillæg", "graense", "svar"}

    def test_asks_for_what_needed_decisions_ask_but_not_for_their_answers(self):
        rate = knowledge("sats", ["x"], literal("x * 2"))
        first = decision("f", literal("sats(dag.year)"), "?dag", "!sats", variable="år")
        second = decision("d", literal("år + n"), "f")

        tried = attempt(dmn(rate, datum("dag", "date"), first, second), dag="2026-01-31", n="1")

        assert tried.questions == (Question("dag", "date"), Question("n", ""))
        assert tried.answer == 4053

    def test_tells_the_rules_that_match(self):
        tried = attempt(dmn(AGES), alder="17", by="Svendborg")

        assert (tried.answer, tried.rules, tried.problem) == ("ung", ("r1",), "")

    def test_tells_them_also_when_there_are_too_many(self):
        tried = attempt(dmn(AGES), alder="17", by="Odense")

        assert tried.answer is None
        assert tried.rules == ("r1", "r2")
        assert "rules 1, 2 all match" in tried.problem

    @pytest.mark.parametrize(
        ("kind", "written", "value"),
        [
            ("number", "16,5", 16.5),
            ("number", "-3", -3),
            ("string", "Åse", "Åse"),
            ("boolean", "true", True),
            ("date", "2026-01-31", on("2026-01-31")),
            ("dayTimeDuration", "P14D", {"@feel": ["duration", "P14D"]}),
            ("duration", 'duration("P14D")', {"@feel": ["duration", "P14D"]}),
            ("", "[1, 2]", [1, 2]),
            ("", "", None),
            ("number", " ", None),
        ],
    )
    def test_reads_what_is_written_as_the_type_wants_it(self, kind, written, value):
        one = decision("d", table([f"x:{kind}"], ["r"], ("-", "x")))

        assert attempt(dmn(one), x=written).answer == value

    @pytest.mark.parametrize("written", ["1 +", "ukendt", "to"])
    def test_says_what_it_cannot_read(self, written):
        one = decision("d", table(["x:number"], ["r"], ("-", "x")))

        assert written in attempt(dmn(one), x=written).problem

    def test_reads_all_that_is_written_within_one_limit_of_time(self):
        one = decision("d", table(["a + b"], ["r"], ("> c", "1")))
        asked = []

        class Watched(Feel):
            def evaluate_all(self, expressions, *more):
                asked.append(expressions)
                return super().evaluate_all(expressions, *more)

        tried = try_decision(dmn(one), "d", {"a": "1+1", "b": "2", "c": "3"}, Watched(), NOW)

        assert tried.answer == 1
        assert asked == [["1+1", "2", "3"]]

    def test_says_which_file_it_cannot_read(self):
        with pytest.raises(BadDiagram):
            attempt("<definitions/>")

    def test_knows_no_decision_that_is_not_there(self):
        with pytest.raises(KeyError):
            attempt(dmn(AGES), "væk")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        ("ung", '"ung"'),
        (on("2026-01-31"), 'date("2026-01-31")'),
        ({"a": [1, True]}, "{a: [1, true]}"),
    ],
)
def test_answers_are_shown_as_feel_writes_them(value, shown):
    assert shown_in_feel(value) == shown
