"""Waits a moment for the steps that run by themselves, so that the next page tells the truth."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from models.heartbeat import Heartbeat
from models.job import Job
from webapp.current import wiring

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

PATIENCE_SECONDS = 1.5
PAUSE_SECONDS = 0.03
WORKER_SEEN = timedelta(minutes=1)


def wait_for_automatic_steps(case_id: UUID) -> None:
    """Return once the worker has done what the case asked of it, or after a moment anyway."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while _is_at_work(case_id) and time.monotonic() < give_up:
        time.sleep(PAUSE_SECONDS)


def has_automatic_steps(session: Session, case_id: UUID) -> bool:
    """Whether something is queued that has not failed yet."""
    waiting = exists().where(
        Job.case_id == case_id,
        Job.state == "queued",
        Job.error.is_(None),
        Job.due_at <= wiring().real_clock(),
    )
    return bool(session.scalar(select(waiting)))


def _is_at_work(case_id: UUID) -> bool:
    alive = exists().where(Heartbeat.at > wiring().real_clock() - WORKER_SEEN)
    with wiring().reading() as reading:
        return has_automatic_steps(reading, case_id) and bool(reading.scalar(select(alive)))
