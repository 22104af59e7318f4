"""A case's data as inputs: what a person may put right, typed as the form's field is."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from models.durations import settle
from processes.corrections import questions
from webapp.answers import as_words, plain
from webapp.api.body import holds_unstorable
from webapp.programme_words import plainly
from webapp.words import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from werkzeug.datastructures import MultiDict

    from processes.corrections import Question
    from processes.definitions import Deployed
    from webapp.case_look import CaseLook

KINDS = {
    "textfield": "text",
    "textarea": "area",
    "number": "number",
    "checkbox": "yes_no",
    "select": "choice",
    "radio": "choice",
    "checklist": "choices",
    "taglist": "choices",
}
"""Type of a form's field to the kind of input."""

MOMENTS = {"date": "date", "time": "time", "date and time": "moment"}
READ = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "moment": datetime.fromisoformat,
}


class NotReadable(Exception):
    """Something typed cannot be read as a value of its kind."""

    def __init__(self, typed: Mapping[str, str], changes: Mapping[str, Any]) -> None:
        super().__init__(*typed)
        self.typed = typed
        """Key to what was typed, of what cannot be read."""

        self.changes = changes
        """Key to new value, of the rest that was changed."""


@dataclass(frozen=True)
class Entry:
    """One thing that the case knows."""

    key: str
    label: str
    compartment: str
    kind: str
    """`text`, `area`, `number`, `yes_no`, `choice`, `choices`, `date`, `time`, `moment`, `json`."""

    value: Any
    options: list[tuple[str, str]] = field(default_factory=list)
    """JSON of each value that can be chosen, and its words."""

    typed: str | None = None
    """What somebody typed that is no such value."""

    @property
    def id(self) -> str:
        return f"value-{self.key}"

    @property
    def written(self) -> str:
        """As the input shows it."""
        return _written(self.kind, self.value) if self.typed is None else self.typed

    @property
    def chosen(self) -> set[str]:
        """JSON of every chosen value."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return {_json(value) for value in values}

    def say(self, value: Any) -> str:
        """A value in the words of the field."""
        words = dict(self.options)
        if isinstance(value, list) and self.options:
            return ", ".join(words.get(_json(one), as_words(one)) for one in value) or "–"
        return words.get(_json(value)) or as_words(value)

    def read(self, form: MultiDict[str, str]) -> Any:
        """What was typed; the value as it is where the input was left alone.

        Raises:
            ValueError: it is no value of this kind.
        """
        if self.kind == "choices":
            chosen = form.getlist(self.id)
            return self.value if set(chosen) == self.chosen else [json.loads(o) for o in chosen]
        typed = form.get(self.id, self.written).replace("\r\n", "\n").strip()
        return self.value if typed == self.written.strip() else _read(self.kind, typed)


def entries_of(deployed: Deployed, look: CaseLook) -> list[Entry]:
    """Everything the case knows that the reader sees, A first, in the order of the labels."""
    known, kinds = questions(deployed), look.case.data_kinds
    parts = (("A", look.case.authority_data), ("B", look.case.data))
    return [
        entry
        for part, values in parts
        if part in look.compartments
        for entry in _told_apart(_entries(part, values, known, kinds))
    ]


def changes_in(entries: list[Entry], form: MultiDict[str, str]) -> dict[str, Any]:
    """Key to new value, of what was changed.

    Raises:
        NotReadable: with all that was typed.
    """
    changes, unreadable = {}, {}
    for entry in entries:
        try:
            value = _storable(entry.read(form))
        except (ValueError, OverflowError, RecursionError):
            unreadable[entry.key] = form.get(entry.id, "")
            continue
        if value != entry.value or isinstance(value, bool) is not isinstance(entry.value, bool):
            changes[entry.key] = value
    if unreadable:
        raise NotReadable(unreadable, changes)
    return changes


def _told_apart(entries: Iterable[Entry]) -> list[Entry]:
    """By label; where two forms ask alike, with the name that the diagram uses."""
    ordered = sorted(entries, key=lambda entry: entry.label)
    often = Counter(entry.label for entry in ordered)
    return [
        replace(one, label=f"{one.label} ({plain(one.key)})") if often[one.label] > 1 else one
        for one in ordered
    ]


def _storable(value: Any) -> Any:
    if holds_unstorable(value):
        raise ValueError
    return value


def _entries(
    part: str, values: Mapping[str, Any], known: Mapping[str, Question], kinds: Mapping[str, str]
) -> Iterator[Entry]:
    for key, value in values.items():
        question = known.get(key)
        spec = question.part.spec if question else {}
        options = [
            (_json(one.get("value")), plainly(str(one.get("label")))) for one in _fixed(spec)
        ]
        yield Entry(
            key=key,
            label=plainly(_label(spec)) or plain(key),
            compartment=part,
            kind=_kind(question, value, kinds.get(f"/{key}"), options),
            value=value,
            options=options,
        )


def _fixed(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    offered = spec.get("values")
    return offered if isinstance(offered, list) else []


def _label(spec: Mapping[str, Any]) -> str:
    texts = (spec.get(name) for name in ("label", "dateLabel", "timeLabel"))
    return str(next((text for text in texts if text), ""))


def _kind(
    question: Question | None, value: Any, moment: str | None, options: list[tuple[str, str]]
) -> str:
    asked = KINDS.get(question.part.type) if question else None
    if question is not None and question.part.kind:
        asked = MOMENTS.get(question.part.kind)
    if asked in {"choice", "choices"} and not options:
        asked = None
    found = asked or MOMENTS.get(moment or "") or _kind_of_value(value)
    return "text" if found in MOMENTS.values() and _is_made_up(found, value) else found


def _is_made_up(kind: str, value: Any) -> bool:
    """Whether an input for a date or time would show nothing, and so lose the value."""
    try:
        _written(kind, value)
        if value is not None:
            READ[kind](value)
    except (TypeError, ValueError, OverflowError):
        return True
    return False


def _kind_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "number"
    return "json" if isinstance(value, dict | list) else "text"


def _written(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "moment" and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        local = moment.astimezone(ZONE) if moment.tzinfo else moment
        return local.strftime("%Y-%m-%dT%H:%M")
    if kind in {"yes_no", "choice", "json", "number"}:
        return _json(value)
    return str(value)


def _read(kind: str, typed: str) -> Any:
    if not typed:
        return None
    if kind == "number":
        return _number(typed)
    if kind in {"yes_no", "choice", "json"}:
        return json.loads(typed)
    if kind == "moment":
        wall = datetime.fromisoformat(typed)
        return (wall if wall.tzinfo else settle(wall)).isoformat()
    return typed


def _number(typed: str) -> int | float:
    number = float(typed.replace(",", "."))
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        raise ValueError(typed)
    return int(number) if number.is_integer() else number


def unreadable_sentence(kind: str) -> str:
    """What to write in an input of this kind instead."""
    if kind == "number":
        return gettext("Write a number, such as 3 or 2,5.")
    return gettext("This cannot be read; write it as it was written before.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
