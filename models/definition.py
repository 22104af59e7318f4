"""Deployed diagrams: what was deployed together, and each immutable version."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base


class Deployment(Base):
    """One act of deploying: who, when, why."""

    __tablename__ = "deployment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")

    definitions: Mapped[list[Definition]] = relationship(
        back_populates="deployment", order_by="Definition.key"
    )


class Definition(Base):
    """One version of one process, with every file it needs pinned inside."""

    __tablename__ = "definition"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id"))
    key: Mapped[str]
    """The BPMN process id."""

    version: Mapped[int]
    name: Mapped[str]
    name_en: Mapped[str | None]
    owner_role: Mapped[str]
    """Whose queue takes the tasks that no lane claims."""

    bundle: Mapped[bytes] = mapped_column(deferred=True)
    """zlib over JSON: file name to text; see `pack` and `files`."""

    main_file: Mapped[str]
    created_at: Mapped[datetime]

    deployment: Mapped[Deployment] = relationship(back_populates="definitions")

    __table_args__ = (UniqueConstraint("key", "version"),)

    @property
    def files(self) -> dict[str, str]:
        """File name to text, as they were when the version was deployed."""
        return dict(_unpacked(self.bundle))

    @property
    def label(self) -> str:
        """`key:version`, the name by which people and calls point to this version."""
        return f"{self.key}:{self.version}"


@lru_cache(maxsize=128)
def _unpacked(bundle: bytes) -> dict[str, str]:
    """Pages of programmes ask for the same few bundles many times."""
    files: dict[str, str] = json.loads(zlib.decompress(bundle))
    return files


def pack(files: dict[str, str]) -> bytes:
    """The bytes that `Definition.bundle` keeps; equal files give equal bytes."""
    return zlib.compress(json.dumps(files, ensure_ascii=False, sort_keys=True).encode())
