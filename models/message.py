"""Messages from outside: answered once, kept until somebody waits for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of

MessageState = Literal["waiting", "delivered", "expired", "refused"]


class Message(Base):
    """One message, as its sender named it."""

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sender_id: Mapped[str] = mapped_column(unique=True)
    """The sender's own id; a second one with it is a duplicate."""

    name: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    about: Mapped[str | None]
    """The reference, or else the id, of the case whose diagram sent it: it may go to any case of
    that reference, or begin one."""

    unit_id: Mapped[str | None]
    """The sender's unit, for a case that it begins."""

    start_event_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("start_event.id", ondelete="CASCADE")
    )
    """Set on a signal that is on its way to a start event."""

    correlation: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[MessageState] = mapped_column(Text, default="waiting")
    received_at: Mapped[datetime]
    arrival: Mapped[int] = mapped_column(BigInteger, Identity())
    """Which of two that came at the same time was first."""

    expires_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    """Real clock; a worker that failed on it leaves it alone until then."""

    __table_args__ = (
        one_of("state", MessageState),
        Index(
            "ix_message_waiting",
            "name",
            "received_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_message_case_id", "case_id"),
        Index("ix_message_start_event_id", "start_event_id"),
    )
