"""Accounts and tokens: added here, checked where somebody signs in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from models.account import Account, AccountRole
from models.api_token import SCOPES, ApiToken, digest
from models.errors import AccountNotFound, UnknownScope
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processes.turn import Turn

TOKEN_BYTES = 32
HASHER = PasswordHasher()


def add_account(
    turn: Turn,
    name: str,
    roles: Iterable[str],
    *,
    unit: str | None = None,
    display_name: str | None = None,
    password_hash: str | None = None,
) -> Account:
    """The account of that name with these roles beside those it has, in `unit` or everywhere.

    A unit that nobody has named before is made. Without a password nobody can sign in with
    one, unless the account has it already.
    """
    account = _account(turn, name)
    account.display_name = display_name or account.display_name
    account.password_hash = password_hash or account.password_hash
    if unit is not None:
        _ensure_unit(turn, unit)
    held = {(role.role, role.unit_id) for role in account.roles}
    wanted = {(role, unit): None for role in roles}
    account.roles += [
        AccountRole(role=role, unit_id=unit) for role, _ in wanted if (role, unit) not in held
    ]
    turn.session.flush()
    return account


def hash_password(password: str) -> str:
    """What `Account.password_hash` keeps; slow on purpose."""
    return HASHER.hash(password)


def add_token(turn: Turn, account: str, scopes: Sequence[str], name: str = "") -> str:
    """A new token's text, which is kept nowhere.

    Raises:
        AccountNotFound: no active account of that name.
        UnknownScope: one of the scopes does not exist.
    """
    owner = _active(turn, account)
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope, SCOPES)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = ApiToken(
        account=owner, name=name, sha256=digest(token), scopes=list(dict.fromkeys(scopes))
    )
    turn.session.add(row)
    turn.session.flush()
    return token


def close_account(turn: Turn, name: str) -> None:
    """Let nobody in by this account any more: sessions and tokens of it end at once.

    Raises:
        AccountNotFound: no active account of that name.
    """
    _active(turn, name).active = False
    turn.session.flush()


def revoke_tokens(turn: Turn, account: str, name: str | None = None) -> int:
    """Withdraw an account's tokens, or those of one name; how many it were.

    Raises:
        AccountNotFound: no active account of that name.
    """
    valid = [ApiToken.account_id == _active(turn, account).id, ApiToken.revoked_at.is_(None)]
    if name is not None:
        valid.append(ApiToken.name == name)
    withdrawn = update(ApiToken).where(*valid).values(revoked_at=func.now())
    return len(turn.session.scalars(withdrawn.returning(ApiToken.id)).all())


def _active(turn: Turn, name: str) -> Account:
    account = turn.session.scalar(select(Account).where(Account.name == name, Account.active))
    if account is None:
        raise AccountNotFound(name)
    return account


def _account(turn: Turn, name: str) -> Account:
    account = turn.session.scalar(select(Account).where(Account.name == name))
    if account is None:
        account = Account(name=name, display_name=name, roles=[])
        turn.session.add(account)
    account.active = True
    return account


def _ensure_unit(turn: Turn, unit: str) -> None:
    if turn.session.get(Unit, unit) is None:
        turn.session.add(Unit(id=unit, name=unit.capitalize()))
        turn.session.flush()
