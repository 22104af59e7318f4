"""What a case knows, in the words of the forms that asked: labels, choices, dates."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from flask_babel import get_locale, gettext
from markupsafe import Markup

from webapp.programme_words import plainly, said
from webapp.words import day_and_clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SPELLED = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "-": " "})

DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def as_words(value: Any) -> str:
    """A JSON value as a person would write it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(as_words(one) for one in value) or "–"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {as_words(one)}" for key, one in value.items()) or "–"
    return _moment(value) if isinstance(value, str) else str(value)


def _moment(text: str) -> str:
    try:
        if DATE.match(text):
            pattern = "long" if str(get_locale()) == "da" else "d MMMM y"
            return format_date(date.fromisoformat(text), pattern, locale=get_locale())
        if DATE_TIME.match(text):
            moment = datetime.fromisoformat(text)
            return day_and_clock(moment) if moment.tzinfo else text.replace("T", " ")
    except ValueError:
        return text
    return text


def labelled(files: Mapping[str, str], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and words of every value, in the order of the forms; what no form asked comes last."""
    fields = _fields_in(files)
    known = [
        (said(one.label), say(values[key], fields, one))
        for key, one in fields.items()
        if key in values
    ]
    rest = [(plain(key), say(value, fields)) for key, value in values.items() if key not in fields]
    return known + rest


def say(value: Any, fields: Mapping[str, Field], field: Field | None = None) -> str:
    """A value in the words of its field; the parts of an answer in those of theirs."""
    if isinstance(value, list):
        return Markup("; ").join(say(one, fields, field) for one in value) or as_words(value)
    if isinstance(value, dict):
        parts = (_part(key, one, fields) for key, one in value.items())
        return Markup(", ").join(parts) or as_words(value)
    return field.say(value) if field else as_words(value)


def label_of(files: Mapping[str, str], key: str) -> str:
    """What the first form that asks for it calls a value; else its name, as people write."""
    field = _fields_in(files).get(key)
    return plainly(field.label) if field else plain(key)


def plain(key: str) -> str:
    """A name from a diagram as people write."""
    return key.replace("_", " ").capitalize()


def as_key(words: str) -> str:
    """Words as a diagram's names are spelled: small letters, no spaces, no æ, ø or å."""
    return "_".join(words.lower().translate(SPELLED).split())


def _fields_in(files: Mapping[str, str]) -> dict[str, Field]:
    return fields_of(tuple(sorted((n, t) for n, t in files.items() if n.endswith(".form.json"))))


def _part(key: str, value: Any, fields: Mapping[str, Field]) -> str:
    field = fields.get(key)
    label = said(field.label) if field else plain(key)
    return Markup("{}: {}").format(label, say(value, fields, field))


class Field:
    """One question of a form: its label and the words of its choices."""

    def __init__(self, component: Mapping[str, Any]) -> None:
        texts = (component.get(name) for name in ("label", "dateLabel", "timeLabel", "key"))
        self.label = str(next(text for text in texts if text))
        self.choices = {
            _hashable(choice.get("value")): str(choice.get("label", choice.get("value")))
            for choice in component.get("values") or []
        }

    def say(self, value: Any) -> str:
        choice = self.choices.get(_hashable(value))
        return said(choice) if choice else as_words(value)


@lru_cache(maxsize=64)
def fields_of(forms: tuple[tuple[str, str], ...]) -> dict[str, Field]:
    """Key to field of all forms of a version; the first form that asks names it."""
    fields: dict[str, Field] = {}
    for _, text in forms:
        for component in components(json.loads(text)):
            if component.get("key"):
                fields.setdefault(component["key"], Field(component))
    return fields


def components(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every component of a form-js schema, groups and their contents alike."""
    for component in form.get("components", []):
        yield component
        yield from components(component)


def _hashable(value: Any) -> Any:
    return str(value) if isinstance(value, (dict, list)) else value
