"""Brings a database to the tables of this version, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from models import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LOCK = 0x7665_6A76
"""Advisory lock number ("vejv") held while a database is upgraded."""


def upgrade(engine: Engine) -> None:
    """Apply every revision that is missing, all or none; two at a time queue up."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(_config(connection), "head")


def downgrade(engine: Engine) -> None:
    """Take every revision back, and with them all that is stored."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.downgrade(_config(connection), "base")


def is_current(connection: Connection) -> bool:
    """Whether the database has exactly the revisions that this version knows."""
    applied = set(MigrationContext.configure(connection).get_current_heads())
    return applied == set(ScriptDirectory.from_config(_config(connection)).get_heads())


def differences(connection: Connection) -> list[Any]:
    """What Alembic would still have to change to make the database equal the models."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    found: list[Any] = compare_metadata(context, Base.metadata)
    return found


def make_revision(engine: Engine, message: str, revision: str) -> None:
    """Draft a revision file from the difference between the models and the database."""
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
