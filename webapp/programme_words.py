"""What the programmes themselves say, in the reader's language.

Programmes are written in Danish. Who reads English gets the words of the version's catalogue; what
it lacks stays Danish, and the page says so to those who hear it read aloud (WCAG 3.1.2).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import g
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import undefer

from models.definition import Definition
from processes.catalogues import english_in
from processes.wording import translated_form
from webapp.current import wiring
from webapp.language import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

DANISH = Markup('<span lang="da">{}</span>')
MOST_KEPT = 200
log = logging.getLogger(__name__)

KNOWN: dict[UUID, dict[str, str]] = {}
"""Danish to English by version; a version never changes."""

NEWEST: dict[tuple[UUID, ...], dict[str, str]] = {}
"""The words of all newest versions together; those of the last time that somebody asked."""


def said(text: str | None, version: UUID | None = None) -> Markup:
    """The text in the reader's language, marked where it is not."""
    known = english(text, version)
    if text and known is None and chosen() == "en":
        return DANISH.format(text)
    return Markup.escape(known or text or "")


def plainly(text: str | None, version: UUID | None = None) -> str:
    """The same where no mark can stand: in a title, an attribute, a choice."""
    return english(text, version) or text or ""


def english(text: str | None, version: UUID | None = None) -> str | None:
    """What the version's catalogue says, or any newest one; None in Danish and for no answer."""
    if not text or chosen() != "en":
        return None
    key, look = text.strip(), g.get("case_look")
    version = version or (look.case.definition_id if look else None)
    own = _of_version(version).get(key) if version else None
    return own or _of_newest().get(key)


def sentence(text: str, /, **facts: Any) -> Markup:
    """A translated sentence around facts that may be marked as Danish."""
    return Markup(gettext(text)) % facts  # noqa: S704 — ours; the facts are escaped


def form_said(form: Mapping[str, Any], version: UUID | None = None) -> dict[str, Any]:
    """A form-js schema in the reader's language."""
    if chosen() != "en":
        return dict(form)
    own = set(_english_already(form))
    return translated_form(form, lambda text: text if text in own else english(text, version))


def _english_already(part: Any) -> Iterator[str]:
    """What the product itself asks, and has said in English."""
    if isinstance(part, dict):
        if "label_en" in part:
            yield str(part["label_en"])
        part = list(part.values())
    for one in part if isinstance(part, list) else ():
        yield from _english_already(one)


def _of_version(version: UUID) -> dict[str, str]:
    if version not in KNOWN:
        while len(KNOWN) >= MOST_KEPT:
            KNOWN.pop(next(iter(KNOWN)), None)
        with wiring().reading() as reading:
            KNOWN[version] = _read(reading, version)
    return KNOWN[version]


def _of_newest() -> dict[str, str]:
    """The words of every programme's newest version, looked up once a request."""
    if "newest_words" not in g:
        with wiring().reading() as reading:
            g.newest_words = _together(reading)
    words: dict[str, str] = g.newest_words
    return words


def _together(session: Session) -> dict[str, str]:
    query = select(Definition.id).ext(distinct_on(Definition.key))
    newest = tuple(session.scalars(query.order_by(Definition.key, Definition.version.desc())))
    words = NEWEST.get(newest)
    if words is None:
        words = {}
        for version in newest:
            words |= _read(session, version)
        NEWEST.clear()
        NEWEST[newest] = words
    return words


def _read(session: Session, version: UUID) -> dict[str, str]:
    """A version's words; none if it is gone or damaged, and the log says so."""
    row = session.get(Definition, version, options=[undefer(Definition.bundle)])
    try:
        return english_in(row.files, row.key) if row else {}
    except Exception:
        log.exception("The catalogues of version %s cannot be read", version)
        return {}


FILTERS = {"said": said, "plainly": plainly}
