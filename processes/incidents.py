"""Try again what could not run, once somebody has put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import IncidentNotFound, NotAllowed
from models.incident import Incident
from processes.access import OFFICE, may, may_see_case, ties
from processes.advance import advance
from processes.case_lock import lock_active_case
from processes.engine.commands import Retry
from processes.stuck import let_go

if TYPE_CHECKING:
    from uuid import UUID

    from processes.access import Person
    from processes.turn import Turn


def retry_incident(turn: Turn, incident_id: UUID, by: Person) -> Incident:
    """Run the element of an open incident again; let a case that was stuck go on.

    Raises:
        IncidentNotFound, NotAllowed, CaseNotActive, CaseStuck.
    """
    incident = turn.session.get(Incident, incident_id)
    if incident is None:
        raise IncidentNotFound(incident_id)
    _refuse_strangers(turn, incident, by)
    case = lock_active_case(turn.session, incident.case_id)
    turn.session.refresh(incident)
    if incident.state != "open":
        raise IncidentNotFound(incident_id)
    if incident.code is not None:
        let_go(turn, case, by.name)
    else:
        advance(turn, case, Retry(str(incident.id)), by.name)
    return incident


def _refuse_strangers(turn: Turn, incident: Incident, by: Person) -> None:
    connection = ties(turn.session, by, incident.case_id)
    if connection is not None and may(by, "incidents.retry", connection):
        return
    in_office = any(role in OFFICE for role, _ in by.roles)
    if connection is None or not (in_office or may_see_case(by, connection)):
        raise IncidentNotFound(incident.id)
    raise NotAllowed(by.name, "retry this incident")
