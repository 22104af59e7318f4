"""How far the demonstration's clock is ahead of the real one."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Clock(Base):
    """The only row has id 1; read in demo mode alone."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    offset_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    """Never negative: the clock does not go backward."""

    __table_args__ = (
        CheckConstraint("id = 1", name="only_row"),
        CheckConstraint("offset_seconds >= 0", name="forward"),
    )
