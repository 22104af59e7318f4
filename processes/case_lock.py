"""Lock a case and hand back its position: what a turn needs to move it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from models.case import Case
from models.errors import CaseNotActive, CaseNotFound, CaseStuck, CaseSuspended, StaleRevision
from processes.engine.step import CaseData
from processes.statements import ask, driver

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

COLUMNS: LiteralString = """
SELECT c.id, c.number, c.reference, c.definition_id, c.unit_id, c.state, c.phase, c.data,
       c.authority_data, c.data_kinds, c.snapshot, c.revision, c.last_event, c.ended_at,
       c.stumbles,
       ARRAY(SELECT day FROM closing_day k WHERE k.unit_id = c.unit_id) AS closing_days
"""
"""What `locked_case` reads; more columns may follow."""

POSITION: LiteralString = COLUMNS + ' FROM "case" c '
"""The caller adds which case, and the lock."""

OF_CASE: LiteralString = POSITION + " WHERE c.id = %(case)s FOR NO KEY UPDATE OF c"


@dataclass
class LockedCase:
    """A case whose row this turn holds; it follows the case through the turn's steps."""

    id: UUID
    number: int
    definition_id: UUID
    unit_id: str
    state: str
    phase: str | None
    data: CaseData
    snapshot: bytes
    revision: int
    last_event: int
    ended_at: datetime | None
    closing_days: frozenset[date]
    stumbles: int = 0
    """How often in a row the case could not be moved."""

    def must_be_at(self, revision: int | None) -> None:
        """Refuse what was decided on an older view of the case; None was decided on none.

        Raises:
            StaleRevision.
        """
        if revision is not None and revision != self.revision:
            raise StaleRevision(self.id, expected=revision, found=self.revision)

    def must_not_be_over(self) -> None:
        """Refuse to touch a case that has ended.

        Raises:
            CaseNotActive: it is completed or cancelled.
        """
        if self.state not in {"active", "suspended"}:
            raise CaseNotActive(self.id, state=self.state)

    def must_be_active(self) -> None:
        """Refuse to move a case that is over or suspended.

        Raises:
            CaseSuspended: it rests.
            CaseNotActive: it is completed or cancelled.
        """
        self.must_not_be_over()
        if self.state == "suspended":
            raise CaseSuspended(self.id)


def lock_case(session: Session, case_id: UUID) -> LockedCase:
    """The case, held until the turn ends.

    Raises:
        CaseNotFound.
    """
    row = ask(driver(session.connection()), OF_CASE, {"case": case_id}).fetchone()
    if row is None:
        raise CaseNotFound(case_id)
    return locked_case(row)


def lock_active_case(session: Session, case_id: UUID) -> LockedCase:
    """The case, held until the turn ends; it neither rests nor is over.

    Raises:
        CaseNotFound, CaseSuspended, CaseNotActive.
    """
    case = lock_case(session, case_id)
    case.must_be_active()
    return case


def locked_case(row: Mapping[str, Any]) -> LockedCase:
    """Read the columns of `POSITION`.

    Raises:
        CaseStuck: its data are not what they must be.
    """
    return LockedCase(
        id=row["id"],
        number=row["number"],
        definition_id=row["definition_id"],
        unit_id=row["unit_id"],
        state=row["state"],
        phase=row["phase"],
        data=_data(row),
        snapshot=bytes(row["snapshot"] or b""),
        revision=row["revision"],
        last_event=row["last_event"],
        ended_at=row["ended_at"],
        closing_days=frozenset(row["closing_days"]),
        stumbles=row["stumbles"],
    )


def _data(row: Mapping[str, Any]) -> CaseData:
    parts = {name: row[name] for name in ("data", "authority_data", "data_kinds")}
    odd = [name for name, part in parts.items() if not isinstance(part, dict)]
    if odd:
        raise CaseStuck(row["id"], "data_unreadable", f"{', '.join(odd)}: not an object")
    return CaseData(
        values={**row["data"], **row["authority_data"]},
        kinds=row["data_kinds"],
        authority=frozenset(row["authority_data"]),
        facts={"reference": row["reference"]},
    )


def case_of(session: Session, case_id: UUID) -> Case:
    """The case for the reply; its columns are read only when somebody asks for them."""
    known = session.identity_map.get(identity_key(Case, case_id))
    if isinstance(known, Case):
        session.expire(known)
        return known
    case = Case(id=case_id)
    make_transient_to_detached(case)
    session.add(case)
    return case
