"""The money that cases have bound, kept in our own table."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select, text, update

from handlers.ports import Balance
from models.commitment import Commitment

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from handlers.ports import Pot, Wish

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:pot, 0))")


class DatabaseBudget:
    """Each answer is one short transaction; those about one budget and year queue up."""

    def __init__(self, transactions: Callable[[], AbstractContextManager[Session]]) -> None:
        self._transactions = transactions

    def reserve(self, pot: Pot, wish: Wish, limit: int | None) -> Balance:
        """Bind the money, if all that is bound stays within the limit."""
        with self._transactions() as session:
            session.execute(LOCK, {"pot": f"{pot.unit}/{pot.budget}"})
            spent = _spent(session, pot)
            if (before := session.get(Commitment, UUID(wish.key))) is not None:
                return Balance(granted=True, spent=spent, number=before.number)
            if limit is not None and spent + wish.amount > limit:
                return Balance(granted=False, spent=spent)
            bound = _bound(pot, wish, 1 + _made(session, pot, UUID(wish.case_id)))
            session.add(bound)
            session.flush()
            return Balance(granted=True, spent=spent + wish.amount, number=bound.number)

    def release(self, pot: Pot, case_id: str, number: int, at: datetime) -> Balance:
        """Give back one commitment of the case, of whatever year; one that is back stays so."""
        with self._transactions() as session:
            session.execute(LOCK, {"pot": f"{pot.unit}/{pot.budget}"})
            theirs = (Commitment.case_id == UUID(case_id)) & (Commitment.number == number)
            theirs &= _of(pot) & Commitment.released_at.is_(None)
            session.execute(update(Commitment).where(theirs).values(released_at=at))
            return Balance(granted=True, spent=_spent(session, pot))

    def balance(self, pot: Pot) -> Balance:
        """What is bound now."""
        with self._transactions() as session:
            return Balance(granted=True, spent=_spent(session, pot))


def _spent(session: Session, pot: Pot) -> int:
    total = select(func.coalesce(func.sum(Commitment.amount), 0)).where(_bound_in(pot))
    return int(session.scalar(total) or 0)


def _made(session: Session, pot: Pot, case_id: UUID) -> int:
    query = select(func.count()).where(_of(pot), Commitment.case_id == case_id)
    return session.scalar(query) or 0


def _of(pot: Pot) -> ColumnElement[bool]:
    """The budget in all years: what was bound in December may be given back in January."""
    return (Commitment.unit_id == pot.unit) & (Commitment.budget == pot.budget)


def _bound_in(pot: Pot) -> ColumnElement[bool]:
    return _of(pot) & (Commitment.year == pot.year) & Commitment.released_at.is_(None)


def _bound(pot: Pot, wish: Wish, number: int) -> Commitment:
    return Commitment(
        id=UUID(wish.key),
        unit_id=pot.unit,
        budget=pot.budget,
        year=pot.year,
        case_id=UUID(wish.case_id),
        number=number,
        purpose=wish.purpose,
        amount=wish.amount,
        reserved_at=wish.at,
    )
