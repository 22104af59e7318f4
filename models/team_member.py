"""Who on a case fills which role."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, OfCase


class TeamMember(OfCase, Base):
    """One account's role on one case."""

    __tablename__ = "team_member"

    case_id: Mapped[UUID] = mapped_column(
        ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )

    account: Mapped[Account] = relationship()

    __table_args__ = (Index("ix_team_member_account_id", "account_id"),)
