"""Indexes of long cases

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WIDER = {
    "deadline": ["case_id", "closed_at"],
    "incident": ["case_id", "state"],
    "job": ["case_id", "state"],
    "subscription": ["case_id", "state"],
    "timer": ["case_id", "state"],
    "user_task": ["case_id", "role", "assignee", "completed_by"],
}
"""What is open, or somebody's, is found without reading all that a case has had."""


def upgrade() -> None:
    for table, columns in WIDER.items():
        op.drop_index(f"ix_{table}_case_id", table)
        op.create_index(f"ix_{table}_case_id", table, columns)
    op.create_index(
        "ix_user_task_case_open",
        "user_task",
        ["case_id"],
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_case_open", "user_task")
    for table in WIDER:
        op.drop_index(f"ix_{table}_case_id", table)
        op.create_index(f"ix_{table}_case_id", table, ["case_id"])
