"""Decision tables answer as DMN says, by every hit policy, and say which cell is wrong."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest

from tests.processes.engine.notation import definitions, end, flows, play_files, process, start

TASK = (
    '<bpmn:businessRuleTask id="a"><bpmn:extensionElements>'
    "<spiffworkflow:calledDecisionId>d</spiffworkflow:calledDecisionId>"
    "</bpmn:extensionElements></bpmn:businessRuleTask>"
)
DIAGRAM = definitions(process(start() + TASK + end() + flows("s>a a>e")))
OVERLAPPING = ((["[1..5]"], ['"a"']), (["> 3"], ['"b"']))
NUMBERS = ((["[1..5]"], ["10"]), (["> 3"], ["n * 2"]))


def cells(tag, texts):
    return "".join(f"<{tag}><text>{escape(text)}</text></{tag}>" for text in texts)


def table(rules, *, hit="UNIQUE", given="n", kind="", outputs=("r",), allowed="", more=""):
    columns = "".join(
        f'<output name="{name}"><outputValues><text>{escape(allowed)}</text></outputValues>'
        "</output>"
        for name in outputs
    )
    rows = "".join(
        f"<rule>{cells('inputEntry', tests)}{cells('outputEntry', results)}</rule>"
        for tests, results in rules
    )
    return (
        f'<decision id="d" name="Afgør"><variable name="svar"/>{more}<decisionTable {hit}>'
        f'<input label="felt"><inputExpression typeRef="{kind}"><text>{given}</text>'
        f"</inputExpression></input>{columns}{rows}</decisionTable></decision>"
    ).replace(f"<decisionTable {hit}>", f'<decisionTable hitPolicy="{hit}">')


def decide(*decisions, **data):
    """The stored answer and the incident's text."""
    namespace = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"'
    text = f"<definitions {namespace}>{''.join(decisions)}</definitions>"
    case = play_files({"p.bpmn": DIAGRAM, "d.dmn": text}, **data)
    return case.data.get("svar", "(nothing)"), case.incidents.get("a", "")


class TestHitPolicies:
    @pytest.mark.parametrize(
        ("hit", "answer"),
        [
            ("FIRST", "a"),
            ("PRIORITY", "b"),
            ("RULE ORDER", ["a", "b"]),
            ("OUTPUT ORDER", ["b", "a"]),
            ("COLLECT", ["a", "b"]),
        ],
    )
    def test_choose_among_rules_that_match(self, hit, answer):
        assert decide(table(OVERLAPPING, hit=hit, allowed='"b", "a"'), n=4) == (answer, "")

    @pytest.mark.parametrize(
        ("hit", "says"), [("UNIQUE", "rules 1, 2 all match"), ("ANY", "different answers")]
    )
    def test_say_when_there_are_too_many(self, hit, says):
        answer, incident = decide(table(OVERLAPPING, hit=hit), n=4)

        assert answer == "(nothing)"
        assert says in incident

    @pytest.mark.parametrize("hit", ["UNIQUE", "FIRST", "ANY", "PRIORITY"])
    def test_answer_null_when_nothing_matches(self, hit):
        assert decide(table(OVERLAPPING, hit=hit), n=0) == (None, "")

    @pytest.mark.parametrize("hit", ["COLLECT", "RULE ORDER", "OUTPUT ORDER"])
    def test_answer_an_empty_list_when_nothing_matches(self, hit):
        assert decide(table(OVERLAPPING, hit=hit), n=0) == ([], "")

    @pytest.mark.parametrize(
        ("how", "answer", "empty"),
        [("SUM", 18, None), ("MIN", 8, None), ("MAX", 10, None), ("COUNT", 2, 0)],
    )
    def test_combine_what_they_collect(self, how, answer, empty):
        collected = table(NUMBERS, hit="COLLECT").replace(
            'hitPolicy="COLLECT"', f'hitPolicy="COLLECT" aggregation="{how}"'
        )

        assert decide(collected, n=4) == (answer, "")
        assert decide(collected, n=0) == (empty, "")

    def test_rank_answers_that_hold_commas_and_dates(self):
        words = table([(["-"], ['"c"']), (["-"], ['"a, b"'])], hit="PRIORITY", allowed='"a, b","c"')
        days = table(
            [(["-"], ['date("2026-02-01")']), (["-"], ['date("2026-01-01")'])],
            hit="PRIORITY",
            allowed='date("2026-01-01"), date("2026-02-01")',
        )

        assert decide(words, n=1) == ("a, b", "")
        assert decide(days, n=1) == ("2026-01-01", "")


class TestCells:
    @pytest.mark.parametrize(
        ("test", "value", "matches"),
        [
            ("[15..18)", 18, False),
            ("[15..18)", 15, True),
            ('"a","b"', "b", True),
            ('not("a","b")', "b", False),
            ('not("a","b")', "c", True),
            ("null", None, True),
            ("not(null)", None, False),
            ("not(null)", "x", True),
            ("true", True, True),
            ("true", None, False),
            ("", None, True),
            ("-", "x", True),
            ("> 3", None, False),
        ],
    )
    def test_are_unary_tests(self, test, value, matches):
        answer, incident = decide(table([([test], ['"ja"'])]), n=value)

        assert (answer, incident) == ("ja" if matches else None, "")

    def test_of_a_column_of_dates_read_text_as_dates(self):
        early = table([(['< date("2026-02-01")'], ['"før"'])], given="dag", kind="date")

        assert decide(early, dag="2026-01-15") == ("før", "")

    def test_give_an_object_when_there_are_several_outputs(self):
        assert decide(table([(["-"], ['"a"', "1"])], outputs=("r", "q")), n=1) == (
            {"r": "a", "q": 1},
            "",
        )

    @pytest.mark.parametrize(
        ("rules", "says"),
        [
            ([(["> "], ['"a"'])], "decision 'Afgør', rule 1, column 'felt'"),
            ([(["-"], ["ukendt"])], "decision 'Afgør', rule 1, output 'r'"),
            ([(["1", "2"], ['"a"'])], "decision 'Afgør', rule 1: it lacks a cell"),
            ([(["1"], ['"a"', '"b"'])], "decision 'Afgør', rule 1: it lacks a cell"),
        ],
    )
    def test_that_are_wrong_are_named(self, rules, says):
        assert says in decide(table(rules), n=1)[1]

    def test_that_ask_for_an_unknown_name_are_incidents(self):
        assert "input 'felt'" in decide(table(OVERLAPPING, given="ukendt"), n=1)[1]


class TestRequirements:
    def needs(self, other):
        return (
            f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
        )

    def test_are_decided_first(self):
        first = (
            '<decision id="f"><variable name="dobbelt"/>'
            "<literalExpression><text>n * 2</text></literalExpression></decision>"
        )
        second = table([(["8"], ['"ja"'])], given="dobbelt", more=self.needs("f"))

        assert decide(first, second, n=4) == ("ja", "")

    @pytest.mark.parametrize(("other", "says"), [("d", "needs itself"), ("væk", "not in the file")])
    def test_that_cannot_be_decided_are_incidents(self, other, says):
        assert says in decide(table(OVERLAPPING, more=self.needs(other)), n=1)[1]
