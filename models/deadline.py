"""What must have happened by when, why, and who moved it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, OfElement, one_of
from models.errors import DeadlineNotFound, DeadlineNotPausable

DeadlineState = Literal["open", "met", "missed", "cancelled"]
ChangeKind = Literal["moved", "paused", "resumed"]


class Deadline(OfElement, Base):
    """A deadline on one element of one case."""

    __tablename__ = "deadline"

    role: Mapped[str | None]
    task_id: Mapped[UUID | None]
    """The open user task it belongs to, if it belongs to one."""

    started_at: Mapped[datetime]
    duration: Mapped[str]
    """ISO 8601, as the diagram had it when the deadline opened."""

    calendar: Mapped[str]
    """`clock`, `local`, `working` or `weekday`."""

    roll: Mapped[str]
    """`none`, `forward` or `back`."""

    due_at: Mapped[datetime]
    original_due_at: Mapped[datetime]
    legal_basis: Mapped[str] = mapped_column(default="")
    pausable: Mapped[bool] = mapped_column(default=True, server_default=true())
    paused_at: Mapped[datetime | None]
    arithmetic: Mapped[list[dict[str, str]]] = mapped_column(default=list)
    """How `due_at` came about, line by line."""

    state: Mapped[DeadlineState] = mapped_column(Text, default="open")
    closed_at: Mapped[datetime | None]

    changes: Mapped[list[DeadlineChange]] = relationship(
        back_populates="deadline", order_by="DeadlineChange.at"
    )

    __table_args__ = (
        one_of("state", DeadlineState),
        Index("ix_deadline_open", "due_at", "id", postgresql_where=text("state = 'open'")),
        Index("ix_deadline_case_id", "case_id", "closed_at"),
    )

    def require_open(self) -> None:
        """Refuse a deadline that is met, missed or gone.

        Raises:
            DeadlineNotFound: it is no longer open.
        """
        if self.state != "open":
            raise DeadlineNotFound(self.id)

    def require_pausable(self) -> None:
        """Refuse to stop a deadline that the law keeps running.

        Raises:
            DeadlineNotFound: it is no longer open.
            DeadlineNotPausable: its diagram says so.
        """
        self.require_open()
        if not self.pausable:
            raise DeadlineNotPausable(self.id, self.legal_basis)


class DeadlineChange(Base):
    """Somebody moved, paused or resumed a deadline, and said why."""

    __tablename__ = "deadline_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id", ondelete="CASCADE"))
    kind: Mapped[ChangeKind] = mapped_column(Text)
    old_due: Mapped[datetime]
    new_due: Mapped[datetime | None]
    """None while the deadline is paused."""

    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

    deadline: Mapped[Deadline] = relationship(back_populates="changes")

    __table_args__ = (
        one_of("kind", ChangeKind),
        Index("ix_deadline_change_deadline_id", "deadline_id"),
    )
