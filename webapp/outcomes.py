"""What came of the programmes, for supervisors and steering groups: counts that point at nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template
from flask_babel import format_decimal, gettext
from flask_login import login_required

from processes import access
from processes.outcome_report import outcome_reports
from webapp.current import person, wiring
from webapp.programmes import programmes

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("outcomes", __name__, url_prefix="/outcomes")


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    """One row a programme, of the units whose counts the reader may see."""
    if not access.may(person(), "counts.show"):
        abort(403)
    with wiring().reading() as reading:
        named = {one.key: one.newest for one in programmes(reading)}
        reports = outcome_reports(reading, access.units_of(person(), "counts.show"))
    rows = [(named[one.programme], one) for one in reports]
    return render_template("outcomes/index.html", rows=rows, told=_told)


def _told(count: float | None, unit: str = "") -> str:
    """A count or a share; a share has one decimal."""
    if count is None:
        return gettext("kept back")
    shown: str = format_decimal(count, "0.0" if unit else "0")
    return shown + unit
