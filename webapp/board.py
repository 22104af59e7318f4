"""What will go wrong this week: every open case by risk, and where help is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from sqlalchemy import case as either
from sqlalchemy import func, select

from models.case import Case
from models.deadline import Deadline
from models.incident import Incident
from models.timer import Timer
from models.unit import ClosingDay, Unit
from models.user_task import UserTask
from processes import access
from processes.access import LEADER, STEERING_GROUP, visible_cases
from processes.incidents import retry_incident
from webapp.current import now, person, wiring
from webapp.deadline_badge import Level, level_of
from webapp.phases import phases_of
from webapp.programme_words import plainly, said
from webapp.time_axis import Axis, axis_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from models.user_task import UserTask as Task

bp = Blueprint("board", __name__, url_prefix="/board")

LONGEST = 300
WEEKS = 8
FEWEST = 5
"""Smaller counts are not told to those who see no cases: few tasks are somebody's."""


@dataclass(frozen=True)
class BoardCase:
    """One open case as a supervisor sees it."""

    case: Case
    deadlines: list[Deadline]
    """Open ones, the nearest first."""

    @property
    def nearest(self) -> Deadline | None:
        return self.deadlines[0] if self.deadlines else None


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    """The board: axis, cases by risk, escalations, incidents, counts."""
    sees_cases = access.may(person(), "board.show")
    if not sees_cases and not access.may(person(), "counts.show"):
        abort(403)
    with wiring().reading() as reading:
        g.closing_days = frozenset(reading.scalars(select(ClosingDay.day)))
        rows = _cases(reading) if sees_cases else []
        return render_template(
            "board/index.html",
            sees_cases=sees_cases,
            rows=[row for row in rows if _is_wanted(row)],
            phases=_phases(rows),
            axis=_axis(rows),
            overdue=[row for row in rows if _level(row) is Level.OVERDUE],
            chips=_chips(),
            escalated=_escalated(reading),
            missed=_missed(rows) if access.LEADER in person().roles_in(None) else [],
            incidents=_incidents(reading),
            may_retry=access.may(person(), "incidents.retry"),
            counts=_counts(reading, _exactly if sees_cases else _coarsely),
            integrity=_integrity(reading),
        )


@bp.get("/tasks")
@login_required
def tasks() -> ResponseReturnValue:
    """The open tasks behind a count of the board."""
    if not access.may(person(), "board.show"):
        abort(403)
    role, due = request.args.get("role", ""), request.args.get("due")
    with wiring().reading() as reading:
        query = select(UserTask).join(Case, Case.id == UserTask.case_id)
        query = query.where(UserTask.state == "open", visible_cases(person()))
        query = query.where(UserTask.role == role) if role else query
        query = query.where(UserTask.due_at < now()) if due == "overdue" else query
        ordered = query.order_by(UserTask.due_at, UserTask.id).limit(LONGEST)
        rows = reading.scalars(ordered).all()
        return render_template("board/tasks.html", tasks=rows, role=role, due=due)


@bp.post("/incidents/<uuid:incident_id>/retry")
@login_required
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Try the element of an incident again."""
    with wiring().turn() as turn:
        retry_incident(turn, incident_id, person())
    flash(gettext("The step is being tried again."), "success")
    return redirect(url_for("board.index", _anchor="incidents"), code=303)


def _cases(reading: Session) -> list[BoardCase]:
    """Open cases, the most urgent first; those without a deadline come last."""
    query = select(Case).where(Case.state.in_(("active", "suspended")), visible_cases(person()))
    cases = reading.scalars(query.order_by(Case.number).limit(LONGEST)).all()
    open_: dict[UUID, list[Deadline]] = {}
    for deadline in _deadlines(reading, [case.id for case in cases]):
        open_.setdefault(deadline.case_id, []).append(deadline)
    rows = [BoardCase(case, open_.get(case.id, [])) for case in cases]
    return sorted(rows, key=_risk)


def _deadlines(reading: Session, cases: Sequence[UUID]) -> Sequence[Deadline]:
    query = select(Deadline).where(Deadline.case_id.in_(cases), Deadline.closed_at.is_(None))
    return reading.scalars(query.order_by(Deadline.due_at)).all()


def _risk(row: BoardCase) -> tuple[bool, Any, int]:
    nearest = row.nearest
    return (nearest is None, nearest.due_at if nearest else None, row.case.number)


def _level(row: BoardCase) -> Level | None:
    nearest = row.nearest
    if nearest is None:
        return None
    return level_of(
        nearest.due_at,
        now(),
        started_at=nearest.started_at,
        paused_at=nearest.paused_at,
        closing_days=g.closing_days,
    )


def _is_wanted(row: BoardCase) -> bool:
    level, phase = (request.args.get(key) for key in ("level", "phase"))
    week = request.args.get("week", type=int)
    if level and _level(row) != level:
        return False
    if phase is not None and (row.case.phase or "") != phase:
        return False
    if week is not None and week in range(WEEKS):
        first = now() + timedelta(weeks=week)
        return any(first <= due.due_at < first + timedelta(weeks=1) for due in row.deadlines)
    return True


def _chips() -> list[dict[str, Any]]:
    names = {
        Level.OVERDUE: gettext("overdue"),
        Level.URGENT: gettext("urgent"),
        Level.SOON: gettext("soon"),
        Level.PAUSED: gettext("paused"),
    }
    chosen = request.args.get("level")
    return [
        {
            "name": name,
            "current": level == chosen,
            "address": url_for(
                "board.index", level=None if level == chosen else level, _anchor="cases"
            ),
        }
        for level, name in names.items()
    ]


def _phases(rows: Sequence[BoardCase]) -> list[dict[str, Any]]:
    """Phase to the number of open cases in it, as links that filter the list."""
    counts: dict[str, int] = {}
    for row in sorted(rows, key=_place_in_course):
        counts[row.case.phase or ""] = counts.get(row.case.phase or "", 0) + 1
    chosen = request.args.get("phase")
    return [
        {
            "name": said(phase) if phase else gettext("no phase yet"),
            "count": count,
            "current": phase == chosen,
            "address": url_for("board.index", phase=phase, _anchor="cases"),
        }
        for phase, count in counts.items()
    ]


def _place_in_course(row: BoardCase) -> tuple[int, str]:
    """Where the case's phase stands among those of its programme."""
    phases, phase = phases_of(row.case.definition), row.case.phase or ""
    return (phases.index(phase) if phase in phases else -1, phase)


def _axis(rows: Sequence[BoardCase]) -> Axis:
    """Eight weeks of deadlines, one lane a phase."""
    lanes: dict[str, list[tuple[Case, Deadline]]] = {}
    for row in sorted(rows, key=_place_in_course):
        lane = lanes.setdefault(plainly(row.case.phase) or gettext("no phase yet"), [])
        lane.extend((row.case, deadline) for deadline in row.deadlines)
    return axis_of(lanes, now(), WEEKS, g.closing_days)


def _escalated(reading: Session) -> Sequence[Task]:
    """Open tasks that wait for the reader's supervisor role."""
    roles = person().roles_in(None) & {LEADER, STEERING_GROUP}
    units = {unit for role, unit in person().roles if role in roles}
    query = select(UserTask).where(UserTask.state == "open", UserTask.role.in_(roles))
    if None not in units:
        query = query.where(UserTask.unit_id.in_(units))
    return reading.scalars(query.order_by(UserTask.due_at).limit(50)).all()


def _missed(rows: Sequence[BoardCase]) -> list[tuple[Case, Deadline]]:
    """Deadlines that others missed and whose step is still not done; they were escalated."""
    missed = ((row.case, due) for row in rows for due in row.deadlines if due.state == "missed")
    return [(case, due) for case, due in missed if due.role != LEADER or due.task_id is None]


def _incidents(reading: Session) -> Sequence[Incident]:
    query = select(Incident).join(Case, Case.id == Incident.case_id)
    query = query.where(Incident.state == "open", visible_cases(person()))
    return reading.scalars(query.order_by(Incident.created_at).limit(100)).all()


def _counts(reading: Session, shown: Callable[[int], int | str]) -> list[dict[str, Any]]:
    """Open and overdue tasks by role and unit."""
    overdue = func.count(either((UserTask.due_at < now(), 1)))
    query = (
        select(UserTask.role, Unit.name, func.count(), overdue)
        .join(Unit, Unit.id == UserTask.unit_id)
        .where(UserTask.state == "open")
        .group_by(UserTask.role, Unit.name)
        .order_by(UserTask.role, Unit.name)
    )
    units = {unit for _, unit in person().roles}
    if None not in units:
        query = query.where(UserTask.unit_id.in_(units))
    return [
        {"role": role, "unit": unit, "open": shown(count), "overdue": shown(late)}
        for role, unit, count, late in reading.execute(query)
    ]


def _exactly(count: int) -> int | str:
    return count


def _coarsely(count: int) -> int | str:
    """A count that points at nobody."""
    return f"< {FEWEST}" if 0 < count < FEWEST else count


def _integrity(reading: Session) -> dict[str, int]:
    """How many open deadlines there are, and how many of them lack their armed due timer."""
    armed = (
        select(Timer.deadline_id)
        .where(Timer.state == "armed", Timer.role == "due", Timer.deadline_id == Deadline.id)
        .exists()
    )
    due_later = Deadline.due_at >= now()
    query = select(func.count(), func.count(either((~armed & due_later, 1)))).where(
        Deadline.state == "open", Deadline.paused_at.is_(None)
    )
    total, without = reading.execute(query).one()
    return {"open": total, "without": without}
