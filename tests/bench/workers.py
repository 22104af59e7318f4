"""Two worker processes on one database get more done than one, and nothing twice."""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.measure import Row
from tests.bench.served import PATIENCE_SECONDS, command, environment
from tests.bench.timers import flaws, pile_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT = "> 1"
HOLD = "UPDATE timer SET lease_until = 'infinity' WHERE state = 'armed' AND element = 'vent'"
RELEASE = "UPDATE timer SET lease_until = NULL WHERE state = 'armed' AND element = 'vent'"
WAITING = "SELECT count(*) FROM timer WHERE state = 'armed' AND element = 'vent'"
SECONDS = """
SELECT extract(epoch FROM max(recorded_at) - min(recorded_at))::float FROM (
  SELECT recorded_at FROM event WHERE kind = 'timer.fired' AND element = 'vent'
   ORDER BY recorded_at DESC LIMIT :count) newest
"""


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """The same heap of due timers for one worker and for two, in turn."""
    races = [
        (_seconds(ground, sizes.backlog, 1), _seconds(ground, sizes.backlog, 2))
        for _ in range(sizes.races)
    ]
    ratios = [alone / together for alone, together in races]
    yield Row(
        name=f"throughput of two workers against one, {sizes.backlog} timers a race",
        value=round(median(ratios), 2),
        unit="x",
        must=LIMIT,
        facts={
            "spread": [round(min(ratios), 2), round(max(ratios), 2)],
            "timers_per_second_of_one": _rate(sizes.backlog, [one for one, _ in races]),
            "timers_per_second_of_two": _rate(sizes.backlog, [two for _, two in races]),
        },
        flaws=flaws(ground, 2 * sizes.races * sizes.backlog, 0),
    )


def _seconds(ground: Ground, backlog: int, workers: int) -> float:
    """From the first timer fired to the last; the workers stand ready before the first."""
    pile_up(ground, backlog)
    ground.execute(HOLD)
    ground.execute("DELETE FROM heartbeat")
    with ExitStack() as running:
        for _ in range(workers):
            running.enter_context(command("worker", **environment(ground)))
        _wait(ground, "SELECT count(*) FROM heartbeat", workers)
        ground.execute(RELEASE + "; NOTIFY vejviser, 'timer'")
        _wait(ground, WAITING, 0)
    seconds: float = ground.count(SECONDS, count=backlog)
    return max(seconds, 0.001)


def _wait(ground: Ground, sql: str, wanted: int) -> None:
    patience = time.monotonic() + PATIENCE_SECONDS
    while (found := ground.count(sql)) != wanted:
        if time.monotonic() > patience:
            raise TimeoutError(sql, found, wanted)
        time.sleep(0.1)


def _rate(count: int, seconds: list[float]) -> float:
    return round(count / median(seconds), 1)
