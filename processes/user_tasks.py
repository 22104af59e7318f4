"""Take, hand back, hand over and finish a user task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy import select

from models.account import Account
from models.confidential_note import ConfidentialNote
from models.errors import (
    AccountNotFound,
    AlreadyClaimed,
    AlreadyCompleted,
    InvalidAnswers,
    NotAllowed,
    TaskNotFound,
)
from processes.access import TaskTies, may, may_do_task, may_see_case, person_of, ties
from processes.advance import advance
from processes.case_lock import COLUMNS, LockedCase, locked_case
from processes.cpr import refuse_cpr_answers
from processes.engine.commands import Complete
from processes.engine.step import Happening
from processes.forms import check_answers
from processes.forms.sentences import REQUIRED
from processes.project import append_events
from processes.statements import ask
from processes.stuck import version_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from processes.access import Person
    from processes.statements import Statement
    from processes.turn import Turn

CONFIDENTIAL_REVIEW = timedelta(days=365)
"""Notes of the § 115 room are looked at again after a year. Source: docs/domain, compartment C."""

TASK: LiteralString = """
       t.id AS task_id, t.case_id, t.instance_id, t.element, t.name, t.role, t.form, t.assignee,
       t.state AS task_state, t.completed_at, t.completed_by, t.local,
       EXISTS (SELECT 1 FROM team_member m JOIN account a ON a.id = m.account_id
                WHERE m.case_id = t.case_id AND m.role = t.role AND a.name = %(who)s) AS on_team,
       EXISTS (SELECT 1 FROM team_member m
                WHERE m.case_id = t.case_id AND m.role = t.role) AS role_taken,
       (SELECT b.created_by = %(who)s FROM "case" b WHERE b.id = t.case_id) AS began
"""

LOCK_CASE_AND_TASK: LiteralString = (
    COLUMNS  # noqa: S608 - all parts are literals
    + ","
    + TASK
    + """
     , c.last_event <> (SELECT s.last_event FROM "case" s WHERE s.id = c.id) AS waited
  FROM user_task t
  JOIN "case" c ON c.id = t.case_id
 WHERE t.id = %(task)s
   FOR NO KEY UPDATE OF c
"""
)
"""The case's columns are fresh after a wait for its lock, everything else is from before it:
the history has moved on where somebody else did something meanwhile."""

READ_TASK: LiteralString = (
    "SELECT " + TASK + " FROM user_task t WHERE t.id = %(task)s"  # noqa: S608 - literals
)

LOG_LOOK: LiteralString = """
INSERT INTO access_log (at, account_id, case_id, action, purpose)
VALUES (%(now)s, %(account)s, %(case)s, %(action)s, %(purpose)s)
"""

SET_ASSIGNEE: LiteralString = "UPDATE user_task SET assignee = %(who)s WHERE id = %(task)s"


@dataclass(frozen=True)
class LockedTask:
    """A task as it stands once its case is locked."""

    id: UUID
    case_id: UUID
    instance_id: UUID
    element: str
    name: str
    role: str
    unit_id: str
    form: str | None
    assignee: str | None
    state: str
    completed_at: datetime | None
    completed_by: str | None
    local: dict[str, Any]
    on_team: bool
    role_taken: bool
    began: bool

    def must_be_open(self) -> None:
        """Refuse a task that is over.

        Raises:
            AlreadyCompleted: somebody finished it.
            TaskNotFound: the case went on without it.
        """
        if self.state == "completed":
            raise AlreadyCompleted(self.id, by=self.completed_by, at=self.completed_at)
        if self.state != "open":
            raise TaskNotFound(self.id)

    def must_be_free_for(self, name: str) -> None:
        """Refuse a task that somebody else holds.

        Raises:
            AlreadyClaimed.
        """
        if self.assignee not in {None, name}:
            raise AlreadyClaimed(self.id, by=str(self.assignee))


def complete_user_task(
    turn: Turn,
    task_id: UUID,
    answers: Mapping[str, Any],
    by: Person,
    purpose: str = "",
    *,
    action: str = "",
) -> LockedCase:
    """Submit a form and run its case to the next waits.

    `answers` maps form keys to JSON values; `purpose` is kept with confidential ones. With an
    `action`, a route's name, the access log gets a line.

    Raises:
        TaskNotFound, NotAllowed, AlreadyCompleted, AlreadyClaimed, InvalidAnswers,
        CaseNotActive.
    Source: BPMN 2.0.2, 13.3.3 (User Task).
    """
    case, task = _task_to_do(turn, task_id, by, "complete this task")
    task.must_be_free_for(by.name)
    case.must_be_active()
    form = version_of(turn, case).form(task.form)
    shown = {**case.data.values, **task.local}
    checked = check_answers(form, answers, shown, turn.engine.feel, turn.now)
    refuse_cpr_answers(checked.answers)
    command = Complete(
        str(task.id), checked.answers, checked.kinds, form.compartment if form else "B"
    )
    if command.compartment == "C":
        _must_have_purpose(purpose)
        _keep_confidential(turn, task, checked.answers, by, purpose)
        command = Complete(str(task.id))
    advance(turn, case, command, by.name, beside=_look(turn, task, by, action))
    return case


def claim_user_task(turn: Turn, task_id: UUID, by: Person) -> LockedCase:
    """Take a task; repeating your own claim changes nothing.

    Raises:
        TaskNotFound, NotAllowed, AlreadyCompleted, AlreadyClaimed, CaseNotActive.
    """
    case, task = _task_to_do(turn, task_id, by, "claim this task")
    task.must_be_free_for(by.name)
    case.must_be_active()
    return _hand(turn, case, task, by.name, by)


def release_user_task(turn: Turn, task_id: UUID, by: Person) -> LockedCase:
    """Hand a task back to its queue; those who may assign it may free it for another.

    Raises:
        TaskNotFound, NotAllowed, AlreadyCompleted, AlreadyClaimed, CaseNotActive.
    """
    case, task = lock_user_task(turn, task_id, by)
    if not _may_assign(turn, task, by):
        _must_do(turn, task, by, "release this task")
        task.must_be_open()
        task.must_be_free_for(by.name)
    task.must_be_open()
    case.must_be_active()
    return _hand(turn, case, task, None, by)


def assign_user_task(turn: Turn, task_id: UUID, to: str, by: Person) -> LockedCase:
    """Hand a task to somebody who may do it.

    `to` is an account name. To yourself it is a claim.

    Raises:
        TaskNotFound, NotAllowed, AlreadyCompleted, AccountNotFound, CaseNotActive.
    """
    if to == by.name:
        return claim_user_task(turn, task_id, by)
    case, task = lock_user_task(turn, task_id, by)
    if not _may_assign(turn, task, by):
        _hide_or_refuse(turn, task, by, "assign this task")
    task.must_be_open()
    case.must_be_active()
    account = turn.session.scalar(select(Account).where(Account.name == to, Account.active))
    if account is None:
        raise AccountNotFound(to)
    if not person_of(account).holds(task.role, task.unit_id):
        raise NotAllowed(to, "do this task")
    return _hand(turn, case, task, to, by)


def lock_user_task(turn: Turn, task_id: UUID, by: Person) -> tuple[LockedCase, LockedTask]:
    """The task's case, locked, and the task as it stands after any wait for that lock.

    Raises:
        TaskNotFound.
    """
    facts = {"task": task_id, "who": by.name}
    connection = turn.driver
    row = ask(connection, LOCK_CASE_AND_TASK, facts).fetchone()
    if row is None:
        raise TaskNotFound(task_id)
    fresh = ask(connection, READ_TASK, facts).fetchone() if row["waited"] else row
    return locked_case(row), _locked_task(fresh or row, row["unit_id"])


def _locked_task(row: Mapping[str, Any], unit: str) -> LockedTask:
    same = ("case_id", "instance_id", "element", "name", "role", "form", "assignee")
    more = ("completed_at", "completed_by", "local", "on_team", "role_taken", "began")
    facts = {name: row[name] for name in same + more}
    return LockedTask(id=row["task_id"], unit_id=unit, state=row["task_state"], **facts)


def _task_to_do(
    turn: Turn, task_id: UUID, by: Person, action: str
) -> tuple[LockedCase, LockedTask]:
    case, task = lock_user_task(turn, task_id, by)
    _must_do(turn, task, by, action)
    task.must_be_open()
    return case, task


def _must_do(turn: Turn, task: LockedTask, by: Person, action: str) -> None:
    reach = TaskTies(
        task.role, task.unit_id, task.assignee, task.on_team, task.role_taken, task.began
    )
    if not may_do_task(by, reach) and not _did(task, by):
        _hide_or_refuse(turn, task, by, action)


def _did(task: LockedTask, by: Person) -> bool:
    """Whoever finished the task may hear that it is finished."""
    return task.state == "completed" and task.completed_by == by.name


def _may_assign(turn: Turn, task: LockedTask, by: Person) -> bool:
    connection = ties(turn.session, by, task.case_id)
    return connection is not None and may(by, "tasks.assign", connection)


def _hide_or_refuse(turn: Turn, task: LockedTask, by: Person, action: str) -> None:
    """Tell those who see the case that they may not; to others the task does not exist."""
    connection = ties(turn.session, by, task.case_id)
    if connection is None or not may_see_case(by, connection):
        raise TaskNotFound(task.id)
    raise NotAllowed(by.name, action)


def _hand(turn: Turn, case: LockedCase, task: LockedTask, to: str | None, by: Person) -> LockedCase:
    if to != task.assignee:
        kind = "task.assigned" if to else "task.released"
        detail = {"task": str(task.id), "from": task.assignee, "to": to}
        line = Happening(kind, turn.now, task.element, task.name, str(task.instance_id), detail)
        ask(turn.driver, SET_ASSIGNEE, {"who": to, "task": task.id})
        append_events(turn, case, [line], by.name)
    return case


def _look(turn: Turn, task: LockedTask, by: Person, action: str) -> tuple[Statement, ...]:
    """The line of the access log that an action on the task leaves."""
    if not action:
        return ()
    of = {"now": turn.now, "account": by.id, "case": task.case_id}
    return ((LOG_LOOK, {**of, "action": action, "purpose": f"task {task.element}"}),)


def _must_have_purpose(purpose: str) -> None:
    """Refuse a note of the § 115 room that nobody said the purpose of.

    Raises:
        InvalidAnswers.
    """
    if not purpose.strip():
        raise InvalidAnswers({"purpose": [REQUIRED]})


def _keep_confidential(
    turn: Turn, task: LockedTask, answers: dict[str, Any], by: Person, purpose: str
) -> None:
    turn.session.add(
        ConfidentialNote(
            case_id=task.case_id,
            task_id=task.id,
            element=task.element,
            author=by.name,
            created_at=turn.now,
            answers=answers,
            purpose=purpose,
            review_at=turn.now + CONFIDENTIAL_REVIEW,
        )
    )
    turn.session.flush()
