"""What cases have bound of a budget, so that the next one knows what is left."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Commitment(Base):
    """Money bound for one measure of one case in one calendar year."""

    __tablename__ = "commitment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The key of the job that bound it: a second attempt finds the first one's row."""

    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    budget: Mapped[str]
    """The diagram's name for the budget, such as `norddjurs`."""

    year: Mapped[int]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case.id", ondelete="SET NULL"))
    """None once the case is erased: the year's sum stays, whose it was does not."""

    number: Mapped[int]
    """1 for what the case bound first in this budget, in whatever year, given back or not."""

    purpose: Mapped[str]
    """The kind of measure, never about the person."""

    amount: Mapped[int]
    """Whole kroner."""

    reserved_at: Mapped[datetime]
    """The case's clock."""

    released_at: Mapped[datetime | None]
    """When it was given back because the measure did not begin; it no longer counts."""

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_commitment_case_id", "case_id"),
        Index(
            "ix_commitment_bound",
            "unit_id",
            "budget",
            "year",
            postgresql_where=text("released_at IS NULL"),
        ),
    )
