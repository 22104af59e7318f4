"""`vejviser check`: do the rows still say what the snapshots say?"""

from __future__ import annotations

import click

from processes.check import check as findings
from webapp.commands.opened import opened


@click.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Prove the integrity of every case; exit with 1 on a finding."""
    with opened() as wiring:
        found = findings(wiring)
    for finding in found:
        click.echo(finding)
    ctx.exit(1 if found else 0)
