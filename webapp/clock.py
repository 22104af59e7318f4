"""The demonstration's clock: jump to the next deadline, a day, a week or a date ahead."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from threading import Lock
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required

from models.durations import settle
from processes import time_machine
from webapp import words
from webapp.current import now, wiring
from webapp.sign_in import safe_next

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

    from webapp.bootstrap import Wiring

bp = Blueprint("clock", __name__, url_prefix="/clock")

STEPS = {"P1D": timedelta(days=1), "P7D": timedelta(days=7)}
FARTHEST = timedelta(days=3 * 366)
"""One jump at most, so that a mistyped year does not fire years of reminders."""

PATIENCE_SECONDS = 2.0
"""A jump that takes longer is shown on its way."""

MORNING = time(9)
TRAVELS = "vejviser.travels"


@dataclass
class Travels:
    """The jump that is under way, if there is one; a second one has to wait for it."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "time-machine"))
    lock: Lock = field(default_factory=Lock)
    jump: Future[datetime] | None = None
    at: datetime | None = None
    """How far it has come."""

    target: datetime | None = None

    def begin(self, wiring: Wiring, target: datetime) -> bool:
        """Set out for `target`; False while another jump is under way."""
        with self.lock:
            if self.is_under_way:
                return False
            self.at, self.target = None, target
            self.jump = self.pool.submit(time_machine.travel, wiring, target, self._reached)
            return True

    @property
    def is_under_way(self) -> bool:
        return self.jump is not None and not self.jump.done()

    def _reached(self, at: datetime) -> None:
        self.at = at


def install(app: Flask) -> None:
    app.extensions[TRAVELS] = Travels()
    app.register_blueprint(bp)


@bp.post("/jumps")
@login_required
def jump() -> ResponseReturnValue:
    """Set the clock forward and run what falls due on the way."""
    target = _target()
    if target is None:
        flash(gettext("The clock goes forward only, and at most three years at a time."), "error")
        return _back()
    if not _travels().begin(wiring(), target):
        flash(gettext("The clock is on its way already."), "warning")
    return _arrival()


@bp.get("/progress")
@login_required
def progress() -> ResponseReturnValue:
    """How far a long jump has come; leads back once it is done."""
    return _arrival()


def _arrival() -> ResponseReturnValue:
    travels = _travels()
    try:
        if travels.jump is not None:
            travels.jump.result(PATIENCE_SECONDS)
    except TimeoutError:
        page = render_template(
            "clock/progress.html",
            at=travels.at or now(),
            target=travels.target,
            next=safe_next(request.values.get("next")),
        )
        return page, 202
    flash(gettext("The clock shows %(moment)s.", moment=words.exact(wiring().now())), "success")
    return _back()


def _target() -> datetime | None:
    to = request.form.get("to")
    if to == "next":
        return time_machine.next_due(wiring()) or now() + STEPS["P1D"]
    if to in STEPS:
        local = now().astimezone(words.ZONE).replace(tzinfo=None)
        return settle(local + STEPS[to])
    try:
        wanted = settle(datetime.combine(date.fromisoformat(request.form["date"]), MORNING))
    except (KeyError, ValueError):
        return None
    return wanted if now() < wanted <= now() + FARTHEST else None


def _travels() -> Travels:
    return cast("Travels", current_app.extensions[TRAVELS])


def _back() -> ResponseReturnValue:
    address = safe_next(request.values.get("next")) or url_for("sign_in.home")
    return redirect(address, code=303)
