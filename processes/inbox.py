"""What a person finds in the inbox: mine, my roles', my teams'; the most urgent first.

Each queue is one range of one index, so the page costs the same with a million open tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import and_, exists, func, or_, select, union

from models.account import Account
from models.case import Case
from models.deadline import Deadline
from models.definition import Definition
from models.team_member import TeamMember
from models.unit import Unit
from models.user_task import UserTask
from processes.access import GUESTS, keeps_to_own, membership_counts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from processes.access import Person

Tab = Literal["mine", "roles", "team"]

ONE_WEEK = timedelta(days=7)
COUNTED_AT_MOST = 100
"""Tabs count no further, so that a count never walks a long queue."""


@dataclass(frozen=True)
class Wanted:
    """Which of a tab's tasks are asked for; None asks for all."""

    role: str | None = None
    process: str | None = None
    """Key of a programme."""

    due: Literal["overdue", "week"] | None = None
    now: datetime | None = None
    """The case clock; needed with `due`."""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.role is not None:
            yield UserTask.role == self.role
        if self.process is not None:
            yield exists().where(
                Case.id == UserTask.case_id,
                Definition.id == Case.definition_id,
                Definition.key == self.process,
            )
        if self.due and self.now:
            end = self.now if self.due == "overdue" else self.now + ONE_WEEK
            yield UserTask.due_at < end


@dataclass(frozen=True)
class InboxTask:
    """One line of the inbox."""

    task: UserTask
    case_number: int
    reference: str
    phase: str | None
    process: str
    """Key of the programme."""

    process_name: str
    definition_id: UUID
    """The version it runs on."""

    started_at: datetime | None
    """When its deadline began to run."""

    paused_at: datetime | None
    case_state: str


def inbox(
    session: Session, person: Person, tab: Tab, wanted: Wanted, limit: int
) -> list[InboxTask]:
    """The first `limit` tasks of a tab; those without a due time come last."""
    ids = _in_order(_tab(session, person, tab, wanted, limit), limit)
    query = (
        select(
            UserTask,
            Case.number,
            Case.reference,
            Case.phase,
            Definition.key,
            Definition.name,
            Definition.id,
            Deadline.started_at,
            Deadline.paused_at,
            Case.state,
        )
        .join(Case, Case.id == UserTask.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .outerjoin(
            Deadline,
            and_(
                Deadline.case_id == UserTask.case_id,
                Deadline.task_id == UserTask.id,
                Deadline.closed_at.is_(None),
            ),
        )
        .where(UserTask.id.in_(session.scalars(ids).all()))
        .order_by(UserTask.due_at, UserTask.id)
    )
    return [InboxTask(*row) for row in session.execute(query)]  # type: ignore[call-arg]  # ten columns are typed as "ten and more"


def tab_counts(session: Session, person: Person) -> dict[Tab, int]:
    """How many tasks each tab holds, counted to `COUNTED_AT_MOST`."""
    return {tab: _count(session, person, tab) for tab in ("mine", "roles", "team")}


def next_task(session: Session, person: Person) -> UserTask | None:
    """What the person should do next: their own most urgent task, else their roles'."""
    for tab in ("mine", "roles"):
        first = session.scalar(_in_order(_tab(session, person, tab, Wanted(), 1), 1))
        if first is not None:
            return session.get(UserTask, first)
    return None


def _count(session: Session, person: Person, tab: Tab) -> int:
    some = _in_order(_tab(session, person, tab, Wanted(), COUNTED_AT_MOST), COUNTED_AT_MOST)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _tab(
    session: Session, person: Person, tab: Tab, wanted: Wanted, limit: int
) -> list[Select[UUID, datetime | None]]:
    if tab == "mine":
        queues = [_queue(UserTask.assignee == person.name)]
    elif tab == "team":
        queues = [_queue(_on_my_team(person), UserTask.assignee.is_distinct_from(person.name))]
    else:
        queues = [
            _queue(
                UserTask.assignee.is_(None), UserTask.role == role, UserTask.unit_id == unit
            ).where(*_role_opens(person, role))
            for role, unit in _queues_of(session, person)
        ]
        queues.append(_queue(UserTask.assignee.is_(None), _on_my_team(person, own_role=True)))
    return [
        queue.where(*wanted.conditions()).order_by(UserTask.due_at, UserTask.id).limit(limit)
        for queue in queues
    ]


def _queue(*conditions: ColumnElement[bool]) -> Select[UUID, datetime | None]:
    return select(UserTask.id, UserTask.due_at).where(UserTask.state == "open", *conditions)


def _in_order(queues: list[Select[UUID, datetime | None]], limit: int) -> Select[UUID]:
    every = union(*(select(queue.subquery()) for queue in queues)).subquery()
    return select(every.c.id).order_by(every.c.due_at, every.c.id).limit(limit)


def _queues_of(session: Session, person: Person) -> list[tuple[str, str]]:
    """Each role and unit of the person; a role in every unit is one queue a unit."""
    everywhere = any(where is None for _, where in person.roles)
    units = session.scalars(select(Unit.id)).all() if everywhere else ()
    pairs = {(role, unit) for role, where in person.roles for unit in ([where] if where else units)}
    return sorted(pairs)


def _role_opens(person: Person, role: str) -> Iterator[ColumnElement[bool]]:
    """A role that sees only its own youths leaves the tasks of others' youths alone."""
    if role in GUESTS:
        yield _on_my_team(person, own_role=True)
    elif keeps_to_own(role):
        taken = exists().where(
            TeamMember.case_id == UserTask.case_id, TeamMember.role == UserTask.role
        )
        yield or_(~taken, _on_my_team(person, own_role=True))


def _on_my_team(person: Person, *, own_role: bool = False) -> ColumnElement[bool]:
    """The task's case has the person on its team; with `own_role`, for the task's own role."""
    same_role = (TeamMember.role == UserTask.role,) if own_role else ()
    mine = select(TeamMember.case_id).join(Account, Account.id == TeamMember.account_id)
    return UserTask.case_id.in_(
        mine.where(Account.name == person.name, membership_counts(), *same_role).correlate(UserTask)
    )
