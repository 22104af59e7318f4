"""How many cases there are, counted in our own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from handlers.ports import Counts
from models.case import Case
from models.definition import Definition
from models.event import Event

if TYPE_CHECKING:
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
