"""When each worker was last alive, by the real clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Heartbeat(Base):
    """One worker process."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(primary_key=True)
    """Host name and process id."""

    at: Mapped[datetime]
