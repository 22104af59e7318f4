"""What the form holds before anybody looks at conditions: answers over what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.forms.moments import is_moment
from processes.forms.options import SEVERAL, SINGLE, fixed_options, is_among
from processes.forms.paths import MISSING, look_up, put
from processes.forms.shape import DECIMAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from processes.forms.form import Part
    from processes.forms.paths import Path

EMPTY: dict[str, Any] = {"checkbox": False, "textarea": "", "textfield": ""}
JS_LINE_BREAKS = str.maketrans("\r\n\t", "   ")


def filled(
    parts: Iterable[Part], answers: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    """Every question's value: the answer, else what the form would have shown."""
    state: dict[str, Any] = {}
    _fill(state, parts, (), answers, answers, context)
    return state


def untouched(parts: Iterable[Part], context: Mapping[str, Any]) -> dict[str, Any]:
    """Every question's value when the form is opened."""
    state: dict[str, Any] = {}
    _fill(state, parts, (), {}, context, context)
    return state


def first_value(part: Part, path: Path, context: Mapping[str, Any]) -> Any:
    """What the form shows before anybody types: the case's value if it fits, else the default.

    Null is a value here: somebody emptied the field, and the default does not come back.
    """
    before = look_up(context, path)
    if before is MISSING:
        default = part.spec.get("defaultValue")
        return _empty(part) if default is None else default
    return _fitting(part, before, context)


def _fill(
    state: dict[str, Any],
    parts: Iterable[Part],
    at: Path,
    answers: Mapping[str, Any],
    lists: Mapping[str, Any],
    context: Mapping[str, Any],
) -> None:
    for part in parts:
        path = (*at, *part.path)
        if part.keyed:
            answer = MISSING if part.locked else look_up(answers, path)
            known = answer if answer is not MISSING else first_value(part, path, context)
            put(state, path, known)
        elif part.repeats:
            items = look_up(lists, path)
            put(state, path, [{} for _ in items] if isinstance(items, list) else [])
            for number in range(len(look_up(state, path))):
                _fill(state, part.parts, (*path, number), answers, lists, context)
        else:
            _fill(state, part.parts, path, answers, lists, context)


def _empty(part: Part) -> Any:
    return [] if part.type in SEVERAL else EMPTY.get(part.type)


def _fitting(part: Part, value: Any, context: Mapping[str, Any]) -> Any:
    """The case's value as the browser's control would take it."""
    if part.type in {"textfield", "textarea"}:
        return _as_text(part, value)
    if part.type == "number":
        return _as_number(part, value)
    if part.type == "checkbox":
        return value is True
    if part.type == "datetime":
        fits = isinstance(value, str) and is_moment(value, part.kind or "date")
        return value if fits else None
    if part.type in SINGLE | SEVERAL and not part.spec.get("valuesExpression"):
        return _as_choice(part, value, context)
    return value


def _as_text(part: Part, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)
    return text.translate(JS_LINE_BREAKS) if part.type == "textfield" else text


def _as_number(part: Part, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if not DECIMAL.fullmatch(str(value)):
        return None
    if part.spec.get("serializeToString"):
        return str(value)
    return value if not isinstance(value, str) else _number(value)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _as_choice(part: Part, value: Any, context: Mapping[str, Any]) -> Any:
    key = part.spec.get("valuesKey")
    options = fixed_options(context.get(key) if key else part.spec.get("values"))
    if part.type in SINGLE:
        return value if is_among(value, options) else None
    return [one for one in value if is_among(one, options)] if isinstance(value, list) else []
