"""`vejviser demo load`: fill the demonstration with very many made-up cases."""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import select, text

from models import schema
from models.account import Account
from models.case import Case
from models.definition import Definition
from models.server import FAST, EmbeddedServer
from processes.crowd import Pattern, lengthened, most_patterns, play_patterns, pour
from processes.demonstration import read_demonstration
from webapp.bootstrap import Wiring
from webapp.commands.opened import opened
from webapp.demo import DIAGRAMS, PROGRAMME, UNIT, deploy_programmes, set_up_demo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NUMBERED = re.compile(r"T-(\d{5,})\Z")


class OnlyDemonstration(click.ClickException):
    """The cases of a real house are not mixed with made-up ones."""

    def __init__(self) -> None:
        super().__init__("Only a demonstration (VEJVISER_DEMO=1) is filled with made-up cases.")


class AccountsMissing(click.ClickException):
    """Somebody whom the made-up cases name does not exist."""

    def __init__(self, names: Iterable[str]) -> None:
        them = ", ".join(sorted(names))
        super().__init__(f"The demonstration's accounts are missing: {them}. Add them again.")


@click.group()
def demo() -> None:
    """What only a demonstration may do (VEJVISER_DEMO=1)."""


@demo.command()
@click.option("--cases", default=10_000, show_default=True, help="How many cases more.")
@click.option("--tasks", default=0, help="User tasks in all of them, done ones included.")
def load(cases: int, tasks: int) -> None:
    """Add made-up cases: played by the engine, then copied.

    Cases are played to different points of the real programme and copied under references
    T-00001 and on. TASKS counts every user task that was ever opened; where the programme has
    fewer, completed ones are added to the cases' logs, so most of a million lie in the past.
    """
    with opened() as wiring:
        if not wiring.config.demo:
            raise OnlyDemonstration
        set_up_demo(wiring)
        began = time.monotonic()
        with _workshop(wiring) as workshop:
            click.echo("Playing the cases that the others are copies of …")
            shown = read_demonstration(DIAGRAMS / PROGRAMME)
            count = min(cases, most_patterns(shown))
            patterns = play_patterns(workshop, shown, UNIT, count)
            ids = {**_versions(workshop, wiring), **_accounts(workshop, wiring)}
        first = _next_number(wiring)
        numbers = range(first, first + cases)
        for poured in pour(wiring, _shared_out(patterns, cases, tasks), numbers, ids):
            click.echo(
                f"{poured.cases} of {cases} cases, {poured.tasks} tasks "
                f"({poured.open_tasks} open), {poured.events} lines of history, "
                f"{time.monotonic() - began:.0f} s"
            )
        with wiring.glance() as connection:
            connection.execute(text("ANALYZE"))


def _shared_out(patterns: list[Pattern], cases: int, tasks: int) -> list[Pattern]:
    """The patterns with as many tasks as all copies together need."""
    copies = [cases // len(patterns) + (n < cases % len(patterns)) for n in range(len(patterns))]
    missing = tasks - sum(p.tasks * n for p, n in zip(patterns, copies, strict=True))
    left = cases
    longer = []
    for pattern, number in zip(patterns, copies, strict=True):
        grown = lengthened(pattern, round(missing / left)) if left and missing > 0 else pattern
        missing -= (grown.tasks - pattern.tasks) * number
        left -= number
        longer.append(grown)
    return longer


@contextmanager
def _workshop(wiring: Wiring) -> Iterator[Wiring]:
    """A database of its own, thrown away afterwards: playing would move the cases beside it."""
    now = wiring.now()
    with tempfile.TemporaryDirectory(prefix="vejviser-demo-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with EmbeddedServer(home / "postgres", FAST) as server:
            server.create_database()
            config = replace(wiring.config, home=home)
            workshop = Wiring(config, server.url(), real_clock=lambda: now)
            try:
                schema.upgrade(workshop.database)
                set_up_demo(workshop)
                yield workshop
            finally:
                workshop.close()


def _next_number(wiring: Wiring) -> int:
    with wiring.reading() as reading:
        used = reading.scalars(select(Case.reference).where(Case.reference.like("T-_____%")))
        return 1 + max((int(found[1]) for one in used if (found := NUMBERED.match(one))), default=0)


def _versions(here: Wiring, there: Wiring) -> dict[str, str]:
    with here.reading() as reading:
        played = select(Definition).where(Definition.id.in_(select(Case.definition_id)))
        wanted = {row.id: (row.key, row.files) for row in reading.scalars(played)}
    with there.turn() as turn:
        deploy_programmes(turn)
        rows = turn.session.scalars(select(Definition).order_by(Definition.version)).all()
        known = [(row.id, (row.key, row.files)) for row in rows]
    return {
        str(id_): str(other) for id_, what in wanted.items() for other, it in known if it == what
    }


def _accounts(here: Wiring, there: Wiring) -> dict[str, str]:
    ids = []
    for place in (here, there):
        with place.reading() as reading:
            ids.append({row.name: str(row.id) for row in reading.scalars(select(Account))})
    missing = ids[0].keys() - ids[1].keys()
    if missing:
        raise AccountsMissing(missing)
    return {id_: ids[1][name] for name, id_ in ids[0].items()}
