"""People and machines that work the cases and never give up: twice at once, too early, again."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.site import Site

PAUSE_SECONDS = 0.05
OPEN_CASES = 4
"""Cases that one clerk has open at a time."""


@dataclass
class Clerk(threading.Thread):
    """Works a few cases at a time, in the name of two people who both try everything."""

    site: Site
    tokens: dict[str, str]
    """Account name to its token."""

    number: int
    seed: int
    stop_beginning: threading.Event
    give_up: threading.Event
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Task id to the account that was told that it completed it."""

    begun: list[str] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__(name=f"clerk-{self.number}", daemon=True)
        self._chance = random.Random(self.seed * 1000 + self.number)  # noqa: S311
        self._pool = ThreadPoolExecutor(4)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Go round until every case that was begun is over."""
        while not self.give_up.is_set():
            open_ = [name for name in self.begun if name not in self.over]
            if not open_ and self.stop_beginning.is_set():
                break
            if len(open_) < OPEN_CASES and not self.stop_beginning.is_set():
                self.begun.append(f"C-{self.number}-{len(self.begun)}")
                open_.append(self.begun[-1])
            for name in open_:
                self._move(name)
            time.sleep(PAUSE_SECONDS)
        self._pool.shutdown()

    def _move(self, name: str) -> None:
        """Do what there is to do on one case, in any order."""
        case = self._begin(name)
        if case is None:
            return
        if case["state"] == "completed":
            self.over.add(name)
            return
        for task in case["tasks"]:
            if self._chance.random() < 0.7:
                self._do(task["id"])
        if self._chance.random() < 0.5:
            self._report(name, case["id"])

    def _begin(self, name: str) -> dict[str, Any] | None:
        """The case as it stands; begun at the first call, sometimes twice at once."""
        begin = {"definition": "uro", "reference": name, "data": {}, "unit": "aalborg"}
        who = next(iter(self.tokens))
        times = 2 if self._chance.random() < 0.1 else 1
        answers = self._at_once(
            *[("start", who, "POST", "/api/v1/cases", begin, name) for _ in range(times)]
        )
        found = [case for status, case in answers if status in {200, 201}]
        return found[0] if found else None

    def _do(self, task: str) -> None:
        """Both take it at once; then both finish it, one of them twice."""
        path = f"/api/v1/tasks/{task}/assignee"
        if self._chance.random() < 0.5:
            self._at_once(*[("claim", who, "PUT", path, {"user": who}) for who in self.tokens])
        people = [*self.tokens, self._chance.choice(list(self.tokens))]
        path = f"/api/v1/tasks/{task}/completion"
        answers = self._at_once(
            *[("complete", who, "POST", path, {"answers": {}}) for who in people]
        )
        for who, (status, _) in zip(people, answers, strict=True):
            if status == 200:
                assert self.acknowledged.setdefault(task, who) == who, "two people completed it"

    def _report(self, name: str, case: str) -> None:
        """The message of a case: once in a while twice, early or long after it has come."""
        message = {"id": f"svar-{name}", "name": "svar", "case": case, "payload": {}}
        who = next(iter(self.tokens))
        times = self._chance.choice([1, 1, 2, 3])
        self._at_once(*[("message", who, "POST", "/api/v1/messages", message)] * times)

    def _at_once(self, *calls: tuple[Any, ...]) -> list[tuple[int, Any]]:
        return list(self._pool.map(self._call, calls))

    def _call(self, asked: tuple[Any, ...]) -> tuple[int, Any]:
        kind, who, method, path, body, *key = asked
        headers = {"Idempotency_Key": key[0]} if key else {}
        try:
            status, answer = self.site.call(self.tokens[who], method, path, body, **headers)
        except (OSError, HTTPException, ValueError):
            status, answer = 0, None
        self.calls[f"{kind} {status or 'unanswered'}"] += 1
        return status, answer
