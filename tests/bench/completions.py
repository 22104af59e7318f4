"""Completing a user task in the service layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.measure import compared, interleaved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.ground import Ground
    from tests.bench.measure import Row
    from tests.bench.sizes import Sizes

LIMIT = "<= 1.5"


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
