"""Kinds of field that the API's schemas share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate

from webapp.api.body import UNSTORABLE
from webapp.api.sayings import CPR, EMPTY, TOO_LONG
from webapp.api.sayings import UNSTORABLE as CANNOT_BE_STORED
from webapp.words import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

LONGEST = 2000
CPR_DIGITS = 10
SPACE_FOR_PLUS = re.compile(r"(?<=\d) (?=\d\d:\d\d\Z)")
"""An offset whose `+` was not escaped in an address."""


class Moment(fields.AwareDateTime):
    """An ISO 8601 instant with its offset; answered in Copenhagen's."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if isinstance(value, str) and "T" in value:
            value = SPACE_FOR_PLUS.sub("+", value)
        return super()._deserialize(value, attr, data, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        local = value.astimezone(ZONE) if value is not None else None
        return super()._serialize(local, attr, obj, **kwargs)  # type: ignore[return-value]


def text(*, longest: int = LONGEST, **facts: Any) -> fields.String:
    """Text that a column can keep."""
    checks: list[Callable[[str], Any]] = [validate.Length(max=longest, error=TOO_LONG), storable]
    if facts.get("required"):
        checks.append(not_blank)
    return fields.String(validate=checks, **facts)


def storable(value: str) -> None:
    """Refuse what PostgreSQL cannot keep.

    Raises:
        ValidationError.
    """
    if UNSTORABLE.search(value):
        raise ValidationError(CANNOT_BE_STORED)


def not_blank(value: str) -> None:
    """Refuse a text of spaces.

    Raises:
        ValidationError.
    """
    if not value.strip():
        raise ValidationError(EMPTY)


def no_cpr(value: str) -> None:
    """Refuse what could be a CPR number: it never stands in a reference.

    Raises:
        ValidationError.
    """
    if sum(letter.isdecimal() for letter in value) >= CPR_DIGITS:
        raise ValidationError(CPR)
