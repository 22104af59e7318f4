"""`vejviser migrate`: move the running cases of a version to another one."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from models.migration import MigrationCase
from processes.access import OPERATOR
from processes.engine.reasons import sentence
from processes.migrate import Progress, Wish, begin_migration, find_migration, progress
from processes.migration_turns import carry_on
from webapp.commands.opened import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from webapp.bootstrap import Wiring

PAUSE_SECONDS = 0.2
AT_ONCE = 500


class Rename(click.ParamType[tuple[str, str]]):
    """`old=new`."""

    name = "old=new"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The two ids."""
        old, equals, new = str(value).partition("=")
        if not (old and equals and new):
            self.fail(f"{value} is not written as old=new", param, ctx)
        return old, new


@click.command()
@click.argument("key")
@click.option("--from", "old", type=int, required=True, help="The version where the cases are.")
@click.option("--to", "new", type=int, required=True, help="The version where they go.")
@click.option("--rename", "renames", type=Rename(), multiple=True, help="An id and its new one.")
@click.option("--cancel", "cancels", multiple=True, help="An element whose work is cancelled.")
@click.option("--reason", default="", help="Why, and on whose behalf; it stands in each history.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a case.")
@click.pass_context
def migrate(ctx: click.Context, /, *, key: str, as_json: bool, **told: Any) -> None:
    """Move the running cases of process KEY; exit with 1 if a case stays behind."""
    wish = Wish(
        key,
        told["old"],
        told["new"],
        dict(told["renames"]),
        told["cancels"],
        told["reason"],
        told["dry_run"],
    )
    with opened() as wiring:
        with wiring.turn() as turn:
            id_ = begin_migration(turn, wish, OPERATOR).id
        seen = _until_done(wiring, id_)
        for row in _cases(wiring, id_):
            _tell(row, as_json=as_json)
    verb = "could be moved" if wish.dry_run else "moved"
    click.echo(f"{seen.moved} {verb}, {seen.refused} refused, {seen.skipped} skipped", err=as_json)
    ctx.exit(1 if seen.refused else 0)


def _until_done(wiring: Wiring, id_: UUID) -> Progress:
    """Work, or wait for a worker that is faster, until every case has had its turn."""
    while True:
        carry_on(wiring)
        with wiring.reading() as session:
            if find_migration(session, id_).state != "running":
                return progress(session, id_)
        time.sleep(PAUSE_SECONDS)


def _cases(wiring: Wiring, id_: UUID) -> Iterator[MigrationCase]:
    last = 0
    while True:
        query = select(MigrationCase).where(
            MigrationCase.migration_id == id_, MigrationCase.number > last
        )
        with wiring.reading() as session:
            rows = session.scalars(query.order_by(MigrationCase.number).limit(AT_ONCE)).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].number


def _tell(row: MigrationCase, *, as_json: bool) -> None:
    report = row.report or {}
    if as_json:
        click.echo(json.dumps({"case": row.number, "state": row.state, **report}))
        return
    click.echo(f"case {row.number}: {row.state}")
    for work in report.get("cancelled", []):
        click.echo(f"  {work['kind']} {work['element']} is cancelled")
    for shift in report.get("deadlines", []):
        click.echo(f"  deadline {shift['element']}: {shift['old'] or '–'} → {shift['new'] or '–'}")
    for refusal in report.get("refused", []):
        said = sentence(refusal["reason"], refusal["facts"], danish=False)
        click.echo(f"  {refusal['element'] or 'case'}: {said}")
