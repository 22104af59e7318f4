"""What a person may choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.forms.form import formula

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processes.forms.form import Part
    from processes.forms.formulas import Formulas, Scope

SINGLE = frozenset({"radio", "select"})
SEVERAL = frozenset({"checklist", "taglist"})


def options_of(part: Part, scope: Scope, ask: Formulas) -> list[Any]:
    """The values on offer: from the data, from the form, or computed, in that order."""
    spec = part.spec
    if spec.get("valuesKey") is not None:
        return fixed_options(scope.data.get(spec["valuesKey"]))
    if spec.get("values") is not None:
        return fixed_options(spec["values"])
    computed = formula(spec.get("valuesExpression"))
    return fixed_options(ask.results([computed], scope)[0] if computed else None)


def fixed_options(offered: Any) -> list[Any]:
    """The values in a list of options; what is no option is passed over."""
    return list(_values(offered)) if isinstance(offered, list) else []


def is_among(value: Any, options: list[Any]) -> bool:
    """Whether the value is one of the options, as JSON sees it: true is not 1."""
    return any(same(value, option) for option in options)


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def _values(offered: list[Any]) -> Iterator[Any]:
    for option in offered:
        if _plain(option):
            yield option
        elif isinstance(option, dict):
            value, label = option.get("value"), option.get("label")
            labelled = isinstance(label, str) and label
            if _plain(value) or (labelled and isinstance(value, dict | list) and value):
                yield value


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""
