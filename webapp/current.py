"""What the request at hand knows: its wiring, its person, its clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g
from flask_login import UserMixin, current_user

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from processes.access import Person
    from webapp.bootstrap import Wiring

EXTENSION = "vejviser"


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account behind a session, as the pages see it."""

    account_id: UUID
    display_name: str
    language: str
    person: Person

    def get_id(self) -> str:
        return str(self.account_id)


def wiring() -> Wiring:
    return cast("Wiring", current_app.extensions[EXTENSION])


def me() -> SignedIn:
    """Whose session or token the request carries; the view has made sure that there is one."""
    return cast("SignedIn", g.get("caller", current_user))


def person() -> Person:
    return me().person


def now() -> datetime:
    """The case clock, read once a request."""
    if "now" not in g:
        g.now = wiring().now()
    return cast("datetime", g.now)
