"""Who looked at which case, and what for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class AccessLog(Base):
    """One look; has no foreign keys, because it outlives the case and the account."""

    __tablename__ = "access_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    action: Mapped[str]
    """The route's name, such as `cases.show`."""

    purpose: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        Index("ix_access_log_case_id_at", "case_id", "at"),
        Index("ix_access_log_account_id_at", "account_id", "at"),
    )
