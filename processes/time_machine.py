"""The demonstration's clock: set it forward, and run everything that falls due on the way.

A jump stops at each due instant, fires what is due there and lets its jobs finish before it
goes on, so that four months pass as they would have. It never goes backward.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, LiteralString

from processes import work
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from processes.house import House

WORKER = "time machine"
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.02

SET_CLOCK: LiteralString = """
INSERT INTO clock (id, offset_seconds) VALUES (1, greatest(%(ahead)s, 0))
    ON CONFLICT (id) DO UPDATE
   SET offset_seconds = clock.offset_seconds + greatest(%(ahead)s, 0)
"""

UNDER_WAY: LiteralString = """
SELECT count(*) AS jobs FROM job j JOIN "case" c ON c.id = j.case_id
 WHERE j.state = 'queued' AND j.due_at <= now() AND c.state = 'active' AND c.stuck_until IS NULL
"""


def travel(
    house: House, target: datetime, tell: Callable[[datetime], None] = lambda _: None
) -> datetime:
    """Set the clock to `target`, by way of every instant at which something is due.

    A target that is past leaves the clock where it is. `tell` hears of each stop. The answer
    is what the clock shows at the end.
    """
    settle(house)
    while (due := next_due(house)) is not None and due <= target:
        _set(house, due)
        settle(house)
        tell(due)
        if next_due(house) == due:
            break
    _set(house, target)
    settle(house)
    return house.now()


def next_due(house: House) -> datetime | None:
    """The next instant at which a timer wants to fire."""
    with house.turn() as turn:
        return work.next_due(turn)


def settle(house: House) -> None:
    """Do everything that is due, and everything that comes of it, until nothing is left."""
    while _work(house):
        pass
    give_up = time.monotonic() + PATIENCE_SECONDS
    while _under_way(house) and time.monotonic() < give_up:
        if not _work(house):
            time.sleep(PAUSE_SECONDS)


def _work(house: House) -> int:
    return work.run_jobs(house, WORKER) + work.fire_timers(house) + work.deliver_messages(house)


def _under_way(house: House) -> bool:
    """Whether another worker is still at a job of this instant."""
    with house.turn() as turn:
        row = ask(turn.driver, UNDER_WAY, {}).fetchone()
        return bool(row and row["jobs"])


def _set(house: House, target: datetime) -> None:
    with house.turn() as turn:
        ahead = math.ceil((target - turn.now).total_seconds())
        if ahead > 0:
            ask(turn.driver, SET_CLOCK, {"ahead": ahead})
