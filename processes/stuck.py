"""A case that cannot be moved: say so, leave it alone for a while, let the others go on.

What an element cannot do is an incident of the engine, and the snapshot knows of it. Here it
is the case itself: its snapshot or data cannot be read, its programme is gone, or moving it
fails in a way that nobody planned. The case gets an incident that its snapshot knows nothing
of; while `stuck_until` is set no timer, job or message of it is touched. From time to time
somebody looks whether it can be read again.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from models.errors import CaseStuck, DefinitionNotFound
from processes.case_lock import lock_case
from processes.engine import BadSnapshot, NewerSnapshot, NotWaiting
from processes.engine.step import Happening, Waits
from processes.project import CHANNEL, RECOVERY, append_events
from processes.statements import ask
from processes.wait_rows import RECOVERED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from psycopg import Connection

    from models.errors import StuckCode
    from processes.case_lock import LockedCase
    from processes.definitions import Deployed
    from processes.turn import Turn

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)

TOLD: dict[StuckCode, str] = {
    "data_unreadable": "The case's data cannot be read.",
    "definition_missing": "The case's version of the programme is gone or cannot be read.",
    "rows_differ": "The case does not wait for what its rows say.",
    "snapshot_newer": "A later version of Vejviser has written the case's position.",
    "snapshot_unreadable": "The case's stored position cannot be read.",
    "unexpected": "Moving the case failed in a way that nobody planned.",
}
"""What logs, the command line and the API say; pages have their own words."""

LOCK: LiteralString = """
SELECT c.last_event, c.stumbles, d.name,
       (SELECT i.id FROM process_instance i
         WHERE i.case_id = c.id AND i.parent_id IS NULL LIMIT 1) AS instance
  FROM "case" c LEFT JOIN definition d ON d.id = c.definition_id
 WHERE c.id = %(case)s AND c.state IN ('active', 'suspended')
   FOR NO KEY UPDATE OF c
"""

RAISE: LiteralString = """
INSERT INTO incident (id, case_id, instance_id, element, name, message, code, state, created_at)
VALUES (gen_random_uuid(), %(case)s, coalesce(%(instance)s, %(case)s), %(element)s, %(name)s,
        %(message)s, %(code)s, 'open', %(now)s)
    ON CONFLICT (case_id) WHERE state = 'open' AND code IS NOT NULL DO UPDATE
   SET message = excluded.message, code = excluded.code, element = excluded.element,
       name = excluded.name
RETURNING xmax = 0 AS is_new
"""

NOTE: LiteralString = """
INSERT INTO event (case_id, number, at, recorded_at, kind, element, name, instance_id, detail)
VALUES (%(case)s, %(number)s, %(now)s, clock_timestamp(), 'case.stuck', %(element)s, %(name)s,
        %(instance)s, jsonb_build_object('why', %(code)s::text))
"""

COUNT_STUMBLE: LiteralString = """
UPDATE "case"
   SET stumbles = stumbles + 1, last_event = last_event + %(lines)s,
       stuck_until = CASE WHEN %(pause)s::interval IS NULL THEN stuck_until
                          ELSE now() + %(pause)s::interval END
 WHERE id = %(case)s
"""

OLDEST_STUCK: LiteralString = """
SELECT id FROM "case"
 WHERE stuck_until < now() AND state IN ('active', 'suspended')
 ORDER BY stuck_until
 LIMIT 1
   FOR NO KEY UPDATE SKIP LOCKED
"""

LET_GO: LiteralString = """
WITH freed AS (UPDATE "case" SET stuck_until = NULL, stumbles = 0 WHERE id = %(case)s),
     timers AS (UPDATE timer SET lease_until = NULL WHERE case_id = %(case)s AND state = 'armed'),
     mail AS (UPDATE message SET lease_until = NULL WHERE case_id = %(case)s AND state = 'waiting'),
     jobs AS (UPDATE job SET due_at = now()
               WHERE case_id = %(case)s AND state = 'queued' AND outcome IS NOT NULL)
SELECT pg_notify(%(channel)s, 'job')
"""


def version_of(turn: Turn, case: LockedCase) -> Deployed:
    """The version of its programme that a case runs on.

    Raises:
        CaseStuck: it is gone, or cannot be read.
    """
    try:
        return turn.definition(case.definition_id)
    except DefinitionNotFound as error:
        raise CaseStuck(case.id, "definition_missing", str(error)) from error


@contextmanager
def stuck_if_unreadable(case: LockedCase) -> Iterator[None]:
    """A snapshot that cannot be read makes the case stuck.

    Raises:
        CaseStuck.
    """
    try:
        yield
    except NewerSnapshot as error:
        raise CaseStuck(case.id, "snapshot_newer", str(error)) from error
    except BadSnapshot as error:
        raise CaseStuck(case.id, "snapshot_unreadable", str(error)) from error


def waits_of(turn: Turn, case: LockedCase) -> Waits:
    """What the case waits for, read off its snapshot; nothing once it is over.

    Raises:
        CaseStuck.
    """
    if case.state in {"completed", "cancelled"} or not case.snapshot:
        return Waits()
    definition = version_of(turn, case).definition
    with stuck_if_unreadable(case):
        return turn.engine.waits(definition, case.snapshot, case.data)


def report_stumble(
    turn: Turn, case_id: UUID, failure: BaseException | None, element: str = "", name: str = ""
) -> None:
    """Give the case an incident, and set the case aside if it cannot be moved at all.

    A failure that may be of one timer or message alone leaves the rest of the case to go on;
    whoever met it sets that one aside. Nothing here needs the snapshot, data or programme.
    """
    connection = turn.driver
    row = ask(connection, LOCK, {"case": case_id}).fetchone()
    if row is None:
        return
    code = why_stuck(failure)
    facts = {
        "case": case_id,
        "instance": row["instance"],
        "element": element,
        "name": name or row["name"] or "",
        "message": f"{TOLD[code]} {told_by(failure)}".strip(),
        "code": code,
        "now": turn.now,
    }
    lines = _raise(connection, facts, row["last_event"] + 1)
    is_stuck = isinstance(failure, CaseStuck)
    pause = min(FIRST_PAUSE * 2 ** min(row["stumbles"], 10), LONGEST_PAUSE) if is_stuck else None
    ask(connection, COUNT_STUMBLE, {"case": case_id, "lines": lines, "pause": pause})


def why_stuck(failure: BaseException | None) -> StuckCode:
    """The reason that a failed turn gives."""
    if isinstance(failure, CaseStuck):
        return failure.why
    return "rows_differ" if isinstance(failure, NotWaiting) else "unexpected"


def told_by(failure: BaseException | None) -> str:
    """What the administrator may read of a failure; the log has the rest."""
    if isinstance(failure, CaseStuck):
        return failure.told
    return type(failure).__name__ if failure is not None else ""


def look_at_oldest_stuck(turn: Turn) -> bool:
    """Let a stuck case go on if it can be read again, else later; False if there is none."""
    connection = turn.driver
    row = ask(connection, OLDEST_STUCK, {}).fetchone()
    if row is None:
        return False
    try:
        let_go(turn, lock_case(turn.session, row["id"]))
    except CaseStuck as still:
        report_stumble(turn, row["id"], still)
    return True


def let_go(turn: Turn, case: LockedCase, actor: str | None = None) -> None:
    """Let a case that can be read again go on; its incident is over.

    Raises:
        CaseStuck: it still cannot be read.
    """
    waits_of(turn, case)
    connection = turn.driver
    facts = {"case": case.id, "now": turn.now, "actor": actor}
    ask(connection, LET_GO, {**facts, "channel": CHANNEL})
    if ask(connection, RECOVERED, facts).rowcount:
        append_events(turn, case, [Happening(RECOVERY, turn.now)], actor)


def _raise(connection: Connection[Any], facts: dict[str, Any], number: int) -> int:
    """Open the incident, or bring the open one up to date; how many lines of history it made."""
    row = ask(connection, RAISE, facts).fetchone()
    if row is None or not row["is_new"]:
        return 0
    ask(connection, NOTE, {**facts, "number": number})
    return 1
