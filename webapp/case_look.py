"""One look at a case or task: what is there, what the reader may see of it, and the log line."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import g, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, object_session

from models.access_log import AccessLog
from models.account import Account
from models.case import Case
from models.deadline import Deadline
from models.errors import CaseNotFound, DefinitionNotFound, TaskNotFound
from models.team_member import TeamMember
from models.unit import ClosingDay
from models.user_task import UserTask
from processes import access
from processes.access import TaskTies, Ties
from webapp.answers import as_key, plain
from webapp.current import me, now, person, wiring
from webapp.phases import readable_files
from webapp.programme_words import plainly

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from processes.definitions import Deployed

LONGEST_PURPOSE = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaseLook:
    """A case as the person at hand may see it."""

    case: Case
    ties: Ties
    compartments: frozenset[str]

    @property
    def data(self) -> dict[str, Any]:
        """The case's document without the compartments that are closed to the reader."""
        return {**self.part("B"), **self.part("A")}

    def part(self, compartment: str) -> dict[str, Any]:
        """The document's part in one compartment; nothing if it is closed, or damaged."""
        kept = self.case.data if compartment == "B" else self.case.authority_data
        is_whole: bool = isinstance(kept, dict)
        return kept if is_whole and compartment in self.compartments else {}

    @cached_property
    def version(self) -> Deployed | None:
        """The case's own version; None once the case has been read, or if it is damaged."""
        session = object_session(self.case)
        if session is None:
            return None
        try:
            return wiring().definitions.get(session, self.case.definition_id)
        except DefinitionNotFound:
            log.exception("The version of case %s cannot be read", self.case.number)
            return None

    @cached_property
    def files(self) -> dict[str, str]:
        """File name to text of the case's own version."""
        return self.version.files if self.version else readable_files(self.case.definition)

    def event_words(self, element: str, message: str) -> str:
        """A message as its diagram writes it; without spelling where nothing is drawn so."""
        definition = self.version.definition if self.version else None
        drawn = definition.name_of(definition.main, element) if definition else ""
        return plainly(drawn) if as_key(drawn) == message else plain(message)

    def may(self, action: str) -> bool:
        return access.may(person(), action, self.ties)


def look_at_case(session: Session, case_id: UUID) -> CaseLook:
    """The case and what the reader may see of it; the look is logged.

    Raises:
        CaseNotFound: there is none, or none that the reader may know of.
    """
    ties = access.ties(session, person(), case_id)
    case = session.get(Case, case_id)
    if ties is None or case is None or not access.may_see_case(person(), ties):
        raise CaseNotFound(case_id)
    roles = access.roles_that_open(person(), ties)
    return _look(session, case, ties, f"as {', '.join(roles)}")


def look_at_task(session: Session, task_id: UUID) -> tuple[UserTask, CaseLook, bool]:
    """The task, its case, and whether it is the reader's to do; the look is logged.

    Raises:
        TaskNotFound: there is none, or none that the reader may know of.
    """
    task = session.get(UserTask, task_id, options=[joinedload(UserTask.case)])
    ties = access.ties(session, person(), task.case_id) if task else None
    if task is None or ties is None:
        raise TaskNotFound(task_id)
    mine = _is_mine(task, ties, session)
    if not mine and not access.may_see_case(person(), ties):
        raise TaskNotFound(task_id)
    return task, _look(session, task.case, ties, f"task {task.element}"), mine


def may_look_at_task(session: Session, task_id: UUID) -> bool:
    """Whether `look_at_task` would show it; asking is no look."""
    task = session.get(UserTask, task_id)
    ties = access.ties(session, person(), task.case_id) if task else None
    if task is None or ties is None:
        return False
    return _is_mine(task, ties, session) or access.may_see_case(person(), ties)


def log_search(session: Session, found: Iterable[UUID]) -> None:
    """Log what a search showed, never what was typed: it may be a name."""
    for case_id in found:
        _log(session, case_id, "search")


def open_deadlines(session: Session, case_id: UUID) -> Sequence[Deadline]:
    """What must have happened by when on this case, the nearest first."""
    query = select(Deadline).where(Deadline.case_id == case_id, Deadline.closed_at.is_(None))
    return session.scalars(query.order_by(Deadline.due_at)).all()


def open_tasks(session: Session, case_id: UUID) -> Sequence[UserTask]:
    """What the case asks people for, the nearest due first."""
    query = select(UserTask).where(UserTask.case_id == case_id, UserTask.state == "open")
    return session.scalars(query.order_by(UserTask.due_at, UserTask.created_at)).all()


def _look(session: Session, case: Case, ties: Ties, ground: str) -> CaseLook:
    _log(session, case.id, ground)
    days = select(ClosingDay.day).where(ClosingDay.unit_id == case.unit_id)
    g.closing_days = frozenset(session.scalars(days))
    g.compartments = access.compartments(person(), ties)
    g.case_look = CaseLook(case, ties, g.compartments)
    return g.case_look


def _log(session: Session, case_id: UUID, ground: str) -> None:
    """One line of the access log: with the purpose that the reader gave, else with the ground."""
    told = g.get("purpose") or request.args.get("purpose", "").strip()
    session.add(
        AccessLog(
            at=now(),
            account_id=me().account_id,
            case_id=case_id,
            action=request.endpoint or "",
            purpose=told[:LONGEST_PURPOSE] or ground,
        )
    )


def _is_mine(task: UserTask, ties: Ties, session: Session) -> bool:
    if task.role in access.BLIND and task.state != "open":
        return False
    reach = TaskTies(
        role=task.role,
        unit=task.unit_id,
        assignee=task.assignee,
        on_team=task.role in ties.team_roles,
        role_taken=bool(team_of(session, task.case_id).get(task.role)),
    )
    return access.may_do_task(person(), reach)


def team_of(session: Session, case_id: UUID) -> dict[str, list[str]]:
    """Role to the account names that fill it on the case."""
    rows = session.execute(
        select(TeamMember.role, Account.name)
        .join(Account, Account.id == TeamMember.account_id)
        .where(TeamMember.case_id == case_id)
        .order_by(TeamMember.role, Account.name)
    )
    team: dict[str, list[str]] = {}
    for role, name in rows:
        team.setdefault(role, []).append(name)
    return team
