"""The case's main process, and what events started inside it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfCase


class ProcessInstance(OfCase, Base):
    """One running or ended process of a case."""

    __tablename__ = "process_instance"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None]
    """None for the case's main instance."""

    process: Mapped[str]
    """Id of the process or of the event sub-process."""

    name: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_process_instance_case_id", "case_id"),)
