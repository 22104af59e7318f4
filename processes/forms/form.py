"""A form-js form read into a tree of parts: what it asks, and where each answer goes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from processes.forms.moments import KINDS
from processes.forms.paths import pointer
from processes.forms.shape import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from marshmallow import Schema

    from processes.forms.paths import Path

KEYED = frozenset(
    {
        "checkbox",
        "checklist",
        "datetime",
        "expression",
        "filepicker",
        "number",
        "radio",
        "select",
        "taglist",
        "textarea",
        "textfield",
    }
)
CONTAINERS = frozenset({"dynamiclist", "group"})
SILENT = frozenset(
    {
        "button",
        "documentPreview",
        "html",
        "iframe",
        "image",
        "separator",
        "spacer",
        "table",
        "text",
    }
)
BOUNDS = ("min", "max", "minLength", "maxLength")
COMPARTMENTS = frozenset({"A", "B", "C"})
DEFAULT_COMPARTMENT = "B"


@dataclass(frozen=True, eq=False)
class Part:
    """One component: a question, or a group or list of them."""

    type: str
    path: Path
    """Where its value lives inside the part around it; empty for a group without a path."""

    spec: Mapping[str, Any]
    """The component as the form has it."""

    parts: tuple[Part, ...] = ()

    @cached_property
    def keyed(self) -> bool:
        """Whether a person answers it, or the form computes it."""
        return self.type in KEYED

    @cached_property
    def repeats(self) -> bool:
        """Whether its answers are a list of objects."""
        return self.type == "dynamiclist" and bool(self.spec.get("isRepeating", True))

    @cached_property
    def hide(self) -> str | None:
        """The unary test that hides it."""
        return formula((self.spec.get("conditional") or {}).get("hide"))

    @cached_property
    def rules(self) -> Mapping[str, Any]:
        """Its `validate` object."""
        return self.spec.get("validate") or {}

    @cached_property
    def disabled(self) -> bool:
        return bool(self.spec.get("disabled"))

    @cached_property
    def locked(self) -> bool:
        """Whether nobody can ever type into it."""
        return self.disabled or self.type == "expression" or self.spec.get("readonly") is True

    @cached_property
    def readonly(self) -> str | None:
        """The expression that locks it at times."""
        return formula(self.spec.get("readonly"))

    @cached_property
    def fixed_rules(self) -> Mapping[str, Any]:
        """The rules that are the same whatever is answered."""
        computed = self.computed_rules
        return {
            name: rule
            for name, rule in self.rules.items()
            if rule is not None and name not in computed
        }

    @cached_property
    def computed_rules(self) -> Mapping[str, str]:
        """The bounds that are expressions."""
        found = {name: formula(self.rules.get(name)) for name in BOUNDS}
        return {name: text for name, text in found.items() if text is not None}

    @cached_property
    def kind(self) -> str | None:
        """`date`, `time` or `date and time`, for answers that are text in JSON."""
        return KINDS.get(self.spec.get("subtype", "date")) if self.type == "datetime" else None


@dataclass(frozen=True, eq=False)
class Form:
    """A form, read once and shared."""

    spec: Mapping[str, Any]
    parts: tuple[Part, ...] = field(default=())

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Form:
        """Read a form's JSON; components of unknown types are left out, `lint_form` names them."""
        return cls(spec, tuple(_parts(spec)))

    @staticmethod
    def parse(text: str) -> Form:
        """Read a form's file; the same text gives the same form, read once."""
        return _known(text)

    @property
    def compartment(self) -> str:
        """`A`, `B` or `C`: the part of the case data that its answers belong to."""
        return compartment(self.spec)

    @cached_property
    def schema(self) -> Schema:
        """The marshmallow schema of its answers."""
        return schema_of(self.parts)

    @cached_property
    def keys(self) -> dict[str, str]:
        """Every place an answer can have, as a pointer without leading slash, and its kind.

        The kind is `date`, `time`, `date and time`, `list`, or empty for plain JSON; the items
        of a list are `*`: `{"moeder": "list", "moeder/*/dato": "date"}`.
        """
        return dict(_keys(self.parts, ()))


def compartment(form: Mapping[str, Any]) -> str:
    """`A`, `B` or `C`."""
    named = form.get("compartment", DEFAULT_COMPARTMENT)
    return named if named in COMPARTMENTS else DEFAULT_COMPARTMENT


def form_keys(form: Form | Mapping[str, Any]) -> dict[str, str]:
    """The form's places and kinds; see `Form.keys`."""
    return (form if isinstance(form, Form) else Form.of(form)).keys


def formula(value: Any) -> str | None:
    """FEEL text if the value is an expression: only what begins with `=` is."""
    return value[1:].strip() if isinstance(value, str) and value.startswith("=") else None


@lru_cache(maxsize=256)
def _known(text: str) -> Form:
    return Form.of(json.loads(text))


def _parts(spec: Mapping[str, Any]) -> Iterator[Part]:
    for one in spec.get("components") or ():
        type_ = one.get("type", "")
        if type_ in KEYED and one.get("key"):
            yield Part(type_, _path(one["key"]), one)
        elif type_ in CONTAINERS:
            yield Part(type_, _path(one.get("path")), one, tuple(_parts(one)))


def _path(written: Any) -> Path:
    return tuple(str(written).split(".")) if written else ()


def _keys(parts: tuple[Part, ...], at: Path) -> Iterator[tuple[str, str]]:
    for part in parts:
        path = (*at, *part.path)
        if part.keyed:
            yield pointer(path), part.kind or ""
        elif part.repeats:
            yield pointer(path), "list"
            yield from _keys(part.parts, (*path, "*"))
        else:
            yield from _keys(part.parts, path)
