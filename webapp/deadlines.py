"""Move, pause and resume a deadline, always with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import login_required

from models.deadline import Deadline
from models.durations import settle
from models.errors import DeadlineNotFound
from processes.access import may_see_case, ties
from processes.deadline_moves import move_deadline, pause_deadline, resume_deadline
from webapp.current import person, wiring

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

bp = Blueprint("deadlines", __name__, url_prefix="/deadlines")


@bp.post("/<uuid:deadline_id>/moves")
@login_required
def move(deadline_id: UUID) -> ResponseReturnValue:
    """Give the deadline another due time; its warnings move along."""
    due, reason = _due(), _reason()
    if due is None or not reason:
        return _incomplete(deadline_id)
    with wiring().turn() as turn:
        move_deadline(turn, deadline_id, due, reason, person())
    flash(gettext("The deadline is moved, and its warnings with it."), "success")
    return _back(deadline_id)


@bp.post("/<uuid:deadline_id>/pauses")
@login_required
def pause(deadline_id: UUID) -> ResponseReturnValue:
    """Stop the deadline's clock; the time that is left is kept."""
    reason = _reason()
    if not reason:
        return _incomplete(deadline_id)
    with wiring().turn() as turn:
        pause_deadline(turn, deadline_id, reason, person())
    flash(gettext("The deadline is paused. The time that was left is kept."), "success")
    return _back(deadline_id)


@bp.post("/<uuid:deadline_id>/resumption")
@login_required
def resume(deadline_id: UUID) -> ResponseReturnValue:
    """Let the deadline's clock run again."""
    with wiring().turn() as turn:
        resume_deadline(turn, deadline_id, person())
    flash(gettext("The deadline runs again."), "success")
    return _back(deadline_id)


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _due() -> datetime | None:
    """What a date-and-time field says, on the wall in Copenhagen."""
    try:
        wall = datetime.fromisoformat(request.form.get("due_at", ""))
    except ValueError:
        return None
    return wall if wall.tzinfo else settle(wall)


def _incomplete(deadline_id: UUID) -> ResponseReturnValue:
    flash(gettext("A deadline needs both a time and a reason to change."), "error")
    return _back(deadline_id)


def _back(deadline_id: UUID) -> ResponseReturnValue:
    with wiring().reading() as reading:
        deadline = reading.get(Deadline, deadline_id)
        near = ties(reading, person(), deadline.case_id) if deadline else None
        if deadline is None or near is None or not may_see_case(person(), near):
            raise DeadlineNotFound(deadline_id)
        case_id = deadline.case_id
    return redirect(
        url_for("cases.show", case_id=case_id, tab="deadlines", _anchor=f"deadline-{deadline_id}"),
        code=303,
    )
