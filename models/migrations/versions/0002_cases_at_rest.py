"""Cases at rest: what was done and what came meanwhile is kept

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("outcome", postgresql.JSONB(), nullable=True))
    op.add_column("message", sa.Column("arrival", sa.BigInteger(), sa.Identity(), nullable=False))


def downgrade() -> None:
    op.drop_column("message", "arrival")
    op.drop_column("job", "outcome")
