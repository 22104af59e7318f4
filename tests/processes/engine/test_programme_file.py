"""A programme's own file: what it may hold, and what is said of what it may not."""

from __future__ import annotations

import json

import pytest

from processes.engine.problems import BadDiagram
from processes.engine.programme import KINDS, Words
from processes.engine.programme_file import check_programme, read_programme
from processes.engine.programme_values import WANTED, fault_of
from tests.programme_files import parameter, programme

FILE = "p.programme.json"


def found(text):
    _, problems = check_programme(FILE, text)
    return [(problem.rule, problem.element) for problem in problems]


class TestReadProgramme:
    def test_keeps_what_the_file_says_of_a_parameter(self):
        note = {"da": "hurtigst muligt", "en": "as soon as possible"}
        text = programme(parameter("plan_frist", source="S1", note=note, minimum="P1D"))

        [plan] = read_programme(FILE, text).parameters

        assert (plan.value, plan.source, plan.minimum) == ("P14D", "S1", "P1D")
        assert plan.note == Words("hurtigst muligt", "as soon as possible")

    @pytest.mark.parametrize(
        ("kind", "value", "tagged"),
        [
            ("duration", "P14D", {"@feel": ["duration", "P14D"]}),
            ("duration", "P2W", {"@feel": ["duration", "P14D"]}),
            ("duration", "P1M2W3D", {"@feel": ["duration", "P1M17D"]}),
            ("duration", "-P14D", {"@feel": ["duration", "-P14D"]}),
            ("date", "2028-02-29", {"@feel": ["date", "2028-02-29"]}),
            ("cycle", "R/P14D", "R/P14D"),
            ("text", "14", "14"),
            ("email", "a@b.example, c@d.example", "a@b.example, c@d.example"),
            ("number", 15, 15),
            ("money", 1200000.5, 1200000.5),
            ("percent", 80, 80),
            ("truth", False, False),
        ],
    )
    def test_reads_a_value_by_its_kind(self, kind, value, tagged):
        text = programme(parameter("x", kind=kind, value=value))

        assert read_programme(FILE, text).parameters[0].tagged == tagged

    def test_refuses_what_is_wrong_with_all_its_problems(self):
        text = programme(parameter("x", value=3), parameter("y", source="S9"))

        with pytest.raises(BadDiagram) as bad:
            read_programme(FILE, text)

        assert [problem.rule for problem in bad.value.problems] == [
            "programme-value",
            "programme-source",
        ]


class TestCheckProgramme:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("duration", "14 dage"),
            ("duration", 14),
            ("duration", "P1000Y"),
            ("cycle", "P14D"),
            ("cycle", "R/P0D"),
            ("cycle", None),
            ("date", "2027-02-29"),
            ("date", "20280229"),
            ("text", ""),
            ("text", "to\nlinjer"),
            ("text", "x" * 2001),
            ("email", "ingen"),
            ("email", "a@b.example;c@d.example"),
            ("number", "15"),
            ("number", True),
            ("number", float("inf")),
            ("number", 10**400),
            ("money", -(10**400)),
            ("money", "1.200.000"),
            ("percent", -1),
            ("truth", "true"),
            ("truth", 1),
        ],
    )
    def test_finds_a_value_that_is_not_of_its_kind(self, kind, value):
        text = programme(parameter("x", kind=kind, value=value))

        assert found(text) == [("programme-value", "x")]

    @pytest.mark.parametrize(
        ("kind", "value", "limits"),
        [
            ("duration", "P13D", {"minimum": "P2W"}),
            ("duration", "P25M", {"maximum": "P2Y"}),
            ("duration", "-P3D", {"maximum": "-P1W"}),
            ("number", 9, {"minimum": 10, "maximum": 15}),
            ("date", "2026-01-01", {"minimum": "2026-01-02"}),
        ],
    )
    def test_finds_a_value_outside_its_limits(self, kind, value, limits):
        text = programme(parameter("x", kind=kind, value=value, **limits))

        assert found(text) == [("programme-limit", "x")]

    @pytest.mark.parametrize("sign", ["\\u0000", "\\ud800"])
    def test_finds_words_that_no_database_can_keep(self, sign):
        text = programme(parameter("x", label={"da": "Plan", "en": "MARK"})).replace("MARK", sign)

        assert [rule for rule, _ in found(text)] == ["programme-shape"]

    def test_finds_limits_of_what_has_no_scale(self):
        text = programme(parameter("x", kind="text", value="a", minimum="a", maximum="b"))

        assert found(text) == [("programme-no-scale", "x"), ("programme-no-scale", "x")]

    def test_finds_a_limit_that_is_not_of_the_parameters_kind(self):
        assert found(programme(parameter("x", minimum=3))) == [("programme-value", "x")]

    def test_finds_a_value_that_is_no_option(self):
        text = programme(parameter("x", kind="text", value="c", options=["a", "b"]))

        assert found(text) == [("programme-option", "x")]

    def test_finds_two_of_one_name_at_the_second(self):
        text = programme(parameter("x"), parameter("x"))

        _, [problem] = check_programme(FILE, text)

        assert problem.rule == "programme-twice"
        assert text[problem.column - 1 :].startswith('"name"')
        assert problem.column > text.index('"x"')

    @pytest.mark.parametrize("part", ["indicators", "facts"])
    def test_finds_a_source_that_nobody_told(self, part):
        words = {"da": "a", "en": "b"}
        entry = {"id": "K1", "text": words, "source": "S2"}
        entry = entry if part == "indicators" else {"text": words, "source": "S2"}

        assert found(programme(**{part: [entry]})) == [("programme-source", None)]

    @pytest.mark.parametrize(
        ("text", "rules"),
        [
            ("{", ["programme-not-json"]),
            ("[]", ["programme-shape"]),
            ("[" * 100_000, ["programme-shape"]),
            ("1" * 5000, ["programme-shape"]),
            (programme(summary="kort"), ["programme-shape"]),
            (programme(sources={"S1": 3}), ["programme-shape"]),
            (programme(name={"da": "", "en": "x"}), ["programme-shape"]),
            (programme(parameters={}), ["programme-shape"]),
            (programme(parameter(farve="blå")), ["programme-unknown"]),
            (programme(parameter("to ord")), ["programme-name"]),
            (programme(parameter("x\n")), ["programme-name"]),
            (programme(parameter(kind="farve")), ["programme-kind"]),
            (programme({"name": "x", "kind": "text"}), ["programme-missing"] * 3),
        ],
    )
    def test_finds_what_has_another_shape(self, text, rules):
        assert [rule for rule, _ in found(text)] == rules

    def test_tells_the_line_and_column_of_what_it_found(self):
        said = json.loads(programme(parameter("x"), parameter("y", value="kort")))
        text = json.dumps(said, indent=2)

        _, [problem] = check_programme(FILE, text)

        line = text.split("\n")[problem.line - 1]
        assert line[problem.column - 1 :].startswith('"value": "kort"')

    def test_says_it_in_both_languages(self):
        _, [problem] = check_programme(FILE, programme(parameter(kind="money", value="dyrt")))

        assert "kroner as a number" in problem.message
        assert "kroner som et tal" in problem.message_da


def test_every_kind_has_a_rule_and_words_for_it():
    assert set(WANTED) == set(KINDS)
    assert {kind: fault_of(kind, []) for kind in KINDS} == WANTED
