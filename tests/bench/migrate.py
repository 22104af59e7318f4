"""Moving cases to another version: many of them, and one with a long past."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from processes.access import OPERATOR
from processes.deploy import deploy
from processes.migrate import Wish, begin_migration
from processes.migration_turns import carry_on, move_next
from tests.bench.ground import PROGRAMME
from tests.bench.measure import Row, compared, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

KEY = "kontakt"
AGED_LIMIT = "<= 1.15"
RESULTS = "SELECT count(*) FROM migration_case WHERE state <> 'moved'"
TWICE = """
SELECT count(*) FROM (
  SELECT case_id FROM event WHERE kind = 'case.migrated'
   GROUP BY case_id, detail->>'migration' HAVING count(*) > 1) twice
"""
VERSION = """
SELECT d.version FROM "case" c JOIN definition d ON d.id = c.definition_id WHERE c.id = :id
"""


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """The dry run and the move of many cases whose deadline changes; then an aged case's."""
    ground.begin_many(sizes.moved, KEY)
    aged = ground.begin()
    ground.age(aged, sizes.aged[-1])
    _deploy_other(ground)
    for what, dry_run in (("try moving", True), ("move", False)):
        began = time.perf_counter()
        _ask(ground, Wish(KEY, 1, 2, dry_run=dry_run))
        carry_on(ground.wiring)
        seconds = time.perf_counter() - began
        count = sizes.moved + 1
        yield Row(
            name=f"{what} {count} cases to another version",
            value=round(seconds, 2),
            unit="s",
            must="",
            facts={"ms_a_case": round(1000 * seconds / count, 2)},
            flaws=_flaws(ground),
        )
    yield _aged(ground, sizes, aged)


def _aged(ground: Ground, sizes: Sizes, aged: UUID) -> Row:
    """There and back, again and again, in turn with a case that nothing has happened on."""
    fresh = ground.begin()
    blocks = interleaved(
        {"fresh": lambda: _move(ground, fresh), "aged": lambda: _move(ground, aged)},
        sizes.rounds,
        sizes.each,
        ahead=False,
    )
    name = f"move a case with {sizes.aged[-1]} completed tasks, against a fresh one"
    return compared(name, blocks["aged"], blocks["fresh"], AGED_LIMIT)


def _move(ground: Ground, case: UUID) -> Callable[[], object]:
    old = ground.count(VERSION, id=case)
    migration = _ask(ground, Wish(KEY, old, 3 - old, case=case))

    def move() -> None:
        with ground.wiring.turn() as turn:
            move_next(turn, migration)

    return move


def _ask(ground: Ground, wish: Wish) -> UUID:
    with ground.wiring.turn() as turn:
        return begin_migration(turn, wish, OPERATOR).id


def _deploy_other(ground: Ground) -> None:
    """The same programme with more time for its tasks."""
    files = {file.name: file.read_text() for file in PROGRAMME.iterdir()}
    files[f"{KEY}.bpmn"] = files[f"{KEY}.bpmn"].replace('value="P7D"', 'value="P10D"')
    with ground.wiring.turn() as turn:
        deploy(turn, files, "", OPERATOR)


def _flaws(ground: Ground) -> list[str]:
    found = {"not moved": ground.count(RESULTS), "twice": ground.count(TWICE)}
    return [f"{name}: {count}" for name, count in found.items() if count]
