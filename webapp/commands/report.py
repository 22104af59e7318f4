"""`vejviser report`: what came of the programmes, in counts that point at nobody."""

from __future__ import annotations

import json

import click

from processes.outcome_report import Group, outcome_report
from webapp.commands.opened import opened


@click.group()
def report() -> None:
    """Count what came of a programme."""


@report.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="The counts for other tools.")
def outcomes(key: str, *, as_json: bool) -> None:
    """Count who of programme KEY went on to education or a job.

    Each participant counts once. Counts below five are kept back, and so are others from which
    they could be found by subtracting.
    """
    with opened() as wiring, wiring.reading() as session:
        found = outcome_report(session, key)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    for name, count in [
        ("participants", found.participants),
        ("finished", found.finished),
        *((group.value.replace("_", " "), found.counts[group]) for group in Group),
    ]:
        click.echo(f"{name:<18} {_told(count):>6}")
    click.echo(f"{'share of all':<18} {_told(found.share_of_all, ' %'):>6}")
    click.echo(f"{'share of finished':<18} {_told(found.share_of_finished, ' %'):>6}")


def _told(count: float | None, unit: str = "") -> str:
    return "–" if count is None else f"{count}{unit}"
