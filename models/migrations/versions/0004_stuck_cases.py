"""Stuck cases

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("case", sa.Column("stuck_until", MOMENT, nullable=True))
    op.add_column(
        "case",
        sa.Column("stumbles", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index(
        "ix_case_stuck",
        "case",
        ["stuck_until"],
        postgresql_where=sa.text("stuck_until IS NOT NULL"),
    )
    op.add_column("incident", sa.Column("code", sa.Text(), nullable=True))
    op.create_index(
        "uq_incident_stuck",
        "incident",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND code IS NOT NULL"),
    )
    op.add_column("message", sa.Column("lease_until", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("message", "lease_until")
    op.drop_index("uq_incident_stuck", "incident")
    op.drop_column("incident", "code")
    op.drop_index("ix_case_stuck", "case")
    op.drop_column("case", "stumbles")
    op.drop_column("case", "stuck_until")
