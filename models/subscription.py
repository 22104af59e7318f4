"""Which message or signal a case waits for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfElement, one_of

SubscriptionKind = Literal["message", "signal"]
SubscriptionState = Literal["open", "closed"]


class Subscription(OfElement, Base):
    """One wait for a message or signal; `name` is the message's, not the element's."""

    __tablename__ = "subscription"

    kind: Mapped[SubscriptionKind] = mapped_column(Text, default="message")
    correlation: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    """JSON value to match; None matches by the case alone."""

    state: Mapped[SubscriptionState] = mapped_column(Text, default="open")
    created_at: Mapped[datetime]

    __table_args__ = (
        one_of("kind", SubscriptionKind),
        one_of("state", SubscriptionState),
        Index(
            "ix_subscription_open",
            "name",
            "kind",
            "created_at",
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_subscription_case_id", "case_id", "state"),
    )
