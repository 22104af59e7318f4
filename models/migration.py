"""Cases on their way from one version of a process to another, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, OfCase, one_of
from models.definition import Definition

MigrationState = Literal["running", "stopped", "done"]
MigrationCaseState = Literal["waiting", "moved", "refused", "skipped"]


class Migration(Base):
    """One act of moving cases, or of trying what moving them would do."""

    __tablename__ = "migration"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    from_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"))
    renames: Mapped[dict[str, str]] = mapped_column(default=dict)
    """Old element or flow id to new one; see `processes.engine.placement.Directions`."""

    cancels: Mapped[list[str]] = mapped_column(default=list)
    """Old elements whose tokens are cancelled."""

    reason: Mapped[str] = mapped_column(default="")
    dry_run: Mapped[bool]
    """Nothing is moved; the reports say what would be."""

    undoes: Mapped[UUID | None] = mapped_column(ForeignKey("migration.id"))
    """The migration whose cases go back."""

    state: Mapped[MigrationState] = mapped_column(Text, default="running")
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]

    old: Mapped[Definition] = relationship(foreign_keys=[from_id])
    new: Mapped[Definition] = relationship(foreign_keys=[to_id])

    __table_args__ = (
        one_of("state", MigrationState),
        Index("ix_migration_running", "created_at", postgresql_where=text("state = 'running'")),
        Index("ix_migration_from_id", "from_id"),
        Index("ix_migration_to_id", "to_id"),
        Index("ix_migration_undoes", "undoes"),
    )


class MigrationCase(OfCase, Base):
    """What a migration did, or would do, to one case."""

    __tablename__ = "migration_case"

    migration_id: Mapped[UUID] = mapped_column(
        ForeignKey("migration.id", ondelete="CASCADE"), primary_key=True
    )
    case_id: Mapped[UUID] = mapped_column(
        ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int]
    """The case's own, which is the order of the work."""

    state: Mapped[MigrationCaseState] = mapped_column(Text, default="waiting")
    """`moved` in a dry run: it could be. `skipped`: it had ended or was elsewhere."""

    report: Mapped[dict[str, Any] | None]
    """See `processes.engine.migration.Report`."""

    done_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", MigrationCaseState),
        Index("ix_migration_case_number", "migration_id", "number"),
        Index(
            "ix_migration_case_waiting",
            "migration_id",
            "number",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_migration_case_case_id", "case_id"),
    )
