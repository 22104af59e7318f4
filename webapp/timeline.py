"""The course of a case on one line: what happened, what is open now, what comes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup
from sqlalchemy import select

from models.event import Event
from models.timer import Timer
from models.user_task import UserTask
from webapp import history
from webapp.case_look import open_tasks
from webapp.programme_words import said
from webapp.programme_words import sentence as gettext

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from models.case import Case

PAST_SHOWN = 12
FUTURE_SHOWN = 12


@dataclass(frozen=True)
class Point:
    """One point of the course."""

    when: Literal["past", "now", "future"]
    at: datetime | None
    sentence: Markup
    role: str | None = None
    task_id: UUID | None = None
    started_at: datetime | None = None
    """When the clock of an open task's due time began."""


@dataclass(frozen=True)
class Course:
    """The points in the order of time, and whether the past has more."""

    past: list[Point]
    now: list[Point]
    future: list[Point]
    has_more_past: bool


def of_case(session: Session, case: Case, now: datetime) -> Course:
    """The course as it stands at `now`."""
    past = _past(session, case)
    return Course(
        past=past[-PAST_SHOWN:],
        now=_now(session, case),
        future=_future(session, case, now),
        has_more_past=len(past) > PAST_SHOWN,
    )


def _past(session: Session, case: Case) -> list[Point]:
    newest = (
        select(Event)
        .where(Event.case_id == case.id, history.worth_telling())
        .order_by(Event.number.desc())
        .limit(PAST_SHOWN + 1)
    )
    told = history.sentences(reversed(session.scalars(newest).all()))
    return [Point("past", event.at, sentence) for event, sentence in told]


def _now(session: Session, case: Case) -> list[Point]:
    return [
        Point("now", task.due_at, said(task.name), task.role, task.id, task.created_at)
        for task in open_tasks(session, case.id)
    ]


def _future(session: Session, case: Case, now: datetime) -> list[Point]:
    open_ = (UserTask.case_id == case.id, UserTask.state == "open")
    told = select(UserTask.element).where(*open_, UserTask.due_at.is_not(None))
    armed = (
        select(Timer)
        .where(Timer.case_id == case.id, Timer.state == "armed", Timer.due_at >= now)
        .where((Timer.role != "due") | Timer.element.not_in(told))
        .order_by(Timer.due_at)
        .limit(FUTURE_SHOWN)
    )
    return [Point("future", timer.due_at, _told(timer)) for timer in session.scalars(armed)]


def _told(timer: Timer) -> Markup:
    name = said(timer.name) if timer.name else Markup.escape(timer.element)
    if timer.role == "due":
        return gettext("Deadline: %(name)s", name=name)
    if timer.role == "follower":
        return gettext("Warning or reminder: %(name)s", name=name)
    return name
