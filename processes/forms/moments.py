"""Dates and times as forms write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {"date": "date", "time": "time", "datetime": "date and time"}
"""form-js subtype to FEEL kind."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?"
_READ: dict[str, tuple[re.Pattern[str], Callable[[str], object]]] = {
    "date": (re.compile(_DAY, re.ASCII), date.fromisoformat),
    "time": (re.compile(_CLOCK, re.ASCII), time.fromisoformat),
    "date and time": (re.compile(f"{_DAY}T{_CLOCK}", re.ASCII), datetime.fromisoformat),
}


def is_moment(text: str, kind: str) -> bool:
    """Whether the text is a real date, time, or date and time in extended ISO 8601."""
    shape, read = _READ[kind]
    if not shape.fullmatch(text):
        return False
    try:
        read(text)
    except ValueError:
        return False
    return True
