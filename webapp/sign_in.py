"""Signing in and out, and which page a person meets first."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, LiteralString
from urllib.parse import urlsplit
from uuid import UUID

from argon2.exceptions import InvalidHashError, VerificationError
from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_login import LoginManager, current_user, login_required, login_user, logout_user
from sqlalchemy import select

from models.account import Account
from processes import statements
from processes.access import Person, person_of
from processes.accounts import HASHER
from webapp.current import SignedIn, me, wiring
from webapp.demo import PASSWORD
from webapp.navigation import first_page
from webapp.security import Throttle

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

bp = Blueprint("sign_in", __name__)


NOBODY = HASHER.hash("a password that nobody has")
"""Checked for unknown names, so that the answer takes as long as for known ones."""

THROTTLE = "vejviser.throttle"
LONGEST_NAME = 100
SESSION_LENGTH = timedelta(hours=10)
SINCE = "since"
SEAL = "seal"
"""Where the session keeps when it began, and what changes with the password."""

ELSEWHERE = re.compile(r"[\x00-\x20\\]")
"""What browsers drop from an address or read as a slash, so that it leads to another site."""

ACCOUNT_AND_ROLES: LiteralString = """
SELECT a.id, a.name, a.display_name, a.language, a.password_hash, r.role, r.unit_id
  FROM account a LEFT JOIN account_role r ON r.account_id = a.id
 WHERE a.id = %(id)s AND a.active
"""
"""One row a role, or one without a role. Every request asks, so the driver is asked itself."""


def install(app: Flask) -> None:
    """Sessions that name an account, and a fresh count of wrong passwords."""
    app.extensions[THROTTLE] = Throttle()
    manager = LoginManager(app)
    manager.login_view = "sign_in.ask"
    manager.login_message = ""
    manager.user_loader(load)
    app.register_blueprint(bp)


def load(account_id: str) -> SignedIn | None:
    """The account of a session, asked for at each request; None signs the session out."""
    with wiring().glance() as connection:
        asked = {"id": UUID(account_id)}
        rows = statements.ask(statements.driver(connection), ACCOUNT_AND_ROLES, asked).fetchall()
    if not rows or not _still_holds(rows[0]["password_hash"]):
        return None
    roles = frozenset((row["role"], row["unit_id"]) for row in rows if row["role"] is not None)
    known = rows[0]
    person = Person(known["name"], roles, known["id"])
    return SignedIn(known["id"], known["display_name"], known["language"], person)


def seal(password_hash: str | None) -> str:
    """What a session carries to end with the password that began it."""
    return sha256((password_hash or "").encode()).hexdigest()[:16]


def signed_in(account: Account) -> SignedIn:
    return SignedIn(
        account_id=account.id,
        display_name=account.display_name,
        language=account.language,
        person=person_of(account),
    )


@bp.get("/")
@login_required
def home() -> ResponseReturnValue:
    """The page that answers this person's first question of the day."""
    return redirect(first_page(me().person))


@bp.get("/sign-in")
def ask() -> ResponseReturnValue:
    """The sign-in page; in demo mode it lists the accounts."""
    if current_user.is_authenticated:
        return redirect(url_for("sign_in.home"))
    return _page()


@bp.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Begin a session for a name and its password."""
    name = request.form.get("name", "").strip()[:LONGEST_NAME]
    throttle: Throttle = current_app.extensions[THROTTLE]
    wait = throttle.seconds_to_wait(name)
    if wait:
        sentence = gettext(
            "Too many wrong passwords. Wait %(seconds)s seconds and try again.", seconds=wait
        )
        return _page(name, sentence), 429
    account = _checked(name, request.form.get("password", ""))
    if account is None:
        throttle.failed(name)
        return _page(name, gettext("The name and the password do not belong together.")), 422
    throttle.succeeded(name)
    return _begin(*account)


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    flash(gettext("You have signed out."), "success")
    response = redirect(url_for("sign_in.ask"), code=303)
    response.headers["Clear-Site-Data"] = '"storage"'  # where drafts of forms are
    return response


def safe_next(address: str | None) -> str | None:
    """The address if it stays on this site, else None."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return None
    if ELSEWHERE.search(address):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None


def _still_holds(password_hash: str | None) -> bool:
    """Whether the session is young enough, and of the password that the account has now."""
    began = session.get(SINCE)
    if not isinstance(began, float) or session.get(SEAL) != seal(password_hash):
        return False
    return wiring().real_clock().timestamp() - began < SESSION_LENGTH.total_seconds()


def _begin(account: SignedIn, password_hash: str) -> ResponseReturnValue:
    chosen = session.get("language")
    session.clear()
    session.permanent = True
    session[SINCE] = wiring().real_clock().timestamp()
    session[SEAL] = seal(password_hash)
    session["language"] = chosen or account.language
    login_user(account)
    return redirect(safe_next(request.form.get("next")) or first_page(account.person), code=303)


def _checked(name: str, password: str) -> tuple[SignedIn, str] | None:
    """The account and what it keeps of its password; None if the two do not belong together."""
    with wiring().reading() as reading:
        account = _active(reading, name)
        stored = (account.password_hash if account else None) or NOBODY
        try:
            HASHER.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return None
        if account is None or _is_known_to_all(password):
            return None
        return signed_in(account), stored


def _is_known_to_all(password: str) -> bool:
    """The demonstration's password opens nothing elsewhere, on accounts it left behind either."""
    return password == PASSWORD and not wiring().config.demo


def _active(reading: Session, name: str) -> Account | None:
    query = select(Account).where(Account.name == name, Account.active)
    return reading.scalars(query).one_or_none()


def _page(name: str = "", error: str = "") -> str:
    return render_template(
        "sign_in/ask.html",
        name=name,
        error=error,
        next=safe_next(request.values.get("next")),
        accounts=_demo_accounts() if wiring().config.demo else [],
        demo_password=PASSWORD,
    )


def _demo_accounts() -> list[SignedIn]:
    with wiring().reading() as reading:
        query = select(Account).where(Account.active, Account.password_hash.is_not(None))
        return [
            signed_in(account) for account in reading.scalars(query.order_by(Account.created_at))
        ]
