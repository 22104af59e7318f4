"""Do the rows say what the snapshots say? The proof behind `vejviser check`.

Each case is looked at under its own lock, so the answer is right while others work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy import select

from models.case import Case
from processes.case_lock import lock_case
from processes.engine.step import Waits
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from processes.case_lock import LockedCase
    from processes.house import House
    from processes.turn import Turn

OPEN_ROWS: dict[str, LiteralString] = {
    "tasks": "SELECT id, due_at FROM user_task WHERE case_id = %(case)s AND state = 'open'",
    "timers": "SELECT id, due_at FROM timer WHERE case_id = %(case)s AND state = 'armed'",
    "deadlines": "SELECT id, due_at FROM deadline WHERE case_id = %(case)s AND state = 'open'",
    "subscriptions": "SELECT id FROM subscription WHERE case_id = %(case)s AND state = 'open'",
    "jobs": "SELECT id FROM job WHERE case_id = %(case)s AND state = 'queued'",
    "incidents": "SELECT id FROM incident WHERE case_id = %(case)s AND state = 'open'",
    "instances": "SELECT id FROM process_instance WHERE case_id = %(case)s AND ended_at IS NULL",
}
"""The rows that must be exactly the waits of the same name."""

UNPAIRED: LiteralString = """
SELECT d.id, d.name, count(t.id) AS timers
  FROM deadline d
  LEFT JOIN timer t ON t.deadline_id = d.id AND t.state = 'armed' AND t.role = 'due'
 WHERE d.case_id = %(case)s AND d.state = 'open'
 GROUP BY d.id
HAVING count(t.id) <> CASE WHEN d.paused_at IS NULL THEN 1 ELSE 0 END
"""

NUMBERS: LiteralString = """
SELECT count(*) AS events, coalesce(min(number), 1) AS first, coalesce(max(number), 0) AS last
  FROM event WHERE case_id = %(case)s
"""

HELD: LiteralString = """
SELECT 'Job' AS what, id, worker FROM job
 WHERE state = 'queued' AND lease_until > now() + interval '1 hour'
 UNION ALL
SELECT 'Timer', id, NULL FROM timer
 WHERE state = 'armed' AND lease_until > now() + interval '1 hour'
"""

FIRED_TWICE: LiteralString = """
SELECT case_id, detail ->> 'timer' AS timer, count(*) AS times FROM event
 WHERE kind = 'timer.fired' AND detail ? 'timer'
 GROUP BY case_id, detail ->> 'timer', at
HAVING count(*) > 1
"""

FIRED_EARLY: LiteralString = """
SELECT t.id, c.number FROM timer t JOIN "case" c ON c.id = t.case_id
 WHERE t.state = 'fired' AND t.fired_at < t.due_at
"""


def check(house: House) -> list[str]:
    """What is not as it must be, one sentence a finding; nothing when all is well."""
    findings: list[str] = []
    with house.reading() as session:
        cases = session.scalars(select(Case.id).order_by(Case.number)).all()
    for case_id in cases:
        with house.turn() as turn:
            findings += check_case(turn, case_id)
    with house.turn() as turn:
        findings += _everywhere(turn)
    return findings


def check_case(turn: Turn, case_id: UUID) -> Iterator[str]:
    """The findings on one case, which stays locked until the turn ends."""
    case = lock_case(turn.session, case_id)
    for finding in (*_rows(turn, case), *_pairs(turn, case), *_events(turn, case)):
        yield f"Case {case.number}: {finding}"


def _rows(turn: Turn, case: LockedCase) -> Iterator[str]:
    waits = _waits(turn, case)
    yield from _state(case, waits)
    for kind, query in OPEN_ROWS.items():
        rows = {str(row["id"]): row for row in _ask(turn, query, case)}
        wanted: dict[str, Any] = getattr(waits, kind)
        for id_ in sorted(rows.keys() - wanted.keys()):
            yield f"the row {id_} in {kind} is open, but the case does not wait for it."
        for id_ in sorted(wanted.keys() - rows.keys()):
            yield f"the case waits for {wanted[id_].name} in {kind} ({id_}), but has no row."
        for id_ in sorted(rows.keys() & wanted.keys()):
            due = rows[id_].get("due_at")
            if due is not None and due != wanted[id_].due_at:
                yield f"{wanted[id_].name} in {kind} is due {due} by its row, else by the case."


def _state(case: LockedCase, waits: Waits) -> Iterator[str]:
    if waits.instances and waits.suspended != (case.state == "suspended"):
        rests = "suspended" if waits.suspended else "active"
        yield f"it is {case.state} by its row, else {rests}."


def _waits(turn: Turn, case: LockedCase) -> Waits:
    if case.state in {"completed", "cancelled"} or not case.snapshot:
        return Waits()
    definition = turn.definition(case.definition_id).definition
    return turn.engine.waits(definition, case.snapshot, case.data)


def _pairs(turn: Turn, case: LockedCase) -> Iterator[str]:
    for row in _ask(turn, UNPAIRED, case):
        yield f"the deadline {row['name']} ({row['id']}) has {row['timers']} armed due timers."


def _events(turn: Turn, case: LockedCase) -> Iterator[str]:
    [row] = _ask(turn, NUMBERS, case)
    if row["first"] != 1 or row["events"] != row["last"] or row["last"] != case.last_event:
        yield (
            f"its {row['events']} events are numbered {row['first']} to {row['last']}, "
            f"and the case counts {case.last_event}."
        )


def _everywhere(turn: Turn) -> Iterator[str]:
    connection = turn.driver
    for row in ask(connection, HELD, {}):
        yield f"{row['what']} {row['id']} is held by {row['worker'] or 'a worker'} for hours."
    for row in ask(connection, FIRED_TWICE, {}):
        yield f"Timer {row['timer']} fired {row['times']} times at one due time."
    for row in ask(connection, FIRED_EARLY, {}):
        yield f"Timer {row['id']} of case {row['number']} fired before it was due."


def _ask(turn: Turn, query: LiteralString, case: LockedCase) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask(turn.driver, query, {"case": case.id}).fetchall()
    return rows
