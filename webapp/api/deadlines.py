"""What is due, and moving it: always with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models.deadline import Deadline
from processes.access import visible_cases
from processes.deadline_moves import move_deadline, pause_deadline, resume_deadline
from webapp.api.blueprint import Part
from webapp.api.cases import BY_DUE_TIME
from webapp.api.schemas import (
    DeadlineMoveRequest,
    DeadlineQuery,
    DeadlineSchema,
    ReasonRequest,
    page_of,
)
from webapp.api.shown import deadline_shown
from webapp.current import person, wiring

if TYPE_CHECKING:
    from uuid import UUID

bp = Part("deadlines", "What must have happened by when")


@bp.get("")
@bp.needs("read", "case")
@bp.arguments(DeadlineQuery, location="query")
@bp.response(200, page_of(DeadlineSchema))
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """The deadlines of all cases that the caller may see, the nearest first"""
    query = select(Deadline).join(Deadline.case).where(visible_cases(person()))
    if asked["state"] != "all":
        query = query.where(Deadline.state == asked["state"])
    if asked["before"] is not None:
        query = query.where(Deadline.due_at < asked["before"])
    with wiring().reading() as reading:
        rows, following = BY_DUE_TIME.page(reading, query, asked)
    return {"items": [deadline_shown(row) for row in rows], "next": following}


@bp.post("/<uuid:deadline_id>/moves")
@bp.needs("case")
@bp.arguments(DeadlineMoveRequest)
@bp.response(200, DeadlineSchema)
def move(asked: dict[str, Any], deadline_id: UUID) -> dict[str, Any]:
    """Give a deadline another due time; its warnings move along"""
    with wiring().turn() as turn:
        return deadline_shown(
            move_deadline(turn, deadline_id, asked["due_at"], asked["reason"], person())
        )


@bp.post("/<uuid:deadline_id>/pauses")
@bp.needs("case")
@bp.arguments(ReasonRequest)
@bp.response(200, DeadlineSchema)
def pause(asked: dict[str, Any], deadline_id: UUID) -> dict[str, Any]:
    """Stop a deadline's clock; the time that is left is kept

    409 for one that the law keeps running.
    """
    with wiring().turn() as turn:
        return deadline_shown(pause_deadline(turn, deadline_id, asked["reason"], person()))


@bp.post("/<uuid:deadline_id>/resumption")
@bp.needs("case")
@bp.response(200, DeadlineSchema)
def resume(deadline_id: UUID) -> dict[str, Any]:
    """Let a paused deadline run again"""
    with wiring().turn() as turn:
        return deadline_shown(resume_deadline(turn, deadline_id, person()))
