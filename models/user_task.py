"""What a person is asked for, and who may take, hand back and finish it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfElement, one_of
from models.errors import AlreadyClaimed, AlreadyCompleted, TaskNotFound

UserTaskState = Literal["open", "completed", "cancelled"]

_OPEN = text("state = 'open'")


class UserTask(OfElement, Base):
    """One occurrence of a BPMN user task."""

    __tablename__ = "user_task"

    role: Mapped[str]
    """Whose queue it waits in: the lane's name, or the process's owner role."""

    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    """The case's unit, kept here so that an inbox reads one index."""

    form: Mapped[str | None]
    """File name inside the definition's bundle."""

    assignee: Mapped[str | None]
    """Account name."""

    state: Mapped[UserTaskState] = mapped_column(Text, default="open")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=50)
    """0 to 100; higher is more urgent."""

    item: Mapped[int | None]
    """Position among the instances of a multi-instance, from 0."""

    local: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Variables only this item or called process sees."""

    documentation: Mapped[str] = mapped_column(default="")
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[str | None]

    __table_args__ = (
        one_of("state", UserTaskState),
        Index("ix_user_task_inbox", "role", "unit_id", "due_at", "id", postgresql_where=_OPEN),
        Index("ix_user_task_mine", "assignee", "due_at", "id", postgresql_where=_OPEN),
        Index("ix_user_task_case_id", "case_id", "role", "assignee", "completed_by"),
        Index("ix_user_task_case_open", "case_id", postgresql_where=_OPEN),
    )

    def claim(self, user: str) -> None:
        """Take the task; repeating your own claim changes nothing.

        Raises:
            TaskNotFound, AlreadyCompleted: it is no longer open.
            AlreadyClaimed: someone else holds it.
        """
        self.require_open()
        if self.assignee not in {None, user}:
            raise AlreadyClaimed(self.id, by=str(self.assignee))
        self.assignee = user

    def release(self, user: str) -> None:
        """Hand the task back to its queue; a free task stays free.

        Raises:
            TaskNotFound, AlreadyCompleted: it is no longer open.
            AlreadyClaimed: someone else holds it.
        """
        self.require_open()
        if self.assignee not in {None, user}:
            raise AlreadyClaimed(self.id, by=str(self.assignee))
        self.assignee = None

    def complete(self, user: str, at: datetime) -> None:
        """Finish the task in the name of `user`.

        Raises:
            TaskNotFound, AlreadyCompleted: it is no longer open.
            AlreadyClaimed: someone else holds it.
        """
        self.claim(user)
        self.state = "completed"
        self.completed_at = at
        self.completed_by = user

    def require_open(self) -> None:
        """Refuse a task that is over.

        Raises:
            AlreadyCompleted: somebody finished it.
            TaskNotFound: the case went on without it.
        """
        if self.state == "completed":
            raise AlreadyCompleted(self.id, by=self.completed_by, at=self.completed_at)
        if self.state == "cancelled":
            raise TaskNotFound(self.id)
