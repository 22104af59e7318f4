"""When a case wants to be woken."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfElement, one_of

TimerRole = Literal["event", "due", "follower"]
TimerState = Literal["armed", "fired", "cancelled"]


class Timer(OfElement, Base):
    """One arming of a timer; an interval gets a new row for each occurrence."""

    __tablename__ = "timer"

    role: Mapped[TimerRole] = mapped_column(Text, default="event")
    """`event` moves a token, `due` is a deadline's own, `follower` joins a deadline."""

    due_at: Mapped[datetime]
    deadline_id: Mapped[UUID | None]
    state: Mapped[TimerState] = mapped_column(Text, default="armed")
    fired_at: Mapped[datetime | None]
    """The case's clock when it fired; the lag is the difference from `due_at`."""

    arithmetic: Mapped[list[dict[str, str]]] = mapped_column(default=list)
    """How the due time came about, line by line."""

    lease_until: Mapped[datetime | None]
    """Real clock; a worker that failed on it leaves it alone until then."""

    __table_args__ = (
        one_of("role", TimerRole),
        one_of("state", TimerState),
        Index("ix_timer_armed", "due_at", "id", postgresql_where=text("state = 'armed'")),
        Index("ix_timer_case_id", "case_id", "state"),
        Index("ix_timer_deadline_id", "deadline_id"),
    )
