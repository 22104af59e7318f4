"""Decisions that need decisions, knowledge that decisions share, boxed expressions, types."""

from __future__ import annotations

import pytest

from processes.engine.decision_model import VERSIONS, read_model
from processes.engine.moment import ElementFailed
from processes.engine.problems import BadDiagram
from tests.processes.engine.dmn import (
    NAMESPACE,
    datum,
    decide,
    decision,
    declared,
    dmn,
    knowledge,
    lasting,
    literal,
    on,
    table,
)


def entry(name, logic):
    named = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{named}{logic}</contextEntry>"


def binding(name, text):
    return f'<binding><parameter name="{name}"/>{literal(text)}</binding>'


class TestRequiredDecisions:
    def test_are_there_under_the_names_of_their_variables(self):
        file = dmn(
            decision("f", literal("n * 2"), variable="det dobbelte"),
            decision("d", table(["det dobbelte"], ["r"], ("8", '"ja"')), "f"),
        )

        assert decide(file, n=4) == "ja"

    def test_win_over_a_value_of_the_case(self):
        file = dmn(decision("f", literal("2")), decision("d", literal("f + 1"), "f"))

        assert decide(file, f=10) == 3

    def test_are_made_once_and_in_order(self):
        file = dmn(
            decision("base", literal("n + 1")),
            decision("left", literal("base * 10"), "base"),
            decision("right", literal("base * 100"), "base"),
            decision("d", literal("[left, right, base]"), "left", "right", "base"),
        )

        assert decide(file, n=1) == [20, 200, 2]

    def test_of_a_ladder_of_diamonds_do_not_multiply(self):
        steps = "".join(
            decision(f"s{n}", literal(f"s{n - 1} + s{n - 1}"), f"s{n - 1}", f"s{n - 1}")
            for n in range(1, 40)
        )

        assert decide(dmn(decision("s0", literal("1")), steps), "s39") == 2**39

    def test_that_fail_are_named(self):
        file = dmn(
            decision("f", table(["n"], ["r"], ("-", "ukendt"))), decision("d", literal("f"), "f")
        )

        with pytest.raises(ElementFailed, match=r"decision 'f', rule 1, output 'r': .*\(cell r1o1"):
            decide(file, n=4)

    def test_that_go_in_a_circle_are_refused(self):
        file = dmn(decision("f", literal("d"), "d"), decision("d", literal("f"), "f"))

        with pytest.raises(ElementFailed, match="it needs itself"):
            decide(file)

    def test_that_are_missing_are_refused(self):
        with pytest.raises(ElementFailed, match="needs the decision 'f', which is not in the file"):
            decide(dmn(decision("d", literal("1"), "f")))


class TestInputData:
    def test_are_read_as_their_type(self):
        file = dmn(datum("dag", "date"), decision("d", literal('dag + duration("P1M")'), "?dag"))

        assert decide(file, dag="2026-01-31") == on("2026-02-28")

    def test_of_another_type_are_refused(self):
        file = dmn(datum("alder", "number"), decision("d", literal("alder > 5"), "?alder"))

        with pytest.raises(
            ElementFailed, match=r'input data .alder.: "7" is a text, where a number'
        ):
            decide(file, alder="7")


class TestKnowledge:
    DOUBLE = knowledge("dobbelt", ["tal:number"], literal("tal * 2"))

    def test_is_a_function_of_its_parameters(self):
        file = dmn(self.DOUBLE, decision("d", literal("dobbelt(n) + dobbelt(tal: 10)"), "!dobbelt"))

        assert decide(file, n=4) == 28

    def test_may_be_a_table(self):
        rates = knowledge("sats", ["alder"], table(["alder"], ["r"], ("< 18", "1"), (">= 18", "2")))
        file = dmn(rates, decision("d", literal("for a in aldre return sats(a)"), "!sats"))

        assert decide(file, aldre=[17, 18, 19]) == [1, 2, 2]

    def test_is_asked_from_the_cells_of_a_table(self):
        file = dmn(
            self.DOUBLE,
            decision("d", table(["dobbelt(n)"], ["r"], ("> dobbelt(3)", "dobbelt(1)")), "!dobbelt"),
        )

        assert decide(file, n=4) == 2
        assert decide(file, n=3) is None

    def test_may_need_other_knowledge(self):
        four = knowledge("fire", ["tal"], literal("dobbelt(dobbelt(tal))"), "!dobbelt")
        file = dmn(self.DOUBLE, four, decision("d", literal("fire(n)"), "!fire"))

        assert decide(file, n=3) == 12

    def test_sees_nothing_but_its_parameters_and_the_clock(self):
        nosy = knowledge("nysgerrig", ["tal"], literal("tal + hemmelig"))
        clock = knowledge("ur", [], literal("today()"))
        file = dmn(
            nosy,
            clock,
            decision("d", literal("nysgerrig(1)"), "!nysgerrig"),
            decision("e", literal("ur()"), "!ur"),
        )

        assert decide(file, "e") == on("2026-01-05")
        with pytest.raises(
            ElementFailed, match=r"decision 'nysgerrig', the expression: .*'hemmelig'"
        ):
            decide(file, hemmelig=1)

    @pytest.mark.parametrize(
        ("call", "says"),
        [
            ("dobbelt()", "the parameter 'tal': it is not given"),
            ("dobbelt(1, 2)", "Cannot invoke"),
            ("dobbelt(tel: 1)", "Cannot invoke"),
            ('dobbelt("a")', "the parameter 'tal': \"a\" is a text, where a number is wanted"),
        ],
    )
    def test_wants_its_parameters(self, call, says):
        with pytest.raises(ElementFailed, match=says.replace("(", r"\(")):
            decide(dmn(self.DOUBLE, decision("d", literal(call), "!dobbelt")))

    def test_is_unknown_to_decisions_without_an_arrow(self):
        with pytest.raises(ElementFailed, match="'dobbelt' not found"):
            decide(dmn(self.DOUBLE, decision("d", literal("dobbelt(2)"))))

    def test_that_needs_itself_is_refused(self):
        one = knowledge("a", ["x"], literal("b(x)"), "!b")
        other = knowledge("b", ["x"], literal("a(x)"), "!a")

        with pytest.raises(ElementFailed, match="needs itself"):
            decide(dmn(one, other, decision("d", literal("a(1)"), "!a")))


class TestBoxedExpressions:
    def test_contexts_use_what_stands_above(self):
        boxed = f"<context>{entry('a', literal('n + 1'))}{entry('b', literal('a * 2'))}</context>"

        assert decide(dmn(decision("d", boxed)), n=1) == {"a": 2, "b": 4}

    def test_contexts_may_have_a_result(self):
        chosen = table(["a"], ["r"], ("> 1", '"mange"'), ("<= 1", '"få"'))
        boxed = f"<context>{entry('a', literal('n + 1'))}{entry('', chosen)}</context>"

        assert decide(dmn(decision("d", boxed)), n=1) == "mange"

    def test_contexts_may_hold_functions(self):
        function = (
            '<functionDefinition><formalParameter name="x"/>'
            + literal("x + n")
            + "</functionDefinition>"
        )
        boxed = f"<context>{entry('f', function)}{entry('', literal('f(1) + f(x: 2)'))}</context>"

        assert decide(dmn(decision("d", boxed)), n=10) == 23

    def test_invocations_bind_by_name(self):
        less = knowledge("minus", ["a", "b"], literal("a - b"))
        call = f"<invocation>{literal('minus')}{binding('b', 'n')}{binding('a', '10')}</invocation>"

        assert decide(dmn(less, decision("d", call, "!minus")), n=4) == 6

    @pytest.mark.parametrize(
        ("call", "says"),
        [
            (literal("minus") + binding("c", "1"), "no parameter 'c'; it has a, b"),
            (literal("minus") + binding("a", "1"), "the parameter 'b': it is not given"),
            (literal("1 + 1") + binding("a", "1"), "it calls what is not a function"),
            (literal("minus") + binding("a", "ukendt"), "the binding 'a': .*'ukendt'"),
        ],
    )
    def test_invocations_say_what_does_not_fit(self, call, says):
        less = knowledge("minus", ["a", "b"], literal("a - b"))

        with pytest.raises(ElementFailed, match=says):
            decide(dmn(less, decision("d", f"<invocation>{call}</invocation>", "!minus")))

    def test_lists_and_relations_hold_one_value_a_place(self):
        row = f"<row>{literal('n')}{literal('n + 1')}</row>"
        relation = f'<relation><column name="a"/><column name="b"/>{row}{row}</relation>'

        assert decide(dmn(decision("d", relation)), n=1) == [{"a": 1, "b": 2}] * 2
        assert decide(dmn(decision("d", f"<list>{literal('n')}{literal('2')}</list>")), n=1) == [
            1,
            2,
        ]

    @pytest.mark.parametrize("logic", ["", "<context><contextEntry/></context>", literal("")])
    def test_that_are_not_drawn_yet_are_refused(self, logic):
        with pytest.raises(ElementFailed, match=r"no logic yet|it is empty"):
            decide(dmn(decision("d", logic)))


class TestTypes:
    PERSON = declared(
        "Person",
        parts='<itemComponent name="født"><typeRef>date</typeRef></itemComponent>'
        '<itemComponent name="niveau"><typeRef>string</typeRef>'
        '<allowedValues><text>"høj", "lav"</text></allowedValues></itemComponent>',
    )

    def test_of_the_file_are_read_in_depth(self):
        file = dmn(self.PERSON, datum("p", "Person"), decision("d", literal("p.født.year"), "?p"))

        assert decide(file, p={"født": "2008-03-01", "niveau": "lav"}) == 2008

    def test_of_the_file_limit_values(self):
        file = dmn(self.PERSON, datum("p", "Person"), decision("d", literal("p.niveau"), "?p"))

        with pytest.raises(ElementFailed, match="part 'niveau': \"nej\" is not one of the allowed"):
            decide(file, p={"niveau": "nej"})

    def test_may_be_lists(self):
        spans = declared("Perioder", "dayTimeDuration", many=True)
        file = dmn(spans, datum("p", "Perioder"), decision("d", literal("p[2]"), "?p"))

        assert decide(file, p=["P1D", "P2D"]) == lasting("P2D")

    @pytest.mark.parametrize("kind", ["feel:number", "number", "integer", "double"])
    def test_have_one_meaning_in_every_version(self, kind):
        with pytest.raises(ElementFailed, match="where a number is wanted"):
            decide(dmn(decision("d", literal('"a"'), kind=kind)))

    def test_that_nobody_knows_do_not_disturb(self):
        assert decide(dmn(decision("d", literal('"a"'), kind="Ukendt"))) == "a"


class TestFiles:
    @pytest.mark.parametrize("namespace", sorted(VERSIONS))
    def test_of_every_version_are_read(self, namespace):
        file = dmn(decision("d", table(["n:feel:number"], ["r"], ("1", "2"))), namespace=namespace)

        assert decide(file, n=1) == 2

    def test_hold_decisions_with_their_places(self):
        found = read_model(
            "x.dmn", f'<definitions xmlns="{NAMESPACE}">\n  <decision\n id="d"/>\n</definitions>'
        )

        assert (found.decisions["d"].line, found.decisions["d"].column) == (2, 3)

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("<definitions", "not-xml"),
            (f'<!DOCTYPE x [<!ENTITY a "b">]><definitions xmlns="{NAMESPACE}"/>', "not-dmn"),
            ('<definitions xmlns="urn:x"/>', "not-dmn"),
            (f'<decision xmlns="{NAMESPACE}"/>', "not-dmn"),
            (dmn('<import name="a"/>'), "unsupported"),
            (dmn(decision("d", "<conditional/>")), "unsupported"),
            (dmn(decision("d", "<list><filter/></list>")), "unsupported"),
            (dmn('<decisionService id="s"/>', decision("d", literal("1"), "!s")), "unsupported"),
            (
                dmn(decision("d", '<literalExpression expressionLanguage="JUEL"/>')),
                "unsupported",
            ),
            (
                dmn(
                    knowledge("k", [], literal("1")).replace(
                        "<encapsulatedLogic", '<encapsulatedLogic kind="Java"'
                    )
                ),
                "unsupported",
            ),
            (dmn(decision("d", literal("1")), decision("d", literal("2"))), "duplicate-id"),
        ],
    )
    def test_that_cannot_be_decided_are_refused(self, text, rule):
        with pytest.raises(BadDiagram) as refused:
            read_model("x.dmn", text)

        [problem] = refused.value.problems
        assert (problem.rule, problem.file) == (rule, "x.dmn")
        assert problem.message != problem.message_da
        assert problem.line
        assert problem.column


class TestTypesOfTheFile:
    def test_that_are_defined_by_each_other_are_refused(self):
        circle = declared("Alder", "Tal") + declared("Tal", "Alder")
        types = circle + declared("Navn", "string")

        with pytest.raises(BadDiagram) as refused:
            read_model("d.dmn", dmn(types, decision("d", literal("1"))))

        assert [problem.name for problem in refused.value.problems] == ["Alder", "Tal"]
