"""What every template may call: dates in words, badges, role tints, icons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import g
from flask_babel import get_locale, gettext
from markupsafe import Markup

from webapp import words
from webapp.answers import as_words
from webapp.current import now
from webapp.deadline_badge import Badge, badge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

ROLE_TINTS = (
    "Visitator",
    "Koordinator",
    "Mentor",
    "Visitationsudvalg",
    "Underviser",
    "Leder",
    "SSP-konsulent",
    "Kriminalforsorg",
)
TINTS = len(ROLE_TINTS)


def role_number(role: str | None) -> int:
    """Tint of a role, 1 to 8; a role of some other programme keeps one of them."""
    if role in ROLE_TINTS:
        return ROLE_TINTS.index(role) + 1
    return sum((role or "").encode()) % TINTS + 1


def badge_of(
    due_at: datetime, started_at: datetime | None = None, paused_at: datetime | None = None
) -> Badge:
    closing_days: frozenset[date] = g.get("closing_days", frozenset())
    return badge(
        due_at, now(), started_at=started_at, paused_at=paused_at, closing_days=closing_days
    )


def icon(name: str) -> Markup:
    """An icon beside words that say the same."""
    return Markup(
        '<svg class="icon-svg{}" focusable="false" aria-hidden="true">'
        '<use href="/static/build/dkfds/img/all-svg-icons.svg#{}"></use></svg>'
    ).format(" alert-icon" if name in {"error", "info", "success", "warning"} else "", name)


def when(moment: datetime) -> str:
    return words.when(moment, now())


def day(moment: datetime) -> str:
    return words.day(moment, now())


def since(moment: datetime) -> str:
    return words.since(moment, now())


def time_tag(moment: datetime | None) -> Markup:
    return words.time_tag(moment, now())


def tomorrow() -> str:
    """The first date one may jump to, as a date field writes it."""
    return (now().astimezone(words.ZONE).date() + timedelta(days=1)).isoformat()


def in_language(line: Mapping[str, str]) -> str:
    """One line of an arithmetic in the reader's language."""
    return line.get(str(get_locale())) or line.get("da", "")


def local_input(moment: datetime) -> str:
    """As a date-and-time field writes it, on the wall in Copenhagen."""
    return moment.astimezone(words.ZONE).strftime("%Y-%m-%dT%H:%M")


def state_words(state: str) -> str:
    """The state of a case or a deadline in the reader's language."""
    return {
        "active": gettext("open"),
        "suspended": gettext("suspended"),
        "completed": gettext("closed"),
        "cancelled": gettext("ended early"),
        "open": gettext("running"),
        "met": gettext("kept"),
        "missed": gettext("missed"),
    }.get(state, state)


GLOBALS = {
    "badge_of": badge_of,
    "icon": icon,
    "now": now,
    "role_number": role_number,
    "tomorrow": tomorrow,
}
FILTERS = {
    "as_words": as_words,
    "day": day,
    "exact": words.exact,
    "in_language": in_language,
    "local_input": local_input,
    "moment": datetime.fromisoformat,
    "since": since,
    "stamp": words.day_and_clock,
    "state_words": state_words,
    "time": time_tag,
    "when": when,
}
