"""The places of the top bar: only those that a person's roles open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request, url_for
from flask_babel import lazy_gettext

from processes import access

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_babel.speaklater import LazyString

    from processes.access import Person


@dataclass(frozen=True)
class Place:
    """One entry of the top bar, as shown."""

    key: str
    """The letter after `g` that goes there."""

    name: LazyString
    address: str
    current: bool


def _works(person: Person) -> bool:
    return bool(person.roles_in(None) - {access.STEERING_GROUP, access.ADMINISTRATOR})


def _meets_cases(person: Person) -> bool:
    return bool(person.roles_in(None) - access.OFFICE)


def _watches(person: Person) -> bool:
    return access.may(person, "board.show") or access.may(person, "counts.show")


def _reads_diagrams(person: Person) -> bool:
    return access.may(person, "definitions.show")


PLACES: tuple[tuple[str, LazyString, str, Callable[[Person], bool]], ...] = (
    ("o", lazy_gettext("Tasks"), "tasks.index", _works),
    ("s", lazy_gettext("Cases"), "cases.index", _meets_cases),
    ("b", lazy_gettext("Overview"), "board.index", _watches),
    ("p", lazy_gettext("Processes"), "studio.index", _reads_diagrams),
)
"""Key, name, page and who may open it, in the bar's order."""

INSIDE = {
    "operations": "cases",
    "deadlines": "cases",
    "outcomes": "board",
    "migrations": "studio",
}
"""Pages without a place of their own, and the one they are reached from."""


def places(person: Person | None) -> list[Place]:
    """What the top bar shows this person."""
    if person is None:
        return []
    return [
        Place(key, name, url_for(page), current=_is_here(page))
        for key, name, page, opens in PLACES
        if opens(person)
    ]


def first_page(person: Person) -> str:
    """Where signing in leads: to the first question of the person's day."""
    if access.may(person, "definitions.edit"):
        return url_for("studio.index")
    if person.roles_in(None) & {access.LEADER, access.STEERING_GROUP}:
        return url_for("board.index")
    return url_for("tasks.index") if _works(person) else url_for("studio.index")


def may_search(person: Person | None) -> bool:
    """Whether the search box would find anything for the person."""
    return person is not None and _meets_cases(person)


def _is_here(page: str) -> bool:
    here = request.blueprint or ""
    return INSIDE.get(here, here) == page.partition(".")[0]
