"""Rows as the API shows them, and only what is open to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models.user_task import UserTask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from models.case import Case
    from models.deadline import Deadline
    from models.event import Event
    from webapp.case_look import CaseLook

OF_TASK = ("id", "element", "name", "role", "assignee", "created_at", "due_at", "form", "state")
OF_EVENT = ("number", "at", "recorded_at", "actor", "kind", "element", "name")
OF_DEADLINE = (
    *("id", "element", "name", "role", "state", "started_at", "due_at", "original_due_at"),
    *("duration", "calendar", "roll", "legal_basis", "pausable", "paused_at", "closed_at"),
    "arithmetic",
)

RAISED = "incident.raised"
"""The kind of event whose message may quote a value that the step could not work with."""

CORRECTED = "data.corrected"
"""The kind of event that quotes case data: old and new values of one compartment."""


def case_shown(session: Session, look: CaseLook) -> dict[str, Any]:
    """The case, its open tasks, and the data of the compartments that are open."""
    tasks = [task_shown(task) for task in _open_tasks(session, look.case.id)]
    return {**closed_case(look.case), "data": look.data, "tasks": tasks}


def closed_case(case: Case) -> dict[str, Any]:
    """The case's cover, with nothing inside."""
    return {
        "id": case.id,
        "number": case.number,
        "definition": case.definition.key,
        "version": case.definition.version,
        "state": case.state,
        "data": {},
        "tasks": [],
    }


def task_shown(task: UserTask) -> dict[str, Any]:
    return {**_facts(task, OF_TASK), "case": task.case_id}


def event_shown(event: Event, compartments: frozenset[str]) -> dict[str, Any]:
    """An event; what it quotes of the case's data only to those who see that part of it."""
    return {**_facts(event, OF_EVENT), "detail": detail_shown(event, compartments)}


def detail_shown(event: Event, compartments: frozenset[str]) -> dict[str, Any]:
    """An event's detail without what the reader may not know."""
    if event.kind == RAISED and not compartments >= {"A", "B"}:
        return {key: value for key, value in event.detail.items() if key != "message"}
    if event.kind == CORRECTED and event.detail["compartment"] not in compartments:
        return {key: value for key, value in event.detail.items() if key != "changes"}
    return event.detail


def deadline_shown(deadline: Deadline) -> dict[str, Any]:
    return {
        **_facts(deadline, OF_DEADLINE),
        "case": deadline.case_id,
        "task": deadline.task_id,
    }


def _facts(row: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _open_tasks(session: Session, case_id: UUID) -> Sequence[UserTask]:
    query = select(UserTask).where(UserTask.case_id == case_id, UserTask.state == "open")
    return session.scalars(query.order_by(UserTask.created_at, UserTask.element)).all()
