"""Compartment C: the answers of forms that only the § 115 room may read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfCase


class ConfidentialNote(OfCase, Base):
    """One form's answers; never case data, search hit, notification or report row."""

    __tablename__ = "confidential_note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    task_id: Mapped[UUID | None]
    element: Mapped[str]
    author: Mapped[str]
    """Account name."""

    created_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]]
    purpose: Mapped[str] = mapped_column(default="")
    review_at: Mapped[datetime | None]
    """When somebody must decide whether it is still needed."""

    __table_args__ = (Index("ix_confidential_note_case_id", "case_id"),)
