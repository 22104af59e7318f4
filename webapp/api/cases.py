"""Start cases and read them: where they stand, what happened, what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request, url_for
from sqlalchemy import Select, select

from models.case import Case
from models.deadline import Deadline
from models.definition import Definition
from models.errors import CaseNotFound
from models.event import Event
from processes.access import visible_cases
from processes.cases import start_case
from processes.definitions import LABEL
from webapp.api.blueprint import Part
from webapp.api.body import InvalidRequest
from webapp.api.lists import Order
from webapp.api.sayings import TOO_LONG
from webapp.api.schemas import (
    LONGEST_KEY,
    CaseQuery,
    CaseRequest,
    CaseSchema,
    DeadlineSchema,
    EventSchema,
    ListQuery,
    page_of,
)
from webapp.api.shown import case_shown, closed_case, deadline_shown, event_shown
from webapp.case_look import look_at_case
from webapp.current import person, wiring

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

bp = Part("cases", "One young person in one programme each")

NEWEST_FIRST = Order(Case.number, descending=True)
AS_IT_HAPPENED = Order(Event.number)
BY_DUE_TIME = Order(Deadline.id, Deadline.due_at)


@bp.post("")
@bp.needs("case")
@bp.arguments(CaseRequest)
@bp.response(201, CaseSchema)
def start(asked: dict[str, Any]) -> Any:
    """Start a case and run it to its first waits

    The header `Idempotency-Key` makes a second call with the same key answer the case that
    the first one started.
    """
    with wiring().turn() as turn:
        case = start_case(
            turn,
            asked["definition"],
            asked["reference"].strip(),
            asked["data"],
            asked["unit"],
            person(),
            _idempotency_key(),
        )
        shown = outcome(turn.session, case.id)
    address = url_for("api_cases.show", case_id=shown["id"])
    return shown, 201, {"Location": address}


@bp.get("")
@bp.needs("read", "case")
@bp.arguments(CaseQuery, location="query")
@bp.response(200, page_of(CaseSchema))
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """The cases that the caller may see, the newest first"""
    with wiring().turn() as turn:
        rows, following = NEWEST_FIRST.page(turn.session, _matching(asked), asked)
        looks = [look_at_case(turn.session, row.id) for row in rows]
        return {"items": [case_shown(turn.session, look) for look in looks], "next": following}


@bp.get("/<uuid:case_id>")
@bp.needs("read", "case")
@bp.response(200, CaseSchema)
def show(case_id: UUID) -> dict[str, Any]:
    """One case"""
    with wiring().turn() as turn:
        return case_shown(turn.session, look_at_case(turn.session, case_id))


@bp.get("/<uuid:case_id>/events")
@bp.needs("read", "case")
@bp.arguments(ListQuery, location="query")
@bp.response(200, page_of(EventSchema))
def events(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """What happened on the case, in order"""
    with wiring().turn() as turn:
        look = look_at_case(turn.session, case_id)
        query = select(Event).where(Event.case_id == case_id)
        rows, following = AS_IT_HAPPENED.page(turn.session, query, asked)
        shown = [event_shown(row, look.compartments) for row in rows]
    return {"items": shown, "next": following}


@bp.get("/<uuid:case_id>/deadlines")
@bp.needs("read", "case")
@bp.arguments(ListQuery, location="query")
@bp.response(200, page_of(DeadlineSchema))
def deadlines(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """The case's deadlines, the closed ones too"""
    with wiring().turn() as turn:
        look_at_case(turn.session, case_id)
        query = select(Deadline).where(Deadline.case_id == case_id)
        rows, following = BY_DUE_TIME.page(turn.session, query, asked)
    return {"items": [deadline_shown(row) for row in rows], "next": following}


def outcome(session: Session, case_id: UUID) -> dict[str, Any]:
    """The case after a command of the caller's, of which they may see no more than that it ran."""
    try:
        return case_shown(session, look_at_case(session, case_id))
    except CaseNotFound:
        return closed_case(session.get_one(Case, case_id))


def _idempotency_key() -> str | None:
    """Each account's keys are its own, so nobody meets another's case by its key.

    Raises:
        InvalidRequest: it is too long to be kept.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY:
        raise InvalidRequest({"Idempotency-Key": [TOO_LONG]})
    return f"api:{person().name}:{key}" if key else None


def _matching(asked: dict[str, Any]) -> Select[Case]:
    query = select(Case).join(Case.definition).where(visible_cases(person()))
    if asked["state"] != "all":
        query = query.where(Case.state == asked["state"])
    if asked["reference"]:
        query = query.where(Case.reference == asked["reference"])
    if asked["definition"]:
        query = _of_definition(query, asked["definition"])
    return query


def _of_definition(query: Select[Case], definition: str) -> Select[Case]:
    label = LABEL.match(definition)
    if label is None:
        return query.where(Definition.key == definition)
    return query.where(Definition.key == label["key"], Definition.version == int(label["version"]))
