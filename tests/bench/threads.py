"""Several threads of one process complete tasks at the same time, each on cases of its own."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.measure import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """Completions a second; Python runs one thread at a time, the database serves them all."""
    for threads in sizes.threads:
        runs = [_rate(ground, threads, sizes.each) for _ in range(sizes.rounds + 1)]
        yield Row(
            name=f"completions a second with {threads} threads",
            value=round(median(runs[1:]), 1),
            unit="/s",
            must="",
            facts={"spread": [round(min(runs[1:]), 1), round(max(runs[1:]), 1)]},
        )


def _rate(ground: Ground, threads: int, each: int) -> float:
    acts = [[ground.completion(ground.begin()) for _ in range(each)] for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        done = list(chain.from_iterable(pool.map(_all, acts)))
        return len(done) / (time.perf_counter() - began)


def _all(acts: Sequence[Callable[[], object]]) -> list[object]:
    return [act() for act in acts]
