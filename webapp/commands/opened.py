"""A wiring for the length of one command, on a database of this version."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from models import schema
from webapp.bootstrap import open_wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.bootstrap import Wiring


class OutOfDate(click.ClickException):
    """The database has other tables than this version."""

    def __init__(self) -> None:
        super().__init__("The database needs `vejviser db upgrade` first.")


@contextmanager
def opened() -> Iterator[Wiring]:
    """The wiring; the embedded database is ours alone, so it is upgraded on the way.

    Raises:
        OutOfDate: somebody must upgrade the server's database first.
    """
    wiring = open_wiring()
    try:
        if wiring.server is not None:
            schema.upgrade(wiring.database)
        elif not _is_current(wiring):
            raise OutOfDate
        yield wiring
    finally:
        wiring.close()


def _is_current(wiring: Wiring) -> bool:
    with wiring.reading() as session:
        return schema.is_current(session.connection())
