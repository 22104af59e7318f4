"""The demonstration's clock: jump to the next deadline, a day, a week or a date ahead."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import login_required

from models.durations import settle
from processes import time_machine
from webapp import words
from webapp.current import now, wiring
from webapp.sign_in import safe_next

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("clock", __name__, url_prefix="/clock")

STEPS = {"P1D": timedelta(days=1), "P7D": timedelta(days=7)}
FARTHEST = timedelta(days=3 * 366)
"""One jump at most, so that a mistyped year does not fire years of reminders."""


@bp.post("/jumps")
@login_required
def jump() -> ResponseReturnValue:
    """Set the clock forward and run what falls due on the way."""
    target = _target()
    if target is None:
        flash(gettext("The clock goes forward only, and at most three years at a time."), "error")
        return _back()
    travelled = time_machine.travel(wiring(), target)
    flash(_said(travelled), "success")
    return _back()


def _target() -> datetime | None:
    to = request.form.get("to")
    if to == "next":
        return time_machine.next_due(wiring()) or now() + STEPS["P1D"]
    if to in STEPS:
        local = now().astimezone(words.ZONE).replace(tzinfo=None)
        return settle(local + STEPS[to])
    try:
        day = date.fromisoformat(request.form.get("date", ""))
    except ValueError:
        return None
    wanted = settle(datetime.combine(day, time(9)))
    return wanted if now() < wanted <= now() + FARTHEST else None


def _back() -> ResponseReturnValue:
    return redirect(safe_next(request.form.get("next")) or url_for("sign_in.home"), code=303)


def _said(at: datetime) -> str:
    return gettext("The clock shows %(moment)s.", moment=words.exact(at))
