"""What people are asked for: find tasks, take them, hand them back, finish them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, g, jsonify
from sqlalchemy import or_, select

from models.case import Case
from models.user_task import UserTask
from processes.access import visible_tasks
from processes.user_tasks import assign_user_task, complete_user_task, release_user_task
from webapp.api.blueprint import Part
from webapp.api.cases import outcome
from webapp.api.lists import Order
from webapp.api.schemas import (
    AssigneeRequest,
    CaseSchema,
    CompletionRequest,
    TaskQuery,
    TaskSchema,
    page_of,
)
from webapp.api.shown import task_shown
from webapp.case_look import look_at_task
from webapp.current import person, wiring
from webapp.tasks import form_of

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy import ColumnElement, Select

bp = Part("tasks", "What people are asked for")

MOST_URGENT_FIRST = Order(UserTask.id, UserTask.due_at)
LONGEST_NUMBER = 9


@bp.get("")
@bp.needs("read", "task")
@bp.arguments(TaskQuery, location="query")
@bp.response(200, page_of(TaskSchema))
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """The tasks that the caller may see or do, the most urgent first"""
    query = select(UserTask).join(UserTask.case).where(visible_tasks(person()))
    with wiring().reading() as reading:
        rows, following = MOST_URGENT_FIRST.page(reading, _wanted(query, asked), asked)
    return {"items": [task_shown(row) for row in rows], "next": following}


@bp.get("/<uuid:task_id>")
@bp.needs("read", "task")
@bp.response(200, TaskSchema)
def show(task_id: UUID) -> dict[str, Any]:
    """One task"""
    with wiring().turn() as turn:
        task, _, _ = look_at_task(turn.session, task_id)
        return task_shown(task)


@bp.get("/<uuid:task_id>/form")
@bp.needs("read", "task")
@bp.doc(responses={200: {"description": "The form as form-js JSON"}})
def form(task_id: UUID) -> ResponseReturnValue:
    """The form of a task, as the case's own version has it"""
    with wiring().turn() as turn:
        task, look, _ = look_at_task(turn.session, task_id)
        found = form_of(look, task.form)
    if found is None:
        abort(404)
    return jsonify(found)


@bp.put("/<uuid:task_id>/assignee")
@bp.needs("task")
@bp.arguments(AssigneeRequest)
@bp.response(200, TaskSchema)
def assign(asked: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Take a task, or give it to somebody

    409 if somebody else holds it. Taking it twice is taking it once.
    """
    with wiring().turn() as turn:
        assign_user_task(turn, task_id, asked["user"], person())
        return task_shown(turn.session.get_one(UserTask, task_id))


@bp.delete("/<uuid:task_id>/assignee")
@bp.needs("task")
@bp.response(200, TaskSchema)
def release(task_id: UUID) -> dict[str, Any]:
    """Hand a task back to its queue"""
    with wiring().turn() as turn:
        release_user_task(turn, task_id, person())
        return task_shown(turn.session.get_one(UserTask, task_id))


@bp.post("/<uuid:task_id>/completion")
@bp.needs("task")
@bp.arguments(CompletionRequest)
@bp.response(200, CaseSchema)
def complete(asked: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Finish a task and run its case to the next waits

    409 if somebody finished it before or holds it; 422 with the errors by field.
    """
    with wiring().turn() as turn:
        case = complete_user_task(turn, task_id, asked["answers"], person(), g.purpose)
        return outcome(turn.session, case.id)


def _wanted(query: Select[UserTask], asked: dict[str, Any]) -> Select[UserTask]:
    exactly = {"role": UserTask.role, "case": UserTask.case_id}
    query = query.where(
        *(column == asked[name] for name, column in exactly.items() if asked[name] is not None)
    )
    if asked["state"] != "all":
        query = query.where(UserTask.state == asked["state"])
    if asked["due_before"] is not None:
        query = query.where(UserTask.due_at < asked["due_before"])
    if asked["assignee"] is not None:
        query = query.where(UserTask.assignee.is_not_distinct_from(asked["assignee"] or None))
    return query.where(_mentions(asked["q"].strip())) if asked["q"] else query


def _mentions(words: str) -> ColumnElement[bool]:
    found = [
        column.icontains(words, autoescape=True)
        for column in (UserTask.name, UserTask.element, Case.reference)
    ]
    number = words.removeprefix("#")
    if number.isdecimal() and len(number) <= LONGEST_NUMBER:
        found.append(Case.number == int(number))
    return or_(*found)
