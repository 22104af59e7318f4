"""The part of the municipality a case belongs to, and the days it is closed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Unit(Base):
    """One unit, such as `aalborg`."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class ClosingDay(Base):
    """A day on which a unit is closed, beside the public holidays."""

    __tablename__ = "closing_day"

    unit_id: Mapped[str] = mapped_column(
        ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
