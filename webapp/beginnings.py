"""Where process owners begin a programme from one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required

from models.errors import DiagramsRefused
from processes import access
from processes.programme_copy import (
    LONGEST_KEY,
    LONGEST_NAME,
    BadKey,
    BadName,
    KeyTaken,
    copy_deployed,
)
from webapp.current import person, wiring
from webapp.programmes import programmes
from webapp.studio import problem_in_language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("beginnings", __name__, url_prefix="/studio/new-programme")


@bp.get("")
@login_required
def ask() -> ResponseReturnValue:
    """Which programme to begin from, and what the new one is called."""
    _require_right()
    return _page({"source": request.args.get("from", ""), "name": "", "key": ""}, {})


@bp.post("")
@login_required
def begin() -> ResponseReturnValue:
    """Publish the first version of a new programme."""
    _require_right()
    typed = {name: request.form.get(name, "").strip() for name in ("source", "name", "key")}
    try:
        with wiring().turn() as turn:
            copy_deployed(turn, typed["source"], typed["key"], typed["name"], person())
    except (BadKey, BadName, KeyTaken) as mistake:
        return _page(typed, dict([_said_of(mistake)])), 422
    except DiagramsRefused as refusal:
        return _page(typed, {"source": problem_in_language(refusal.problems[0])["message"]}), 422
    flash(
        gettext(
            "%(name)s is there. Go through its values first, then draw what is different.",
            name=typed["name"],
        ),
        "success",
    )
    return redirect(url_for("studio.show", key=typed["key"]), code=303)


def _said_of(mistake: Exception) -> tuple[str, str]:
    """The field that is wrong, and what to write in it."""
    if isinstance(mistake, BadName):
        return "name", gettext(
            "Write at most %(most)s letters, digits, spaces and the signs . , & ( ) / -",
            most=LONGEST_NAME,
        )
    if isinstance(mistake, KeyTaken):
        return "key", gettext("There is a process with this short name. Choose another.")
    return "key", gettext(
        "Write at most %(most)s small letters from a to z, digits and single _ between them.",
        most=LONGEST_KEY,
    )


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    with wiring().reading() as reading:
        sources = [(one.key, one.newest.name) for one in programmes(reading) if not one.is_part]
        return render_template(
            "studio/new_programme.html", sources=sources, typed=typed, errors=errors
        )


def _require_right() -> None:
    if not access.may(person(), "definitions.deploy"):
        abort(403)
