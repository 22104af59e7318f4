"""`vejviser export`: the history of all cases, on standard output."""

from __future__ import annotations

import click

from processes.export import EXPORTS
from webapp.commands.opened import opened


@click.command()
@click.argument("form", type=click.Choice(sorted(EXPORTS)))
def export(form: str) -> None:
    """Write the history of all cases: `events` (JSON lines), `xes` or `csv`."""
    with opened() as wiring, wiring.reading() as session:
        for part in EXPORTS[form](session):
            click.echo(part, nl=False)
