"""Which questions a person sees, given the answers so far."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processes.forms.filling import untouched
from processes.forms.form import formula
from processes.forms.formulas import Scope, untagged
from processes.forms.paths import look_up, put, remove

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.forms.form import Form, Part
    from processes.forms.formulas import Formulas
    from processes.forms.paths import Path

ROUNDS = 10
"""Computed fields that feed each other settle sooner, or never."""


@dataclass(frozen=True)
class Place:
    """A question (or list) at one spot of the answers, with what its expressions see."""

    part: Part
    path: Path
    scope: Scope
    hidden: bool


@dataclass(frozen=True)
class Sheet:
    """The form as it stands: every place, every value, and the kinds of computed values."""

    places: tuple[Place, ...]
    state: dict[str, Any]
    kinds: dict[Path, str]

    @property
    def hidden(self) -> Iterator[Place]:
        return (place for place in self.places if place.hidden)

    @property
    def questions(self) -> Iterator[Place]:
        return (place for place in self.places if place.part.keyed and not place.hidden)

    @property
    def lists(self) -> Iterator[Place]:
        return (place for place in self.places if place.part.repeats and not place.hidden)


def settled(form: Form, state: dict[str, Any], context: Mapping[str, Any], ask: Formulas) -> Sheet:
    """Hide and compute until nothing changes any more."""
    kinds: dict[Path, str] = {}
    for _ in range(ROUNDS):
        places = _seen(form, state, context, ask)
        if not _compute(places, state, kinds, ask):
            break
    return Sheet(places, state, kinds)


def _seen(
    form: Form,
    state: dict[str, Any],
    context: Mapping[str, Any],
    ask: Formulas,
) -> tuple[Place, ...]:
    """What is hidden counts as untouched when the others are asked again, as in the browser."""
    places = tuple(_walk(form.parts, (), Scope.of({**context, **state}), state, ask))
    hidden = [place.path for place in places if place.hidden]
    if not hidden:
        return places
    first, rest = untouched(form.parts, context), deepcopy(state)
    for path in hidden:
        remove(rest, path)
    return tuple(_walk(form.parts, (), Scope.of({**context, **first, **rest}), state, ask))


def _walk(
    parts: Iterable[Part], at: Path, scope: Scope, state: dict[str, Any], ask: Formulas
) -> Iterator[Place]:
    """Every place in this scope, then in the scopes of each list's items."""
    here = list(_same_scope(parts, at, ()))
    texts = list(dict.fromkeys(text for _, _, guards in here for text in guards))
    hides = dict(zip(texts, ask.tests(texts, scope), strict=True))
    for part, path, guards in here:
        place = Place(part, path, scope, hidden=any(hides[text] for text in guards))
        yield place
        if part.repeats and not place.hidden:
            for number, item in enumerate(look_up(state, path)):
                inner = scope.inside(item, number)
                yield from _walk(part.parts, (*path, number), inner, state, ask)


def _same_scope(
    parts: Iterable[Part], at: Path, guards: tuple[str, ...]
) -> Iterator[tuple[Part, Path, tuple[str, ...]]]:
    for part in parts:
        path = (*at, *part.path)
        hides = (*guards, part.hide) if part.hide else guards
        if part.keyed or part.repeats:
            yield part, path, hides
        else:
            yield from _same_scope(part.parts, path, hides)


def _compute(
    places: Iterable[Place], state: dict[str, Any], kinds: dict[Path, str], ask: Formulas
) -> bool:
    """Write computed fields into the state; whether one of them changed."""
    changed = False
    for place in places:
        text = formula(place.part.spec.get("expression"))
        if place.part.type != "expression" or place.hidden or text is None:
            continue
        value, inner = untagged(ask.results([text], place.scope)[0], place.path)
        changed = changed or value != look_up(state, place.path)
        put(state, place.path, value)
        kinds |= inner
    return changed
