"""Start events, and whom a message that a diagram sent is about

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ARMED = sa.text("state = 'armed'")


def upgrade() -> None:
    op.create_table(
        "start_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("timer", postgresql.JSONB(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('message', 'signal', 'timer')", name=op.f("ck_start_event_kind")
        ),
        sa.CheckConstraint(
            "state IN ('armed', 'spent', 'removed')", name=op.f("ck_start_event_state")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["definition.id"],
            name=op.f("fk_start_event_definition_id_definition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_event")),
        sa.UniqueConstraint("key", "element", name=op.f("uq_start_event_key_element")),
    )
    op.create_index("ix_start_event_due", "start_event", ["due_at", "id"], postgresql_where=ARMED)
    op.create_index("ix_start_event_event", "start_event", ["event"], postgresql_where=ARMED)
    op.create_index("ix_start_event_definition_id", "start_event", ["definition_id"])
    op.add_column("message", sa.Column("about", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("unit_id", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("start_event_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_message_start_event_id_start_event"),
        "message",
        "start_event",
        ["start_event_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index("ix_message_start_event_id", "message", ["start_event_id"])


def downgrade() -> None:
    for column in ("start_event_id", "unit_id", "about"):
        op.drop_column("message", column)
    op.drop_table("start_event")
