"""How a case's position, its waits and its history become rows: the statements of `project`.

Each takes what it writes as one JSON array (`rows`) or array of ids, so that its text never
changes and PostgreSQL keeps its plan.
"""

from __future__ import annotations

from typing import LiteralString

SAVE_CASE: LiteralString = """
UPDATE "case"
   SET data = %(data)s, authority_data = %(authority)s, data_kinds = %(kinds)s,
       snapshot = %(snapshot)s, revision = revision + 1, last_event = %(last_event)s,
       state = %(state)s, phase = %(phase)s, ended_at = %(ended_at)s,
       stuck_until = NULL, stumbles = 0
 WHERE id = %(case)s AND revision = %(revision)s
"""

SAVE_POSITION: LiteralString = """
UPDATE "case"
   SET snapshot = %(snapshot)s, revision = revision + 1, last_event = %(last_event)s,
       state = %(state)s, phase = %(phase)s, ended_at = %(ended_at)s,
       stuck_until = NULL, stumbles = 0
 WHERE id = %(case)s AND revision = %(revision)s
"""
"""For a step that left the document as it was: a large one is not written again."""

OPEN: dict[str, LiteralString] = {
    "instances": """
INSERT INTO process_instance (id, case_id, parent_id, process, name, started_at)
SELECT r.id, %(case)s, r.parent, r.process, r.name, r.started_at
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, parent uuid, process text, name text, started_at timestamptz)
    ON CONFLICT (id) DO UPDATE
   SET process = excluded.process, name = excluded.name, ended_at = NULL
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
       legal_basis = excluded.legal_basis, pausable = excluded.pausable, closed_at = NULL,
       name = excluded.name, role = excluded.role, started_at = excluded.started_at,
       original_due_at = excluded.original_due_at
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
       arithmetic = excluded.arithmetic, element = excluded.element, name = excluded.name,
       state = 'armed', fired_at = NULL, lease_until = NULL
""",
    "subscriptions": """
INSERT INTO subscription (id, case_id, instance_id, element, name, kind, correlation, state,
                          created_at)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.kind,
       nullif(r.correlation, 'null'::jsonb), 'open', %(now)s
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, kind text, correlation jsonb)
    ON CONFLICT (id) DO UPDATE
   SET correlation = excluded.correlation, element = excluded.element, name = excluded.name,
       kind = excluded.kind, state = 'open'
""",
    "jobs": """
INSERT INTO job (id, case_id, instance_id, element, name, operation, parameters, state, attempts,
                 due_at, created_at)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.operation, r.parameters, 'queued', 0,
       now(), now()
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, operation text, parameters jsonb)
    ON CONFLICT (id) DO UPDATE
   SET parameters = excluded.parameters, operation = excluded.operation,
       element = excluded.element, name = excluded.name, state = 'queued',
       attempts = 0, due_at = now(), lease_until = NULL, worker = NULL, error = NULL,
       finished_at = NULL, outcome = NULL
""",
    "incidents": """
INSERT INTO incident (id, case_id, instance_id, element, name, message, state, created_at)
SELECT r.id, %(case)s, r.instance, r.element, r.name, r.message, 'open', %(now)s
  FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, instance uuid, element text, name text, message text)
    ON CONFLICT (id) DO UPDATE
   SET message = excluded.message, element = excluded.element, name = excluded.name,
       state = 'open', resolved_at = NULL, resolved_by = NULL
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
   SET state = CASE WHEN d.id = ANY(%(met)s::uuid[]) THEN 'met'
                    WHEN d.id = ANY(%(missed)s::uuid[]) THEN 'missed' ELSE 'cancelled' END,
       closed_at = CASE WHEN d.id <> ALL(%(in_sight)s::uuid[]) THEN %(now)s::timestamptz END
 WHERE d.id = ANY(%(ids)s::uuid[]) AND d.state = 'open'
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
       finished_at = now(), lease_until = NULL, outcome = NULL
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

RECOVERED: LiteralString = """
UPDATE incident SET state = 'resolved', resolved_at = %(now)s, resolved_by = %(actor)s
 WHERE case_id = %(case)s AND state = 'open' AND code IS NOT NULL
"""
"""For a case that stumbled before and could be moved now."""

COUNT_EVENTS: LiteralString = """
UPDATE "case" SET last_event = last_event + %(lines)s WHERE id = %(case)s
"""

SEND: LiteralString = """
INSERT INTO message (id, sender_id, name, case_id, about, unit_id, correlation, payload, state,
                     received_at, expires_at)
SELECT gen_random_uuid(), r.sender_id, r.name, s.case_id, s.about, %(unit)s, r.correlation,
       r.payload, 'waiting', %(now)s, %(now)s::timestamptz + interval '30 days'
  FROM (SELECT t.sender_id, t.name, nullif(t.correlation, 'null'::jsonb) AS correlation, t.payload
          FROM json_to_recordset(%(rows)s::json)
            AS t(sender_id text, name text, correlation jsonb, payload jsonb)) r
  LEFT JOIN (SELECT id AS case_id, coalesce(nullif(reference, ''), id::text) AS about
               FROM "case" WHERE id = %(case)s) s ON r.correlation IS NULL
"""
"""A message without a correlation is for the case that sends it, or else for another case of the
same reference."""

BROADCAST: LiteralString = """
INSERT INTO message (id, sender_id, name, case_id, start_event_id, unit_id, payload, state,
                     received_at, expires_at)
SELECT gen_random_uuid(), 'signal:' || r.sender_id || ':' || coalesce(s.case_id, s.start_id),
       r.name, s.case_id, s.start_id, %(unit)s, r.payload, 'waiting', %(now)s,
       %(now)s::timestamptz + interval '30 days'
  FROM json_to_recordset(%(rows)s::json)
    AS r(sender_id text, name text, correlation jsonb, payload jsonb)
  JOIN (SELECT DISTINCT case_id, NULL::uuid AS start_id, name FROM subscription
         WHERE state = 'open' AND kind = 'signal' AND case_id <> %(case)s
         UNION ALL
        SELECT NULL, id, event FROM start_event
         WHERE state = 'armed' AND kind = 'signal') s ON s.name = r.name
"""
"""To every other case that listens, and to every process that begins with the signal."""

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

ORDER = ("instances", "tasks", "deadlines", "timers", "subscriptions", "jobs", "incidents")
"""Rows that others refer to come first."""
