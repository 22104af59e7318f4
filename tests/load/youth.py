"""One young person's way through a programme: who does what next is left to chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from models.errors import InvalidAnswers
from processes.engine.commands import Fire
from processes.forms import Form
from processes.rehearsal import Run
from processes.scenario import read_scenario
from tests.bpmn.folders import below, definition
from tests.load.answers import NEAR, Answerer
from tests.load.reckoning import HERE
from tests.load.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from processes.engine import Definition, Engine
    from processes.engine.commands import Command
    from processes.engine.step import OpenTask, Step, Subscription

COHORTS = {
    "31/1": "2026-01-31T09:00",
    "31/1 2027, a Sunday": "2027-01-31T16:30",
    "31/1 before a leap day": "2028-01-31T08:15",
    "28/2 late in a leap year": "2028-02-28T23:30",
    "29/2": "2028-02-29T10:00",
    "the evening before summer time": "2026-03-28T02:30",
    "the night of summer time": "2026-03-29T01:45",
    "before Easter": "2026-04-01T12:00",
    "Maundy Thursday": "2027-03-25T09:00",
    "the day before winter time": "2026-10-24T02:30",
    "the night of winter time": "2027-10-31T02:15",
    "before Christmas": "2027-12-23T15:00",
}
"""When they begin, in Copenhagen."""

CLOSED = frozenset(
    date(year, month, day)
    for year in range(2026, 2034)
    for month, day in ((5, 1), (6, 5), (12, 24), (12, 31))
)
"""What one unit in three closes besides the public holidays."""

MOST_STEPS = 250
HORIZON = timedelta(days=3 * 365)
MOST_DRAWS = 40
MESSAGE, WAITING = 0.05, 0.15
"""How likely it is that a message comes, and that nobody does anything for a while."""

ADVANCING = frozenset({"intermediateCatchEvent", "receiveTask"})
"""What a case can stand at and wait for a message."""


@dataclass
class Courses:
    """What the scenarios of a programme tell of cases as they are."""

    first: list[dict[str, Any]] = field(default_factory=list)
    """The data that cases begin with."""

    payloads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What a message brings, by its name."""

    answers: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    """What is answered, by task and key."""


class Stuck(AssertionError):
    """A case that cannot come further, or that went wrong."""

    def __init__(self, run: Run, why: str) -> None:
        last = [entry["element"] for entry in run.trace[-5:]]
        super().__init__(f"{run.now}: {why}, after {', '.join(last) or 'nothing'}")


@dataclass
class Watched(Run):
    """A case whose every step is checked as it is taken."""

    witness: Witness = field(kw_only=True)
    moment: datetime | None = None
    """The time of the step being taken: a timer that is late fires at the time it was due."""

    def _step(self, command: Command) -> Step:
        timers = self.step.waits.timers
        late = isinstance(command, Fire) and timers[command.timer].due_at
        self.moment = min(late, self.now) if late else self.now
        return super()._step(command)

    def _keep(self, step: Step) -> None:
        super()._keep(step)
        if step.waits.incidents:
            told = {one.element: one.message for one in step.waits.incidents.values()}
            raise Stuck(self, f"incidents {told}")
        self.witness.look(step, self.moment or self.now)


@dataclass
class Youth:
    """A case and the chance that leads it."""

    run: Watched
    random: Random
    courses: Courses
    steps: int = 0

    def live(self, data: dict[str, Any]) -> None:
        """Go on until the case is over, or long enough has passed.

        Raises:
            Stuck.
        """
        begun = self.run.now
        self.run.start(data)
        while not self.run.step.ended:
            self._must_wait_for_something()
            if self.steps >= MOST_STEPS or self.run.now - begun > HORIZON:
                return
            self.steps += 1
            self._go_on()

    def _go_on(self) -> None:
        waits = self.run.step.waits
        chance = self.random.random()
        messages = [
            one for one in waits.subscriptions.values() if one.name in self.courses.payloads
        ]
        standing = [one for one in messages if self._is_advancing(one)]
        if standing and (not waits.tasks or chance < WAITING):
            self._send(self.random.choice(standing))
        elif messages and chance < MESSAGE:
            self._send(self.random.choice(messages))
        elif waits.tasks and chance > WAITING:
            self._wait(timedelta(hours=self.random.choice((0, 1, 5, 24, 50, 24 * 6))))
            self._complete()
        else:
            self._wait_for_a_timer()

    def _must_wait_for_something(self) -> None:
        waits = self.run.step.waits
        standing = [one for one in waits.subscriptions.values() if self._is_advancing(one)]
        if not (waits.tasks or waits.timers or waits.jobs or standing):
            raise Stuck(self.run, "waits for nobody")
        for task in waits.tasks.values():
            if task.form and self.run.definition.form(task.form) is None:
                raise Stuck(self.run, f"{task.element} has no form {task.form}")

    def _is_advancing(self, one: Subscription) -> bool:
        return one.kind == "message" and self.run._nodes[one.element].kind in ADVANCING

    # -- what happens ----------------------------------------------------------------------

    def _wait(self, span: timedelta) -> None:
        self.run.travel(self.run.now + span)

    def _wait_for_a_timer(self) -> None:
        timers = self.run.step.waits.timers.values()
        if timers:
            due = min(timer.due_at for timer in timers)
            self.run.travel(max(due, self.run.now))
        else:
            self._wait(timedelta(days=self.random.randint(1, 20)))

    def _send(self, awaited: Subscription) -> None:
        payload = self.random.choice(self.courses.payloads[awaited.name])
        self.run.message(awaited.name, {k: self._near(v) for k, v in payload.items()})

    def _near(self, value: Any) -> Any:
        """A day of a scenario becomes a day about now."""
        if not isinstance(value, str) or not value[:4].isdigit() or value[4:5] != "-":
            return value
        day = self.run.now + timedelta(days=self.random.choice(NEAR))
        return day.date().isoformat() + value[10:]

    def _complete(self) -> None:
        tasks = sorted(self.run.step.waits.tasks.values(), key=lambda task: task.element)
        if not tasks:
            return
        task = self.random.choice(tasks)
        item = None if task.item is None else task.item + 1
        refused: dict[str, Any] = {}
        for _ in range(MOST_DRAWS):
            answers = self._answers(task)
            try:
                self.run.complete(task.element, answers, task.role, item)
            except InvalidAnswers as error:
                refused = error.errors
            else:
                return
        raise Stuck(self.run, f"no answer to {task.element} is right: {refused}")

    def _answers(self, task: OpenTask) -> dict[str, Any]:
        form = self.run.definition.form(task.form) if task.form else None
        if form is None:
            return {}
        usual = self.courses.answers.get(task.element, {})
        answerer = Answerer(self.random, self.run.engine.feel, self.run.now, usual)
        return answerer.answers(Form.of(form), {**self.run.step.data.values, **task.local})


@cache
def known_courses(folder: Path) -> Courses:
    """What the programme's scenarios tell."""
    courses = Courses()
    for path in below("scenarios/*.yaml", [folder]):
        scenario = read_scenario(path.read_text(encoding="utf-8"), path.name)
        if scenario.process == folder.name:
            courses.first.append(scenario.data)
        for step in scenario.steps:
            given = step.more.get("with") or {}
            if step.action == "message":
                courses.payloads.setdefault(step.value, []).append(given)
            elif step.action == "complete":
                usual = courses.answers.setdefault(step.value, {})
                for key, value in given.items():
                    usual.setdefault(key, []).append(value)
    return courses


def youth(folder: Path, cohort: str, number: int, engine: Engine) -> Youth:
    """One of a cohort, after their whole way; the same number goes the same way.

    Raises:
        Stuck, AssertionError.
    """
    compiled, courses = definition(folder), known_courses(folder)
    one = begin(compiled, engine, cohort, number, courses=courses)
    data = dict(one.random.choice(courses.first or [{}]))
    if isinstance(data.get("alder"), int):
        data["alder"] = one.random.randint(13, 29)
    one.live(data)
    return one


def begin(
    compiled: Definition,
    engine: Engine,
    cohort: str,
    number: int,
    *,
    courses: Courses | None = None,
    files: Mapping[str, str] | None = None,
) -> Youth:
    """A case that is about to start; `files` are read for what they promise instead of its own."""
    chance = Random(f"{compiled.key} {cohort} {number}")  # noqa: S311 -- chance, not secrecy
    begins = datetime.fromisoformat(COHORTS[cohort]).replace(tzinfo=HERE, fold=number % 2)
    closed = CLOSED if number % 3 == 0 else frozenset()
    run = Watched(
        engine=engine,
        definition=compiled,
        now=begins + timedelta(minutes=chance.choice((0, 0, 7, 60, 600))),
        closing_days=closed,
        saving=number % 4 == 0,
        witness=Witness.of(compiled, files or compiled.files, closed, engine.feel),
    )
    return Youth(run, chance, courses or Courses())
