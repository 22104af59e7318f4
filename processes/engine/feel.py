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
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from py_mini_racer import JSEvalException, JSOOMException, JSTimeoutException, MiniRacer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

BUNDLE = Path(__file__).parent / "build" / "feel.js"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
TIME_LIMIT_SECONDS = 2.0
MEMORY_LIMIT_BYTES = 256 * 1024 * 1024
CLOCK = re.compile(r"\b(now|today)\b")
"""What makes an answer depend on when it is asked."""

MOST_REMEMBERED = 4096
LONGEST_REMEMBERED = 2000
"""Answers kept, and characters of a question worth keeping."""


class FeelError(Exception):
    """An expression cannot be evaluated; the text says why, in the author's terms."""

    def __init__(self, expression: str, reason: str) -> None:
        self.expression = expression
        self.reason = reason
        super().__init__(f"{reason} in the expression: {expression}")


@dataclass(frozen=True)
class FeelCheck:
    """What can be said of an expression without running it."""

    errors: tuple[str, ...]
    """One sentence a syntax error; empty when it parses."""

    names: tuple[str, ...]
    """The names it asks its context for, built-in functions included."""


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
        self._context: MiniRacer | None = None
        self._process: int | None = None
        self._lock = threading.Lock()
        self._remembered: dict[str, str] = {}

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

    def check_all(self, expressions: Sequence[str], *, unary: bool = False) -> list[FeelCheck]:
        """`check` for many expressions in one crossing."""
        calls = [
            {"text": without_equals(text), "check": True, "unary": unary} for text in expressions
        ]
        return [_checked(answer) for answer in self._ask(calls, {}, None)]

    def close(self) -> None:
        """Let V8 go; without it a loaded process may hang at exit."""
        with self._lock:
            if self._context is not None and self._process == os.getpid():
                self._context.close()
            self._context = None

    def _ask(
        self, calls: list[dict[str, Any]], values: Mapping[str, Any], now: datetime | None
    ) -> list[dict[str, Any]]:
        clocked = any(CLOCK.search(str(call["text"])) for call in calls)
        request = json.dumps(
            {
                "calls": calls,
                "values": _mentioned(calls, values),
                "now": now.astimezone(COPENHAGEN).isoformat() if now and clocked else None,
            }
        )
        answer = self._remembered.get(request)
        if answer is None:
            answer = self._answer(request, calls[0]["text"] if calls else "")
            if not clocked and len(request) <= LONGEST_REMEMBERED:
                self._remember(request, answer)
        answers: list[dict[str, Any]] = json.loads(answer)
        return answers

    def _answer(self, request: str, first: str) -> str:
        try:
            source = f"feel({json.dumps(request)})"  # `call` would wrap the answer once more
            return str(self._v8().eval(source, timeout_sec=TIME_LIMIT_SECONDS))
        except JSTimeoutException as error:
            raise FeelError(first, "it takes too long") from error
        except JSOOMException as error:
            self.close()
            raise FeelError(first, "it needs too much memory") from error
        except JSEvalException as error:
            raise FeelError(first, str(error).splitlines()[0]) from error

    def _remember(self, request: str, answer: str) -> None:
        """Keep what the same expressions over the same values gave; the oldest goes first."""
        while len(self._remembered) >= MOST_REMEMBERED:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread was faster
                del self._remembered[next(iter(self._remembered))]
        self._remembered[request] = answer

    def _v8(self) -> MiniRacer:
        with self._lock:
            if self._context is None or self._process != os.getpid():
                self._context = MiniRacer()
                self._context.set_hard_memory_limit(MEMORY_LIMIT_BYTES)
                self._context.eval(self._bundle.read_text(encoding="utf-8"))
                self._process = os.getpid()
                atexit.register(self.close)
            return self._context


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
    return FeelCheck(errors, tuple(found["names"]))


def _syntax(error: dict[str, Any]) -> str:
    near = f" near '{error['text']}'" if error["text"] else ""
    return f"it does not parse at character {error['from'] + 1}{near}"
