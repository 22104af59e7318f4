"""FEEL, by feelin in an embedded V8: the interpreter that also runs in the browser's forms.

Values cross as JSON; a date, time, date and time or duration is `{"@feel": [kind, iso text]}`,
here called *tagged*. A diagram reaches nothing but the names it is given.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from processes.engine.v8 import Closed, Isolate, OutOfMemory, OutOfTime, ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

BUNDLE = Path(__file__).parent / "build" / "feel.js"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
TIME_LIMIT_SECONDS = 2.0
LOAD_SECONDS = 60.0
MEMORY_LIMIT_BYTES = 256 * 1024 * 1024
CLOCK = re.compile(r"\b(now|today)\b")
"""What makes an answer depend on when it is asked."""

STOPS, STOPS_DA = "it does not parse at character ", "det kan ikke læses fra tegn "
NEAR, NEAR_DA = " near ", " ved "

MOST_REMEMBERED = 4096
LONGEST_REMEMBERED = 2000
"""Answers kept, and characters of a question worth keeping."""


K = TypeVar("K")
V = TypeVar("V")


Tree = tuple[Any, ...] | list[Any]
"""A node of a parse tree: its name, then its text or its children; an interval's brackets stand
around its ends as texts.
"""


class FeelError(Exception):
    """An expression cannot be evaluated; the text says why, in the author's terms."""

    def __init__(self, expression: str, reason: str) -> None:
        self.expression = expression
        self.reason = reason
        super().__init__(f"{reason} in the expression: {expression}")


class DecisionFailed(Exception):
    """A decision has no answer.

    `place` may hold: decision (its name), rule (number), what (which part), cell (id), text.
    """

    def __init__(self, reason: str, place: Mapping[str, Any], rules: tuple[str, ...] = ()) -> None:
        self.reason = reason
        self.place = place
        self.rules = rules
        super().__init__(reason)


class Decided(NamedTuple):
    """A tagged answer, and the ids of all rules that matched on the way."""

    value: Any
    rules: tuple[str, ...]


class Plan(NamedTuple):
    """The decisions of a file as V8 reads them, and what tells them from others."""

    digest: str
    text: str


@dataclass(frozen=True)
class FeelCheck:
    """What can be said of an expression without running it."""

    errors: tuple[str, ...]
    """One sentence a syntax error; empty when it parses."""

    names: tuple[str, ...]
    """Every name it asks its context for, built-in functions included."""

    variables: tuple[str, ...] = ()
    """Those that must be given: no built-in functions, and nothing that stands in a filter."""

    fields: tuple[str, ...] = ()
    """Names inside a filter (`[…]`): of the list's entries, or of the context."""

    tree: Tree = ()
    """How it is parsed; empty if the parser gave up."""

    @property
    def errors_da(self) -> tuple[str, ...]:
        """The errors in Danish; the little that is not ours to say stays as it is."""
        return tuple(error.replace(STOPS, STOPS_DA).replace(NEAR, NEAR_DA) for error in self.errors)


def without_equals(expression: str) -> str:
    """The expression proper: a leading `=` only marks it as FEEL."""
    return expression.strip().removeprefix("=").strip()


def text_of(value: object) -> str:
    """A plain text for a tagged value, such as `2026-01-31` or `P1M`."""
    if isinstance(value, dict) and "@feel" in value:
        return str(value["@feel"][1])
    return "null" if value is None else str(value)


class Feel:
    """One V8 context a process, made at first use so that it is never shared over a fork."""

    def __init__(self, bundle: Path = BUNDLE) -> None:
        self._bundle = bundle
        self._context: Isolate | None = None
        self._process: int | None = None
        self._lock = threading.Lock()
        self._remembered: dict[str, str] = {}
        self._checked: dict[tuple[str, bool, tuple[str, ...]], FeelCheck] = {}

    def evaluate(
        self, expression: str, values: Mapping[str, Any], now: datetime | None = None
    ) -> Any:
        """The tagged value of one expression.

        Raises:
            FeelError: it does not parse, names something unknown, or takes too long.
        """
        return self.evaluate_all([expression], values, now)[0]

    def evaluate_all(
        self, expressions: Sequence[str], values: Mapping[str, Any], now: datetime | None = None
    ) -> list[Any]:
        """The tagged values of several expressions over the same names, in one crossing.

        Raises:
            FeelError: for the first one that fails.
        """
        return [settled(answer) for answer in self.attempt_all(expressions, values, now)]

    def attempt_all(
        self, expressions: Sequence[str], values: Mapping[str, Any], now: datetime | None = None
    ) -> list[Any]:
        """As `evaluate_all`, with the `FeelError` itself in the place of what failed.

        A gateway asks all its flows at once, and only the ones before the first true one count.
        """
        calls = [{"text": without_equals(text)} for text in expressions]
        return [
            _attempt(text, answer)
            for text, answer in zip(expressions, self._ask(calls, values, now), strict=True)
        ]

    def unary(
        self,
        test: str,
        value: object,
        values: Mapping[str, Any],
        now: datetime | None = None,
    ) -> bool | None:
        """Whether a value passes a unary test such as `[17..23]` or `not("a")`.

        Raises:
            FeelError: as `evaluate`.
        """
        return self.unary_all([(test, value)], values, now)[0]

    def unary_all(
        self,
        tests: Sequence[tuple[str, object]],
        values: Mapping[str, Any],
        now: datetime | None = None,
    ) -> list[bool | None]:
        """Several (test, value) pairs in one crossing; null where a test cannot say."""
        calls = [
            {"text": without_equals(test), "unary": True, "input": value} for test, value in tests
        ]
        return [
            settled(_attempt(test, answer))
            for (test, _), answer in zip(tests, self._ask(calls, values, now), strict=True)
        ]

    def check(self, expression: str, *, unary: bool = False) -> FeelCheck:
        """Syntax errors and names of an expression, without evaluating it."""
        return self.check_all([expression], unary=unary)[0]

    def check_all(
        self, expressions: Sequence[str], *, unary: bool = False, known: Iterable[str] = ()
    ) -> list[FeelCheck]:
        """`check` for many expressions in one crossing; one that was checked before crosses not.

        `known` are names of the context that hold spaces or signs: FEEL cannot tell them from
        several names otherwise.
        """
        odd = {name: 1 for name in sorted(known) if not name.isidentifier()}
        asked = [(without_equals(text), unary, tuple(odd)) for text in expressions]
        new = [question for question in dict.fromkeys(asked) if question not in self._checked]
        calls = [{"text": text, "check": True, "unary": unary} for text, _, _ in new]
        answers = self._ask(calls, odd, None, all_values=True) if new else []
        found = dict(zip(new, map(_checked, answers), strict=True))
        checks = [found.get(question) or self._checked[question] for question in asked]
        _remember(self._checked, found)
        return checks

    def decide(
        self, plan: Plan, identity: str, values: Mapping[str, Any], now: datetime | None = None
    ) -> Decided:
        """The answer of a decision of a plan, and of all it needs, in one crossing.

        Raises:
            FeelError: it takes too long or needs too much memory.
            DecisionFailed: a cell, a value or the hit policy is wrong.
        """
        asked = {"digest": plan.digest, "id": identity}
        clocked = CLOCK.search(plan.text) is not None

        def exchange(**more: str) -> Any:
            question = {"decision": asked | more, "values": dict(values)}
            return self._exchange(question, now, identity, clocked=clocked)

        answer = exchange()
        if "missing" in answer:
            answer = exchange(plan=plan.text)
        if "error" in answer:
            raise DecisionFailed(str(answer["error"]), answer["place"], tuple(answer["rules"]))
        return Decided(answer["value"], tuple(answer["rules"]))

    def survey(self, columns: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What columns of a table say, each of its own, in one crossing.

        A column is `{"tests", "type", "allowed", "whole"}` or `{"results", "allowed"}`; the answers
        are those of `survey_bridge.js`.
        """
        first = next((text for column in columns for text in next(iter(column.values()))), "")
        answers: list[Any] = self._exchange({"columns": list(columns)}, None, first, clocked=False)
        return answers

    def close(self) -> None:
        """Let V8 go; without it a loaded process may hang at exit."""
        with self._lock:
            if self._context is not None and self._process == os.getpid():
                self._context.close()
            self._context = None

    def _ask(
        self,
        calls: list[dict[str, Any]],
        values: Mapping[str, Any],
        now: datetime | None,
        *,
        all_values: bool = False,
    ) -> list[dict[str, Any]]:
        asked = values if all_values else _mentioned(calls, values)
        clocked = any(CLOCK.search(str(call["text"])) for call in calls)
        first = calls[0]["text"] if calls else ""
        answers: list[dict[str, Any]] = self._exchange(
            {"calls": calls, "values": asked}, now, first, clocked=clocked
        )
        return answers

    def _exchange(
        self, question: dict[str, Any], now: datetime | None, first: str, *, clocked: bool
    ) -> Any:
        request = json.dumps({**question, "now": _local(now) if clocked else None})
        answer = self._remembered.get(request)
        if answer is None:
            answer = self._answer(request, first)
            if not clocked and len(request) <= LONGEST_REMEMBERED:
                _remember(self._remembered, {request: answer})
        return json.loads(answer)

    def _answer(self, request: str, first: str) -> str:
        script = f"feel({json.dumps(request)})"
        try:
            with suppress(Closed):  # another thread's expression was too greedy
                return self._v8().run(script, TIME_LIMIT_SECONDS)
            return self._v8().run(script, TIME_LIMIT_SECONDS)
        except OutOfTime as error:
            raise FeelError(first, "it takes too long") from error
        except OutOfMemory as error:
            self.close()
            raise FeelError(first, "it needs too much memory") from error
        except ScriptError as error:
            raise FeelError(first, str(error).splitlines()[0]) from error

    def _v8(self) -> Isolate:
        with self._lock:
            if self._context is None or self._context.closed or self._process != os.getpid():
                context = Isolate(MEMORY_LIMIT_BYTES)
                context.run(f"{self._bundle.read_text(encoding='utf-8')};''", LOAD_SECONDS)
                self._context = context
                self._process = os.getpid()
                atexit.register(self.close)
            return self._context


def _remember(kept: dict[K, V], more: Mapping[K, V]) -> None:
    """Keep what the same question gave; the oldest goes first."""
    for question, answer in more.items():
        while len(kept) >= MOST_REMEMBERED:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread was faster
                del kept[next(iter(kept))]
        kept[question] = answer


def _local(now: datetime | None) -> str | None:
    return now.astimezone(COPENHAGEN).isoformat() if now else None


def _mentioned(calls: list[dict[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the texts could name: a case's document is far larger than a condition."""
    texts = " ".join(str(call["text"]) for call in calls)
    return {name: value for name, value in values.items() if name in texts}


def settled(answer: Any) -> Any:
    """The value of an attempt.

    Raises:
        FeelError: the attempt failed.
    """
    if isinstance(answer, FeelError):
        raise answer
    return answer


def _attempt(expression: str, answer: dict[str, Any]) -> Any:
    if "error" in answer:
        return FeelError(expression, str(answer["error"]))
    if answer["unknown"]:
        return FeelError(expression, "; ".join(answer["unknown"]))
    return answer["value"]


def _checked(answer: dict[str, Any]) -> FeelCheck:
    if "error" in answer:
        return FeelCheck((str(answer["error"]),), ())
    found = answer["value"]
    errors = tuple(_syntax(error) for error in found["errors"])
    names, variables, fields = (tuple(found[part]) for part in ("names", "variables", "fields"))
    return FeelCheck(errors, names, variables, fields, found["tree"])


def _syntax(error: dict[str, Any]) -> str:
    near = f"{NEAR}'{error['text']}'" if error["text"] else ""
    return f"{STOPS}{error['from'] + 1}{near}"
