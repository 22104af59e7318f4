"""How parameters are read from JSON: one line of text, addresses, a point in time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields
from marshmallow.validate import Email

from models.calendar import NotAnInstant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
EMAIL = Email(error="Not a mail address.")
ZONE = "@Europe/Copenhagen"


class Line(fields.String):
    """A text that fits one header: not empty, no line break, no other control character."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own way to word errors
        "lines": "Must be one line without control characters.",
        "empty": "Must not be empty.",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if CONTROL.search(text):
            raise self.make_error("lines")
        if not text.strip():
            raise self.make_error("empty")
        return text.strip()


class Addresses(fields.Field[tuple[str, ...]]):
    """One mail address, or a list of them; a text may hold several with commas between."""

    default_error_messages = {  # noqa: RUF012
        "shape": "Must be a mail address or a list of them.",
        "letters": "A mail address has only plain letters, digits and signs.",
    }

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **_: Any,
    ) -> tuple[str, ...]:
        given = value.split(",") if isinstance(value, str) else value
        if not isinstance(given, list) or not given:
            raise self.make_error("shape")
        return tuple(dict.fromkeys(self._address(one) for one in given))

    def _address(self, given: Any) -> str:
        address = given.strip() if isinstance(given, str) else ""
        if not address.isascii() or CONTROL.search(str(given)):
            raise self.make_error("letters")
        return EMAIL(address)


class Instant(fields.Field[datetime]):
    """A date, or a date with a time; without a zone it is Copenhagen time."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **_: Any,
    ) -> datetime:
        try:
            return parse_instant(str(value).removesuffix(ZONE))
        except NotAnInstant as refused:
            raise ValidationError(str(refused)) from refused
