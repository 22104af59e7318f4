"""`vejviser check`: do the rows still say what the snapshots say?"""

from __future__ import annotations

import click

from processes.check import findings
from webapp.commands.opened import opened


@click.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Prove the integrity of every case; exit with 1 on a finding."""
    found = 0
    with opened() as wiring:
        for finding in findings(wiring):
            click.echo(finding)
            found += 1
    ctx.exit(1 if found else 0)
