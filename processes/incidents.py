"""Try again what could not run, once somebody has put it right, or go on without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import DefinitionNotFound, IncidentNotFound, NotAllowed, NotPossible
from models.incident import Incident
from processes import engine
from processes.access import OFFICE, may, may_see_case, ties
from processes.advance import advance
from processes.case_lock import lock_active_case
from processes.cpr import refuse_cpr_answers, refuse_cpr_text
from processes.engine.commands import Retry, Skip
from processes.forms.moments import is_moment
from processes.stuck import let_go

if TYPE_CHECKING:
    from uuid import UUID

    from models.case import Case
    from processes.access import Person
    from processes.case_lock import LockedCase
    from processes.turn import Turn


def retry_incident(turn: Turn, incident_id: UUID, by: Person) -> Incident:
    """Run the element of an open incident again; let a case that was stuck go on.

    Raises:
        IncidentNotFound, NotAllowed, CaseNotActive, CaseStuck.
    """
    incident = _incident(turn, incident_id, by, "incidents.retry", "retry this incident")
    case = _lock(turn, incident)
    if incident.code is not None:
        let_go(turn, case, by.name)
    else:
        advance(turn, case, Retry(str(incident.id)), by.name)
    return incident


def skip_incident(
    turn: Turn, incident_id: UUID, reason: str, by: Person, result: Any = None
) -> Incident:
    """Go on after the element of an open incident as if it had been done.

    `result` is the JSON that an element with a result variable stores; without one it is null.

    Raises:
        IncidentNotFound, NotAllowed, CprNumber, InvalidAnswers, CaseSuspended, CaseNotActive,
        NotPossible: nothing says where to go on.
    """
    incident = _incident(turn, incident_id, by, "incidents.skip", "skip this step")
    refuse_cpr_text(reason)
    refuse_cpr_answers({"result": result})
    case = _lock(turn, incident)
    if incident.code is not None:
        raise NotPossible("whole_case")
    kinds = {"": kind} if (kind := _kind_of(result)) else {}
    try:
        advance(turn, case, Skip(str(incident.id), reason, result, kinds), by.name)
    except engine.NotPossible as refused:
        raise NotPossible(refused.why, refused.name) from refused
    return incident


def result_names(turn: Turn, case: Case) -> dict[str, str | None]:
    """Id of each incident to the variable that its element stores a result under, if it does."""
    if not case.snapshot:
        return {}
    try:
        definition = turn.definition(case.definition_id).definition
        return turn.engine.standing(definition, case.snapshot).results
    except (engine.BadSnapshot, DefinitionNotFound):
        return {}


def _kind_of(result: Any) -> str | None:
    """Whether a person has typed a date or a time."""
    kinds = ("date and time", "date", "time")
    if not isinstance(result, str):
        return None
    return next((kind for kind in kinds if is_moment(result, kind)), None)


def _incident(turn: Turn, incident_id: UUID, by: Person, action: str, words: str) -> Incident:
    incident = turn.session.get(Incident, incident_id)
    if incident is None:
        raise IncidentNotFound(incident_id)
    _refuse_strangers(turn, incident, by, action, words)
    return incident


def _lock(turn: Turn, incident: Incident) -> LockedCase:
    case = lock_active_case(turn.session, incident.case_id)
    turn.session.refresh(incident)
    if incident.state != "open":
        raise IncidentNotFound(incident.id)
    return case


def _refuse_strangers(turn: Turn, incident: Incident, by: Person, action: str, words: str) -> None:
    connection = ties(turn.session, by, incident.case_id)
    if connection is not None and may(by, action, connection):
        return
    in_office = any(role in OFFICE for role, _ in by.roles)
    if connection is None or not (in_office or may_see_case(by, connection)):
        raise IncidentNotFound(incident.id)
    raise NotAllowed(by.name, words)
