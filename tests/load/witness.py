"""Looks at every step of a case: is each new time what the files and the calendar say?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from tests.load.asked import EMPTY, Asked
from tests.load.promises import Promise, Promises, read_promises
from tests.load.reckoning import HERE, reckoned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from processes.engine import Definition, Feel
    from processes.engine.step import ArmedTimer, OpenDeadline, Step

A_DAY = len("2026-01-31")
UNTOLD = "only FEEL knows"


@dataclass
class Witness:
    """What one case has shown so far."""

    promises: Promises
    closed: frozenset[date]
    feel: Feel
    declared: frozenset[str] = frozenset()
    """The names that something in the version writes; null until then."""

    seen: set[str] = field(default_factory=set)
    cycles: dict[str, tuple[datetime, int, datetime]] = field(default_factory=dict)
    """Timer to its anchor, how often it has been armed, and when it was due last."""

    told: Counter[str] = field(default_factory=Counter)
    """How many times were worked out anew, by kind."""

    @classmethod
    def of(
        cls, version: Definition, files: Mapping[str, str], closed: frozenset[date], feel: Feel
    ) -> Witness:
        """One for a case of a version; `files` say what is promised."""
        promises = _promises(version.key, tuple(files.items()))
        return cls(promises, closed, feel, frozenset(version.declared))

    def look(self, step: Step, now: datetime) -> None:
        """Work out anew what the step has opened or armed.

        Raises:
            AssertionError: the engine comes to another time.
        """
        for deadline in step.waits.deadlines.values():
            if deadline.id not in self.seen:
                self.seen.add(deadline.id)
                self._check_deadline(deadline, self._asked(step, deadline.task, now))
        for timer in step.waits.timers.values():
            self._check_timer(timer, step, self._asked(step, None, now))

    def _asked(self, step: Step, task: str | None, now: datetime) -> Asked:
        open_task = step.waits.tasks.get(task or "")
        local = open_task.local if open_task else {}
        return Asked(self.feel, self.promises.settings, step.data, local, self.declared, now)

    # -- deadlines -------------------------------------------------------------------------

    def _check_deadline(self, deadline: OpenDeadline, asked: Asked) -> None:
        promised = self.promises.deadlines[deadline.element]
        due = list(self._lawful(promised, asked))
        self.told["deadlines" if due else f"deadlines whose length {UNTOLD}"] += 1
        due = due or [(self._computed(promise, deadline), promise) for promise in promised]
        fitting = [promise for at, promise in due if at == deadline.due_at.astimezone(UTC)]
        assert fitting, f"{deadline.element}: {deadline.due_at}, not {[str(at) for at, _ in due]}"
        assert deadline.original_due_at == deadline.due_at
        assert (deadline.pausable, deadline.legal_basis) in {
            (promise.pausable, promise.legal_basis) for promise in fitting
        }

    def _lawful(
        self, promised: Iterable[Promise], asked: Asked
    ) -> Iterator[tuple[datetime, Promise]]:
        """When each promise is due; never later than the law it names, or sooner than a notice."""
        for promise in promised:
            start, length = self._start(promise, asked), asked.text(promise.length)
            if start is None or length in {None, EMPTY}:
                continue
            due = self._due(promise, str(length), start)
            if promise.binding and promise.law:
                lawful = self._due(promise, promise.binding, start)
                due = (max if promise.law.get("earliest") else min)(due, lawful)
            yield due, promise

    def _computed(self, promise: Promise, deadline: OpenDeadline) -> datetime:
        """From the engine's own start and length, where what an expression gave is not known."""
        length = deadline.duration or deadline.due_at.isoformat()
        return self._due(promise, length, deadline.started_at)

    def _start(self, promise: Promise, asked: Asked) -> datetime | None:
        """What the time counts from; a bare day has the time of day of now."""
        written = promise.said.get("countFrom")
        text = asked.text(written) if written else EMPTY
        if text is None or text == EMPTY:
            return asked.now if text else None
        day = datetime.fromisoformat(text)
        if len(text) == A_DAY:
            clock = asked.now.astimezone(HERE).time().replace(microsecond=0)
            day = datetime.combine(day.date(), clock)
        return day if day.tzinfo else day.replace(tzinfo=HERE)

    def _due(self, promise: Promise, length: str, start: datetime) -> datetime:
        if length[:1] in "P-+":
            return reckoned(start, length, promise.calendar, promise.roll, self.closed)
        day = datetime.fromisoformat(length)
        return (day if day.tzinfo else day.replace(tzinfo=HERE)).astimezone(UTC)

    # -- timers ----------------------------------------------------------------------------

    def _check_timer(self, timer: ArmedTimer, step: Step, asked: Asked) -> None:
        promised = self.promises.timers.get(timer.element, [])
        if any(promise.kind == "timeCycle" for promise in promised):
            self._check_cycle(timer, promised, asked)
        elif timer.id not in self.seen:
            self.seen.add(timer.id)
            if timer.role == "follower":
                self._check_follower(timer, step, promised, asked)
            elif timer.role == "event":
                due = [at for at, _ in self._lawful(promised, asked)]
                self._same("timers", timer, due)

    def _check_cycle(self, timer: ArmedTimer, promised: Iterable[Promise], asked: Asked) -> None:
        anchor, times, last = self.cycles.get(timer.id, (asked.now, 0, None))
        if last == timer.due_at:
            return
        [promise] = promised
        text, times = asked.text(promise.length), times + 1
        self.cycles[timer.id] = anchor, times, timer.due_at
        lengths = [text.rsplit("/", 1)[-1]] if text else []
        rule = (promise.calendar, promise.roll, self.closed)
        due = [reckoned(anchor, length, *rule, times=times) for length in lengths]
        self._same("repetitions", timer, due)

    def _check_follower(
        self, timer: ArmedTimer, step: Step, promised: Iterable[Promise], asked: Asked
    ) -> None:
        deadline = step.waits.deadlines[str(timer.deadline)]
        texts = [asked.text(promise.said.get("offset", "P0D")) for promise in promised]
        due = [
            self._beside(promise, text, deadline)
            for promise, text in zip(promised, texts, strict=True)
            if text
        ]
        self._same("followers", timer, due)

    def _beside(self, promise: Promise, text: str, deadline: OpenDeadline) -> datetime:
        """Before a deadline is due, after it began, or on a part of its way."""
        if text.endswith("%"):
            way = deadline.due_at.astimezone(UTC) - deadline.started_at.astimezone(UTC)
            return deadline.started_at.astimezone(UTC) + way * int(text.rstrip(" %")) / 100
        return self._due(promise, text, deadline.due_at if text[0] == "-" else deadline.started_at)

    def _same(self, what: str, timer: ArmedTimer, due: list[datetime]) -> None:
        self.told[what if due else f"{what} whose length {UNTOLD}"] += 1
        shown = timer.element, str(timer.due_at), list(map(str, due))
        assert not due or timer.due_at.astimezone(UTC) in due, shown


@cache
def _promises(key: str, files: tuple[tuple[str, str], ...]) -> Promises:
    return read_promises(key, dict(files))
