"""How many cases there are, counted in our own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, or_, select

from handlers.ports import Counts
from models.case import Case
from models.definition import Definition
from models.event import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session, sessionmaker


class DatabaseFigures:
    """Reads in a short session of its own, outside every turn."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def counts(self, programme: str, unit: str, since: datetime, until: datetime) -> Counts:
        """Cases of the programme, whatever its version, in one unit."""
        here = (
            Case.unit_id == unit,
            Case.definition_id.in_(select(Definition.id).where(Definition.key == programme)),
        )
        with self._sessions() as session:
            return Counts(
                begun=_number(session, *here, Case.created_at >= since, Case.created_at < until),
                ended=_number(session, *here, Case.ended_at >= since, Case.ended_at < until),
                open=_number(
                    session,
                    *here,
                    Case.created_at < until,
                    or_(Case.ended_at.is_(None), Case.ended_at >= until),
                ),
                outcomes=_outcomes(session, *here, Event.at >= since, Event.at < until),
            )

    def others(self, case_id: str, phases: Sequence[str]) -> int:
        """Cases that are not over, whatever their version, without the one that asks."""
        asks = UUID(case_id)
        unit = select(Case.unit_id).where(Case.id == asks).scalar_subquery()
        key = (
            select(Definition.key)
            .join(Case, Case.definition_id == Definition.id)
            .where(Case.id == asks)
            .scalar_subquery()
        )
        with self._sessions() as session:
            return _number(
                session,
                Case.id != asks,
                Case.unit_id == unit,
                Case.definition_id.in_(select(Definition.id).where(Definition.key == key)),
                Case.ended_at.is_(None),
                Case.phase.in_(phases),
            )


def _number(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0


def _outcomes(session: Session, *conditions: ColumnElement[bool]) -> dict[str, int]:
    """Cases by outcome; one that registered the same twice counts once."""
    code = Event.detail["code"].astext
    query = (
        select(code, func.count(Case.id.distinct()))
        .join(Case, Case.id == Event.case_id)
        .where(Event.kind == "outcome.registered", *conditions)
        .group_by(code)
        .order_by(code)
    )
    return dict(session.execute(query).all())
