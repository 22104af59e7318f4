"""Carry migrations on: one turn a case, so that a crash leaves it moved whole or not at all.

A case that somebody else is at is passed over and has its turn later.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, LiteralString

from models.errors import DatabaseDown
from processes.advance import deliver_waiting
from processes.case_lock import COLUMNS, locked_case
from processes.engine.commands import Migrate
from processes.engine.migration import Migrated, Report
from processes.engine.placement import Directions, Refusal
from processes.engine.step import Happening
from processes.project import Change, as_array, as_json, save_step
from processes.statements import ask
from processes.work import is_conflict, is_database_away

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from processes.case_lock import LockedCase
    from processes.engine.step import OpenTask, Step, Waits
    from processes.house import House
    from processes.turn import Turn

log = logging.getLogger(__name__)

TRIED_AT_ONCE = 50
"""Cases that one turn of a dry run looks at; it locks none of them."""

OF_MIGRATION: LiteralString = """
     , m.id AS migration, m.from_id, m.to_id, m.renames, m.cancels, m.reason, m.dry_run,
       m.undoes, m.created_by,
       (SELECT u.report FROM migration_case u
         WHERE u.migration_id = m.undoes AND u.case_id = c.id) AS undone
  FROM migration m
  JOIN migration_case w ON w.migration_id = m.id AND w.state = 'waiting'
   AND w.migration_id = %(migration)s AND w.number > %(after)s
  JOIN "case" c ON c.id = w.case_id
 WHERE m.id = %(migration)s AND m.state = 'running'
 ORDER BY w.number
"""
"""Walks the index of waiting rows from where it was: a sort would carry every document along."""

NEXT: LiteralString = COLUMNS + OF_MIGRATION + " LIMIT 1 FOR NO KEY UPDATE OF c, w SKIP LOCKED"
SOME: LiteralString = COLUMNS + OF_MIGRATION + " LIMIT %(most)s FOR NO KEY UPDATE OF w SKIP LOCKED"

RUNNING: LiteralString = """
SELECT id, dry_run FROM migration WHERE state = 'running' ORDER BY created_at, id
"""

REPORTED: LiteralString = """
UPDATE migration_case w SET state = r.state, report = r.report, done_at = %(now)s
  FROM json_to_recordset(%(rows)s::json) AS r(migration uuid, "case" uuid, state text, report jsonb)
 WHERE w.migration_id = r.migration AND w.case_id = r."case"
"""

FINISHED: LiteralString = """
UPDATE migration m SET state = 'done', finished_at = %(now)s
 WHERE m.state = 'running' AND NOT EXISTS (
       SELECT FROM migration_case w WHERE w.migration_id = m.id AND w.state = 'waiting')
"""

OTHER_VERSION: LiteralString = 'UPDATE "case" SET definition_id = %(new)s WHERE id = %(case)s'

JOBS_ELSEWHERE: LiteralString = """
UPDATE job j SET element = r.element, name = r.name
  FROM json_to_recordset(%(rows)s::json) AS r(id uuid, element text, name text)
 WHERE j.id = r.id
"""
"""A job that is out keeps its lease and its arguments: it must not be run a second time."""

OTHER_ROLE: LiteralString = """
UPDATE user_task t
   SET assignee = (SELECT min(a.name) FROM team_member m JOIN account a ON a.id = m.account_id
                    WHERE m.case_id = t.case_id AND m.role = t.role HAVING count(*) = 1)
 WHERE t.id = ANY(%(ids)s::uuid[])
"""
"""A task of another role is not its holder's any more: it goes to the team, or to the queue."""


class MoveFailed(Exception):
    """A case could not be moved for a reason nobody planned; the turn must be rolled back."""

    def __init__(self, migration: UUID, case: UUID, number: int) -> None:
        super().__init__(f"Case {case} could not be moved by migration {migration}")
        self.migration = migration
        self.case = case
        self.number = number


def carry_on(house: House, go_on: Callable[[], bool] = lambda: True) -> int:
    """Give every case that is waiting and free its turn; how many it were."""
    with house.turn() as turn:
        running = ask(turn.driver, RUNNING, {}).fetchall()
    done = 0
    for row in running:
        step = _try_some if row["dry_run"] else _move_one
        numbers: list[int] | None = [0]
        while go_on() and numbers:
            numbers = step(house, row["id"], numbers[-1])
            done += len(numbers)
    if running:
        with house.turn() as turn:
            ask(turn.driver, FINISHED, {"now": turn.now})
    return done


def _move_one(house: House, migration: UUID, after: int) -> list[int]:
    try:
        with house.turn() as turn:
            return move_next(turn, migration, after)
    except MoveFailed as failure:
        _set_aside(house, failure)
        return [failure.number]


def _try_some(house: House, migration: UUID, after: int) -> list[int]:
    with house.turn() as turn:
        return try_next(turn, migration, after)


def _set_aside(house: House, failure: MoveFailed) -> None:
    """A case that cannot be moved must not stop the others; after a conflict it is tried again.

    Raises:
        DatabaseDown: it is the database that is away.
    """
    cause = failure.__cause__
    if isinstance(cause, DatabaseDown) or is_database_away(cause):
        raise DatabaseDown from failure
    if is_conflict(cause):
        return
    log.error("A case stays on its version", exc_info=cause)
    with house.turn() as turn:
        report = _broken(cause)
        _write_down(turn, [_row(failure.migration, failure.case, "refused", report)])


def move_next(turn: Turn, migration: UUID, after: int = 0) -> list[int]:
    """Move the next case behind a number, or note why not; its number, nothing if none is free.

    Raises:
        MoveFailed.
    """
    row = ask(turn.driver, NEXT, {"migration": migration, "after": after}).fetchone()
    if row is None:
        return []
    try:
        state, report = _move(turn, row)
    except Exception as failure:
        raise MoveFailed(migration, row["id"], row["number"]) from failure
    _write_down(turn, [_row(migration, row["id"], state, report)])
    return [row["number"]]


def try_next(turn: Turn, migration: UUID, after: int = 0) -> list[int]:
    """Look what moving would do to some cases; their numbers. None is changed or locked."""
    facts = {"migration": migration, "after": after, "most": TRIED_AT_ONCE}
    rows = ask(turn.driver, SOME, facts).fetchall()
    _write_down(turn, [_row(migration, row["id"], *_tried(turn, row)) for row in rows])
    return [row["number"] for row in rows]


# -- one case ----------------------------------------------------------------------------------


def _tried(turn: Turn, row: Mapping[str, Any]) -> tuple[str, Report]:
    try:
        case = locked_case(row)
        return _obstacle(case, row) or _judged(_answer(turn, case, row))
    except Exception as failure:  # noqa: BLE001 - one broken case must not hide the others
        return "refused", _broken(failure)


def _move(turn: Turn, row: Mapping[str, Any]) -> tuple[str, Report]:
    case = locked_case(row)
    obstacle = _obstacle(case, row)
    if obstacle is not None:
        return obstacle
    done = _answer(turn, case, row)
    if done.step is not None:
        _save(turn, case, done.step, row)
    return _judged(done)


def _judged(done: Migrated) -> tuple[str, Report]:
    return ("moved" if done.step is not None else "refused"), done.report


def _obstacle(case: LockedCase, row: Mapping[str, Any]) -> tuple[str, Report] | None:
    """Why there is no question of moving the case."""
    if case.state not in {"active", "suspended"}:
        return "skipped", _refused("", "over")
    if case.definition_id != row["from_id"]:
        return "skipped", _refused("", "elsewhere")
    lost = (row["undone"] or {}).get("ended")
    if lost:
        return "refused", _refused(lost[0]["element"], "cannot_return", lost[0]["name"])
    return None


def _answer(turn: Turn, case: LockedCase, row: Mapping[str, Any]) -> Migrated:
    renamed = (row["undone"] or {}).get("renamed", {})
    directions = Directions(
        row["renames"],
        frozenset(row["cancels"]),
        {token: was for token, (was, _) in renamed.items()},
    )
    return turn.engine.migrate(
        turn.definition(row["from_id"]).definition,
        turn.definition(row["to_id"]).definition,
        case.snapshot,
        case.data,
        directions,
        now=turn.now,
        closing_days=case.closing_days,
    )


def _save(turn: Turn, case: LockedCase, step: Step, row: Mapping[str, Any]) -> None:
    """Write the move down: rows, history, version; then what had been sent too early."""
    old, new = turn.definition(row["from_id"]), turn.definition(row["to_id"])
    ask(turn.driver, OTHER_VERSION, {"case": case.id, "new": new.id})
    case.definition_id = new.id
    _move_jobs(turn, step)
    detail = {"from": old.version, "to": new.version, "migration": str(row["migration"])}
    line = Happening(
        "case.migrated", turn.now, None, new.name, detail={**detail, "reason": row["reason"]}
    )
    before = _before(step, owner_changes=old.owner_role != new.owner_role)
    change = Change(Migrate(new.version), row["created_by"], (line,))
    save_step(turn, case, replace(step, before=before), change)
    _hand_over(turn, step)
    deliver_waiting(turn, case, step)


def _before(step: Step, *, owner_changes: bool) -> Waits:
    """The waits from before, as their rows are to be compared with those of now."""
    jobs = {id_: step.waits.jobs.get(id_, job) for id_, job in step.before.jobs.items()}
    tasks = {
        id_: replace(task, role="") if owner_changes and task.role is None else task
        for id_, task in step.before.tasks.items()
    }
    return replace(step.before, jobs=jobs, tasks=tasks)


def _move_jobs(turn: Turn, step: Step) -> None:
    old, new = step.before.jobs, step.waits.jobs
    rows = [
        {"id": id_, "element": job.element, "name": job.name}
        for id_, job in new.items()
        if id_ in old and old[id_] != job
    ]
    if rows:
        ask(turn.driver, JOBS_ELSEWHERE, {"rows": as_json(rows)})


def _hand_over(turn: Turn, step: Step) -> None:
    tasks: dict[str, OpenTask] = step.waits.tasks
    old = step.before.tasks
    ids = [id_ for id_, task in tasks.items() if id_ in old and old[id_].role != task.role]
    if ids:
        ask(turn.driver, OTHER_ROLE, {"ids": as_array(ids)})


# -- the result --------------------------------------------------------------------------------


def _refused(element: str, reason: str, name: str = "", **facts: str) -> Report:
    return Report(refused=(Refusal(element, name or element, reason, facts),))


def _broken(failure: BaseException | None) -> Report:
    return _refused("", "failed", error=type(failure).__name__)


def _row(migration: UUID, case: UUID, state: str, report: Report) -> dict[str, Any]:
    return {"migration": migration, "case": case, "state": state, "report": report.as_json()}


def _write_down(turn: Turn, rows: list[dict[str, Any]]) -> None:
    if rows:
        ask(turn.driver, REPORTED, {"now": turn.now, "rows": as_json(rows)})
