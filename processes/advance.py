"""Move a locked case on: one command, then every message that has been waiting for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

from processes.engine.commands import Deliver
from processes.project import Change, save_step
from processes.statements import ask

if TYPE_CHECKING:
    from processes.case_lock import LockedCase
    from processes.engine.commands import Command
    from processes.engine.step import Happening, Step
    from processes.turn import Turn

OLDEST_WAITING: LiteralString = """
SELECT m.id, m.payload, m.received_at, m.arrival, s.id AS subscription
  FROM subscription s
  JOIN "case" c ON c.id = s.case_id
  JOIN message m ON m.name = s.name AND m.state = 'waiting' AND m.expires_at > %(now)s
   AND (m.case_id = c.id AND (m.correlation IS NULL OR s.correlation IS NULL
                              OR m.correlation = s.correlation)
        OR m.about IS NOT NULL AND s.correlation IS NULL AND m.about IN (c.id::text, c.reference)
        OR m.case_id IS NULL AND (m.correlation = s.correlation
           OR s.correlation IS NULL
              AND m.correlation #>> '{}' IN (c.id::text, c.reference, c.number::text)))
 WHERE s.case_id = %(case)s AND s.state = 'open' AND s.kind = 'message'
 ORDER BY m.received_at, m.arrival, s.created_at, s.id
 LIMIT 1
   FOR UPDATE OF m SKIP LOCKED
"""

DELIVERED: LiteralString = """
UPDATE message SET state = 'delivered', delivered_at = %(now)s, case_id = %(case)s
 WHERE id = %(message)s
"""

MOST_AT_ONCE = 100
"""A loop in a diagram that eats its own messages ends here; the worker goes on later."""


def advance(
    turn: Turn,
    case: LockedCase,
    command: Command,
    actor: str | None = None,
    *,
    extra: tuple[Happening, ...] = (),
) -> Step:
    """Act, write the step down, and deliver what was sent too early; `case` follows along."""
    step = act(turn, case, command)
    save_step(turn, case, step, Change(command, actor, extra))
    deliver_waiting(turn, case, step)
    return step


def act(turn: Turn, case: LockedCase, command: Command) -> Step:
    """What the engine answers; nothing is written."""
    return turn.engine.act(
        turn.definition(case.definition_id).definition,
        case.snapshot,
        case.data,
        command,
        now=turn.now,
        closing_days=case.closing_days,
    )


def deliver(turn: Turn, case: LockedCase, message: Deliver, message_id: object) -> Step:
    """Hand one stored message to the case and note that it arrived."""
    ask(
        turn.driver,
        DELIVERED,
        {"now": turn.now, "case": case.id, "message": message_id},
    )
    step = act(turn, case, message)
    save_step(turn, case, step, Change(message))
    return step


def _listens_anew(step: Step) -> bool:
    return any(
        wait.kind == "message" and step.before.subscriptions.get(id_) != wait
        for id_, wait in step.waits.subscriptions.items()
    )


def deliver_waiting(turn: Turn, case: LockedCase, step: Step) -> None:
    """Hand over messages that came before the case began to wait for them."""
    for _ in range(MOST_AT_ONCE):
        if case.state != "active" or not _listens_anew(step):
            return
        row = oldest_waiting(turn, case)
        if row is None:
            return
        step = deliver(turn, case, Deliver(str(row["subscription"]), row["payload"]), row["id"])


def oldest_waiting(turn: Turn, case: LockedCase) -> dict[str, Any] | None:
    """The kept message that the case waits for and that came first, with the wait it is for."""
    facts = {"case": case.id, "now": turn.now}
    row: dict[str, Any] | None = ask(turn.driver, OLDEST_WAITING, facts).fetchone()
    return row
