"""What begins cases of a deployed process by itself: a message, a signal or a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of

StartKind = Literal["message", "signal", "timer"]
StartState = Literal["armed", "spent", "removed"]


class StartEvent(Base):
    """One start event of a process; a new version takes the row over from the one before."""

    __tablename__ = "start_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"))
    """The newest version: the one that cases begin in."""

    key: Mapped[str]
    """The BPMN process id."""

    element: Mapped[str]
    """What the engine calls the start event."""

    name: Mapped[str] = mapped_column(default="")
    kind: Mapped[StartKind] = mapped_column(Text)
    event: Mapped[str] = mapped_column(default="")
    """The message's or signal's name."""

    text: Mapped[str] = mapped_column(default="")
    """The timer's text as drawn; as long as it stays, a new version goes on counting."""

    timer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Where the timer stands, as the engine left it."""

    due_at: Mapped[datetime | None]
    state: Mapped[StartState] = mapped_column(Text, default="armed")
    """`spent`: a timer after its last occurrence; `removed`: the newest version lacks it."""

    lease_until: Mapped[datetime | None]
    """Real clock; a worker that failed on it leaves it alone until then."""

    created_at: Mapped[datetime]

    __table_args__ = (
        one_of("kind", StartKind),
        one_of("state", StartState),
        UniqueConstraint("key", "element"),
        Index("ix_start_event_due", "due_at", "id", postgresql_where=sql("state = 'armed'")),
        Index("ix_start_event_event", "event", postgresql_where=sql("state = 'armed'")),
        Index("ix_start_event_definition_id", "definition_id"),
    )
