"""Which language the pages speak to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, request, session, url_for
from flask_login import current_user
from sqlalchemy import update

from models.account import Account
from processes.forms import Sentence
from webapp.current import wiring
from webapp.sign_in import safe_next

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue

bp = Blueprint("language", __name__)

LANGUAGES = ("da", "en")


def chosen() -> str:
    """The session's language, Danish unless somebody chose; the API reads it from the call."""
    if "language" in g:
        return str(g.language)
    language = session.get("language")
    return language if language in LANGUAGES else LANGUAGES[0]


def spoken(errors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Sentences about fields, in the reader's language where they know it."""
    language = chosen()
    return {
        field: [one.in_language(language) if isinstance(one, Sentence) else one for one in said]
        for field, said in errors.items()
    }


@bp.post("/language")
def choose() -> ResponseReturnValue:
    """Speak another language from now on, on this account's other devices too."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
        _remember(language)
    return redirect(safe_next(request.form.get("next")) or url_for("sign_in.home"), code=303)


def _remember(language: str) -> None:
    if not current_user.is_authenticated:
        return
    with wiring().turn() as turn:
        account = update(Account).where(Account.id == current_user.account_id)
        turn.session.execute(account.values(language=language))
