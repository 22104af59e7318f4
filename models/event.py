"""The history of a case: append-only, numbered without gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfCase


class Event(OfCase, Base):
    """One thing that happened; the database refuses to change or delete it."""

    __tablename__ = "event"

    case_id: Mapped[UUID] = mapped_column(
        ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    """1, 2, 3 … within the case."""

    at: Mapped[datetime]
    """The case's clock; what a late timer caused carries the timer's due time."""

    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """The real clock."""

    actor: Mapped[str | None]
    """Account name; None is the system itself."""

    kind: Mapped[str]
    """Such as `element.completed`; see `processes.engine.step.Happening`."""

    element: Mapped[str | None]
    name: Mapped[str] = mapped_column(default="")
    instance_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
