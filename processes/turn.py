"""One transaction: what every command gets instead of reaching for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.unit import ClosingDay
from processes.statements import driver

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    import psycopg
    from sqlalchemy import Connection

    from processes.definitions import Definitions, Deployed
    from processes.engine import Engine


class Transaction:
    """A connection in the middle of a transaction, seen by the driver and by the ORM.

    The commands that people wait for ask the driver; the session is made when one wants it.
    """

    def __init__(self, connection: Connection, session: Session | None = None) -> None:
        self.connection = connection
        self._session = session

    @cached_property
    def driver(self) -> psycopg.Connection[Any]:
        """The psycopg connection; each round trip saved is a tenth of what a turn may cost."""
        return driver(self.connection)

    @property
    def session(self) -> Session:
        """SQLAlchemy's session on the same connection."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False)
        return self._session

    def flush(self) -> None:
        """Send what the session still holds back."""
        if self._session is not None:
            self._session.flush()

    def forget(self) -> None:
        """Have the session read again what the driver may have changed."""
        if self._session is not None:
            self._session.expire_all()

    def close(self) -> None:
        """Let the session's objects go; the connection belongs to somebody else."""
        if self._session is not None:
            self._session.close()


@dataclass(frozen=True)
class Turn:
    """A transaction and what belongs to it; whoever opened the turn commits it, nobody else."""

    transaction: Transaction
    engine: Engine
    now: datetime
    """The case clock, aware; in demo mode it runs ahead of the real one."""

    definitions: Definitions

    asked: set[UUID] = field(default_factory=set)
    """The cases that wait for a worker since this turn."""

    @property
    def session(self) -> Session:
        """The ORM's view of the transaction."""
        return self.transaction.session

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The driver's view of it."""
        return self.transaction.driver

    def definition(self, definition_id: UUID) -> Deployed:
        """One deployed version, compiled.

        Raises:
            DefinitionNotFound.
        """
        known = self.definitions.known(definition_id)
        return known or self.definitions.get(self.session, definition_id)

    def closing_days(self, unit: str) -> frozenset[date]:
        """The days on which a unit is closed beside the public holidays."""
        days = select(ClosingDay.day).where(ClosingDay.unit_id == unit)
        return frozenset(self.session.scalars(days))
