"""One young person in one programme: where the case stands and what it knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Sequence, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, one_of
from models.definition import Definition

CaseState = Literal["active", "suspended", "completed", "cancelled"]

CASE_NUMBER = Sequence("case_number", metadata=Base.metadata)


class Case(Base):
    """A case; its row is the lock that every turn on it takes first."""

    __tablename__ = "case"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int] = mapped_column(
        CASE_NUMBER, unique=True, server_default=CASE_NUMBER.next_value()
    )
    """What people say on the phone; rises, but a failed start leaves a gap."""

    reference: Mapped[str] = mapped_column(default="")
    """The sender's own name for the case, never a CPR number."""

    definition_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[CaseState] = mapped_column(Text, default="active")
    phase: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Compartment B, top-level keys to JSON values."""

    authority_data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Compartment A, likewise; a key is in one of the two only."""

    data_kinds: Mapped[dict[str, str]] = mapped_column(default=dict)
    """JSON pointer to `date`, `time`, `date and time` or `duration`."""

    snapshot: Mapped[bytes | None] = mapped_column(deferred=True)
    """The engine's compressed state; None before the first step. It stays after the end, so that a
    part of an ended case can be begun anew."""

    revision: Mapped[int] = mapped_column(default=0)
    """Rises by one with each stored step."""

    last_event: Mapped[int] = mapped_column(default=0)
    """Number of the newest event, so that numbering needs no query; the writer holds the lock."""

    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    stuck_until: Mapped[datetime | None]
    """Real clock; set while the case cannot be moved at all, see `processes.stuck`."""

    stumbles: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How often in a row the case could not be moved."""

    definition: Mapped[Definition] = relationship()

    __table_args__ = (
        one_of("state", CaseState),
        Index("ix_case_reference", "reference"),
        Index("ix_case_definition_id", "definition_id"),
        Index("ix_case_unit_id_number", "unit_id", "number"),
        Index("ix_case_active", "number", postgresql_where=text("state = 'active'")),
        Index("ix_case_stuck", "stuck_until", postgresql_where=text("stuck_until IS NOT NULL")),
    )

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen on the case any more."""
        return self.state in {"completed", "cancelled"}
