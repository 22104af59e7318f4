"""Service tasks to run outside the turn: claimed, tried, finished."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfElement, one_of

JobState = Literal["queued", "done", "failed", "cancelled"]


class Job(OfElement, Base):
    """One run of a service task; `id` is also the handler's idempotency key."""

    __tablename__ = "job"

    operation: Mapped[str]
    """Such as `mail/Send`; names one handler."""

    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(Text, default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """Real clock: back-off does not wait for the case's clock."""

    lease_until: Mapped[datetime | None]
    """Real clock; after it another worker may claim the job."""

    worker: Mapped[str | None]
    error: Mapped[str | None]
    outcome: Mapped[dict[str, Any] | None]
    """How it went, where the case could not take it yet; see `processes.outcomes`."""

    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", JobState),
        Index("ix_job_queued", "due_at", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_job_case_id", "case_id", "state"),
    )
