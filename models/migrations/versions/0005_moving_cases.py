"""Moving cases between versions

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "migration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("renames", JSON, nullable=False),
        sa.Column("cancels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'stopped', 'done')", name=op.f("ck_migration_state")
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["definition.id"], name=op.f("fk_migration_from_id_definition")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["definition.id"], name=op.f("fk_migration_to_id_definition")
        ),
        sa.ForeignKeyConstraint(
            ["undoes"], ["migration.id"], name=op.f("fk_migration_undoes_migration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    op.create_index(
        "ix_migration_running",
        "migration",
        ["created_at"],
        postgresql_where=sa.text("state = 'running'"),
    )
    for column in ("from_id", "to_id", "undoes"):
        op.create_index(f"ix_migration_{column}", "migration", [column])
    op.create_table(
        "migration_case",
        sa.Column("migration_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("report", JSON, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'moved', 'refused', 'skipped')",
            name=op.f("ck_migration_case_state"),
        ),
        sa.ForeignKeyConstraint(
            ["migration_id"],
            ["migration.id"],
            name=op.f("fk_migration_case_migration_id_migration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case.id"],
            name=op.f("fk_migration_case_case_id_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("migration_id", "case_id", name=op.f("pk_migration_case")),
    )
    op.create_index("ix_migration_case_number", "migration_case", ["migration_id", "number"])
    op.create_index(
        "ix_migration_case_waiting",
        "migration_case",
        ["migration_id", "number"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_migration_case_case_id", "migration_case", ["case_id"])


def downgrade() -> None:
    op.drop_table("migration_case")
    op.drop_table("migration")
