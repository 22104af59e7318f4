"""Decision tables: every hit policy, every type, every mistake with its rule and cell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.engine.moment import ElementFailed
from tests.processes.engine.dmn import decide, decision, declared, dmn, lasting, on, table

SINGLE = ("UNIQUE", "ANY", "PRIORITY", "FIRST")
MULTIPLE = ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
ALLOWED = '|"høj","mellem","lav"'
TIME = {"@feel": ["time", "12:30:00"]}
MOMENT = {"@feel": ["date and time", "2026-01-31T12:00:00+01:00"]}


def answer(*arguments, kind="", **options):
    """The answer of one table about the value `x`; of `x` in the last argument."""
    *shape, data = arguments
    return decide(dmn(decision("d", table(*shape, **options), kind=kind)), **data)


def matches(test, value, kind=""):
    """Whether a cell accepts a value."""
    found = answer([f"x:{kind}"], ["r"], (test, "true"), {"x": value}, hit="FIRST")
    assert found in {True, None}
    return found is True


class TestHitPolicies:
    RULES = (("> 1", '"lav"'), ("> 2", '"høj"'), ("> 3", '"mellem"'))

    @pytest.mark.parametrize(
        ("hit", "wanted"),
        [
            ("FIRST", "lav"),
            ("PRIORITY", "høj"),
            ("RULE ORDER", ["lav", "høj", "mellem"]),
            ("OUTPUT ORDER", ["høj", "mellem", "lav"]),
            ("COLLECT", ["lav", "høj", "mellem"]),
        ],
    )
    def test_choose_or_order_what_matches(self, hit, wanted):
        assert answer(["x"], [f"r:string{ALLOWED}"], *self.RULES, {"x": 9}, hit=hit) == wanted

    @pytest.mark.parametrize("hit", [*SINGLE, *MULTIPLE])
    def test_agree_when_one_rule_matches(self, hit):
        found = answer(["x"], [f"r:string{ALLOWED}"], *self.RULES, {"x": 2}, hit=hit)

        assert found == (["lav"] if hit in MULTIPLE else "lav")

    @pytest.mark.parametrize("hit", SINGLE)
    def test_for_one_answer_give_null_when_none_matches(self, hit):
        assert answer(["x"], [f"r{ALLOWED}"], *self.RULES, {"x": 0}, hit=hit) is None

    @pytest.mark.parametrize("hit", MULTIPLE)
    def test_for_many_answers_give_an_empty_list_when_none_matches(self, hit):
        assert answer(["x"], [f"r{ALLOWED}"], *self.RULES, {"x": 0}, hit=hit) == []

    @pytest.mark.parametrize("hit", [*SINGLE, *MULTIPLE])
    def test_give_the_default_when_none_matches(self, hit):
        found = answer(["x"], [f'r{ALLOWED}="lav"'], *self.RULES, {"x": 0}, hit=hit)

        assert found == (["lav"] if hit in MULTIPLE else "lav")

    def test_give_null_for_an_output_without_default(self):
        found = answer(["x"], ['r="ingen"', "q"], ("> 1", '"a"', "2"), {"x": 0})

        assert found == {"r": "ingen", "q": None}

    def test_name_the_rules_that_must_not_match_together(self):
        with pytest.raises(
            ElementFailed, match="must have one answer, but rules 1, 2, 3 all match"
        ):
            answer(["x"], ["r"], *self.RULES, {"x": 9})

    def test_name_the_answers_that_differ(self):
        with pytest.raises(ElementFailed, match='different answers: rule 1 "lav", rule 2 "høj"'):
            answer(["x"], ["r"], *self.RULES, {"x": 3}, hit="ANY")

    def test_allow_rules_that_say_the_same(self):
        rules = (("> 1", "{a: [1, 2]}"), ("> 2", "{a: [1, 1 + 1]}"))

        assert answer(["x"], ["r"], *rules, {"x": 3}, hit="ANY") == {"a": [1, 2]}

    def test_rank_by_the_first_output_and_then_the_next(self):
        rules = (("-", '"lav"', "1"), ("-", '"høj"', "2"), ("-", '"høj"', "1"))
        outputs = [f"r{ALLOWED}", "q|1,2"]

        ordered = answer(["x"], outputs, *rules, {"x": 0}, hit="OUTPUT ORDER")
        first = answer(["x"], outputs, *rules, {"x": 0}, hit="PRIORITY")

        assert ordered == [{"r": "høj", "q": 1}, {"r": "høj", "q": 2}, {"r": "lav", "q": 1}]
        assert first == ordered[0]

    def test_rank_by_the_values_of_a_declared_type(self):
        level = declared("Niveau", "string", '"høj","lav"')
        one = decision(
            "d", table(["x"], ["r:Niveau"], ("-", '"lav"'), ("-", '"høj"'), hit="PRIORITY")
        )

        assert decide(dmn(level, one), x=1) == "høj"

    def test_rank_dates(self):
        values = '|date("2026-03-01"),date("2026-01-01")'
        rules = (("-", 'date("2026-01-01")'), ("-", 'date("2026-03-01")'))

        assert answer(["x"], [f"r:date{values}"], *rules, {"x": 1}, hit="PRIORITY") == on(
            "2026-03-01"
        )

    @pytest.mark.parametrize("hit", ["PRIORITY", "OUTPUT ORDER"])
    def test_want_values_to_rank_by(self, hit):
        with pytest.raises(ElementFailed, match="output values in order of priority"):
            answer(["x"], ["r"], *self.RULES, {"x": 9}, hit=hit)

    @pytest.mark.parametrize(
        ("how", "wanted", "empty"),
        [("SUM", 9, None), ("MIN", 2, None), ("MAX", 4, None), ("COUNT", 3, 0)],
    )
    def test_combine_what_they_collect(self, how, wanted, empty):
        rules = (("> 1", "3"), ("> 2", "2"), ("> 3", "x - 5"))

        assert answer(["x"], ["r"], *rules, {"x": 9}, hit="COLLECT", how=how) == wanted
        assert answer(["x"], ["r"], *rules, {"x": 0}, hit="COLLECT", how=how) == empty

    def test_combine_dates_and_durations(self):
        days = (("-", 'date("2026-03-01")'), ("-", 'date("2026-01-01")'))
        spans = (("-", 'duration("P2D")'), ("-", 'duration("P10D")'))

        assert answer(["x"], ["r"], *days, {"x": 0}, hit="COLLECT", how="MIN") == on("2026-01-01")
        assert answer(["x"], ["r"], *spans, {"x": 0}, hit="COLLECT", how="MAX") == lasting("P10D")

    @pytest.mark.parametrize("how", ["SUM", "MIN"])
    def test_refuse_to_combine_what_has_no_sum(self, how):
        rules = (("-", '"a"'), ("-", "2"))

        with pytest.raises(ElementFailed, match=f"cannot be combined by {how}"):
            answer(["x"], ["r"], *rules, {"x": 0}, hit="COLLECT", how=how)

    def test_evaluate_nothing_below_the_first_that_matches(self):
        rules = (("1", '"a"'), ("ukendt", '"b"'))

        assert answer(["x"], ["r"], *rules, {"x": 1}, hit="FIRST") == "a"


class TestCells:
    @pytest.mark.parametrize(
        ("test", "kind", "yes", "no"),
        [
            ("17", "number", [17, 17.0], [16, None]),
            ("[15..18]", "number", [15, 17.5, 18], [14.9, 18.1, None]),
            ("(15..18)", "number", [15.1, 17.9], [15, 18]),
            ("]15..18[", "number", [15.1, 17.9], [15, 18]),
            ("< 3, > 7", "number", [2, 8], [3, 7]),
            ("not(1, 2)", "number", [3], [1, 2]),
            ("not([1..5])", "number", [0, 6], [1, 5]),
            ("1, [5..6], > 9", "number", [1, 5.5, 10], [2, 7, 9]),
            ('"a"', "string", ["a"], ["A", "b", None]),
            ('"a", "b"', "string", ["a", "b"], ["c"]),
            ('not("a", "b")', "string", ["c"], ["a", "b"]),
            ('starts with(?, "a")', "string", ["ab"], ["ba"]),
            ("string length(?) > 2", "string", ["abc"], ["ab"]),
            ("true", "boolean", [True], [False, None]),
            ("false", "boolean", [False], [True, None]),
            ("not(true)", "boolean", [False], [True]),
            ("true, false", "boolean", [True, False], [None]),
            ("null", "string", [None], ["a"]),
            ("not(null)", "string", ["a"], [None]),
            ("-", "string", ["a", None], []),
            ("", "string", ["a", None], []),
            ('date("2026-01-31")', "date", [on("2026-01-31"), "2026-01-31"], ["2026-01-30"]),
            ('< date("2026-02-01")', "date", ["2026-01-31"], ["2026-02-01", None]),
            ('[@"2026-01-01"..@"2026-12-31"]', "date", ["2026-06-01"], ["2027-01-01"]),
            ('not(date("2026-01-31"))', "date", ["2026-01-30"], ["2026-01-31"]),
            ('> time("12:00:00")', "time", [TIME], [{"@feel": ["time", "11:59:00"]}]),
            (
                '>= date and time("2026-01-31T11:00:00Z")',
                "dateTime",
                [MOMENT, "2026-01-31T12:00:00Z"],
                ["2026-01-31T10:59:59Z"],
            ),
            ('<= duration("P14D")', "dayTimeDuration", [lasting("P13D"), "P14D"], ["P15D"]),
            (
                '[duration("P1M")..duration("P6M")]',
                "years and months duration",
                ["P1M", "P6M"],
                ["P7M"],
            ),
            ("count(?) > 1", "list", [[1, 2]], [[1], []]),
            ('list contains(?, "a")', "list<string>", [["a", "b"]], [["b"], []]),
            ("?.alder > 17", "context", [{"alder": 18}], [{"alder": 17}]),
            ("> 2", "", [3], [2, None]),
        ],
    )
    def test_accept_what_they_say(self, test, kind, yes, no):
        assert [matches(test, value, kind) for value in yes] == [True] * len(yes)
        assert [matches(test, value, kind) for value in no] == [False] * len(no)

    def test_may_name_other_values(self):
        rules = (("> graense", '"over"'), ("[graense - 1..graense]", '"tæt på"'))

        assert answer(["x"], ["r"], *rules, {"x": 9, "graense": 8}) == "over"
        assert answer(["x"], ["r"], *rules, {"x": 7, "graense": 8}) == "tæt på"

    def test_compare_with_names_that_have_spaces(self):
        data = {"antal børn": 2, "x": 1}

        assert answer(["antal børn"], ["r"], ("< 3", "antal børn + x"), data) == 3

    def test_ask_every_column(self):
        rules = (("1", "1", '"ja"'), ("1", "2", '"nej"'))

        assert answer(["x", "y"], ["r"], *rules, {"x": 1, "y": 2}) == "nej"
        assert answer(["x", "y"], ["r"], *rules, {"x": 2, "y": 2}) is None

    def test_are_all_accepted_by_a_table_without_inputs(self):
        assert answer([], ["r"], ('"altid"',), {"x": 1}) == "altid"

    @pytest.mark.parametrize(
        ("result", "kind", "wanted"),
        [
            ("x + 1", "number", 2),
            ('"a" + "b"', "string", "ab"),
            ('"2026-01-31"', "date", on("2026-01-31")),
            ('date("2026-01-31") + duration("P1M")', "date", on("2026-02-28")),
            ("[x, 2]", "list<number>", [1, 2]),
            ("x", "list<number>", [1]),
            ("[x]", "number", 1),
            ("{a: x}", "context", {"a": 1}),
            ("null", "number", None),
            ("-", "number", None),
            ("", "number", None),
            ("x > 0", "boolean", True),
        ],
    )
    def test_give_results_of_their_type(self, result, kind, wanted):
        assert answer(["x"], [f"r:{kind}"], ("-", result), {"x": 1}) == wanted


class TestMistakes:
    """What goes wrong says where: decision, rule, column, cell."""

    @pytest.mark.parametrize(
        ("inputs", "rule", "value", "says"),
        [
            (["x"], ("> ", "1"), 1, "decision 'd', rule 1, column 'x': "),
            (["x"], ("ukendt", "1"), 1, r"rule 1, column 'x': .*'ukendt'.*\(cell r1i1: ukendt\)"),
            (["x"], ("-", "ukendt"), 1, r"rule 1, output 'r': .*'ukendt'.*\(cell r1o1: ukendt\)"),
            (["x"], ("-", "1 +"), 1, r"rule 1, output 'r': .*\(cell r1o1: 1 \+\)"),
            (["ukendt"], ("-", "1"), 1, r"the input 'ukendt': .*not found.*\(cell i1: ukendt\)"),
            (["x:number"], ("-", "1"), "17", 'input .x.: "17" is a text, where a number is wanted'),
            (["x:date"], ("-", "1"), "i går", '"i går" is a text, where a date is wanted'),
            (["x:boolean"], ("-", "1"), "ja", '"ja" is a text, where a truth value is wanted'),
            (["x:string"], ("-", "1"), 3, "3 is a number, where a text is wanted"),
            (["x:dayTimeDuration"], ("-", "1"), "P1M", "where a days and time duration is wanted"),
            (["x:list<number>"], ("-", "1"), [1, "a"], '"a" is a text, where a number is wanted'),
            (['x|"a","b"'], ("-", "1"), "c", '"c" is not one of the allowed values "a","b"'),
            (["x|[0..9]"], ("-", "1"), 10, r"10 is not one of the allowed values \[0..9\]"),
            (['x|"a"'], ("-", "1"), ["a", "c"], '"c" is not one of the allowed values'),
            (["x"], ("1", "2", "3"), 1, "decision 'd', rule 1: it lacks a cell"),
            (["x"], ("1",), 1, "decision 'd', rule 1: it lacks a cell"),
            (["x"], ("-", "nej(x)"), 1, "'nej' not found"),
            (["x"], ("-", "function(a) a"), 1, "the result is a function"),
        ],
    )
    def test_are_named(self, inputs, rule, value, says):
        with pytest.raises(ElementFailed, match=says):
            answer(inputs, ["r"], rule, {"x": value})

    @pytest.mark.parametrize(
        ("output", "result", "says"),
        [
            ("r:number", '"a"', 'output .r.: "a" is a text, where a number is wanted'),
            ('r|"a","b"', '"c"', r'"c" is not one of the allowed values .*\(cell r2o1: "c"\)'),
            ("r:date", "1", "1 is a number, where a date is wanted"),
        ],
    )
    def test_of_results_are_named_with_their_rule(self, output, result, says):
        with pytest.raises(ElementFailed, match=f"rule 2, output 'r': .*{says.split(': ')[-1]}"):
            answer(["x"], [output], ("0", "null"), ("1", result), {"x": 1})

    def test_of_a_default_are_named(self):
        with pytest.raises(ElementFailed, match="the default of output 'r': 1 is a number"):
            answer(["x"], ["r:string=1"], ("1", '"a"'), {"x": 2})

    def test_of_the_answer_as_a_whole_are_named(self):
        with pytest.raises(ElementFailed, match='the answer: "a" is a text, where a number'):
            answer(["x"], ["r"], ("-", '"a"'), {"x": 1}, kind="number")


QUIET = settings(deadline=None, max_examples=60)
"""A busy machine is no failure."""

NUMBERS = st.integers(-20, 20)
RANGES = st.tuples(NUMBERS, st.integers(0, 15), NUMBERS)


@st.composite
def tables(draw):
    """Rows of (low, high, result), any overlap."""
    return [(low, low + width, result) for low, width, result in draw(st.lists(RANGES, max_size=5))]


def rows(ranges, result=str):
    return [(f"[{low}..{high}]", result(value)) for low, high, value in ranges]


def hit_by(ranges, x):
    return [value for low, high, value in ranges if low <= x <= high]


class TestLaws:
    """Against a model in three lines of Python."""

    @QUIET
    @given(tables(), NUMBERS)
    def test_collected_sums_are_sums(self, ranges, x):
        hits = hit_by(ranges, x)

        def collected(how):
            return answer(["x"], ["r"], *rows(ranges), {"x": x}, hit="COLLECT", how=how)

        assert collected("") == hits
        assert collected("COUNT") == len(hits)
        assert collected("SUM") == (sum(hits) if hits else None)
        assert collected("MIN") == min(hits, default=None)
        assert collected("MAX") == max(hits, default=None)

    @QUIET
    @given(tables(), NUMBERS, st.randoms())
    def test_the_order_of_rules_matters_to_first_and_rule_order_only(self, ranges, x, chance):
        shuffled = list(ranges)
        chance.shuffle(shuffled)
        allowed = "|" + ",".join(str(value) for value in range(20, -21, -1))

        def said(order, hit):
            try:
                return answer(["x"], [f"r{allowed}"], *rows(order), {"x": x}, hit=hit)
            except ElementFailed:
                return "refused"

        for hit in ("UNIQUE", "ANY", "PRIORITY", "OUTPUT ORDER"):
            assert said(ranges, hit) == said(shuffled, hit)
        assert sorted(said(ranges, "RULE ORDER")) == sorted(said(shuffled, "RULE ORDER"))
        assert said(ranges, "PRIORITY") == max(hit_by(ranges, x), default=None)
        assert said(ranges, "FIRST") == next(iter(hit_by(ranges, x)), None)

    @QUIET
    @given(tables(), NUMBERS)
    def test_unique_answers_or_refuses(self, ranges, x):
        hits = hit_by(ranges, x)

        try:
            said = answer(["x"], ["r"], *rows(ranges), {"x": x})
        except ElementFailed:
            assert len(hits) > 1
        else:
            assert said == next(iter(hits), None)
            assert len(hits) < 2
