"""May these answers be stored? The same form, asked again where nobody can tamper with it."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from models.errors import InvalidAnswers
from processes.forms.filling import filled, first_value
from processes.forms.form import Form
from processes.forms.formulas import Formulas
from processes.forms.paths import MISSING, dotted, look_up, pointer, put, remove
from processes.forms.rules import broken_rules
from processes.forms.showing import settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from processes.forms.formulas import Feel
    from processes.forms.paths import Path
    from processes.forms.sentences import Sentence
    from processes.forms.showing import Place, Sheet


@dataclass(frozen=True)
class Checked:
    """Answers that may be stored."""

    answers: dict[str, Any]
    """Form key to JSON value; hidden and disabled fields are gone, computed ones are there."""

    kinds: dict[str, str] = field(default_factory=dict)
    """Answer key to `date`, `time`, `date and time` or `duration`; deeper ones by pointer
    without leading slash, such as `moeder/0/dato`."""


def check_answers(
    form: Form | Mapping[str, Any] | None,
    answers: Mapping[str, Any],
    context: Mapping[str, Any],
    feel: Feel,
    now: datetime | None = None,
) -> Checked:
    """The answers to store, by every rule of the form.

    `context` is the data that the form was shown with, plain JSON. A field that is left out
    keeps what it had. Without a form anything may be answered.

    Raises:
        InvalidAnswers: by dotted path, such as `moeder.0.dato`.
    """
    if form is None:
        return Checked(dict(answers))
    read = form if isinstance(form, Form) else Form.parse(json.dumps(form))
    ask = Formulas(feel, now)
    sheet = settled(read, filled(read.parts, answers, context), context, ask)
    locked = {place.path for place in sheet.questions if _is_locked(place, ask)}
    errors = _misshapen(read, answers, sheet, locked)
    errors |= _broken(sheet, locked, errors, context, ask)
    if errors:
        raise InvalidAnswers(errors)
    return _kept(sheet, locked, answers, context)


def _is_locked(place: Place, ask: Formulas) -> bool:
    readonly = place.part.readonly
    if readonly is not None and ask.tests([readonly], place.scope)[0]:
        return True
    return place.part.locked


def _misshapen(
    form: Form, answers: Mapping[str, Any], sheet: Sheet, locked: set[Path]
) -> dict[str, list[Sentence]]:
    """What marshmallow says of the answers that somebody could give."""
    given = deepcopy(dict(answers))
    for path in (*locked, *(place.path for place in sheet.hidden)):
        remove(given, path)
    try:
        form.schema.load(given)
    except ValidationError as refused:
        return dict(_flat(refused.messages_dict, ()))
    return {}


def _flat(messages: Mapping[Any, Any], at: Path) -> Iterator[tuple[str, list[Sentence]]]:
    for step, said in messages.items():
        path = at if step == "_schema" else (*at, step)
        if isinstance(said, dict):
            yield from _flat(said, path)
        else:
            yield dotted(path), list(said)


def _broken(
    sheet: Sheet,
    locked: set[Path],
    misshapen: Mapping[str, Any],
    context: Mapping[str, Any],
    ask: Formulas,
) -> dict[str, list[Sentence]]:
    errors = {}
    for place in sheet.questions:
        if place.part.disabled or _lies_in(place.path, misshapen):
            continue
        said = broken_rules(place.part, _value(place, sheet, locked, context), place.scope, ask)
        if said:
            errors[dotted(place.path)] = said
    return errors


def _lies_in(path: Path, misshapen: Mapping[str, Any]) -> bool:
    return any(dotted(path[: end + 1]) in misshapen for end in range(len(path)))


def _value(place: Place, sheet: Sheet, locked: set[Path], context: Mapping[str, Any]) -> Any:
    if place.path in locked and place.part.type != "expression":
        return first_value(place.part, place.path, context)
    return look_up(sheet.state, place.path)


def _kept(
    sheet: Sheet, locked: set[Path], answers: Mapping[str, Any], context: Mapping[str, Any]
) -> Checked:
    kept: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for place in sheet.lists:
        items = look_up(answers, place.path)
        if isinstance(items, list):
            put(kept, place.path, [{} for _ in items])
    for place in sheet.questions:
        if place.part.disabled or not _is_given(place, answers, context):
            continue
        value = _value(place, sheet, locked, context)
        put(kept, place.path, value)
        if place.part.kind and value:
            kinds[pointer(place.path)] = place.part.kind
    return Checked(kept, kinds | {pointer(path): kind for path, kind in sheet.kinds.items()})


def _is_given(place: Place, answers: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """Answered, computed, or filled in by the form itself because the case had nothing."""
    if place.part.type == "expression" or look_up(answers, place.path) is not MISSING:
        return True
    has_default = place.part.spec.get("defaultValue") is not None
    return has_default and look_up(context, place.path) is MISSING
