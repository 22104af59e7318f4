"""`vejviser db upgrade`: the tables of this version."""

from __future__ import annotations

import click

from models import schema
from webapp.bootstrap import open_wiring


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the tables of this version; doing it twice does no harm."""
    wiring = open_wiring()
    try:
        schema.upgrade(wiring.database)
    finally:
        wiring.close()
