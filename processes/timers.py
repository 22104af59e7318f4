"""Fire what is due: never early, each timer once, the oldest first, one turn each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from processes.advance import advance
from processes.case_lock import COLUMNS, locked_case
from processes.engine.commands import Fire
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from processes.turn import Turn

LOCK_FIRST_DUE: LiteralString = (
    COLUMNS
    + """
     , t.id AS timer, t.element, t.name
  FROM timer t
  JOIN "case" c ON c.id = t.case_id
 WHERE t.state = 'armed' AND t.due_at <= %(now)s AND c.state IN ('active', 'suspended')
   AND c.stuck_until IS NULL
   AND (t.lease_until IS NULL OR t.lease_until < now())
 ORDER BY t.due_at, t.id
 LIMIT 1
   FOR NO KEY UPDATE OF c, t SKIP LOCKED
"""
)
"""Both rows are locked, or neither: a case that is busy elsewhere is passed over, and a timer
that somebody fired or moved since is looked at again before it is handed out. In a suspended
case only the timers that nobody may pause are armed."""

FIRST_DUE: LiteralString = """
SELECT t.id, t.due_at
  FROM timer t
  JOIN "case" c ON c.id = t.case_id
 WHERE t.state = 'armed' AND c.state IN ('active', 'suspended')
   AND c.stuck_until IS NULL
   AND (t.lease_until IS NULL OR t.lease_until < now())
 ORDER BY t.due_at, t.id
 LIMIT 1
"""

SET_ASIDE: LiteralString = """
UPDATE timer SET lease_until = now() + %(pause)s WHERE id = %(timer)s AND state = 'armed'
"""

PAUSE_AFTER_FAILURE = timedelta(minutes=5)
"""How long a timer that could not be fired is left alone, so that others get their turn."""


class TimerFailed(Exception):
    """A due timer could not be fired; the caller sets it aside in a turn of its own."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.timer: UUID = row["timer"]
        self.case: UUID = row["id"]
        self.element: str = row["element"]
        self.name: str = row["name"]
        super().__init__(f"Timer {self.timer} of case {self.case} could not be fired")


def fire_due_timer(turn: Turn) -> bool:
    """Fire the oldest due timer that nobody else is at; False if there is none.

    What follows counts from the due time; its history carries both times.

    Raises:
        TimerFailed: the turn must be rolled back.
    """
    row = ask(turn.driver, LOCK_FIRST_DUE, {"now": turn.now}).fetchone()
    if row is None:
        return False
    try:
        advance(turn, locked_case(row), Fire(str(row["timer"])))
    except Exception as failure:
        raise TimerFailed(row) from failure
    return True


def first_due(turn: Turn) -> datetime | None:
    """When the next timer wants to fire, by the case's clock; it may be over already."""
    row = ask(turn.driver, FIRST_DUE, {}).fetchone()
    due: datetime | None = row["due_at"] if row else None
    return due


def set_timer_aside(turn: Turn, timer: UUID) -> None:
    """Leave a timer alone for a while, after it could not be fired."""
    ask(turn.driver, SET_ASIDE, {"timer": timer, "pause": PAUSE_AFTER_FAILURE})
