"""Begin a case, and end one before its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import func, select, text

from models.case import Case
from models.errors import DuplicateReference, NotAllowed, UnitNotFound
from models.unit import Unit
from processes.access import Person, Ties, may, must_may
from processes.advance import advance, deliver_waiting, naming_message
from processes.case_lock import case_of, lock_case
from processes.cpr import refuse_cpr_answers, refuse_cpr_text
from processes.definitions import find_definition
from processes.engine.commands import Cancel, Start
from processes.engine.step import CaseData
from processes.project import Change, save_step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from processes.turn import Turn

SYSTEM = "Vejviser"
"""Who began a case that nobody registered."""


@dataclass(frozen=True)
class Registration:
    """What a case is when it begins."""

    definition_id: UUID
    unit: str
    reference: str
    actor: str | None = None
    """Account name; None is the system itself."""

    idempotency_key: str | None = None


def start_case(
    turn: Turn,
    definition: str,
    reference: str,
    data: Mapping[str, Any],
    unit: str | None,
    by: Person,
    idempotency_key: str | None = None,
) -> Case:
    """Begin a case and run it to its first waits.

    `definition` is a process id (the newest version) or `id:version`; without a unit it is
    the one where the person works. The same key again answers the case it began.

    Raises:
        DefinitionNotFound, UnitNotFound, NotAllowed, CprNumber, InvalidAnswers,
        DuplicateReference.
    """
    refuse_cpr_answers(data)
    if idempotency_key is not None:
        begun = _begun_before(turn, idempotency_key)
        if begun is not None:
            return begun
    definition_id = find_definition(turn.session, definition)
    where = _unit(turn, unit, by)
    if not may(by, "cases.start", Ties(where)):
        raise NotAllowed(by.name, "start a case here")
    key = turn.definition(definition_id).key
    if hold_reference(turn, key, reference):
        raise DuplicateReference(reference)
    wanted = Registration(definition_id, where, reference, by.name, idempotency_key)
    return begin_case(turn, wanted, Start(), data)


def begin_case(
    turn: Turn,
    wanted: Registration,
    command: Start,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    message_id: UUID | None = None,
) -> Case:
    """Register a case and run it to its first waits; nothing is asked.

    `at` is when what began it was due, if that is over; `message_id` the message that did.
    """
    case_id = _insert(turn, wanted)
    case = lock_case(turn.session, case_id)
    step = turn.engine.start(
        turn.definition(wanted.definition_id).definition,
        CaseData(values=dict(data or {}), facts=case.data.facts),
        command,
        now=at or turn.now,
        closing_days=case.closing_days,
    )
    if message_id is not None:
        step = naming_message(step, message_id)
    save_step(turn, case, step, Change(command, wanted.actor))
    deliver_waiting(turn, case, step)
    return case_of(turn.session, case_id)


def hold_reference(turn: Turn, key: str, reference: str) -> bool:
    """Whether a process has an active case of this reference; none can begin until the turn ends.

    One active case a reference and process, whatever its version.
    """
    if not reference:
        return False
    same = text(
        'SELECT 1 FROM "case" c JOIN definition d ON d.id = c.definition_id'
        " WHERE c.reference = :reference AND c.state IN ('active', 'suspended') AND d.key = :key"
    )
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"{key} {reference}", 1))
    turn.session.execute(select(lock))
    found = turn.session.execute(same, {"reference": reference, "key": key}).first()
    return found is not None


def cancel_case(turn: Turn, case_id: UUID, reason: str, by: Person) -> Case:
    """End a case here and now, be it suspended; everything it waits for is cancelled.

    Raises:
        CaseNotFound, NotAllowed, CprNumber, CaseNotActive.
    """
    must_may(turn.session, by, case_id, "cases.cancel", "cancel this case")
    refuse_cpr_text(reason)
    case = lock_case(turn.session, case_id)
    case.must_not_be_over()
    advance(turn, case, Cancel(reason), by.name)
    return case_of(turn.session, case_id)


def _begun_before(turn: Turn, key: str) -> Case | None:
    """The case of this key; a start with it that is under way is waited for."""
    turn.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    return turn.session.scalar(select(Case).where(Case.idempotency_key == key))


def _unit(turn: Turn, unit: str | None, by: Person) -> str:
    known = set(turn.session.scalars(select(Unit.id)))
    mine = known & {where or "" for _, where in by.roles} or known
    chosen = unit or (min(mine) if len(mine) == 1 else "")
    if chosen not in known:
        raise UnitNotFound(chosen)
    return chosen


def _insert(turn: Turn, wanted: Registration) -> UUID:
    case = Case(
        id=uuid4(),
        definition_id=wanted.definition_id,
        unit_id=wanted.unit,
        reference=wanted.reference,
        created_at=turn.now,
        created_by=wanted.actor or SYSTEM,
        idempotency_key=wanted.idempotency_key,
    )
    turn.session.add(case)
    turn.session.flush()
    return case.id
