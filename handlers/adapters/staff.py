"""Who works here, read from our own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from handlers.ports import Holder
from models.account import Account, AccountRole
from models.case import Case
from models.team_member import TeamMember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session, sessionmaker


class DatabaseStaff:
    """Reads in a short session of its own, outside every turn."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def holders(self, role: str, unit: str) -> Sequence[Holder]:
        """The active accounts with the role in the unit or in all units, by name."""
        with self._sessions() as session:
            return [Holder(name, count) for name, count in session.execute(_holders(role, unit))]

    def holds(self, account: str, role: str, unit: str) -> bool:
        """Whether the account is active and has the role in the unit or in all units."""
        return any(holder.account == account for holder in self.holders(role, unit))


def _holders(role: str, unit: str) -> Select[str, int]:
    open_cases = (
        select(func.count())
        .select_from(TeamMember)
        .join(Case, Case.id == TeamMember.case_id)
        .where(TeamMember.account_id == Account.id, TeamMember.role == role)
        .where(Case.state == "active")
        .correlate(Account)
        .scalar_subquery()
    )
    holds = (
        select(AccountRole.id)
        .where(AccountRole.account_id == Account.id, AccountRole.role == role)
        .where(or_(AccountRole.unit_id == unit, AccountRole.unit_id.is_(None)))
        .exists()
    )
    return select(Account.name, open_cases).where(Account.active, holds).order_by(Account.name)
