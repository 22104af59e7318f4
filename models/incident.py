"""Elements that could not run and wait for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfElement, one_of

IncidentState = Literal["open", "resolved"]


class Incident(OfElement, Base):
    """One element's failure; the rest of the case goes on."""

    __tablename__ = "incident"

    message: Mapped[str]
    code: Mapped[str | None]
    """Why the case as a whole cannot go on, see `models.errors.CaseStuck`; None for an element
    that the engine stopped at, which the snapshot knows of."""

    state: Mapped[IncidentState] = mapped_column(Text, default="open")
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]

    __table_args__ = (
        one_of("state", IncidentState),
        Index("ix_incident_open", "created_at", "id", postgresql_where=text("state = 'open'")),
        Index("ix_incident_case_id", "case_id", "state"),
        Index(
            "uq_incident_stuck",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'open' AND code IS NOT NULL"),
        ),
    )
