"""Write a step into rows: what the case waits for, what happened, where it stands.

The snapshot says what a case waits for; the rows repeat it for inboxes, timers and
workers. This module keeps the two equal: whatever a step added or changed is written,
whatever it dropped is closed, in one pipeline on the turn's own connection.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg.types.json import Jsonb
from sqlalchemy import select

from models.case import Case
from models.errors import StaleRevision
from processes.case_lock import ask, driver
from processes.engine.commands import (
    Cancel,
    Complete,
    FailJob,
    FinishJob,
    Fire,
    MoveDeadline,
    PauseDeadline,
    RaiseIncident,
    ResumeDeadline,
    Retry,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from processes.case_lock import LockedCase
    from processes.engine.commands import Command
    from processes.engine.step import CaseData, Happening, Step, Waits
    from processes.turn import Turn

WAKE_WITHIN = timedelta(minutes=2)
"""A timer due sooner wakes the workers; for later ones they look often enough."""

SUPERVISOR = "Leder"
"""The role that a missed deadline escalates to."""

CHANNEL = "vejviser"
"""Where workers listen for new jobs and earlier timers."""


@dataclass(frozen=True)
class Change:
    """Why a step was taken."""

    command: Command
    actor: str | None = None
    """Account name; None is the system itself: timers, jobs, buffered messages."""

    extra: tuple[Happening, ...] = ()
    """Lines of history that the engine does not know of; they come first."""


Statement = tuple[LiteralString, dict[str, Any]]

SAVE_CASE: LiteralString = """
UPDATE "case"
   SET data = %(data)s, authority_data = %(authority)s, data_kinds = %(kinds)s,
       snapshot = %(snapshot)s, revision = revision + 1, last_event = %(last_event)s,
       state = %(state)s, phase = %(phase)s, ended_at = %(ended_at)s
 WHERE id = %(case)s AND revision = %(revision)s
"""

OPEN: dict[str, LiteralString] = {
    "instances": """
INSERT INTO process_instance (id, case_id, parent_id, process, name, started_at)
SELECT r.id, %(case)s, r.parent, r.process, r.name, r.started_at
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, parent uuid, process text, name text, started_at timestamptz)
    ON CONFLICT (id) DO NOTHING
""",
    "tasks": """
INSERT INTO user_task (id, case_id, instance_id, element, name, role, unit_id, form, assignee,
                       state, created_at, due_at, priority, item, local, documentation)
SELECT r.id, %(case)s, r.instance, r.element, r.name, coalesce(r.role, %(owner_role)s), %(unit)s,
       r.form,
       CASE r.assign WHEN 'team' THEN
            (SELECT min(a.name) FROM team_member m JOIN account a ON a.id = m.account_id
              WHERE m.case_id = %(case)s AND m.role = r.role HAVING count(*) = 1)
            ELSE r.assign END,
       'open', r.created_at, r.due_at, r.priority, r.item, r.local, r.documentation
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, role text, form text, assign text,
         created_at timestamptz, due_at timestamptz, priority int, item int, local jsonb,
         documentation text)
    ON CONFLICT (id) DO UPDATE
   SET role = excluded.role, form = excluded.form, due_at = excluded.due_at,
       priority = excluded.priority, local = excluded.local, name = excluded.name,
       element = excluded.element, documentation = excluded.documentation
""",
    "deadlines": """
INSERT INTO deadline (id, case_id, instance_id, element, name, role, task_id, started_at, duration,
                      calendar, roll, due_at, original_due_at, legal_basis, pausable, paused_at,
                      arithmetic, state)
SELECT r.id, %(case)s, r.instance, r.element, r.name, coalesce(r.role, %(owner_role)s), r.task,
       r.started_at, r.duration, r.calendar, r.roll, r.due_at, r.original_due_at, r.legal_basis,
       r.pausable, r.paused_at, r.arithmetic, 'open'
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, role text, task uuid,
         started_at timestamptz, duration text, calendar text, roll text, due_at timestamptz,
         original_due_at timestamptz, legal_basis text, pausable boolean, paused_at timestamptz,
         arithmetic jsonb)
    ON CONFLICT (id) DO UPDATE
   SET task_id = excluded.task_id, due_at = excluded.due_at, paused_at = excluded.paused_at,
       duration = excluded.duration, calendar = excluded.calendar, roll = excluded.roll,
       arithmetic = excluded.arithmetic, state = excluded.state, element = excluded.element,
       legal_basis = excluded.legal_basis, pausable = excluded.pausable, closed_at = NULL
""",
    "timers": """
INSERT INTO timer (id, case_id, instance_id, element, name, role, due_at, deadline_id, arithmetic,
                   state)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.role, r.due_at, r.deadline, r.arithmetic,
       'armed'
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, role text, due_at timestamptz,
         deadline uuid, arithmetic jsonb)
    ON CONFLICT (id) DO UPDATE
   SET due_at = excluded.due_at, deadline_id = excluded.deadline_id, role = excluded.role,
       arithmetic = excluded.arithmetic, state = 'armed', fired_at = NULL, lease_until = NULL
""",
    "subscriptions": """
INSERT INTO subscription (id, case_id, instance_id, element, name, kind, correlation, state,
                          created_at)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.kind,
       nullif(r.correlation, 'null'::jsonb), 'open', %(now)s
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, kind text, correlation jsonb)
    ON CONFLICT (id) DO UPDATE
   SET correlation = excluded.correlation, state = 'open'
""",
    "jobs": """
INSERT INTO job (id, case_id, instance_id, element, name, operation, parameters, state, attempts,
                 due_at, created_at)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.operation, r.parameters, 'queued', 0,
       now(), now()
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, operation text, parameters jsonb)
    ON CONFLICT (id) DO UPDATE
   SET parameters = excluded.parameters, operation = excluded.operation, state = 'queued',
       attempts = 0, due_at = now(), lease_until = NULL, worker = NULL, error = NULL,
       finished_at = NULL
""",
    "incidents": """
INSERT INTO incident (id, case_id, instance_id, element, name, message, state, created_at)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.message, 'open', %(now)s
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, message text)
    ON CONFLICT (id) DO UPDATE
   SET message = excluded.message, state = 'open', resolved_at = NULL, resolved_by = NULL
""",
}
"""How a wait becomes a row; a changed one updates the row it already has."""

CLOSE: dict[str, LiteralString] = {
    "instances": """
UPDATE process_instance SET ended_at = %(now)s WHERE id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL
""",
    "tasks": """
UPDATE user_task t
   SET state = CASE WHEN t.id = %(own)s::uuid THEN 'completed' ELSE 'cancelled' END,
       completed_at = %(now)s,
       completed_by = CASE WHEN t.id = %(own)s::uuid THEN %(actor)s::text END
 WHERE t.id = ANY(%(ids)s::uuid[]) AND t.state = 'open'
""",
    "deadlines": """
UPDATE deadline d
   SET state = r.state, closed_at = CASE WHEN r.state <> 'missed' THEN %(now)s::timestamptz END
  FROM json_to_recordset(%(rows)s::json) AS r(id uuid, state text)
 WHERE d.id = r.id AND d.state = 'open'
""",
    "timers": """
UPDATE timer t
   SET state = CASE WHEN t.id = %(own)s::uuid THEN 'fired' ELSE 'cancelled' END,
       fired_at = CASE WHEN t.id = %(own)s::uuid THEN %(now)s::timestamptz END, lease_until = NULL
 WHERE t.id = ANY(%(ids)s::uuid[]) AND t.state = 'armed'
""",
    "subscriptions": """
UPDATE subscription SET state = 'closed' WHERE id = ANY(%(ids)s::uuid[]) AND state = 'open'
""",
    "jobs": """
UPDATE job j
   SET state = CASE WHEN j.id = %(own)s::uuid THEN %(outcome)s ELSE 'cancelled' END,
       error = CASE WHEN j.id = %(own)s::uuid THEN %(error)s::text ELSE j.error END,
       finished_at = now(), lease_until = NULL
 WHERE j.id = ANY(%(ids)s::uuid[]) AND j.state = 'queued'
""",
    "incidents": """
UPDATE incident SET state = 'resolved', resolved_at = %(now)s, resolved_by = %(actor)s
 WHERE id = ANY(%(ids)s::uuid[]) AND state = 'open'
""",
}
"""How the row of a wait that is gone gets closed."""

APPEND: LiteralString = """
INSERT INTO event (case_id, number, at, recorded_at, actor, kind, element, name, instance_id,
                   detail)
SELECT %(case)s, r.number, r.at, clock_timestamp(), %(actor)s, r.kind, r.element, r.name,
       r.instance, r.detail
  FROM json_to_recordset(%(rows)s::json)
    AS r(number int, at timestamptz, kind text, element text, name text, instance uuid,
         detail jsonb)
"""

CLOSE_MISSED: LiteralString = """
UPDATE deadline SET closed_at = %(now)s
 WHERE case_id = %(case)s AND state = 'missed' AND closed_at IS NULL
   AND (%(all)s OR id = ANY(%(ids)s::uuid[]) OR element = ANY(%(elements)s::text[]))
"""
"""A missed deadline stays in sight until the work it was set for is over."""

COUNT_EVENTS: LiteralString = """
UPDATE "case" SET last_event = last_event + %(lines)s WHERE id = %(case)s
"""

SEND: LiteralString = """
INSERT INTO message (id, sender_id, name, correlation, payload, state, received_at, expires_at)
SELECT gen_random_uuid(), r.sender_id, r.name, nullif(r.correlation, 'null'::jsonb), r.payload,
       'waiting', %(now)s, %(now)s::timestamptz + interval '30 days'
  FROM json_to_recordset(%(rows)s::json)
    AS r(sender_id text, name text, correlation jsonb, payload jsonb)
"""

BROADCAST: LiteralString = """
INSERT INTO message (id, sender_id, name, case_id, payload, state, received_at, expires_at)
SELECT gen_random_uuid(), 'signal:' || r.sender_id || ':' || s.case_id, r.name, s.case_id,
       r.payload, 'waiting', %(now)s, %(now)s::timestamptz + interval '30 days'
  FROM json_to_recordset(%(rows)s::json)
    AS r(sender_id text, name text, correlation jsonb, payload jsonb)
  JOIN (SELECT DISTINCT case_id, name FROM subscription
         WHERE state = 'open' AND kind = 'signal' AND case_id <> %(case)s) s ON s.name = r.name
"""

LOG_MOVE: LiteralString = """
INSERT INTO deadline_change (id, deadline_id, kind, old_due, new_due, reason, by, at)
SELECT gen_random_uuid(), id, %(kind)s, due_at, %(new_due)s, %(reason)s, %(actor)s, %(now)s
  FROM deadline WHERE id = %(deadline)s
"""
"""Runs before the deadline's own row is brought up to date."""

KEEP_OCCURRENCE: LiteralString = """
INSERT INTO timer (id, case_id, instance_id, element, name, role, due_at, deadline_id, arithmetic,
                   state, fired_at)
SELECT gen_random_uuid(), case_id, instance_id, element, name, role, due_at, deadline_id,
       arithmetic, 'fired', %(now)s
  FROM timer WHERE id = %(timer)s
"""
"""A cycle's timer goes on under its own id; what it did this time gets a row of its own."""

WAKE: LiteralString = "SELECT pg_notify(%(channel)s, %(what)s)"

ORDER = ("instances", "tasks", "deadlines", "timers", "subscriptions", "jobs", "incidents")
"""Rows that others refer to come first."""


def save_step(turn: Turn, case: LockedCase, step: Step, change: Change) -> None:
    """Write a step in one pipeline, and let `case` stand where the step left it.

    Raises:
        StaleRevision: somebody moved the case since it was read.
    """
    happened = (*change.extra, *_told(step))
    after = _moved(turn, case, step, change, len(happened))
    connection = driver(turn.session)
    with connection.pipeline():
        saved = ask(connection, *_save_case(case, after))
        for query, facts in _statements(turn, case, step, change, happened):
            ask(connection, query, facts)
    if saved.rowcount != 1:
        raise StaleRevision(case.id, expected=case.revision, found=_found(turn, case))
    turn.session.expire_all()
    _follow(case, after)


def append_events(
    turn: Turn, case: LockedCase, happened: Sequence[Happening], actor: str | None
) -> None:
    """Add lines to the history of a case that otherwise stays where it is."""
    connection = driver(turn.session)
    number = {"case": case.id, "lines": len(happened)}
    with connection.pipeline():
        ask(connection, COUNT_EVENTS, number)
        for query, facts in _history(case, happened, {"case": case.id, "actor": actor}):
            ask(connection, query, facts)
    turn.session.expire_all()
    case.last_event += len(happened)


def _told(step: Step) -> Iterator[Happening]:
    """What the engine tells, and who hears of it."""
    for line in step.happened:
        yield line
        if line.kind == "deadline.missed":
            yield replace(line, kind="deadline.escalated", detail={**line.detail, "to": SUPERVISOR})


def _moved(turn: Turn, case: LockedCase, step: Step, change: Change, lines: int) -> LockedCase:
    over = "cancelled" if isinstance(change.command, Cancel) else "completed"
    return replace(
        case,
        state=over if step.ended else case.state,
        ended_at=turn.now if step.ended else case.ended_at,
        data=step.data,
        snapshot=step.state,
        revision=case.revision + 1,
        last_event=case.last_event + lines,
    )


def _found(turn: Turn, case: LockedCase) -> int:
    found: int | None = turn.session.scalar(select(Case.revision).where(Case.id == case.id))
    return found or 0


def _follow(case: LockedCase, after: LockedCase) -> None:
    vars(case).update(vars(after))


def _save_case(before: LockedCase, after: LockedCase) -> Statement:
    return SAVE_CASE, {
        "case": after.id,
        "revision": before.revision,
        "snapshot": after.snapshot,
        "last_event": after.last_event,
        "state": after.state,
        "phase": after.phase,
        "ended_at": after.ended_at,
        **columns_of(after.data),
    }


def columns_of(data: CaseData) -> dict[str, Jsonb]:
    """The case's document as the three columns it lives in."""
    values, authority = data.values, data.authority
    return {
        "data": Jsonb({key: value for key, value in values.items() if key not in authority}),
        "authority": Jsonb({key: value for key, value in values.items() if key in authority}),
        "kinds": Jsonb(data.kinds),
    }


def _statements(
    turn: Turn, case: LockedCase, step: Step, change: Change, happened: Sequence[Happening]
) -> Iterator[Statement]:
    common = {
        "case": case.id,
        "unit": case.unit_id,
        "now": turn.now,
        "actor": change.actor,
        "revision": case.revision,
        "owner_role": turn.definition(case.definition_id).owner_role,
    }
    yield from _deadline_move(step, change.command, common)
    yield from _occurrence(step, change.command, common)
    yield from _closings(step, change, common)
    yield from _late_ends(turn, case, step, common)
    yield from _openings(step, common)
    yield from _history(case, happened, common)
    yield from _departures(step, common)
    yield from _wake(turn, step)


def _openings(step: Step, common: dict[str, Any]) -> Iterator[Statement]:
    for kind in ORDER:
        before, after = _pair(step, kind)
        rows = [vars(wait) for id_, wait in after.items() if before.get(id_) != wait]
        if rows:
            yield OPEN[kind], {**common, "rows": as_json(rows)}


def _closings(step: Step, change: Change, common: dict[str, Any]) -> Iterator[Statement]:
    own, outcome, error = _own(change.command)
    ends = {
        **_deadline_ends(step, "deadline.met"),
        **_deadline_ends(step, "deadline.missed"),
    }
    for kind in ORDER:
        before, after = _pair(step, kind)
        ids = [id_ for id_ in before if id_ not in after]
        if not ids:
            continue
        rows = [{"id": id_, "state": ends.get(id_, "cancelled")} for id_ in ids]
        yield (
            CLOSE[kind],
            {
                **common,
                "ids": ids,
                "own": own,
                "outcome": outcome,
                "error": error,
                "rows": as_json(rows) if kind == "deadlines" else None,
            },
        )


def _late_ends(
    turn: Turn, case: LockedCase, step: Step, common: dict[str, Any]
) -> Iterator[Statement]:
    watched = turn.definition(case.definition_id).deadline_elements
    ids, elements = [], set()
    for line in step.happened:
        if line.kind in {"deadline.met", "deadline.cancelled"} and line.detail.get("late"):
            ids.append(line.detail["deadline"])
        elif line.kind in {"element.completed", "element.cancelled"} and line.element in watched:
            elements.add(line.element)
    if ids or elements or step.ended:
        facts = {"ids": ids, "elements": sorted(elements), "all": step.ended}
        yield CLOSE_MISSED, {**common, **facts}


def _pair(step: Step, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return getattr(step.before, kind), getattr(step.waits, kind)


def _own(command: Command) -> tuple[str | None, str, str | None]:
    """The wait that the command itself ends, how it ends, and with what error."""
    match command:
        case Complete(task=id_) | Fire(timer=id_) | FinishJob(job=id_):
            return id_, "done", None
        case FailJob(job=id_, code=code):
            return id_, "failed", code
        case RaiseIncident(job=id_, message=message):
            return id_, "failed", message
        case Retry(incident=id_):
            return id_, "done", None
        case _:
            return None, "done", None


def _deadline_ends(step: Step, kind: str) -> dict[str, str]:
    """Id of each deadline that the step met or missed, with its new state."""
    state = kind.removeprefix("deadline.")
    return {
        str(line.detail["deadline"]): state
        for line in step.happened
        if line.kind == kind and "deadline" in line.detail
    }


def _history(
    case: LockedCase, happened: Sequence[Happening], common: dict[str, Any]
) -> Iterator[Statement]:
    rows = [
        {**vars(line), "number": number}
        for number, line in enumerate(happened, start=case.last_event + 1)
    ]
    if rows:
        yield APPEND, {**common, "rows": as_json(rows)}


def _departures(step: Step, common: dict[str, Any]) -> Iterator[Statement]:
    for query, outgoing in ((SEND, step.messages), (BROADCAST, step.signals)):
        rows = [
            {
                "sender_id": f"{common['case']}:{common['revision']}:{index}",
                **vars(sent),
            }
            for index, sent in enumerate(outgoing)
        ]
        if rows:
            yield query, {**common, "rows": as_json(rows)}


def _deadline_move(step: Step, command: Command, common: dict[str, Any]) -> Iterator[Statement]:
    match command:
        case MoveDeadline(deadline=id_, reason=reason):
            kind = "moved"
        case PauseDeadline(deadline=id_, reason=reason):
            kind = "paused"
        case ResumeDeadline(deadline=id_):
            kind, reason = "resumed", ""
        case _:
            return
    moved = step.waits.deadlines[id_]
    due = None if moved.paused_at else moved.due_at
    yield LOG_MOVE, {**common, "deadline": id_, "kind": kind, "reason": reason, "new_due": due}


def _occurrence(step: Step, command: Command, common: dict[str, Any]) -> Iterator[Statement]:
    if isinstance(command, Fire) and command.timer in step.waits.timers:
        yield KEEP_OCCURRENCE, {**common, "timer": command.timer}


def _wake(turn: Turn, step: Step) -> Iterator[Statement]:
    """Tell the workers at commit, but only of what they would otherwise find too late."""
    soon = turn.now + WAKE_WITHIN
    if step.messages or step.signals or set(step.waits.jobs) - set(step.before.jobs):
        yield WAKE, {"channel": CHANNEL, "what": "job"}
    elif any(timer.due_at <= soon for timer in _new_timers(step)):
        yield WAKE, {"channel": CHANNEL, "what": "timer"}


def _new_timers(step: Step) -> Iterable[Any]:
    before: Waits = step.before
    return (
        timer
        for id_, timer in step.waits.timers.items()
        if id_ not in before.timers or before.timers[id_].due_at > timer.due_at
    )


def as_json(value: Any) -> str:
    """JSON for PostgreSQL: dates and times as ISO 8601."""
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> str:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)
