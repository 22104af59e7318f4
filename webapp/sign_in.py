"""Signing in and out, and which page a person meets first."""

from __future__ import annotations

from typing import TYPE_CHECKING
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
from sqlalchemy import bindparam, select

from models.account import Account, AccountRole
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

ACCOUNT_AND_ROLES = (
    select(
        *(Account.id, Account.name, Account.display_name, Account.language),
        *(AccountRole.role, AccountRole.unit_id),
    )
    .outerjoin(AccountRole)
    .where(Account.id == bindparam("id"), Account.active)
)
"""One row a role, or one without a role."""


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
        rows = connection.execute(ACCOUNT_AND_ROLES, {"id": UUID(account_id)}).all()
    if not rows:
        return None
    roles = frozenset((row.role, row.unit_id) for row in rows if row.role is not None)
    known = rows[0]
    person = Person(known.name, roles, known.id)
    return SignedIn(known.id, known.display_name, known.language, person)


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
    name = request.form.get("name", "").strip()
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
    return _begin(account)


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    flash(gettext("You have signed out."), "success")
    return redirect(url_for("sign_in.ask"), code=303)


def safe_next(address: str | None) -> str | None:
    """The address if it stays on this site, else None."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None


def _begin(account: SignedIn) -> ResponseReturnValue:
    chosen = session.get("language")
    session.clear()
    session.permanent = True
    session["language"] = chosen or account.language
    login_user(account)
    return redirect(safe_next(request.form.get("next")) or first_page(account.person), code=303)


def _checked(name: str, password: str) -> SignedIn | None:
    with wiring().reading() as reading:
        account = _active(reading, name)
        stored = (account.password_hash if account else None) or NOBODY
        try:
            HASHER.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return None
        return signed_in(account) if account else None


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
