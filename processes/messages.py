"""Receive messages: each sender's id once, to one receiver, early ones kept for a month."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
from sqlalchemy.exc import DBAPIError

from models.errors import AmbiguousMessage, CaseNotActive, CaseNotFound, CaseStuck, UnknownMessage
from processes.advance import MOST_AT_ONCE, SET_ASIDE, act, deliver, oldest_waiting
from processes.case_lock import lock_case
from processes.cpr import refuse_cpr_answers
from processes.engine.commands import Broadcast, Deliver
from processes.project import Change, save_step
from processes.starts import BEGINS, begin_by_message, begin_by_signal
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from processes.case_lock import LockedCase
    from processes.turn import Turn

BUFFERED = timedelta(days=30)
"""How long a message that nothing waits for is kept."""

SIGNAL = "signal:"
"""How the sender's id of a signal on its way to another case begins."""

MATCHES: LiteralString = """
      s.name = %(name)s AND s.kind = 'message' AND s.state = 'open'
  AND c.state IN ('active', 'suspended')
  AND (%(case)s::uuid IS NULL OR c.id = %(case)s)
  AND (%(correlation)s::jsonb IS NULL
       OR s.correlation = %(correlation)s::jsonb
       OR s.correlation IS NULL AND (%(case)s::uuid IS NOT NULL
          OR %(correlation)s::jsonb #>> '{}' IN (c.id::text, c.reference, c.number::text)))
"""
"""A wait without a correlation of its own belongs to its case: its id, reference or number.
Suspended and stuck cases wait too, so that nothing meant for one of them goes to another."""

WAITS: LiteralString = (
    """
SELECT s.id, s.case_id, c.stuck_until IS NOT NULL AS stuck
  FROM subscription s JOIN "case" c ON c.id = s.case_id
 WHERE """
    + MATCHES
    + " ORDER BY s.created_at, s.id LIMIT 1000"
)

STORE: LiteralString = """
INSERT INTO message (id, sender_id, name, case_id, correlation, unit_id, payload, state,
                     received_at, expires_at)
VALUES (gen_random_uuid(), %(sender_id)s, %(name)s, %(case)s, %(correlation)s::jsonb, %(unit)s,
        %(payload)s::jsonb, 'waiting', %(now)s, %(expires)s)
    ON CONFLICT (sender_id) DO NOTHING
RETURNING id
"""

WAS_EVER_AWAITED: LiteralString = "SELECT 1 FROM subscription WHERE name = %(name)s LIMIT 1"

DELIVERABLE: LiteralString = (
    """
SELECT m.id, m.sender_id, m.name, m.case_id, m.about, m.start_event_id, m.correlation, m.payload
  FROM message m
 WHERE m.state = 'waiting' AND m.expires_at > %(now)s
   AND (m.lease_until IS NULL OR m.lease_until < now()) AND m.id <> ALL(%(tried)s::uuid[])
   AND (m.sender_id LIKE 'signal:%%' AND NOT EXISTS (
       SELECT 1 FROM "case" c
        WHERE c.id = m.case_id AND (c.state = 'suspended' OR c.stuck_until IS NOT NULL))
       OR EXISTS (
       SELECT 1 FROM subscription s JOIN "case" c ON c.id = s.case_id
        WHERE s.name = m.name AND s.kind = 'message' AND s.state = 'open' AND c.state = 'active'
          AND c.stuck_until IS NULL
          AND (m.about IN (c.id::text, c.reference) AND s.correlation IS NULL
               OR (m.case_id IS NULL OR m.case_id = c.id)
              AND (m.correlation IS NULL OR m.correlation = s.correlation
                   OR s.correlation IS NULL AND (m.case_id IS NOT NULL
                      OR m.correlation #>> '{}' IN (c.id::text, c.reference, c.number::text)))))
       OR EXISTS (SELECT 1 """  # noqa: S608 - all parts are literals
    + BEGINS
    + """))
 ORDER BY m.received_at, m.arrival
 LIMIT 1
   FOR UPDATE OF m SKIP LOCKED
"""
)

OLDEST_SIGNAL: LiteralString = """
SELECT m.id, m.name, m.payload, m.received_at, m.arrival FROM message m
 WHERE m.state = 'waiting' AND m.case_id = %(case)s AND m.sender_id LIKE 'signal:%%'
   AND m.expires_at > %(now)s
 ORDER BY m.received_at, m.arrival
 LIMIT 1
   FOR UPDATE OF m SKIP LOCKED
"""

SET_STATE: LiteralString = "UPDATE message SET state = %(state)s WHERE id = %(id)s"

FOR_CASE: LiteralString = """
       (m.case_id = c.id OR m.about IN (c.id::text, c.reference)
        OR m.correlation #>> '{}' IN (c.id::text, c.reference, c.number::text)
        OR EXISTS (SELECT 1 FROM subscription s
                    WHERE s.case_id = c.id AND s.name = m.name AND s.state = 'open'
                      AND s.correlation = m.correlation))
"""

EXPIRE: LiteralString = (
    """
UPDATE message m SET state = 'expired'
 WHERE m.state = 'waiting' AND m.expires_at <= %(now)s
   AND NOT EXISTS (SELECT 1 FROM "case" c WHERE (c.state = 'suspended' OR c.stuck_until IS NOT NULL)
                    AND"""  # noqa: S608 - literals
    + FOR_CASE
    + ")"
)
"""What is for a suspended or stuck case is kept until that goes on."""

PROLONG: LiteralString = (
    """
UPDATE message m
   SET expires_at = least(m.expires_at + (%(now)s - %(since)s::timestamptz), %(latest)s)
  FROM "case" c
 WHERE c.id = %(case)s AND m.state = 'waiting' AND """
    + FOR_CASE
)


LOCK_STATE: LiteralString = """
SELECT state FROM "case" WHERE id = %(case)s FOR NO KEY UPDATE
"""


class MessageFailed(Exception):
    """A kept message could not be delivered; the caller sets it aside in a turn of its own."""

    def __init__(self, message: UUID, case: UUID | None) -> None:
        super().__init__(f"Message {message} could not be delivered to case {case}")
        self.message = message
        self.case = case
        """The one that it was for, if that is known."""


def receive_message(
    turn: Turn,
    sender_id: str,
    name: str,
    case_id: UUID | None = None,
    correlation: Any = None,
    payload: Mapping[str, Any] | None = None,
    *,
    unit: str | None = None,
    by: str | None = None,
) -> str:
    """Take in one message: `delivered`, `waiting` (nobody waits yet) or `duplicate`.

    One that no case waits for begins a case of the process whose start event has its name, unless
    it names a case, or somebody who has an active case there. `unit` and `by` are the sender's.

    Raises:
        UnknownMessage: no deployed diagram catches the name.
        AmbiguousMessage: several cases wait for it, or several processes begin with it.
        CaseNotFound, CaseNotActive: the case it names is not there, or over.
        UnitNotFound: it begins a case, and nobody says where.
        CprNumber, InvalidAnswers: it holds what may be a CPR number.
    """
    _must_be_known(turn, name)
    refuse_cpr_answers({"correlation": correlation})
    refuse_cpr_answers(payload or {})
    facts = _address(name, case_id, correlation)
    stored = {
        "sender_id": sender_id,
        "payload": json.dumps(dict(payload or {})),
        "now": turn.now,
        "expires": turn.now + BUFFERED,
        "unit": unit,
    }
    _lock(turn, case_id)
    row = ask(turn.driver, STORE, {**facts, **stored}).fetchone()
    if row is None:
        return "duplicate"
    arrived = _hand_over(turn, row["id"], facts, dict(payload or {}))
    return "delivered" if arrived or begin_by_message(turn, row["id"], by) else "waiting"


def deliver_waiting_message(turn: Turn, tried: Collection[UUID] = ()) -> UUID | None:
    """Deliver the oldest kept message that somebody waits for, those in `tried` apart.

    Most are delivered by the turn that begins to wait; this catches what a diagram sent to
    another case, and what crossed with the opening of a wait. The answer is the message that
    was looked at; None if there is none.

    Raises:
        MessageFailed: the turn must be rolled back.
    """
    facts = {"now": turn.now, "tried": list(tried)}
    row = ask(turn.driver, DELIVERABLE, facts).fetchone()
    if row is None:
        return None
    message: UUID = row["id"]
    try:
        _pass_on(turn, row)
    except AmbiguousMessage:
        refuse_message(turn, message)
    except Exception as failure:
        raise MessageFailed(message, _meant_for(turn, row, failure)) from failure
    return message


def set_message_aside(turn: Turn, message: UUID) -> None:
    """Leave a message alone for a while, after it could not be delivered."""
    ask(turn.driver, SET_ASIDE, {"message": message})


def deliver_kept(turn: Turn, case: LockedCase, since: datetime) -> None:
    """Hand a case that goes on what came while it was suspended, in the order it came.

    Nothing has expired `since` then: what had so many days left has as many left now.
    """
    facts = {"case": case.id, "now": turn.now, "since": since, "latest": turn.now + BUFFERED}
    ask(turn.driver, PROLONG, facts)
    for _ in range(MOST_AT_ONCE):
        if case.state != "active" or not _deliver_first(turn, case):
            return


def _deliver_first(turn: Turn, case: LockedCase) -> bool:
    """Deliver the first message or signal; False if there is none."""
    message = oldest_waiting(turn, case)
    facts = {"case": case.id, "now": turn.now}
    signal = ask(turn.driver, OLDEST_SIGNAL, facts).fetchone()
    if signal is not None and (message is None or _came(signal) < _came(message)):
        _tell(turn, case, signal)
    elif message is not None:
        deliver(
            turn, case, Deliver(str(message["subscription"]), message["payload"]), message["id"]
        )
    return message is not None or signal is not None


def _came(row: dict[str, Any]) -> tuple[datetime, int]:
    return row["received_at"], row["arrival"]


def refuse_message(turn: Turn, message_id: UUID) -> None:
    """Try no more to deliver a kept message."""
    _set_state(turn, message_id, "refused")


def expire_messages(turn: Turn) -> int:
    """Give up on messages that nobody came to wait for; how many."""
    return ask(turn.driver, EXPIRE, {"now": turn.now}).rowcount


def _must_be_known(turn: Turn, name: str) -> None:
    if ask(turn.driver, WAS_EVER_AWAITED, {"name": name}).fetchone():
        return
    if name not in turn.definitions.message_names(turn.session):
        raise UnknownMessage(name)


def _lock(turn: Turn, case_id: UUID | None) -> None:
    """Lock the case a message names, before it is stored: waits cannot open meanwhile.

    The case may be one that cannot be read; the message waits until it can.
    """
    if case_id is None:
        return
    row = ask(turn.driver, LOCK_STATE, {"case": case_id}).fetchone()
    if row is None:
        raise CaseNotFound(case_id)
    if row["state"] in {"completed", "cancelled"}:
        raise CaseNotActive(case_id, state=row["state"])


def _address(name: str, case_id: UUID | None, correlation: Any) -> dict[str, Any]:
    told = None if correlation is None else json.dumps(correlation)
    return {"name": name, "case": case_id, "correlation": told}


def _hand_over(
    turn: Turn, message_id: UUID, facts: dict[str, Any], payload: dict[str, Any]
) -> bool:
    """Give a message to the oldest wait of the one case that waits for it."""
    waits = _waits(turn, facts)
    if not waits or waits[0]["stuck"]:
        return False
    case = lock_case(turn.session, waits[0]["case_id"])
    still = [wait for wait in _waits(turn, facts) if wait["case_id"] == case.id]
    if not still or case.state != "active":
        return False
    deliver(turn, case, Deliver(str(still[0]["id"]), payload), message_id)
    return True


def _pass_on(turn: Turn, row: dict[str, Any]) -> None:
    if row["sender_id"].startswith(SIGNAL):
        _broadcast(turn, row)
    else:
        _deliver(turn, row)


def _meant_for(turn: Turn, row: dict[str, Any], failure: Exception) -> UUID | None:
    """The case that a message failed on; unknown once the transaction is broken."""
    if isinstance(failure, CaseStuck):
        return failure.case
    if row["case_id"] is not None or isinstance(failure, psycopg.Error | DBAPIError):
        return cast("UUID | None", row["case_id"])
    waits = _waits(turn, _address(row["name"], None, row["correlation"]))
    return waits[0]["case_id"] if waits else None


def _waits(turn: Turn, facts: dict[str, Any]) -> list[dict[str, Any]]:
    waits: list[dict[str, Any]] = ask(turn.driver, WAITS, facts).fetchall()
    cases = {wait["case_id"] for wait in waits}
    if len(cases) > 1:
        raise AmbiguousMessage(facts["name"], cases=len(cases))
    return waits


def _deliver(turn: Turn, row: dict[str, Any]) -> bool:
    """To the case it names or its own, else to one of the same reference, else begin one."""
    addresses = [_address(row["name"], row["case_id"], row["correlation"])]
    if row["about"] is not None:
        addresses.append(_address(row["name"], None, row["about"]))
    for facts in addresses:
        if _hand_over(turn, row["id"], facts, row["payload"]):
            return True
    return begin_by_message(turn, row["id"])


def _broadcast(turn: Turn, row: dict[str, Any]) -> None:
    """Hand a signal to a process that begins with it, or to what waits for it on another case."""
    if row["start_event_id"] is not None:
        begin_by_signal(turn, row["id"])
        _set_state(turn, row["id"], "delivered")
        return
    try:
        case = lock_case(turn.session, row["case_id"])
    except CaseNotFound:
        return
    if case.state == "active":
        _tell(turn, case, row)
    elif case.state != "suspended":
        _set_state(turn, row["id"], "delivered")


def _tell(turn: Turn, case: LockedCase, row: dict[str, Any]) -> None:
    command = Broadcast(row["name"], row["payload"])
    save_step(turn, case, act(turn, case, command), Change(command))
    _set_state(turn, row["id"], "delivered")


def _set_state(turn: Turn, message_id: UUID, state: str) -> None:
    ask(turn.driver, SET_STATE, {"id": message_id, "state": state})
