"""Cases for the demonstration: scenarios played through the real commands, up to today.

Each one stops before a chosen step, with its dates shifted so that the step is what somebody
should do now, or should have done.
"""

from __future__ import annotations

import logging
import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select, text

from handlers.adapters.ledger import DatabaseBudget
from handlers.adapters.recorded import RecordedMail
from models import calendar
from models.account import Account, AccountRole
from models.case import Case
from models.definition import Definition
from models.durations import settle
from models.errors import CaseNotActive, InvalidAnswers, TaskNotFound
from models.user_task import UserTask
from processes.access import person_of
from processes.cases import start_case
from processes.jobs import claim_job, finish_job, run_job
from processes.messages import receive_message
from processes.timers import fire_due_timer, first_due
from processes.user_tasks import complete_user_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from processes.access import Person
    from processes.demonstration import Demonstration, Vignette
    from processes.house import House
    from processes.scenario import Scenario, ScenarioStep
    from processes.turn import Turn

LOCK = 0x76696E
"""Advisory lock number: of two starts at once, one plays."""

TODAY = "today"
WEEK = timedelta(days=7)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")

log = logging.getLogger(__name__)


def play_vignettes(house: House, demonstration: Demonstration, unit: str) -> None:
    """Play those that are not there yet, each in a transaction of its own."""
    for vignette in demonstration.cases:
        with house.turn() as turn:
            turn.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            if not _is_there(turn, demonstration.programme, vignette.reference):
                play(turn, house, demonstration, vignette, vignette.reference, unit)


def play(
    turn: Turn,
    house: House,
    demonstration: Demonstration,
    vignette: Vignette,
    reference: str,
    unit: str,
) -> None:
    """Play one scenario up to the turn's clock."""
    scenario = _shortened(demonstration.scenario(vignette), vignette.share)
    steps, stop = _until(scenario, vignette)
    shift = turn.now - vignette.waited - stop
    if not vignette.exact:
        shift = shift // WEEK * WEEK
    player = _Player(turn, house, _shifted(scenario.start, shift), shift, unit)
    player.start(scenario, reference)
    try:
        for number, step in enumerate(steps):
            player.leave_to(demonstration.routine, steps[number:], vignette.before)
            player.do(step)
    except (InvalidAnswers, TaskNotFound, CaseNotActive) as refusal:
        log.warning("%s stops early, at %s: %s", reference, step, refusal)
    player.leave_to(demonstration.routine, [], vignette.before)
    player.travel(turn.now)


def _is_there(turn: Turn, programme: str, reference: str) -> bool:
    """Whether a case of the programme bears this reference."""
    known = exists().where(
        Case.reference == reference,
        Case.definition_id == Definition.id,
        Definition.key == programme,
    )
    return bool(turn.session.scalar(select(known)))


def _shortened(scenario: Scenario, share: float) -> Scenario:
    return replace(scenario, steps=scenario.steps[: max(1, round(share * len(scenario.steps)))])


def _until(scenario: Scenario, vignette: Vignette) -> tuple[list[ScenarioStep], datetime]:
    """The steps to play, and the scenario's own time after them."""
    played: list[ScenarioStep] = []
    now, left = scenario.start, vignette.times
    for step in scenario.steps:
        if step.action == "complete" and step.value == vignette.before:
            left -= 1
            if left == 0:
                break
        if step.action == "travel":
            now = calendar.due(now, str(step.value)).at
        elif step.action == "until":
            now = step.value
        played.append(step)
    return played, now


class _Player:
    """One case and the clock it is played on."""

    def __init__(
        self, turn: Turn, house: House, now: datetime, shift: timedelta, unit: str
    ) -> None:
        self._turn = replace(turn, now=now)
        self._today = turn.now
        self._routine: dict[str, dict[str, Any]] = {}
        self._people: dict[tuple[str, str | None], Person] = {}
        mine = DatabaseBudget(lambda: nullcontext(turn.session))
        self._ports = replace(house.ports, mail=RecordedMail(), budget=mine)
        self._shift = shift
        self._unit = unit
        self._case: UUID | None = None

    def start(self, scenario: Scenario, reference: str) -> None:
        """Begin the case as the visitator."""
        data = {**self._dated(scenario.data), "reference": reference}
        by = self._person("Visitator")
        case = start_case(self._turn, scenario.process, reference, data, self._unit, by)
        self._case = case.id
        self._run_jobs()

    def leave_to(
        self,
        routine: Mapping[str, dict[str, Any]],
        steps: Sequence[ScenarioStep],
        before: str | None,
    ) -> None:
        """Do what recurs as a matter of course, except where the scenario still tells of it."""
        told = {step.value for step in steps if step.action == "complete"} | {before}
        self._routine = {key: said for key, said in routine.items() if key not in told}

    def do(self, step: ScenarioStep) -> None:
        """Do one step; what a scenario expects is the tests' business."""
        given = self._dated(step.more.get("with") or {})
        if step.action == "complete":
            self._complete(str(step.value), given, step.more.get("item"))
        elif step.action == "travel":
            self.travel(calendar.due(self._turn.now, str(step.value)).at)
        elif step.action == "until":
            self.travel(_shifted(step.value, self._shift))
        elif step.action == "message":
            sender = f"{self._case}:{step.number}"
            receive_message(self._turn, sender, str(step.value), self._case, None, given)
        self._run_jobs()

    def travel(self, target: datetime) -> None:
        """Let time pass; what is due on the way happens."""
        while (due := first_due(self._turn)) is not None and due <= target:
            self._at(max(due, self._turn.now))
            if not fire_due_timer(self._turn):
                break
            self._run_jobs()
            self._do_routine()
        self._at(max(target, self._turn.now))

    def _at(self, now: datetime) -> None:
        self._turn = replace(self._turn, now=now)

    def _complete(self, element: str, answers: dict[str, Any], item: int | None) -> None:
        task = self._open_task(element, item)
        if task is None and element in self._routine:
            return  # it was done when it came
        if task is None:
            task = self._wait_for(element, item)
        who = self._person(task.role, task.assignee)
        complete_user_task(self._turn, task.id, answers, who, "Demonstration")

    def _wait_for(self, element: str, item: int | None) -> UserTask:
        """The task, which the calendar of another year may bring some days later."""
        end = min(self._turn.now + WEEK, self._today)
        while (due := first_due(self._turn)) is not None and due <= end:
            self.travel(due)
            if (task := self._open_task(element, item)) is not None:
                return task
        raise TaskNotFound(element)

    def _open_task(self, element: str, item: int | None = None) -> UserTask | None:
        query = select(UserTask).where(
            UserTask.case_id == self._case, UserTask.element == element, UserTask.state == "open"
        )
        if item is not None:
            query = query.where(UserTask.item == item - 1)
        first = query.order_by(UserTask.created_at, UserTask.item).limit(1)
        return self._turn.session.scalars(first).one_or_none()

    def _do_routine(self) -> None:
        """What recurs is done when it comes, unless it is what should be done today."""
        query = select(UserTask).where(
            UserTask.case_id == self._case,
            UserTask.state == "open",
            UserTask.element.in_(self._routine),
            UserTask.due_at < self._today,
        )
        for task in self._turn.session.scalars(query.order_by(UserTask.created_at)).all():
            answers = self._of_today(self._routine[task.element])
            who = self._person(task.role, task.assignee)
            complete_user_task(self._turn, task.id, answers, who, "Demonstration")
            self._run_jobs()

    def _of_today(self, answers: dict[str, Any]) -> dict[str, Any]:
        day = self._turn.now.astimezone(calendar.COPENHAGEN).date().isoformat()
        return {key: day if value == TODAY else value for key, value in answers.items()}

    def _person(self, role: str, name: str | None = None) -> Person:
        if (role, name) not in self._people:
            query = select(Account).join(AccountRole).where(AccountRole.role == role)
            if name is not None:
                query = select(Account).where(Account.name == name)
            account = self._turn.session.scalars(query.order_by(Account.name).limit(1)).one()
            self._people[role, name] = person_of(account)
        return self._people[role, name]

    def _run_jobs(self) -> None:
        while (job := claim_job(self._turn, "vignettes")) is not None:
            finish_job(self._turn, job, run_job(job, self._ports))

    def _dated(self, value: Any) -> Any:
        """The same value with every date in it shifted."""
        if isinstance(value, dict):
            return {key: self._dated(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self._dated(entry) for entry in value]
        if isinstance(value, str) and DAY.match(value):
            return (date.fromisoformat(value) + self._shift).isoformat()
        if isinstance(value, str) and MOMENT.match(value):
            return _shifted(calendar.parse_instant(value), self._shift).isoformat()
        return value


def _shifted(at: datetime, shift: timedelta) -> datetime:
    """The same time of day in Copenhagen, so many days away."""
    local = at.astimezone(calendar.COPENHAGEN).replace(tzinfo=None)
    return settle(local + shift)
