"""Move a locked case on: one command, then every message that has been waiting for it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError

from models.errors import CaseStuck
from processes.engine.commands import Deliver
from processes.project import Change, save_step
from processes.statements import ask
from processes.stuck import stuck_if_unreadable, version_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from processes.case_lock import LockedCase
    from processes.engine.commands import Command
    from processes.engine.step import Happening, Preview, Step
    from processes.statements import Statement
    from processes.turn import Turn

Answer = TypeVar("Answer")

OLDEST_WAITING: LiteralString = """
SELECT m.id, m.payload, m.received_at, m.arrival, s.id AS subscription
  FROM subscription s
  JOIN "case" c ON c.id = s.case_id
  JOIN message m ON m.name = s.name AND m.state = 'waiting' AND m.expires_at > %(now)s
   AND (m.lease_until IS NULL OR m.lease_until < now())
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

SET_ASIDE: LiteralString = """
UPDATE message SET lease_until = now() + interval '5 minutes' WHERE id = %(message)s
"""
"""The worker tries it again, and says so on the case should it fail there too."""

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""A loop in a diagram that eats its own messages ends here; the worker goes on later."""


def advance(
    turn: Turn,
    case: LockedCase,
    command: Command,
    actor: str | None = None,
    *,
    extra: tuple[Happening, ...] = (),
    beside: tuple[Statement, ...] = (),
) -> Step:
    """Act, write the step down, and deliver what was sent too early; `case` follows along."""
    step = act(turn, case, command)
    save_step(turn, case, step, Change(command, actor, extra, beside))
    deliver_waiting(turn, case, step)
    return step


def act(turn: Turn, case: LockedCase, command: Command) -> Step:
    """What the engine answers; nothing is written.

    Raises:
        CaseStuck: what is stored of the case cannot be read.
    """
    return _asked(turn.engine.act, turn, case, command)


def preview(turn: Turn, case: LockedCase, command: Command) -> Preview:
    """What a command would come to; nothing is written.

    Raises:
        CaseStuck: what is stored of the case cannot be read.
    """
    return _asked(turn.engine.preview, turn, case, command)


def _asked(
    question: Callable[..., Answer], turn: Turn, case: LockedCase, command: Command
) -> Answer:
    """What the engine says of a command on a case as it is stored, by the turn's clock."""
    definition = version_of(turn, case).definition
    with stuck_if_unreadable(case):
        return question(
            definition,
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
    step = naming_message(act(turn, case, message), message_id)
    save_step(turn, case, step, Change(message))
    return step


def naming_message(step: Step, message_id: object) -> Step:
    """The step, its history naming the message, so that nobody can say it came twice."""
    lines = list(step.happened)
    which = next((n for n, line in enumerate(lines) if line.kind == "message.received"), 0)
    detail = {**lines[which].detail, "id": str(message_id)}
    lines[which] = replace(lines[which], detail=detail)
    return replace(step, happened=tuple(lines))


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
        message = Deliver(str(row["subscription"]), row["payload"])
        try:
            with turn.transaction.connection.begin_nested():
                step = deliver(turn, case, message, row["id"])
        except (CaseStuck, DBAPIError, psycopg.Error):
            raise
        except Exception:
            log.exception("Case %s cannot take the message %s", case.number, row["id"])
            ask(turn.driver, SET_ASIDE, {"message": row["id"]})
            return


def oldest_waiting(turn: Turn, case: LockedCase) -> dict[str, Any] | None:
    """The kept message that the case waits for and that came first, with the wait it is for."""
    facts = {"case": case.id, "now": turn.now}
    row: dict[str, Any] | None = ask(turn.driver, OLDEST_WAITING, facts).fetchone()
    return row
