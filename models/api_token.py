"""Bearer tokens of machines, stored as digests only."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base

SCOPES = ("deploy", "case", "task", "message", "simulate", "read")


def digest(token: str) -> str:
    """Hexadecimal SHA-256 of a token; tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiToken(Base):
    """What a bearer token may do, in the name of an account."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    """Some of `SCOPES`."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
