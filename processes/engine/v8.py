"""One isolated V8, asked from any thread: a script's text in, the text it gives out.

mini-racer ships V8 as a library; its Python side changes threads four times a call, through an
event loop. Here the asking thread waits for V8's own, which is two changes and a fifth of the time.
Only one script runs at a time; the time limit counts from when it begins.
"""

from __future__ import annotations

import ctypes
import threading
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from py_mini_racer import init_mini_racer

TEXT = 5
OUT_OF_MEMORY = 202
TERMINATED = 204
FAILED = range(200, 207)
"""Kinds of value, as the library numbers them."""

LONGEST = 300
"""Characters of JavaScript's complaint; it quotes the line, which may be the whole bridge."""

PATIENCE_SECONDS = 10.0
"""How long a script that was told to stop may take to do so."""


class ScriptError(Exception):
    """The script failed; the text is JavaScript's."""


class Closed(ScriptError):
    """The isolate is gone; make another."""


class OutOfTime(ScriptError):
    """The script took longer than it was given."""


class OutOfMemory(ScriptError):
    """The script wanted more memory than the isolate has."""


class Isolate:
    """A V8 of its own, without any object of the host."""

    def __init__(self, memory_bytes: int) -> None:
        self._library: Any = init_mini_racer(ignore_duplicate_init=True)
        self._turn = threading.Lock()
        self._numbers = count(1)
        self._waiting: dict[int, SimpleQueue[Any]] = {}
        callback = self._library.mr_init_context.argtypes[0]
        self._on_answer = callback(self._answered)  # must live as long as V8 may call it
        self._context: int | None = self._library.mr_init_context(self._on_answer)
        self._library.mr_set_hard_memory_limit(self._context, memory_bytes)

    @property
    def closed(self) -> bool:
        """Whether it runs nothing more."""
        return self._context is None

    def run(self, script: str, seconds: float) -> str:
        """The text that the script's last expression gives.

        Raises:
            ScriptError: it gives none; `OutOfTime`, `OutOfMemory` and `Closed` say why.
        """
        with self._turn:
            if self._context is None:
                raise Closed
            source = script.encode()
            code = self._library.mr_alloc_string_val(self._context, source, len(source), TEXT)
            try:
                answer = self._evaluate(code, seconds)
            finally:
                self._library.mr_free_value(self._context, code)
            try:
                return _read(answer.contents)
            finally:
                self._library.mr_free_value(self._context, answer)

    def close(self) -> None:
        """Let V8 go; a script that is running is waited for."""
        with self._turn:
            context, self._context = self._context, None
            if context is not None:
                self._library.mr_free_context(context)

    def _evaluate(self, code: Any, seconds: float) -> Any:
        number = next(self._numbers)
        answers: SimpleQueue[Any] = SimpleQueue()
        self._waiting[number] = answers
        task = self._library.mr_eval(self._context, code, number)
        try:
            return answers.get(timeout=seconds)
        except Empty:
            self._library.mr_cancel_task(self._context, task)
            return self._stopped(answers)
        except BaseException:  # a signal: nobody waits any more
            self._library.mr_cancel_task(self._context, task)
            raise
        finally:
            del self._waiting[number]

    def _stopped(self, answers: SimpleQueue[Any]) -> Any:
        try:
            return answers.get(timeout=PATIENCE_SECONDS)
        except Empty as error:
            self._context = None  # lost: freeing it would wait as well
            raise OutOfTime from error

    def _answered(self, number: int, value: Any) -> None:
        """Called by V8's thread; nobody waits any more if the asker was interrupted."""
        answers = self._waiting.get(number)
        if answers is not None:
            answers.put(value)


def _read(value: Any) -> str:
    text = ctypes.string_at(value.value.bytes_val, value.len).decode() if _is_text(value) else ""
    if value.type == TEXT:
        return text
    if value.type == TERMINATED:
        raise OutOfTime
    if value.type == OUT_OF_MEMORY:
        raise OutOfMemory
    raise ScriptError(next(iter(text.splitlines()), "")[:LONGEST] or "it gives no text")


def _is_text(value: Any) -> bool:
    return value.type == TEXT or value.type in FAILED
