"""Who can sign in, and which roles they hold in which units."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base


class Account(Base):
    """A person's account; `name` is what tasks and events refer to."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str | None]
    """argon2id; None where somebody else vouches for the person (OIDC)."""

    language: Mapped[str] = mapped_column(default="da", server_default="da")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    roles: Mapped[list[AccountRole]] = relationship(
        back_populates="account", cascade="all, delete-orphan", lazy="selectin"
    )


class AccountRole(Base):
    """One role an account holds, in one unit or in all."""

    __tablename__ = "account_role"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str]
    """The lane's name, such as `Mentor`."""

    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    """None means every unit."""

    account: Mapped[Account] = relationship(back_populates="roles")

    __table_args__ = (
        Index(
            "uq_account_role_account_id_role_unit_id",
            "account_id",
            "role",
            "unit_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
