"""FEEL from Python: values cross whole, limits hold, what was asked before is remembered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest

from processes.engine import feel as feel_module
from processes.engine.feel import Feel, FeelError
from processes.engine.v8 import Closed, Isolate, OutOfMemory, OutOfTime, ScriptError

ENDLESS = "for a in 1..100000 return for b in 1..1000000 return a * b"
GREEDY = 'for a in 1..100000000 return "en lang tekst, som fylder"'


@pytest.fixture(scope="module")
def feel():
    with closing(Feel()) as one:
        yield one


class TestFeel:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            17,
            0.5,
            'æøå "citat" \\ \u2028',
            [1, [2, None]],
            {"a": {"b c": [1]}, "__proto__": 1},
            {"@feel": ["date", "2026-02-28"]},
            {"@feel": ["duration", "P1M"]},
        ],
    )
    def test_gives_back_what_it_was_given(self, feel, value):
        assert feel.evaluate("x", {"x": value}) == value

    def test_counts_a_month_from_the_last_day(self, feel):
        answer = feel.evaluate('date("2026-01-31") + duration("P1M")', {})

        assert answer == {"@feel": ["date", "2026-02-28"]}

    def test_takes_numbers_for_numbers_when_it_seeks_the_middle(self, feel):
        assert feel.evaluate("median([10, 9, 2])", {}) == 9

    def test_takes_now_and_today_from_the_clock_it_is_given(self, feel):
        late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

        assert feel.evaluate("string(today())", {}, late) == "2026-07-01"
        assert feel.evaluate("today() = date(now())", {}, late) is True

    def test_reads_one_text_anew_for_names_of_another_shape(self, feel):
        asked = "a - b"

        assert feel.evaluate(asked, {"a": 3, "b": 1}) == 2
        assert feel.evaluate(asked, {"a - b": 7}) == 7
        assert feel.evaluate(asked, {"a": 3, "b": 2}) == 1

    def test_reads_a_value_that_was_null_before(self, feel):
        asked = "if person = null then 0 else person.antal børn"

        assert feel.evaluate(asked, {"person": None}) == 0
        assert feel.evaluate(asked, {"person": {"antal børn": 2}}) == 2

    def test_tells_of_an_unknown_name_every_time(self, feel):
        for _ in range(2):
            with pytest.raises(FeelError, match="ukendt"):
                feel.evaluate("ukendt = 1", {})

    def test_tells_nothing_of_a_name_that_was_unknown_before(self, feel):
        with pytest.raises(FeelError):
            feel.evaluate("kendt + 1", {})

        assert feel.evaluate("kendt + 1", {"kendt": 1}) == 2

    @pytest.mark.parametrize("asked", ["1 +", "constructor", "__proto__", "today", "[1..2]"])
    def test_refuses_what_gives_no_value(self, feel, asked):
        with pytest.raises(FeelError):
            feel.evaluate(asked, {})

    def test_stops_what_takes_too_long_and_goes_on(self, feel, monkeypatch):
        monkeypatch.setattr(feel_module, "TIME_LIMIT_SECONDS", 0.2)

        with pytest.raises(FeelError, match="too long"):
            feel.evaluate(ENDLESS, {})

        monkeypatch.undo()
        assert feel.evaluate("1 + 1", {}) == 2

    def test_stops_what_wants_too_much_memory_and_goes_on(self, feel, monkeypatch):
        monkeypatch.setattr(feel_module, "TIME_LIMIT_SECONDS", 60.0)
        feel.close()
        monkeypatch.setattr(feel_module, "MEMORY_LIMIT_BYTES", 64 * 1024 * 1024)

        with pytest.raises(FeelError, match="too much memory"):
            feel.evaluate(GREEDY, {})

        assert feel.evaluate("1 + 1", {}) == 2

    def test_answers_each_thread_its_own(self, feel):
        def ask(number):
            return feel.evaluate_all(["n * 2", "n + 1"], {"n": number})

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(400)))

        assert answers == [[n * 2, n + 1] for n in range(400)]

    def test_serves_other_threads_although_one_expression_is_endless(self, feel, monkeypatch):
        monkeypatch.setattr(feel_module, "TIME_LIMIT_SECONDS", 1.0)

        def ask(number):
            try:
                return feel.evaluate(ENDLESS if number == 3 else "n + 0.5", {"n": number})
            except FeelError as error:
                return error.reason

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(ask, range(8)))

        wanted = [number + 0.5 for number in range(8)]
        wanted[3] = "it takes too long"
        assert answers == wanted

    def test_works_again_after_it_was_closed(self):
        with closing(Feel()) as feel:
            feel.evaluate("1", {})
            feel.close()

            assert feel.evaluate("2", {}) == 2


class TestCheck:
    @pytest.mark.parametrize(
        ("text", "variables", "fields"),
        [
            ("alder > 3 and by = land", ("alder", "by", "land"), ()),
            ("string length(navn) + count(liste)", ("navn", "liste"), ()),
            ("for x in liste, y in [1..n] return x + y + partial[1]", ("liste", "n"), ()),
            ("for x in xs, y in x return y", ("xs",), ()),
            ("some p in personer satisfies p.alder > z", ("personer", "z"), ()),
            ('{a: 1, b: a + c, "d": b, e: d}', ("c",), ()),
            ("{a: b, b: 1}", ("b",), ()),
            ("function(a, b: number) a + b + c", ("c",), ()),
            ('liste[item.alder > k and navn = "x"]', ("liste",), ("k", "navn")),
            ("liste[k] + k", ("liste", "k"), ()),
            ("x.y.z", ("x",), ()),
            ("antal børn > 3", ("antal børn",), ()),
            ("date(dag) > today()", ("dag",), ()),
        ],
    )
    def test_tells_names_that_must_be_given(self, feel, text, variables, fields):
        check = feel.check(text)

        assert (check.errors, check.variables, check.fields) == ((), variables, fields)

    def test_tells_where_it_stops_making_sense(self, feel):
        assert feel.check("1 + ) 2").errors[0] == "it does not parse at character 5 near ')'"

    def test_reads_names_with_signs_when_it_is_told_of_them(self, feel):
        [plain] = feel.check_all(["for - efternavn"], unary=False)
        [told] = feel.check_all(["for - efternavn"], known=["for - efternavn"])

        assert plain.errors
        assert (told.errors, told.variables) == ((), ("for - efternavn",))

    def test_keeps_the_order_of_what_it_is_asked(self, feel):
        texts = [f"navn{n % 3} = {n % 5}" for n in range(40)]

        checks = feel.check_all([*texts, "1 +"])

        assert [check.variables for check in checks[:-1]] == [(f"navn{n % 3}",) for n in range(40)]
        assert checks[-1].errors

    def test_asks_v8_once_for_one_text(self, feel, monkeypatch):
        first = feel.check_all(["a + b", "> a"])
        monkeypatch.setattr(feel, "_v8", None)

        assert feel.check_all(["> a", "a + b"]) == first[::-1]

    def test_tells_unary_tests_from_expressions(self, feel):
        assert feel.check("> 3", unary=True).errors == ()
        assert feel.check('not("a", "b")', unary=True).errors == ()
        assert feel.check("1 < 2 < ", unary=True).errors


class TestIsolate:
    def test_gives_the_text_of_a_script(self):
        with closing(Isolate(64 * 1024 * 1024)) as isolate:
            assert isolate.run("'æ' + 1", 10) == "æ1"

    @pytest.mark.parametrize("script", ["1 + 1", "throw new Error('nej')", "hvad(", "({})"])
    def test_refuses_what_gives_no_text(self, script):
        with closing(Isolate(64 * 1024 * 1024)) as isolate, pytest.raises(ScriptError):
            isolate.run(script, 10)

    def test_stops_an_endless_script_and_runs_the_next(self):
        with closing(Isolate(64 * 1024 * 1024)) as isolate:
            with pytest.raises(OutOfTime):
                isolate.run("while (true) {}", 0.1)

            assert isolate.run("'next'", 10) == "next"

    def test_stops_a_greedy_script(self):
        with closing(Isolate(32 * 1024 * 1024)) as isolate, pytest.raises(OutOfMemory):
            isolate.run("const kept = []; while (true) kept.push(new Array(1000).fill('x'))", 60)

    def test_knows_nothing_of_its_host(self):
        with closing(Isolate(64 * 1024 * 1024)) as isolate:
            known = isolate.run("typeof process + typeof require + typeof fetch", 10)

        assert known == "undefined" * 3

    def test_says_that_it_is_closed(self):
        isolate = Isolate(64 * 1024 * 1024)
        isolate.close()
        isolate.close()

        assert isolate.closed
        with pytest.raises(Closed):
            isolate.run("'x'", 10)
