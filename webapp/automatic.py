"""Waits a moment for the steps that run by themselves, so that the next page tells the truth."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, select

from models.heartbeat import Heartbeat
from models.job import Job
from webapp.current import wiring

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

PATIENCE_SECONDS = 1.5
PAUSE_SECONDS = 0.03
WORKER_SEEN = timedelta(minutes=1)

QUEUED = exists().where(
    Job.case_id == bindparam("case"),
    Job.state == "queued",
    Job.error.is_(None),
    Job.due_at <= bindparam("now"),
)
AT_WORK = select(and_(QUEUED, exists().where(Heartbeat.at > bindparam("since"))))


def wait_for_automatic_steps(case_id: UUID) -> None:
    """Return once the worker has done what the case asked of it, or after a moment anyway."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while _is_at_work(case_id) and time.monotonic() < give_up:
        time.sleep(PAUSE_SECONDS)


def has_automatic_steps(session: Session, case_id: UUID) -> bool:
    """Whether something is queued that has not failed yet."""
    facts = {"case": case_id, "now": wiring().real_clock()}
    return bool(session.scalar(select(QUEUED), facts))


def _is_at_work(case_id: UUID) -> bool:
    now = wiring().real_clock()
    with wiring().glance() as connection:
        facts = {"case": case_id, "now": now, "since": now - WORKER_SEEN}
        return bool(connection.scalar(AT_WORK, facts))
