"""Bad tables are refused at the right cell with an example, and good ones are left alone."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import product
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.engine.decisions import read_decisions
from processes.engine.moment import ElementFailed
from processes.lint import lint
from processes.lint.table_sayings import SAYINGS
from tests.processes.engine.dmn import decide, decision, dmn, knowledge, literal, table
from tests.processes.engine.notation import FEEL, definitions, end, flows, process, props, start

BAD = sorted((Path(__file__).parent / "bad").glob("*.dmn"))
EXPECTED = re.compile(r"<!-- (?P<findings>[^|]*?)(?: \| (?P<says>.*))? -->")
"""`<!-- rule element rule element | words of the Danish sentence -->`; `-` is no element."""

WARNINGS = {"table-open"}
AMONG_FILES = {"decision-twice", "unknown-word", "input-type"}
"""What one file alone cannot show."""

DIAGRAM = definitions(
    process(
        start()
        + '<bpmn:userTask id="spoerg">'
        + props(form="skema")
        + "</bpmn:userTask>"
        + '<bpmn:businessRuleTask id="a"><bpmn:extensionElements>'
        + "<spiffworkflow:calledDecisionId>d</spiffworkflow:calledDecisionId>"
        + "</bpmn:extensionElements></bpmn:businessRuleTask>"
        + end()
        + flows("s>spoerg spoerg>a a>e")
    )
)
FORM = json.dumps(
    {
        "components": [
            {"id": "a", "type": "number", "key": "alder"},
            {"id": "b", "type": "textfield", "key": "by"},
            {"id": "c", "type": "textfield", "key": "dag"},
        ]
    }
)


def findings(text):
    return lint({"x.dmn": text}, FEEL)


def of_table(*shape, **options):
    return findings(dmn(decision("d", table(*shape, **options))))


class TestBadTables:
    @pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
    def test_are_found(self, path):
        text = path.read_text(encoding="utf-8")
        expected = EXPECTED.match(text)
        words = expected["findings"].split()
        wanted = [
            (rule, None if element == "-" else element)
            for rule, element in zip(words[::2], words[1::2], strict=True)
        ]

        found = findings(text)

        assert sorted((p.rule, p.element or "") for p in found) == sorted(
            (rule, element or "") for rule, element in wanted
        )
        assert (expected["says"] or "") in found[0].message_da

    @pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
    def test_are_told_in_two_languages_with_their_place(self, path):
        text = path.read_text(encoding="utf-8")

        for problem in findings(text):
            line = text.splitlines()[problem.line - 1]
            assert problem.message != problem.message_da
            assert problem.severity == ("warning" if problem.rule in WARNINGS else "error")
            if problem.element:
                assert line[problem.column - 1] == "<"

    def test_are_at_least_as_many_as_there_are_rules(self):
        told = {rule for path in BAD for rule in SAYINGS if rule in path.read_text("utf-8")[:200]}

        assert told | AMONG_FILES == set(SAYINGS)

    @pytest.mark.parametrize(
        ("column", "rule", "says"),
        [
            ("aldr:number", "unknown-word", "Mente du 'alder'?"),
            ("by:number", "input-type", "indeholder et tal, men sagens egen værdi er en tekst"),
            ("alder:date", "input-type", "indeholder en dato, men sagens egen værdi er et tal"),
        ],
    )
    def test_are_held_against_what_their_cases_know(self, column, rule, says):
        text = dmn(decision("d", table([column], ["r:number"], ("-", "1"))))

        found = lint({"p.bpmn": DIAGRAM, "x.dmn": text, "skema.form.json": FORM}, FEEL)

        [problem] = [p for p in found if p.file == "x.dmn"]
        assert (problem.rule, problem.element) == (rule, "i1")
        assert says in problem.message_da

    def test_are_not_those_that_nobody_asks(self):
        text = dmn(decision("andet", table(["aldr:number"], ["r:number"], ("-", "1"))))

        found = lint({"p.bpmn": DIAGRAM, "x.dmn": text, "skema.form.json": FORM}, FEEL)

        assert [p for p in found if p.file == "x.dmn"] == []

    @pytest.mark.parametrize("column", ["alder:number", "dag:date", "by", "by:string"])
    def test_are_not_those_that_agree_with_their_cases(self, column):
        text = dmn(decision("d", table([column], ["r:number"], ("-", "1"))))

        found = lint({"p.bpmn": DIAGRAM, "x.dmn": text, "skema.form.json": FORM}, FEEL)

        assert [p for p in found if p.file == "x.dmn"] == []

    def test_are_those_of_two_files_with_one_decision(self):
        same = dmn(decision("d", literal("1")))

        found = lint({"a.dmn": same, "b.dmn": same}, FEEL)

        assert [(p.rule, p.file) for p in found] == [("decision-twice", "b.dmn")]

    def test_are_shown_with_the_first_overlaps_only(self):
        rules = [("-", f'"{number}"') for number in range(9)]

        found = [p for p in of_table(["x"], ["r:string"], *rules) if p.rule == "rules-overlap"]

        assert [p.element for p in found] == ["r2", "r3", "r4", "r5", "r6"]


class TestGoodTables:
    @pytest.mark.parametrize(
        ("inputs", "rules", "hit"),
        [
            (["alder:number"], [("< 18", "1"), (">= 18", "2")], "UNIQUE"),
            (["alder:number"], [("< 18, null", "1"), ("not(< 18, null)", "2")], "UNIQUE"),
            (["alder:integer"], [("<= 17", "1"), (">= 18", "2")], "UNIQUE"),
            (["x:boolean", "y:boolean"], [("true", "-", "1"), ("false", "-", "2")], "UNIQUE"),
            (['x:string|"a","b"'], [('"a"', "1"), ('"b"', "2")], "UNIQUE"),
            (["x:string"], [('"a"', "1"), ('not("a")', "2")], "UNIQUE"),
            (["x:number"], [("< graense", "1"), (">= graense", "2")], "UNIQUE"),
            (["x:string"], [('starts with(?, "a")', "1"), ("-", "2")], "FIRST"),
            (["x:list"], [("count(?) > 1", "1"), ("count(?) <= 1", "2")], "UNIQUE"),
            (["x:number"], [("< 5", "1"), ("> 2", "1")], "ANY"),
            (["x:number"], [("< 5", "1"), ("> 2", "2")], "COLLECT"),
            (
                ["x:number", "x:number"],
                [("> 3", "< 5", "1"), ("<= 3", "-", "2"), ("-", ">= 5", "3")],
                "UNIQUE",
            ),
            (
                ["dag:date"],
                [('< date("2026-02-01")', "1"), ('>= date("2026-02-01")', "2")],
                "UNIQUE",
            ),
            (
                ["tid:time"],
                [('< time("12:00:00")', "1"), ('>= time("12:00:00")', "2")],
                "UNIQUE",
            ),
            (
                ["frist:yearMonthDuration"],
                [('< duration("P1M")', "1"), ('>= duration("P1M")', "2")],
                "UNIQUE",
            ),
            (["alder:number"], [("< 18", "1"), (">= 18", "2"), ("-", "3")], "FIRST"),
        ],
    )
    def test_are_left_alone(self, inputs, rules, hit):
        assert of_table(inputs, ["r:number"], *rules, hit=hit) == []

    def test_may_have_a_default_instead_of_a_rule(self):
        assert of_table(["x:number"], ["r:number=0"], ("> 3", "1")) == []

    def test_may_use_knowledge_and_names_of_the_case(self):
        share = knowledge("del", ["a", "b"], literal("for x in [a, b] return x / (a + b)"))
        asks = decision(
            "d",
            table(["del(1, n)[1]"], ["r:number"], ("> graense", "n"), ("-", "0"), hit="FIRST"),
            "!del",
        )

        assert findings(dmn(share, asks)) == []

    def test_of_a_hundred_rules_are_looked_at_quickly_enough_to_try_every_pair(self):
        rules = [(f"[{n}..{n + 1})", f"{n % 7}", f"{n}") for n in range(100)]

        found = of_table(["x:number", "y:integer"], ["r:number"], *rules)

        assert [problem.rule for problem in found] == ["table-open"]


QUIET = settings(deadline=None, max_examples=60)
"""A busy machine is no failure."""

RULES = st.lists(
    st.tuples(*[st.tuples(st.integers(0, 8), st.integers(0, 6))] * 2, st.booleans()),
    min_size=1,
    max_size=5,
)
GRID = list(product(range(-2, 18), range(-2, 18)))
MAYBE = [None, *range(-2, 18)]


def cell(bounds):
    low, width = bounds
    return "-" if width == 6 else f"[{low}..{low + width}]"


def accepts(bounds, value):
    low, width = bounds
    return width == 6 or low <= value <= low + width


def hits(rules, point):
    return [
        number
        for number, (first, second, _) in enumerate(rules, start=1)
        if accepts(first, point[0]) and accepts(second, point[1])
    ]


def told(rules, hit):
    rows = [(cell(first), cell(second), str(result).lower()) for first, second, result in rules]
    return of_table(["x:integer", "y:integer"], ["r:boolean"], *rows, hit=hit)


def example(problem):
    """The values a sentence gives; what it does not mention may be anything."""
    given_by = dict(re.findall(r"(\w) = (-?\d+)", problem.message))
    return int(given_by.get("x", 0)), int(given_by.get("y", 0))


class TestLaws:
    """Against trying every point of a grid."""

    @QUIET
    @given(RULES)
    def test_overlaps_are_found_where_there_are_any(self, rules):
        found = [p for p in told(rules, "UNIQUE") if p.rule == "rules-overlap"]

        assert bool(found) == any(len(hits(rules, point)) > 1 for point in GRID)
        for problem in found:
            pair = {int(number) for number in re.findall(r"\d+", problem.message)[:2]}
            assert pair <= set(hits(rules, example(problem)))

    @QUIET
    @given(RULES)
    def test_gaps_are_found_where_there_are_any(self, rules):
        found = [p for p in told(rules, "PRIORITY") if p.rule == "table-open"]

        assert bool(found) == any(not hits(rules, point) for point in GRID)
        assert all(hits(rules, example(problem)) == [] for problem in found)

    @QUIET
    @given(RULES)
    def test_rules_that_nothing_reaches_are_found(self, rules):
        found = {p.element for p in told(rules, "FIRST") if p.rule == "rule-unreachable"}

        reached = {f"r{first_of(rules, point)}" for point in product(MAYBE, MAYBE)}
        assert found == {f"r{n}" for n in range(1, len(rules) + 1)} - reached

    @QUIET
    @given(RULES)
    def test_any_overlaps_matter_when_the_answers_differ(self, rules):
        found = [p for p in told(rules, "ANY") if p.rule == "rules-disagree"]

        differ = any(len({rules[n - 1][2] for n in hits(rules, point)}) > 1 for point in GRID)
        assert bool(found) == differ


def first_of(rules, point):
    """The first rule that takes a point, of whose values one may be null."""
    for number, rule in enumerate(rules, start=1):
        if all(
            bounds[1] == 6 or (value is not None and accepts(bounds, value))
            for bounds, value in zip(rule, point, strict=False)
        ):
            return number
    return None


BITS = (
    '"', "-", "not(", "null", 'date("x")', '@"P1D"', 'duration("PT1S")', "[5..1]", "(1..2)", "?",
    "1e9", "-0", '"a","b"', "{a: 1}", "[1,2]", "function(x) x", "for i in 1..9 return i", "if",
    "\u2028", "", 'time("23:59:59")', "1/0", "today()", '@"9999-12-31"',
    'date("-999999999-01-01")', 'duration("P999999999Y")', '-duration("P1D")', "ukendt", "1 +",
)  # fmt: skip
"""What somebody might write into a cell, and nobody should."""

CELL = re.compile(r"(?<=<text>)[^<]*(?=</text>)")
TYPED = re.compile(r'(?<=typeRef=")[^"]*(?=")|(?<=hitPolicy=")[^"]*(?=")')
WHOLE = re.compile(r"<(inputEntry|outputEntry|rule|input|output)\b.*?</\1>", re.DOTALL)


def damaged(text, chance):
    """The text with one place written anew, doubled, or cut out."""
    pattern = chance.choice([CELL, CELL, TYPED, WHOLE])
    places = list(pattern.finditer(text))
    if not places:
        return text[: chance.randrange(len(text))]
    place = chance.choice(places)
    old, bit = place.group(), escape(chance.choice(BITS), {'"': "&quot;"})
    new = chance.choice(["", old * 2] if pattern is WHOLE else [bit, old + bit, bit + old])
    return text[: place.start()] + new + text[place.end() :]


def test_damaged_tables_are_judged_and_decided_without_a_crash():
    chance = Random(20260105)  # noqa: S311 — the same damage every time
    answered = refused = 0

    for _ in range(400):
        text = damaged(chance.choice(BAD).read_text(encoding="utf-8"), chance)
        if any(problem.severity == "error" for problem in findings(text)):
            refused += 1
            continue
        for identity in read_decisions({"x.dmn": text}).by_id:
            with suppress(ElementFailed):
                decide(text, identity, alder=17, samtykke=True, dag="2026-01-31")
                answered += 1

    assert refused
    assert answered
