"""What a process owner is drawing and has not deployed yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Draft(Base):
    """One file of one process, as last saved in the studio."""

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key: Mapped[str]
    """Process key; the files of one key are edited and deployed together."""

    file_name: Mapped[str]
    content: Mapped[str]
    base_definition_id: Mapped[UUID | None] = mapped_column(ForeignKey("definition.id"))
    """The version it started from; tells whether somebody deployed in between."""

    updated_at: Mapped[datetime]
    updated_by: Mapped[str]

    __table_args__ = (UniqueConstraint("key", "file_name"),)
