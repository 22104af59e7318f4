"""A case with a long past: it steps, opens and is stored as a fresh one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.measure import Row, compared, interleaved
from tests.bench.visit import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT, FLAT = "<= 1.15", "<= 1.1"
BYTES = 'SELECT length(snapshot) FROM "case" WHERE id = :id'
YOUNG = 10
"""Completed tasks of the case whose snapshot the others are compared with."""


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """Against cases begun a moment ago, after some and after very many completed tasks."""
    young, aged, past = ground.begin(), ground.begin(), 0
    ground.age(young, YOUNG)
    for count in sizes.aged:
        ground.age(aged, count - past)
        ground.execute("ANALYZE")
        yield _snapshot(ground, young, aged, count)
        yield _page(ground, sizes, young, aged, count)
        blocks = interleaved(
            {"fresh": fresh(ground, sizes.each), "aged": lambda: ground.completion(aged)},
            sizes.rounds,
            sizes.each,
            ahead=False,
        )
        past = count + sizes.each * (sizes.rounds + 1)
        name = f"complete a user task after {count} completed tasks on the case"
        yield compared(name, blocks["aged"], blocks["fresh"], LIMIT)


def fresh(ground: Ground, each: int) -> Callable[[], Callable[[], object]]:
    """A completion on a case that has seen fewer than `each`."""
    used: list[UUID] = []

    def prepare() -> Callable[[], object]:
        if not used or len(used) % each == 0:
            used.append(ground.begin())
        else:
            used.append(used[-1])
        return ground.completion(used[-1])

    return prepare


def _snapshot(ground: Ground, young: UUID, aged: UUID, count: int) -> Row:
    small, large = (ground.count(BYTES, id=case) for case in (young, aged))
    name = f"snapshot after {count} completed tasks, against {YOUNG}"
    return Row(name, round(large / small, 2), "x", FLAT, {"bytes": large, "than_bytes": small})


def _page(ground: Ground, sizes: Sizes, young: UUID, aged: UUID, count: int) -> Row:
    client = signed_in(ground)

    def reading(case: UUID) -> Callable[[], Callable[[], object]]:
        def read() -> None:
            answer = client.get(f"/cases/{case}")
            assert answer.status_code == 200, answer.text

        return lambda: read

    acts = {"young": reading(young), "aged": reading(aged)}
    blocks = interleaved(acts, sizes.rounds, sizes.each)
    name = f"open the page of a case with {count} completed tasks"
    return compared(name, blocks["aged"], blocks["young"], LIMIT)
