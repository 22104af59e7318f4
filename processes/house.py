"""What the worker and the time machine need of the composition root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import URL
    from sqlalchemy.orm import Session

    from handlers.ports import Ports
    from processes.turn import Turn


class House(Protocol):
    """Opens turns and holds the doors to the outside world; `webapp.bootstrap.Wiring` is one."""

    @property
    def url(self) -> URL:
        """Where the database is."""

    @property
    def ports(self) -> Ports:
        """The doors that handlers use."""

    def turn(self) -> AbstractContextManager[Turn]:
        """One transaction, committed at the end."""

    def reading(self) -> AbstractContextManager[Session]:
        """A session that only reads."""

    def now(self) -> datetime:
        """The case clock."""
