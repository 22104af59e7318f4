"""Do the rows say what the snapshots say? The proof behind `vejviser check`.

Each case is looked at in a turn of its own, under its lock, so the answer is right while
others work, and no more than one case is in memory.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy import select

from models.case import Case
from models.definition import Definition
from models.errors import CaseNotFound, CaseStuck, DefinitionNotFound
from processes.case_lock import lock_case
from processes.project import as_json
from processes.statements import ask
from processes.stuck import waits_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from processes.case_lock import LockedCase
    from processes.engine.step import Waits
    from processes.house import House
    from processes.turn import Turn

PAGE = 500
"""Case ids read at a time."""

OPEN_ROWS: LiteralString = """
SELECT 'tasks' AS kind, id, to_jsonb(t) AS row FROM user_task t
 WHERE case_id = %(case)s AND state = 'open'
 UNION ALL
SELECT 'timers', id, to_jsonb(t) FROM timer t WHERE case_id = %(case)s AND state = 'armed'
 UNION ALL
SELECT 'deadlines', id, to_jsonb(d) FROM deadline d WHERE case_id = %(case)s AND state = 'open'
 UNION ALL
SELECT 'subscriptions', id, to_jsonb(s) FROM subscription s
 WHERE case_id = %(case)s AND state = 'open'
 UNION ALL
SELECT 'jobs', id, to_jsonb(j) FROM job j WHERE case_id = %(case)s AND state = 'queued'
 UNION ALL
SELECT 'incidents', id, to_jsonb(i) FROM incident i
 WHERE case_id = %(case)s AND state = 'open' AND code IS NULL
 UNION ALL
SELECT 'instances', id, to_jsonb(p) FROM process_instance p
 WHERE case_id = %(case)s AND ended_at IS NULL
"""
"""The rows that must be exactly the waits of the same kind."""

AT_AN_ELEMENT = {"instance_id": "instance", "element": "element", "name": "name"}
REPEATED: dict[str, dict[str, str]] = {
    "tasks": {
        **AT_AN_ELEMENT,
        "role": "role",
        "form": "form",
        "due_at": "due_at",
        "priority": "priority",
        "item": "item",
        "local": "local",
        "documentation": "documentation",
    },
    "timers": {
        **AT_AN_ELEMENT,
        "role": "role",
        "due_at": "due_at",
        "deadline_id": "deadline",
        "arithmetic": "arithmetic",
    },
    "deadlines": {
        **AT_AN_ELEMENT,
        "role": "role",
        "task_id": "task",
        "started_at": "started_at",
        "duration": "duration",
        "calendar": "calendar",
        "roll": "roll",
        "due_at": "due_at",
        "original_due_at": "original_due_at",
        "legal_basis": "legal_basis",
        "pausable": "pausable",
        "paused_at": "paused_at",
        "arithmetic": "arithmetic",
    },
    "subscriptions": {**AT_AN_ELEMENT, "kind": "kind", "correlation": "correlation"},
    "jobs": {**AT_AN_ELEMENT, "operation": "operation", "parameters": "parameters"},
    "incidents": {**AT_AN_ELEMENT, "message": "message"},
    "instances": {
        "parent_id": "parent",
        "process": "process",
        "name": "name",
        "started_at": "started_at",
    },
}
"""Kind of wait: column to the field of the wait that it repeats."""

WITH_OWNER = {"tasks", "deadlines"}
"""Kinds whose missing role is the role of the process's owner."""

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

WRONG: dict[LiteralString, LiteralString] = {
    """
SELECT detail ->> 'timer' AS timer, count(*) AS times FROM event
 WHERE case_id = %(case)s AND kind = 'timer.fired' AND detail ? 'timer'
 GROUP BY detail ->> 'timer', at
HAVING count(*) > 1
""": "timer {timer} fired {times} times at one due time.",
    """
SELECT id FROM timer WHERE case_id = %(case)s AND state = 'fired' AND fired_at < due_at
""": "timer {id} fired before it was due.",
    """
SELECT detail ->> 'timer' AS timer FROM event
 WHERE case_id = %(case)s AND kind = 'timer.fired'
   AND (detail ->> 'fired_at')::timestamptz < at
""": "timer {timer} fired before it was due, says its history.",
    """
SELECT id, assignee, completed_by FROM user_task
 WHERE case_id = %(case)s AND state = 'completed' AND assignee <> completed_by
""": "task {id} was {assignee}'s, and {completed_by} completed it.",
    """
SELECT task, "from", "to", held FROM (
    SELECT detail ->> 'task' AS task, detail ->> 'from' AS "from", detail ->> 'to' AS "to",
           lag(detail ->> 'to') OVER one AS held, row_number() OVER one AS place
      FROM event WHERE case_id = %(case)s AND kind IN ('task.assigned', 'task.released')
    WINDOW one AS (PARTITION BY detail ->> 'task' ORDER BY number)) hand
 WHERE place > 1 AND "from" IS DISTINCT FROM held
""": "task {task} went from {from} to {to} while {held} held it.",
    """
SELECT t.id, t.assignee, hand."to" FROM user_task t
  JOIN (SELECT DISTINCT ON (detail ->> 'task') detail ->> 'task' AS task, detail ->> 'to' AS "to"
          FROM event WHERE case_id = %(case)s AND kind IN ('task.assigned', 'task.released')
         ORDER BY detail ->> 'task', number DESC) hand ON hand.task = t.id::text
 WHERE t.case_id = %(case)s AND t.state = 'open' AND t.assignee IS DISTINCT FROM hand."to"
""": "task {id} is {assignee}'s by its row, and {to}'s by its history.",
    """
SELECT m.id, m.sender_id, count(e.number) AS times
  FROM message m
  LEFT JOIN event e ON e.case_id = %(case)s AND e.kind IN ('message.received', 'case.started')
                   AND e.detail ->> 'id' = m.id::text
 WHERE m.case_id = %(case)s AND m.state = 'delivered' AND m.sender_id NOT LIKE 'signal:%%'
 GROUP BY m.id
HAVING count(e.number) <> 1
""": "message {id} ({sender_id}) is delivered, and the case received it {times} times.",
    """
SELECT m.id, m.sender_id, m.state FROM message m
 WHERE m.case_id = %(case)s AND m.state <> 'delivered'
   AND EXISTS (SELECT 1 FROM event e
                WHERE e.case_id = %(case)s AND e.kind IN ('message.received', 'case.started')
                  AND e.detail ->> 'id' = m.id::text)
""": "message {id} ({sender_id}) is {state}, and the case has received it.",
    """
SELECT id, worker FROM job
 WHERE case_id = %(case)s AND state = 'queued' AND lease_until > now() + interval '1 hour'
""": "job {id} is held by {worker} for hours.",
    """
SELECT id FROM timer
 WHERE case_id = %(case)s AND state = 'armed' AND lease_until > now() + interval '1 hour'
""": "timer {id} is held by a worker for hours.",
    """
SELECT id FROM message
 WHERE case_id = %(case)s AND state = 'waiting' AND lease_until > now() + interval '1 hour'
""": "message {id} is held by a worker for hours.",
    """
SELECT stuck_until FROM "case" WHERE id = %(case)s AND stuck_until > now() + interval '2 hours'
""": "it is set aside until {stuck_until}.",
}
"""What must never be, and the sentence for each row that says it is."""


STARTS: dict[LiteralString, LiteralString] = {
    """
SELECT s.key, s.element FROM start_event s
 WHERE s.state <> 'removed' AND s.definition_id <> (
       SELECT d.id FROM definition d WHERE d.key = s.key ORDER BY d.version DESC LIMIT 1)
""": "belongs to an old version.",
    """
SELECT key, element FROM start_event
 WHERE state = 'armed' AND (kind = 'timer') <> (due_at IS NOT NULL)
""": "is a timer without a due time, or has one without being a timer.",
    """
SELECT key, element FROM start_event
 WHERE state = 'armed' AND lease_until > now() + interval '1 hour'
""": "is held by a worker for hours.",
}
"""What must never be with what begins cases by itself."""


def check(house: House) -> list[str]:
    """What is not as it must be, one sentence a finding; nothing when all is well."""
    return list(findings(house))


def findings(house: House) -> Iterator[str]:
    """The findings of `check`, as they are found."""
    yield from _definitions(house)
    yield from _starts(house)
    after = -1
    while cases := _page(house, after):
        for case_id, number in cases:
            yield from _findings_on(house, case_id, number)
        after = cases[-1][1]


def check_case(turn: Turn, case_id: UUID) -> Iterator[str]:
    """The findings on one case, which stays locked until the turn ends."""
    case = lock_case(turn.session, case_id)
    for finding in (*_rows(turn, case), *_pairs(turn, case), *_events(turn, case)):
        yield f"Case {case.number}: {finding}"
    for query, sentence in WRONG.items():
        for row in _ask(turn, query, case):
            yield f"Case {case.number}: {sentence.format(**row)}"


def _page(house: House, after: int) -> list[tuple[UUID, int]]:
    query = select(Case.id, Case.number).where(Case.number > after).order_by(Case.number)
    with house.reading() as session:
        return [(row.id, row.number) for row in session.execute(query.limit(PAGE))]


def _findings_on(house: House, case_id: UUID, number: int) -> list[str]:
    try:
        with house.turn() as turn:
            return list(check_case(turn, case_id))
    except CaseStuck as stuck:
        return [f"Case {number}: it cannot be read: {stuck.told}."]
    except CaseNotFound:
        return []  # erased since its id was read


def _definitions(house: House) -> Iterator[str]:
    with house.reading() as session:
        versions = session.execute(select(Definition.id, Definition.key, Definition.version)).all()
    for id_, key, version in versions:
        try:
            with house.turn() as turn:
                turn.definition(id_)
        except DefinitionNotFound as error:
            yield f"Version {key}:{version}: {error}"


def _starts(house: House) -> Iterator[str]:
    with house.turn() as turn:
        for query, sentence in STARTS.items():
            for row in ask(turn.driver, query, {}).fetchall():
                yield f"Start event {row['key']}/{row['element']}: it {sentence}"


def _rows(turn: Turn, case: LockedCase) -> Iterator[str]:
    rows: dict[str, dict[str, Any]] = {kind: {} for kind in REPEATED}
    for row in _ask(turn, OPEN_ROWS, case):
        rows[row["kind"]][str(row["id"])] = row["row"]
    try:
        waits = waits_of(turn, case)
    except CaseStuck as stuck:
        yield f"it cannot be read: {stuck.told}."
        return
    yield from _state(case, waits)
    for kind, there in rows.items():
        yield from _differences(turn, case, kind, there, waits)


def _state(case: LockedCase, waits: Waits) -> Iterator[str]:
    if waits.instances and waits.suspended != (case.state == "suspended"):
        rests = "suspended" if waits.suspended else "active"
        yield f"it is {case.state} by its row, else {rests}."


def _differences(
    turn: Turn, case: LockedCase, kind: str, rows: dict[str, Any], waits: Waits
) -> Iterator[str]:
    wanted: dict[str, Any] = getattr(waits, kind)
    for id_ in sorted(rows.keys() - wanted.keys()):
        yield f"the row {id_} in {kind} is open, but the case does not wait for it."
    for id_ in sorted(wanted.keys() - rows.keys()):
        yield f"the case waits for {wanted[id_].name} in {kind} ({id_}), but has no row."
    for id_ in sorted(rows.keys() & wanted.keys()):
        told = json.loads(as_json(vars(wanted[id_])))
        if kind in WITH_OWNER and told["role"] is None:
            told["role"] = turn.definition(case.definition_id).owner_role
        for column, field in REPEATED[kind].items():
            if not _equal(rows[id_][column], told[field]):
                yield (
                    f"{wanted[id_].name} in {kind} ({id_}) has another {column} by its row "
                    "than by the case."
                )


def _equal(row: Any, wait: Any) -> bool:
    """Whether a column, as JSON, says what the wait says; moments may be written in any zone."""
    if row == wait:
        return True
    try:
        return datetime.fromisoformat(row) == datetime.fromisoformat(wait)
    except (TypeError, ValueError):
        return False


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


def _ask(turn: Turn, query: LiteralString, case: LockedCase) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask(turn.driver, query, {"case": case.id}).fetchall()
    return rows
