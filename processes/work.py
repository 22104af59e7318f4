"""Do what is due now: timers in their order, jobs, messages that were kept.

Each piece is a turn of its own and rows are claimed in the database, so any number of
workers may do this at the same time.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.exc import DBAPIError

from models.errors import DatabaseDown
from processes.jobs import claim_job, finish_job, put_off, run_job
from processes.messages import MessageFailed, deliver_waiting_message, refuse_message
from processes.outcomes import Broken, PutOff
from processes.starts import StartFailed, fire_due_start, first_start_due, set_start_aside
from processes.timers import TimerFailed, fire_due_timer, first_due, set_timer_aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from processes.house import House
    from processes.jobs import ClaimedJob
    from processes.outcomes import Outcome
    from processes.turn import Turn

log = logging.getLogger(__name__)

LOCK_CONFLICTS = ("40", "55P03")
"""PostgreSQL's classes of errors after which the same turn may simply be tried again."""

CONNECTION_LOST = ("08", "57P")
MOST_CONFLICTS = 10
PAUSE_SECONDS = 0.05


def fire_timers(house: House, go_on: Callable[[], bool] = lambda: True) -> int:
    """Fire everything that is due, start events too; how many timers it were."""
    fired = 0
    while go_on() and (_fire_one(house) or _begin_one(house)):
        fired += 1
    return fired


def run_jobs(house: House, worker: str, go_on: Callable[[], bool] = lambda: True) -> int:
    """Run every job that is due and free; how many it were."""
    ran = 0
    while go_on() and run_one_job(house, worker):
        ran += 1
    return ran


def deliver_messages(house: House, go_on: Callable[[], bool] = lambda: True) -> int:
    """Deliver kept messages that somebody waits for; how many it were."""
    delivered = 0
    while go_on() and _deliver_one(house):
        delivered += 1
    return delivered


def run_one_job(house: House, worker: str) -> bool:
    """Claim one job, call its handler, finish it; False if there was none."""
    with house.turn() as turn:
        job = claim_job(turn, worker)
    if job is None:
        return False
    _finish(house, job, run_job(job, house.ports))
    return True


def _fire_one(house: House) -> bool:
    try:
        with house.turn() as turn:
            return fire_due_timer(turn)
    except TimerFailed as failure:
        if _is_our_fault(failure):
            log.exception("A timer is set aside")
            with house.turn() as turn:
                set_timer_aside(turn, failure.timer)
        return True


def _begin_one(house: House) -> bool:
    try:
        with house.turn() as turn:
            return fire_due_start(turn)
    except StartFailed as failure:
        if _is_our_fault(failure):
            log.exception("A start event is set aside")
            with house.turn() as turn:
                set_start_aside(turn, failure.start)
        return True


def next_due(turn: Turn) -> datetime | None:
    """When the next timer or start event wants to fire, by the case's clock."""
    return min(filter(None, (first_due(turn), first_start_due(turn))), default=None)


def _deliver_one(house: House) -> bool:
    try:
        with house.turn() as turn:
            return deliver_waiting_message(turn)
    except MessageFailed as failure:
        if _is_our_fault(failure):
            log.exception("A message is refused")
            with house.turn() as turn:
                refuse_message(turn, failure.message)
        return True


def _is_our_fault(failure: Exception) -> bool:
    """Whether trying at once again would fail again.

    Raises:
        DatabaseDown: it is the database that is away.
    """
    cause = failure.__cause__
    if isinstance(cause, DatabaseDown) or is_database_away(cause):
        raise DatabaseDown from failure
    return not is_conflict(cause)


def _finish(house: House, job: ClaimedJob, outcome: Outcome) -> None:
    """Write the outcome down; one that cannot be written down becomes an incident."""
    try:
        _finish_patiently(house, job, outcome)
    except DatabaseDown:
        raise
    except Exception as failure:
        log.exception("Job %s of case %s could not be finished", job.id, job.case_id)
        _give_up(house, job, f"{type(failure).__name__}: {failure}")


def _finish_patiently(house: House, job: ClaimedJob, outcome: Outcome) -> None:
    """Finish; a conflict of locks costs the job nothing but a moment."""
    for _ in range(MOST_CONFLICTS):
        try:
            with house.turn() as turn:
                finish_job(turn, job, outcome)
        except (DBAPIError, psycopg.Error) as error:
            if not is_conflict(error):
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _give_up(house: House, job: ClaimedJob, reason: str) -> None:
    try:
        _finish_patiently(house, job, Broken(reason))
    except Exception:
        log.exception("Nor could its incident be raised; it is put off")
        with house.turn() as turn:
            put_off(turn, job, PutOff.later(reason))


def is_database_away(error: BaseException | None) -> bool:
    """Whether the error says nothing about what was asked."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.OperationalError) and (
        cause.sqlstate is None or cause.sqlstate.startswith(CONNECTION_LOST)
    )


def is_conflict(error: BaseException | None) -> bool:
    """Whether two turns were in each other's way."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is not None and state.startswith(LOCK_CONFLICTS)
