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

from models.errors import CaseStuck, DatabaseDown
from processes.jobs import claim_job, finish_job, keep_outcome, run_job
from processes.messages import MessageFailed, deliver_waiting_message, set_message_aside
from processes.outcomes import Broken
from processes.starts import StartFailed, fire_due_start, first_start_due, set_start_aside
from processes.stuck import look_at_oldest_stuck, report_stumble
from processes.timers import TimerFailed, fire_due_timer, first_due, set_timer_aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

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
OUTAGE_SECONDS = 60.0
OUTAGE_PAUSE_SECONDS = 0.2
"""For how long, and how often, a result is offered to a database that is away."""

InHand = dict["UUID", float]
"""The jobs whose handlers are at work, and since when by the monotonic clock."""


def always() -> bool:
    """Go on until there is nothing left to do."""
    return True


def fire_timers(house: House, go_on: Callable[[], bool] = always) -> int:
    """Fire everything that is due, start events too; how many timers it were."""
    fired = 0
    while go_on() and (_fire_one(house) or _begin_one(house)):
        fired += 1
    return fired


def run_jobs(
    house: House,
    worker: str,
    go_on: Callable[[], bool] = always,
    in_hand: InHand | None = None,
) -> int:
    """Run every job that is due and free; how many it were."""
    ran = 0
    while go_on() and run_one_job(house, worker, go_on, {} if in_hand is None else in_hand):
        ran += 1
    return ran


def deliver_messages(house: House, go_on: Callable[[], bool] = always) -> int:
    """Deliver kept messages that somebody waits for; how many it were."""
    tried: set[UUID] = set()
    while go_on() and (message := _deliver_one(house, tried)) is not None:
        tried.add(message)
    return len(tried)


def look_at_stuck_cases(house: House, go_on: Callable[[], bool] = always) -> int:
    """See whether stuck cases can be read again; how many were looked at."""
    looked = 0
    while go_on() and _look_at_one(house):
        looked += 1
    return looked


def run_one_job(
    house: House, worker: str, go_on: Callable[[], bool] = always, in_hand: InHand | None = None
) -> bool:
    """Claim one job, call its handler, finish it; False if there was none."""
    try:
        with house.turn() as turn:
            job = claim_job(turn, worker)
    except CaseStuck as stuck:
        _report(house, stuck.case, stuck)
        return True
    if job is None:
        return False
    held = {} if in_hand is None else in_hand
    held[job.id] = time.monotonic()
    try:
        _finish(house, job, run_job(job, house.ports), go_on)
    finally:
        held.pop(job.id, None)
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
            _report(house, failure.case, failure.__cause__, failure.element, failure.name)
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


def _deliver_one(house: House, tried: set[UUID]) -> UUID | None:
    try:
        with house.turn() as turn:
            return deliver_waiting_message(turn, tried)
    except MessageFailed as failure:
        if _is_our_fault(failure):
            log.exception("A message is set aside")
            with house.turn() as turn:
                set_message_aside(turn, failure.message)
            if failure.case is not None:
                _report(house, failure.case, failure.__cause__)
        return failure.message


def _look_at_one(house: House) -> bool:
    with house.turn() as turn:
        return look_at_oldest_stuck(turn)


def _report(
    house: House, case: UUID, failure: BaseException | None, element: str = "", name: str = ""
) -> None:
    with house.turn() as turn:
        report_stumble(turn, case, failure, element, name)


def _is_our_fault(failure: Exception) -> bool:
    """Whether trying at once again would fail again.

    Raises:
        DatabaseDown: it is the database that is away.
    """
    cause = failure.__cause__
    if isinstance(cause, DatabaseDown) or is_database_away(cause):
        raise DatabaseDown from failure
    return not is_conflict(cause)


def _finish(house: House, job: ClaimedJob, outcome: Outcome, go_on: Callable[[], bool]) -> None:
    """Write the outcome down; one that cannot be written down becomes an incident."""
    try:
        _finish_patiently(house, job, outcome, go_on)
    except DatabaseDown:
        raise
    except CaseStuck as stuck:
        _keep(house, job, outcome, stuck)
    except Exception as failure:
        log.exception("Job %s of case %s could not be finished", job.id, job.case_id)
        _give_up(house, job, outcome, failure, go_on)


def _finish_patiently(
    house: House, job: ClaimedJob, outcome: Outcome, go_on: Callable[[], bool]
) -> None:
    """Finish; a conflict of locks, or a database that is back soon, costs the job nothing.

    The handler has done its work: whoever gives up here lets it be done again.
    """
    conflicts, give_up = 0, time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            with house.turn() as turn:
                finish_job(turn, job, outcome)
            return
        except DatabaseDown:
            if time.monotonic() > give_up or not go_on():
                raise
            time.sleep(OUTAGE_PAUSE_SECONDS)
        except (DBAPIError, psycopg.Error) as error:
            conflicts += 1
            if not is_conflict(error) or conflicts > MOST_CONFLICTS:
                raise
            time.sleep(PAUSE_SECONDS)


def _give_up(
    house: House,
    job: ClaimedJob,
    outcome: Outcome,
    failure: Exception,
    go_on: Callable[[], bool],
) -> None:
    try:
        _finish_patiently(house, job, Broken(f"{type(failure).__name__}: {failure}"), go_on)
    except DatabaseDown:
        raise
    except Exception:
        log.exception("Nor could its incident be raised; its outcome is kept")
        _keep(house, job, outcome, failure)


def _keep(house: House, job: ClaimedJob, outcome: Outcome, failure: Exception) -> None:
    """Remember the outcome of a job whose case cannot take it, and say so on the case."""
    with house.turn() as turn:
        keep_outcome(turn, job, outcome, type(failure).__name__)
    _report(house, job.case_id, failure, job.element, job.name)


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
