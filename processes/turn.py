"""One transaction: what every command gets instead of reaching for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.unit import ClosingDay

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from processes.definitions import Definitions, Deployed
    from processes.engine import Engine


@dataclass(frozen=True)
class Turn:
    """A session and what belongs to it; whoever opened the turn commits it, nobody else."""

    session: Session
    engine: Engine
    now: datetime
    """The case clock, aware; in demo mode it runs ahead of the real one."""

    definitions: Definitions

    asked: set[UUID] = field(default_factory=set)
    """The cases that wait for a worker since this turn."""

    def definition(self, definition_id: UUID) -> Deployed:
        """One deployed version, compiled.

        Raises:
            DefinitionNotFound.
        """
        return self.definitions.get(self.session, definition_id)

    def closing_days(self, unit: str) -> frozenset[date]:
        """The days on which a unit is closed beside the public holidays."""
        days = select(ClosingDay.day).where(ClosingDay.unit_id == unit)
        return frozenset(self.session.scalars(days))
