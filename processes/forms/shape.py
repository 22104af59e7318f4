"""The marshmallow schema of a form: which fields there are, and what JSON each one takes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from processes.forms import sentences as say
from processes.forms.moments import is_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from processes.forms.form import Part

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL; half of a surrogate pair is no character."""

DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)

NOT_A_MOMENT: dict[str, str | list[Any] | dict[Any, Any]] = {
    "date": say.NOT_A_DATE,
    "time": say.NOT_A_TIME,
    "date and time": say.NOT_A_DATE_AND_TIME,
}


class Answers(Schema):
    """An object of answers; what the form does not ask is refused."""

    error_messages = {"unknown": say.UNKNOWN, "type": say.NOT_AN_OBJECT}  # noqa: RUF012


class Answer(fields.Field[Any]):
    """One answer; null is none. Subclasses say what else JSON may hold."""

    def __init__(self, part: Part) -> None:
        super().__init__(allow_none=True)
        self._part = part

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **_: Any,
    ) -> Any:
        wrong = self.wrong(value)
        if wrong:
            raise self.make_error(wrong)
        return value

    def wrong(self, value: Any) -> str | None:  # noqa: ARG002 - anything goes
        """The key of what is wrong with the value's type, if anything is."""
        return None


class Text(Answer):
    default_error_messages = {"type": say.NOT_TEXT, "unstorable": say.UNSTORABLE}  # noqa: RUF012

    def wrong(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return "type"
        return "unstorable" if UNSTORABLE.search(value) else None


class Number(Answer):
    default_error_messages = {  # noqa: RUF012
        "type": say.NOT_A_NUMBER,
        "text": say.NOT_A_DIGIT_TEXT,
    }

    def wrong(self, value: Any) -> str | None:
        if self._part.spec.get("serializeToString"):
            return None if isinstance(value, str) and DECIMAL.fullmatch(value) else "text"
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole or (isinstance(value, float) and math.isfinite(value)) else "type"


class YesOrNo(Answer):
    default_error_messages = {"type": say.NOT_YES_OR_NO}  # noqa: RUF012

    def wrong(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else "type"


class Choices(Answer):
    default_error_messages = {"type": say.NOT_OPTIONS}  # noqa: RUF012

    def wrong(self, value: Any) -> str | None:
        return None if isinstance(value, list) else "type"


class Moment(Answer):
    default_error_messages = NOT_A_MOMENT

    def wrong(self, value: Any) -> str | None:
        kind = self._part.kind or "date"
        return None if isinstance(value, str) and is_moment(value, kind) else kind


class File(Answer):
    default_error_messages = {"file": say.NO_FILES}  # noqa: RUF012

    def wrong(self, value: Any) -> str | None:  # noqa: ARG002 - whatever it is
        return "file"


READS: dict[str, type[Answer]] = {
    "checkbox": YesOrNo,
    "checklist": Choices,
    "datetime": Moment,
    "filepicker": File,
    "number": Number,
    "taglist": Choices,
    "textarea": Text,
    "textfield": Text,
}
"""Types that are not here take any JSON: what a choice may be, its options say."""


class Items(fields.List[Any]):
    """The answers of a repeated group."""

    default_error_messages = {"invalid": say.NOT_A_LIST}  # noqa: RUF012


def schema_of(parts: Iterable[Part]) -> Schema:
    """The schema of an object that holds these parts' answers."""
    return _schema(_tree(parts))


def _tree(parts: Iterable[Part]) -> dict[str, Any]:
    """Key to question, to repeated group, or to the dict of a nested object."""
    tree: dict[str, Any] = {}
    for part in parts:
        if part.keyed or part.repeats:
            *around, last = part.path
            _inside(tree, around)[str(last)] = part
        else:
            _merge(_inside(tree, part.path), _tree(part.parts))
    return tree


def _inside(tree: dict[str, Any], path: Iterable[str | int]) -> dict[str, Any]:
    for step in path:
        deeper = tree.setdefault(str(step), {})
        tree = deeper if isinstance(deeper, dict) else {}
    return tree


def _merge(tree: dict[str, Any], other: dict[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value


def _schema(tree: dict[str, Any]) -> Schema:
    """Attribute names are numbers, so that a key may be called `load` or `Meta`."""
    named: dict[str, fields.Field[Any]] = {}
    for number, (key, value) in enumerate(tree.items()):
        one = _field(value)
        one.data_key = one.attribute = key
        named[f"answer_{number}"] = one
    return Answers.from_dict(named)()


def _field(value: Any) -> fields.Field[Any]:
    if isinstance(value, dict):
        return fields.Nested(_schema(value), allow_none=True)
    if value.repeats:
        return Items(fields.Nested(schema_of(value.parts), allow_none=True), allow_none=True)
    return READS.get(value.type, Answer)(value)
