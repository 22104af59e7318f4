"""Who calls: a bearer token, which acts as its account, or a browser's session."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from flask import current_app, g, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.account import Account
from models.api_token import ApiToken, digest
from models.errors import Refused
from processes.access import person_of
from webapp.current import SignedIn, wiring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask_wtf import CSRFProtect

LONGEST_PURPOSE = 200


class NotSignedIn(Refused):
    """Neither a token nor a session."""

    code: ClassVar[str] = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("The call carries neither a token nor a session.")


class UnknownToken(Refused):
    """The token was never made, is withdrawn, or its account is closed."""

    code: ClassVar[str] = "unknown_token"

    def __init__(self) -> None:
        super().__init__("The token is unknown or withdrawn.")


class MissingScope(Refused):
    """The token was made for something else."""

    code: ClassVar[str] = "missing_scope"

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(f"The token lacks the scope {' or '.join(scopes)}.")
        self.scope = " / ".join(scopes)


def identify() -> None:
    """Let the request act as its caller.

    Raises:
        NotSignedIn, UnknownToken: there is none.
        CSRFError: a session writes without the page's token.
    """
    g.purpose = _purpose()
    if "Authorization" in request.headers:
        g.caller, g.scopes = _of_token()
        return
    if not current_user.is_authenticated:
        raise NotSignedIn
    csrf: CSRFProtect = current_app.extensions["csrf"]
    csrf.protect()
    g.caller, g.scopes = current_user, None


def require_scope(scopes: Sequence[str]) -> None:
    """Refuse a token that has none of these scopes; a session has the roles of its account.

    Raises:
        MissingScope.
    """
    if g.scopes is not None and not g.scopes & set(scopes):
        raise MissingScope(scopes)


def _purpose() -> str:
    """What the caller looks for, for the log of looks; headers arrive as Latin-1."""
    told = request.headers.get("X-Purpose", "").strip()
    with suppress(UnicodeError):
        told = told.encode("latin-1").decode("utf-8")
    return told[:LONGEST_PURPOSE] or "api"


def _of_token() -> tuple[SignedIn, frozenset[str]]:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        raise UnknownToken
    query = (
        select(ApiToken)
        .join(ApiToken.account)
        .where(ApiToken.sha256 == digest(authorization.token), ApiToken.revoked_at.is_(None))
        .where(Account.active)
        .options(joinedload(ApiToken.account))
    )
    with wiring().reading() as reading:
        token = reading.scalar(query)
        if token is None:
            raise UnknownToken
        account, scopes = token.account, frozenset(token.scopes)
        known = SignedIn(
            account.id, account.display_name, account.language, person_of(account, scopes)
        )
    return known, scopes
