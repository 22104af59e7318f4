"""Completing a user task in the service layer: fresh cases, and cases with a long past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.measure import compared, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from tests.bench.ground import Ground
    from tests.bench.measure import Row
    from tests.bench.sizes import Sizes

LIMIT, AGED_LIMIT = "<= 1.5", "<= 1.15"


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """One completion: form check, access check, FEEL gateway, deadline, next task, events."""
    cases = ground.cases(sizes.each)
    blocks = interleaved(
        {
            "bare": ground.bare(),
            "known": lambda: ground.completion(next(cases)),
            "new": lambda: ground.completion(next(cases), new=True),
        },
        sizes.rounds,
        sizes.each,
    )
    yield compared("complete a user task", blocks["known"], blocks["bare"], LIMIT)
    yield compared(
        "complete a user task, gateway values never seen before",
        blocks["new"],
        blocks["bare"],
        LIMIT,
    )


def aged_rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """The same on a case with many completed tasks, against cases begun a moment ago."""
    aged, past = ground.begin(), 0
    for count in sizes.aged:
        ground.age(aged, count - past)
        past = count
        blocks = interleaved(
            {"fresh": fresh(ground, sizes.each), "aged": lambda: ground.completion(aged)},
            sizes.rounds,
            sizes.each,
            ahead=False,
        )
        past += sizes.each * (sizes.rounds + 1)
        name = f"complete a user task after {count} completed tasks on the case"
        yield compared(name, blocks["aged"], blocks["fresh"], AGED_LIMIT)


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
