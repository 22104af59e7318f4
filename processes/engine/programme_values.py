"""Which values a parameter of each kind can have: what fits, what is too little or too much."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError
from marshmallow.validate import Email

from models.durations import CalendarError, parse_cycle, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from processes.engine.programme import Parameter

CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST = 2000
MOST = 10**15
"""Greater numbers are no longer exact where FEEL counts."""

WANTED: dict[str, tuple[str, str]] = {
    "cycle": (
        "Write a repetition, such as R/P14D for every fourteen days.",
        "Skriv en gentagelse, for eksempel R/P14D for hver fjortende dag.",
    ),
    "date": (
        "Write a date as 2026-01-31.",
        "Skriv en dato som 2026-01-31.",
    ),
    "duration": (
        "Write a duration, such as P14D for fourteen days or P4M for four months.",
        "Skriv en varighed, for eksempel P14D for fjorten dage eller P4M for fire måneder.",
    ),
    "email": (
        "Write a mail address, or several with commas between.",
        "Skriv en mailadresse, eller flere med komma imellem.",
    ),
    "money": (
        "Write an amount in kroner as a number, such as 1200000.",
        "Skriv et beløb i kroner som et tal, for eksempel 1200000.",
    ),
    "number": (
        "Write a number without quotes, such as 15.",
        "Skriv et tal uden anførselstegn, for eksempel 15.",
    ),
    "percent": (
        "Write a percentage as a number from 0, such as 80.",
        "Skriv en procent som et tal fra 0, for eksempel 80.",
    ),
    "text": (
        "Write a text of one line, at most 2000 characters.",
        "Skriv en tekst på én linje, højst 2000 tegn.",
    ),
    "truth": (
        "Write true or false without quotes.",
        "Skriv true eller false uden anførselstegn.",
    ),
}
"""What a value of each kind looks like, in English and Danish."""


def fault_of(kind: str, value: Any) -> tuple[str, str] | None:
    """Why a value is not of its kind, in English and Danish; None if it is."""
    try:
        return None if FITS[kind](value) else WANTED[kind]
    except CalendarError as error:
        return error.en, error.da


def is_within(parameter: Parameter, value: Any) -> bool:
    """Whether a value of the parameter's kind lies between its limits; without scale it does."""
    size = size_of(parameter.kind, value)
    least, most = (size_of(parameter.kind, one) for one in (parameter.minimum, parameter.maximum))
    if size is None:
        return True
    return (least is None or least <= size) and (most is None or size <= most)


def size_of(kind: str, value: Any) -> float | None:
    """What values of a kind are compared by; None where none is greater than another."""
    if value is None or kind not in SIZES:
        return None
    return SIZES[kind](value)


def _is_line(value: Any) -> bool:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        return False
    return not CONTROL.search(value)


def _is_mail(value: Any) -> bool:
    if not _is_line(value):
        return False
    try:
        return all(Email()(part.strip()) for part in value.split(","))
    except ValidationError:
        return False


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= MOST and math.isfinite(value)


def _is_duration(value: Any) -> bool:
    return isinstance(value, str) and bool(parse_duration(value) or value)


def _is_cycle(value: Any) -> bool:
    return isinstance(value, str) and parse_cycle(value) is not None


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _days_of(text: str) -> float:
    duration = parse_duration(text)
    return duration.sign * duration.rough_days


FITS: dict[str, Callable[[Any], bool]] = {
    "cycle": _is_cycle,
    "date": _is_date,
    "duration": _is_duration,
    "email": _is_mail,
    "money": _is_number,
    "number": _is_number,
    "percent": lambda value: _is_number(value) and value >= 0,
    "text": _is_line,
    "truth": lambda value: isinstance(value, bool),
}

SIZES: dict[str, Callable[[Any], float]] = {
    "date": lambda value: date.fromisoformat(value).toordinal(),
    "duration": _days_of,
    "money": float,
    "number": float,
    "percent": float,
}
"""Months count as long as months get on average, so that P1M is more than P4W."""
