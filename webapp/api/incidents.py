"""What could not be done: try it again, or go on without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from models.incident import Incident
from processes.access import visible_cases
from processes.incidents import retry_incident, skip_incident
from webapp.api.blueprint import Part
from webapp.api.lists import Order
from webapp.api.schemas import IncidentSchema, ListQuery, SkipRequest, page_of
from webapp.current import person, wiring
from webapp.incidents import message_of

if TYPE_CHECKING:
    from uuid import UUID

bp = Part("incidents", "Elements that could not be done and wait for a person")

OLDEST_FIRST = Order(Incident.id, Incident.created_at)


@bp.get("")
@bp.needs("read", "case")
@bp.arguments(ListQuery, location="query")
@bp.response(200, page_of(IncidentSchema))
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """The open incidents of all cases that the caller may see, the oldest first"""
    query = select(Incident).join(Incident.case).options(contains_eager(Incident.case))
    query = query.where(Incident.state == "open", visible_cases(person()))
    with wiring().reading() as reading:
        rows, following = OLDEST_FIRST.page(reading, query, asked)
        return {"items": [_shown(row) for row in rows], "next": following}


@bp.post("/<uuid:incident_id>/retries")
@bp.needs("case")
@bp.response(200, IncidentSchema)
def retry(incident_id: UUID) -> dict[str, Any]:
    """Run the element again"""
    with wiring().turn() as turn:
        return _shown(retry_incident(turn, incident_id, person()))


@bp.post("/<uuid:incident_id>/skips")
@bp.needs("case")
@bp.arguments(SkipRequest)
@bp.response(200, IncidentSchema)
def skip(asked: dict[str, Any], incident_id: UUID) -> dict[str, Any]:
    """Go on as if the element had been done: somebody did it by hand, or it is not needed

    `result` is stored where the element stores one. 409 where nothing says how to go on.
    """
    with wiring().turn() as turn:
        facts = incident_id, asked["reason"], person(), asked["result"]
        return _shown(skip_incident(turn, *facts))


def _shown(incident: Incident) -> dict[str, Any]:
    names = ("id", "element", "name", "state", "created_at", "resolved_at")
    facts = {name: getattr(incident, name) for name in names}
    return {"case": incident.case_id, "message": message_of(incident), **facts}
