"""The shape of a programme's own file; what is wrong is answered with a code and told elsewhere."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Regexp

from processes.engine.programme import KINDS, Fact, Indicator, Parameter, ProgrammeFile, Words

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
STORABLE = re.compile("[^\x00\ud800-\udfff]*\\Z")
"""PostgreSQL keeps no NUL, and half of a surrogate pair is no character."""

Said = dict[str, str | list[Any] | dict[Any, Any]]


class Strict(Schema):
    """Nothing but what is named; the messages are the codes of what is wrong."""

    error_messages = {"unknown": "unknown", "type": "object"}  # noqa: RUF012

    class Meta:
        unknown = RAISE


def _told(shape: str) -> Said:
    return {"required": "missing", "null": shape, "invalid": shape, "type": shape}


class Written(fields.String):
    """A text that is not empty."""

    def __init__(self, *validators: Any, **options: Any) -> None:
        checks = [Length(min=1, error="empty"), Regexp(STORABLE, error="text"), *validators]
        super().__init__(validate=checks, error_messages=_told("text"), **options)


class WordsSchema(Strict):
    """A text in both languages."""

    error_messages = {"unknown": "unknown", "type": "words"}  # noqa: RUF012
    da = Written(required=True)
    en = Written(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Words:
        return Words(**data)


def _words(*, required: bool = True) -> fields.Nested:
    return fields.Nested(WordsSchema, required=required, error_messages=_told("words"))


class ParameterSchema(Strict):
    """One setting."""

    name = Written(Regexp(NAME, error="name"), required=True)
    kind = Written(OneOf(KINDS, error="kind"), required=True)
    value = fields.Raw(required=True, allow_none=True, error_messages=_told("text"))
    label = _words()
    source = Written(required=True)
    note = _words(required=False)
    minimum = fields.Raw()
    maximum = fields.Raw()
    options = fields.List(fields.Raw(), error_messages=_told("list"))

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Parameter:
        return Parameter(**data | {"options": tuple(data.get("options", ()))})


class IndicatorSchema(Strict):
    """One measure of the whole programme."""

    id = Written(required=True)
    text = _words()
    target = fields.String(validate=Regexp(STORABLE, error="text"), error_messages=_told("text"))
    source = Written(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Indicator:
        return Indicator(**data)


class FactSchema(Strict):
    """One thing that a source says."""

    text = _words()
    source = Written(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Fact:
        return Fact(**data)


def _list(schema: type[Schema]) -> fields.List[Any]:
    inner = fields.Nested(schema, error_messages=_told("object"))
    return fields.List(inner, error_messages=_told("list"))


class ProgrammeSchema(Strict):
    """The whole file."""

    name = _words()
    summary = _words()
    sources = fields.Dict(
        keys=Written(), values=Written(), load_default=dict, error_messages=_told("object")
    )
    parameters = _list(ParameterSchema)
    indicators = _list(IndicatorSchema)
    facts = _list(FactSchema)

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> ProgrammeFile:
        lists = ("parameters", "indicators", "facts")
        return ProgrammeFile(**data | {name: tuple(data.get(name, ())) for name in lists})
