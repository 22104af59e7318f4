"""Begin cases that nobody registers: with a message, with a signal, or when the time has come.

Deploying arms the start events of a process; a new version takes over from the one before, so
that an event never begins two cases. Where such a case belongs: the process's `unit`, else the
unit of whoever sent the message, else the only unit there is.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy import select

from models.errors import AmbiguousMessage, UnitNotFound
from models.start_event import StartEvent
from models.unit import Unit
from processes.cases import Registration, begin_case, hold_reference
from processes.cpr import refuse_cpr_text
from processes.engine.commands import Start
from processes.engine.problems import Problem
from processes.engine.step import ArmedStart
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from processes.definitions import Deployed
    from processes.turn import Turn

REFERENCE: LiteralString = (
    "coalesce(m.correlation #>> '{}', m.payload ->> 'reference', m.about, '')"
)
"""What a message calls the case it begins: its correlation, `reference` in its content, or the
reference of the case that sent it."""

BEGINS: LiteralString = (
    """
  FROM start_event st
 WHERE st.kind = 'message' AND st.event = m.name AND st.state = 'armed'
   AND (m.case_id IS NULL OR m.about IS NOT NULL)
   AND NOT EXISTS (
       SELECT 1 FROM "case" k JOIN definition d ON d.id = k.definition_id
        WHERE d.key = st.key AND k.state IN ('active', 'suspended') AND k.reference <> ''
          AND k.reference = """  # noqa: S608 - all parts are literals
    + REFERENCE
    + ")"
)
"""The start events that the message `m` may begin a case at. One that goes to a case by its id
begins none, nor does one about somebody who has an active case in the process."""

STARTS: LiteralString = (
    "SELECT st.id, st.key, st.definition_id, st.element, m.unit_id, m.payload, "  # noqa: S608 - all parts are literals
    + REFERENCE
    + " AS reference FROM message m, LATERAL (SELECT st.*"
    + BEGINS
    + ") st WHERE m.id = %(message)s"
)

START: LiteralString = """
SELECT st.id, st.key, st.definition_id, st.element, m.unit_id, m.payload,
       coalesce(m.payload ->> 'reference', '') AS reference
  FROM message m JOIN start_event st ON st.id = m.start_event_id
 WHERE m.id = %(message)s AND st.state = 'armed' AND st.kind = 'signal' AND st.event = m.name
"""

BEGUN: LiteralString = """
UPDATE message SET state = 'delivered', delivered_at = %(now)s, case_id = %(case)s
 WHERE id = %(message)s
"""

LOCK_FIRST_DUE: LiteralString = """
SELECT id, key, definition_id, element, name, event, text, timer, due_at
  FROM start_event
 WHERE state = 'armed' AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
 ORDER BY due_at, id
 LIMIT 1
   FOR UPDATE SKIP LOCKED
"""

FIRST_DUE: LiteralString = """
SELECT min(due_at) AS due_at FROM start_event
 WHERE state = 'armed' AND (lease_until IS NULL OR lease_until < now())
"""

GO_ON: LiteralString = """
UPDATE start_event SET state = %(state)s, timer = %(timer)s::jsonb, due_at = %(due_at)s
 WHERE id = %(id)s
"""

SET_ASIDE: LiteralString = """
UPDATE start_event SET lease_until = now() + %(pause)s WHERE id = %(id)s AND state = 'armed'
"""

PAUSE_AFTER_FAILURE = timedelta(minutes=5)
"""How long a start that could not begin a case is left alone, so that others get their turn."""


class StartFailed(Exception):
    """A start event that is due could not begin a case; the caller sets it aside."""

    def __init__(self, start: UUID) -> None:
        super().__init__(f"Start event {start} could not begin a case")
        self.start = start


def arm_starts(turn: Turn, definition_id: UUID) -> list[Problem]:
    """Let the start events of a newest version begin cases; the warnings.

    A timer that is drawn as it was goes on from where it stood.

    Raises:
        BadDiagram: a time cannot be computed.
    """
    deployed = turn.definition(definition_id)
    rows = turn.session.scalars(select(StartEvent).where(StartEvent.key == deployed.key))
    known = {row.element: row for row in rows}
    if any(row.definition_id == definition_id for row in known.values()):
        return []
    days = _closing_days(turn, deployed)
    found = turn.engine.listen(deployed.definition, now=turn.now, closing_days=days)
    for start in found:
        row = known.pop(start.element, None)
        if row is None:
            row = StartEvent(key=deployed.key, element=start.element, created_at=turn.now)
            turn.session.add(row)
        _take_over(row, definition_id, start, turn.now)
    for row in known.values():
        row.state = "removed"
    turn.session.flush()
    return list(_warnings(turn, deployed, found))


def begin_by_message(turn: Turn, message_id: UUID, by: str | None = None) -> bool:
    """Begin the case that a kept message starts; False if it starts none.

    Raises:
        AmbiguousMessage: several processes begin with it.
        UnitNotFound: nobody knows where the case belongs.
    """
    facts = {"message": message_id}
    rows = ask(turn.driver, STARTS, facts).fetchall()
    if len(rows) > 1:
        raise AmbiguousMessage(rows[0]["element"], cases=len(rows))
    for row in rows:
        refuse_cpr_text(row["reference"])
        hold_reference(turn, row["key"], row["reference"])
    for row in ask(turn.driver, STARTS, facts).fetchall():
        _begin_for(turn, message_id, row, by)
        return True
    return False


def begin_by_signal(turn: Turn, message_id: UUID) -> None:
    """Begin the case that a broadcast signal starts, if its start event is still there."""
    for row in ask(turn.driver, START, {"message": message_id}).fetchall():
        _begin_for(turn, message_id, row, None)


def fire_due_start(turn: Turn) -> bool:
    """Begin the case of the oldest start timer that is due; False if there is none.

    What follows counts from the due time; the timer is armed for its next occurrence.

    Raises:
        StartFailed: the turn must be rolled back.
    """
    row = ask(turn.driver, LOCK_FIRST_DUE, {"now": turn.now}).fetchone()
    if row is None:
        return False
    try:
        _fire(turn, row)
    except Exception as failure:
        raise StartFailed(row["id"]) from failure
    return True


def first_start_due(turn: Turn) -> datetime | None:
    """When the next start timer wants to begin a case; it may be over already."""
    row = ask(turn.driver, FIRST_DUE, {}).fetchone()
    due: datetime | None = row["due_at"] if row else None
    return due


def set_start_aside(turn: Turn, start: UUID) -> None:
    """Leave a start event alone for a while, after it could not begin a case."""
    ask(turn.driver, SET_ASIDE, {"id": start, "pause": PAUSE_AFTER_FAILURE})


def _take_over(row: StartEvent, definition_id: UUID, start: ArmedStart, now: datetime) -> None:
    unchanged = row.kind == start.kind and row.text == start.text and row.state != "removed"
    row.definition_id, row.name = definition_id, start.name
    row.kind, row.event, row.text = start.kind, start.event, start.text  # type: ignore[assignment]
    if unchanged and start.kind == "timer":
        return
    row.timer, row.due_at, row.lease_until = start.timer, start.due_at, None
    row.state = "spent" if _is_past(start, now) else "armed"


def _is_past(start: ArmedStart, now: datetime) -> bool:
    return start.due_at is not None and start.due_at < now


def _warnings(turn: Turn, deployed: Deployed, found: list[ArmedStart]) -> Iterator[Problem]:
    for start in found:
        if _is_past(start, turn.now):
            yield _past(deployed, start)
        elif start.kind == "timer" and not _knows_unit(turn, deployed):
            yield _without_unit(deployed, start)


def _knows_unit(turn: Turn, deployed: Deployed) -> bool:
    try:
        _unit_of(turn, deployed, None)
    except UnitNotFound:
        return False
    return True


def _unit_of(turn: Turn, deployed: Deployed, sender: str | None) -> str:
    """Where a case that nobody registers belongs.

    Raises:
        UnitNotFound: neither the process nor the sender says it, and there are several.
    """
    units = list(turn.session.scalars(select(Unit.id)))
    only = units[0] if len(units) == 1 else ""
    chosen = deployed.definition.process.properties.get("unit") or sender or only
    if chosen not in units:
        raise UnitNotFound(chosen)
    return chosen


def _closing_days(turn: Turn, deployed: Deployed) -> frozenset[date]:
    if not _knows_unit(turn, deployed):
        return frozenset()
    return turn.closing_days(_unit_of(turn, deployed, None))


def _begin_for(turn: Turn, message_id: UUID, row: dict[str, Any], by: str | None) -> None:
    unit = _unit_of(turn, turn.definition(row["definition_id"]), row["unit_id"])
    command = Start(event=row["element"], payload=row["payload"])
    wanted = Registration(row["definition_id"], unit, row["reference"], by)
    case = begin_case(turn, wanted, command, message_id=message_id)
    ask(turn.driver, BEGUN, {"now": turn.now, "case": case.id, "message": message_id})


def _fire(turn: Turn, row: dict[str, Any]) -> None:
    deployed = turn.definition(row["definition_id"])
    unit = _unit_of(turn, deployed, None)
    wanted = Registration(row["definition_id"], unit, "")
    begin_case(turn, wanted, Start(event=row["element"]), at=row["due_at"])
    start = ArmedStart(
        **{name: row[name] for name in ("element", "name", "event", "text", "timer", "due_at")},
        kind="timer",
    )
    after = turn.engine.listen_on(
        deployed.definition, start, now=turn.now, closing_days=turn.closing_days(unit)
    )
    facts = {
        "id": row["id"],
        "state": "armed" if after else "spent",
        "timer": json.dumps(after.timer if after else row["timer"]),
        "due_at": after.due_at if after else row["due_at"],
    }
    ask(turn.driver, GO_ON, facts)


def _past(deployed: Deployed, start: ArmedStart) -> Problem:
    return Problem(
        deployed.definition.process.file,
        start.element,
        None,
        "start-in-the-past",
        "The start event's time is over, so that it begins no case. Write a later one.",
        "Starthændelsens tid er forbi, så den begynder ingen sag. Skriv en senere.",
        severity="warning",
        name=start.name,
    )


def _without_unit(deployed: Deployed, start: ArmedStart) -> Problem:
    return Problem(
        deployed.definition.process.file,
        start.element,
        None,
        "start-without-unit",
        "The start event begins cases, but nobody says in which unit. Give the process a unit.",
        "Starthændelsen begynder sager, men ingen siger, i hvilken enhed. Giv processen en enhed.",
        severity="warning",
        name=start.name,
    )
