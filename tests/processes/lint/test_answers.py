"""Gaps, overlaps and answers in vain are told by an example; other conditions are left alone."""

from __future__ import annotations

import pytest

from processes.lint.answers import judged
from processes.lint.vocabulary import Vocabulary, Word
from tests.processes.engine.notation import FEEL

WORDS = Vocabulary(
    {
        "alder": Word("number"),
        "antal": Word("number", whole=True),
        "svar": Word("string", ("ja", "nej", "måske")),
        "ok": Word("boolean", (False, True)),
        "plan": Word("context", fields={"slags": Word("string", ("a", "b"))}),
        "dag": Word("date"),
    }
)


def verdict(*conditions):
    return judged([FEEL.check(text).tree for text in conditions], WORDS)


@pytest.mark.parametrize(
    ("conditions", "example"),
    [
        (("alder < 18", "alder > 18"), "alder = 18"),
        (("alder <= 17", "alder >= 18"), "alder = 17.5"),
        (("antal <= 17", "antal >= 18"), None),
        (("antal <= 17", "antal >= 19"), "antal = 18"),
        (("alder in [0..18)", "alder between 18 and 25", "alder > 25"), "alder = -1"),
        (('svar = "ja"', 'svar = "nej"'), 'svar = "måske"'),
        (('svar = "ja"', 'svar != "ja"'), None),
        (('svar in ("ja", "nej")', '"måske" = svar'), None),
        (("ok", 'not(ok) and svar = "ja"'), 'ok = false, svar = "nej"'),
        (('plan.slags = "a"',), 'plan.slags = "b"'),
    ],
)
def test_finds_a_value_that_no_answer_holds_for(conditions, example):
    found = verdict(*conditions)

    assert found.gap == example
    assert found.certain


def test_finds_two_answers_that_hold_at_once():
    found = verdict("alder < 25", "alder < 18", "alder > 60")

    assert found.overlap == (0, 1, "alder = 17")


def test_lets_conditions_on_different_values_be_asked_in_order():
    assert verdict('svar = "ja"', "alder < 18").overlap is None


def test_finds_an_answer_in_vain():
    assert verdict('svar = "jaa"', 'svar = "ja"').vain == (0,)


def test_gives_no_example_of_a_text_that_no_form_offers():
    found = judged([FEEL.check('fri = "a"').tree, FEEL.check('fri = "b"').tree], Vocabulary())

    assert (found.gap, found.certain) == (None, False)


@pytest.mark.parametrize(
    "condition",
    ['dag > date("2026-01-01")', "count(liste) > 1", "alder > antal", "alder + 1 > 2", "true"],
)
def test_does_not_judge(condition):
    assert verdict(condition) is None
