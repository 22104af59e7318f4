"""Firing what is due: how fast, never early, never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from processes.work import fire_timers
from tests.bench.measure import Row, interleaved, middle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT = ">= 0.5"
NOT_YET = 5
"""Timers that are not due and have to stay."""

EARLY = """
SELECT count(*) FROM event
 WHERE kind = 'timer.fired' AND (detail->>'fired_at')::timestamptz < at
"""
FIRED = "SELECT count(*) FROM timer WHERE state = 'fired'"
ARMED = "SELECT count(*) FROM timer WHERE state = 'armed' AND element = 'vent'"
TWICE = """
SELECT count(*) FROM (
  SELECT case_id FROM event WHERE kind = 'timer.fired' AND element = 'vent'
   GROUP BY case_id HAVING count(*) > 1) twice
"""


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """All timers of a heap are fired; blocks of completions in between show the rate."""
    pile_up(ground, sizes.timers)
    ground.begin_many(NOT_YET, "paamindelse")
    each = max(1, sizes.timers // (sizes.rounds + 1))
    cases = ground.cases(each)
    blocks = interleaved(
        {"timer": lambda: lambda: fire_one(ground), "task": lambda: ground.completion(next(cases))},
        sizes.rounds,
        each,
    )
    fire_timers(ground.wiring)
    ratios = [b.ms / a.ms for a, b in zip(blocks["timer"], blocks["task"], strict=True)]
    yield Row(
        name=f"fire {sizes.timers} due timers, rate against completions",
        value=round(sorted(ratios)[len(ratios) // 2], 2),
        unit="x",
        must=LIMIT,
        facts={
            "spread": [round(min(ratios), 2), round(max(ratios), 2)],
            "ms": middle(blocks["timer"], "ms"),
            "than_ms": middle(blocks["task"], "ms"),
            "cpu_ms": middle(blocks["timer"], "cpu_ms"),
        },
        flaws=flaws(ground, sizes.timers, NOT_YET),
    )


def pile_up(ground: Ground, count: int) -> None:
    """Cases whose timer has been due for some time."""
    ground.clock.back = timedelta(days=2)
    try:
        ground.begin_many(count, "paamindelse")
    finally:
        ground.clock.back = timedelta()


def fire_one(ground: Ground) -> None:
    fire_timers(ground.wiring, _once())


def flaws(ground: Ground, due: int, not_due: int) -> list[str]:
    """What should not have happened."""
    expected = {FIRED: due, ARMED: not_due, EARLY: 0, TWICE: 0}
    names = {FIRED: "fired", ARMED: "armed", EARLY: "early", TWICE: "twice"}
    found = {sql: ground.count(sql) for sql in expected}
    return [f"{names[sql]}: {found[sql]}" for sql in expected if found[sql] != expected[sql]]


def _once() -> Callable[[], bool]:
    answers = iter([True])
    return lambda: next(answers, False)
