"""How a setting is asked for and said: days and amounts in words, a field for each kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext, ngettext

from models.durations import CalendarError, parse_cycle, parse_duration
from processes.engine.programme_values import fault_of
from processes.lint.programmes import COUNTING
from webapp import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from processes.engine.programme import Parameter
    from processes.parameter_effects import Use

WHOLE = re.compile(r"\d{1,5}")
AMOUNT = re.compile(r"-?\d+([.,]\d+)?")
UNIT = ".unit"
"""What the name of a setting's second field ends in."""

UNITS = {"years": "Y", "months": "M", "weeks": "W", "days": "D", "hours": "H"}
"""Attribute of a duration to the unit's sign; one before a deadline has a minus in front."""

NUMBERS = frozenset({"money", "number", "percent"})
LONGEST_BADGE = 18


@dataclass(frozen=True)
class Field:
    """One setting on the page."""

    parameter: Parameter
    """As it is in the version in use."""

    value: Any
    """As somebody has written it, which may be anything."""

    uses: list[Use]
    control: str
    """`length`, `choice`, `truth`, `date`, `number` or `text`."""

    number: str = ""
    unit: str = ""

    @property
    def calendars(self) -> frozenset[str]:
        """The calendars that what it times is counted in."""
        return calendars_of(self.uses)

    @property
    def units(self) -> list[tuple[str, str]]:
        """The units to choose from, with their words."""
        signs = list(UNITS.values())
        if self.calendars and self.calendars <= COUNTING:
            signs = ["D"]
        minus = "-" if _looks_back(self.parameter) else ""
        signs = [f"{minus}{sign}" for sign in signs]
        signs += [self.unit] if self.unit not in signs else []
        return [(sign, unit_in_words(sign, self.calendars)) for sign in signs]

    @property
    def differs(self) -> bool:
        """Whether it is another value than that in use."""
        return bool(self.value != self.parameter.value)

    @property
    def shown(self) -> str:
        """Text for a field that takes the value as it is."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "" if self.value is None else str(self.value)

    @property
    def published(self) -> str:
        """The value in use, in words."""
        return in_words(self.parameter, self.parameter.value, self.calendars)


def calendars_of(uses: Iterable[Use]) -> frozenset[str]:
    """The calendars that some uses count in."""
    return frozenset(use.calendar for use in uses if use.calendar)


def field_of(parameter: Parameter, value: Any, uses: list[Use]) -> Field:
    """The field for a setting, holding a value."""
    if parameter.options:
        return Field(parameter, value, uses, "choice")
    if parameter.kind in {"duration", "cycle"}:
        split = split_length(parameter.kind, value)
        usual = split_length(parameter.kind, parameter.value)
        if split is None and usual and fault_of(parameter.kind, value) is not None:
            split = ("" if value is None else str(value), usual[1])
        if split is None:
            return Field(parameter, value, uses, "text")
        return Field(parameter, value, uses, "length", *split)
    controls = {"truth": "truth", "date": "date"} | dict.fromkeys(NUMBERS, "number")
    return Field(parameter, value, uses, controls.get(parameter.kind, "text"))


def value_from(parameter: Parameter, sent: Mapping[str, str]) -> Any:
    """The value that the fields of a setting say; what they say wrongly stays as it was written."""
    text = sent[parameter.name].strip()
    if parameter.options:
        return next((one for one in parameter.options if str(one) == text), text)
    if f"{parameter.name}{UNIT}" in sent:
        return _length(parameter.kind, text, sent[f"{parameter.name}{UNIT}"])
    if parameter.kind in NUMBERS and AMOUNT.fullmatch(text):
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    if parameter.kind == "truth":
        return {"true": True, "false": False}.get(text, text)
    return text


def split_length(kind: str, value: Any) -> tuple[str, str] | None:
    """A length of one unit as number and unit; None if it is more than that."""
    try:
        cycle = parse_cycle(value) if kind == "cycle" else None
        if cycle is not None and (cycle.count is not None or cycle.start is not None):
            return None
        length = parse_duration(cycle.duration if cycle else value)
    except (AttributeError, CalendarError, TypeError):
        return None
    parts = [(getattr(length, unit), sign) for unit, sign in UNITS.items() if getattr(length, unit)]
    if len(parts) > 1 or length.minutes or length.seconds:
        return None
    [(number, sign)] = parts or [(0, UNITS["days"])]
    return str(number), f"-{sign}" if length.sign < 0 else sign


def in_words(parameter: Parameter, value: Any, calendars: Collection[str] = ()) -> str:
    """A value as people say it."""
    split = split_length(parameter.kind, value) if parameter.kind in {"duration", "cycle"} else None
    if split is not None:
        said = _amount(int(split[0]), split[1], calendars)
        return gettext("%(length)s apart", length=said) if parameter.kind == "cycle" else said
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int | float):
        number = format_decimal(value, locale=get_locale())
        signs = {"money": f"{number} kr.", "percent": f"{number} %"}
        return signs.get(parameter.kind, number)
    if parameter.kind == "date" and isinstance(value, str):
        try:
            return words.short_day(date.fromisoformat(value), date.min)
        except ValueError:
            return value
    return "" if value is None else str(value)


def unit_in_words(sign: str, calendars: Collection[str]) -> str:
    """The unit in the plural, as the deadline's calendar counts it."""
    bare = sign.removeprefix("-")
    plain = {
        "Y": gettext("years"),
        "M": gettext("months"),
        "W": gettext("weeks"),
        "D": gettext("days"),
        "H": gettext("hours"),
    }
    only = next(iter(calendars)) if len(set(calendars)) == 1 else ""
    days = {"working": gettext("working days"), "weekday": gettext("weekdays, Saturdays too")}
    said = days.get(only, plain[bare]) if bare == "D" else plain[bare]
    return gettext("%(unit)s before", unit=said) if sign.startswith("-") else said


def fault_in_words(field: Field) -> str:
    """What to write in a field whose value is not of its kind."""
    if field.control == "length":
        return gettext("Write a whole number from 1.")
    return {
        "cycle": gettext("Write a repetition such as R/P14D, every fourteen days."),
        "date": gettext("Choose a date."),
        "duration": gettext("Write a duration such as P14D, fourteen days, or P1M10D."),
        "email": gettext("Write a mail address, or several with commas between."),
        "money": gettext("Write an amount in kroner, such as 1200000."),
        "number": gettext("Write a number, such as 15."),
        "percent": gettext("Write a percentage, such as 80."),
        "text": gettext("Write a text of one line."),
        "truth": gettext("Choose yes or no."),
    }[field.parameter.kind]


def limits_in_words(parameter: Parameter, calendars: Collection[str] = ()) -> str:
    """The least and greatest value; empty if there are none."""
    least, most = parameter.minimum, parameter.maximum
    if _looks_back(parameter):
        least, most = most, least
    told = ["" if one is None else in_words(parameter, one, calendars) for one in (least, most)]
    if all(told):
        return gettext("From %(least)s to %(most)s.", least=told[0], most=told[1])
    if told[0]:
        return gettext("At least %(least)s.", least=told[0])
    return gettext("At most %(most)s.", most=told[1]) if told[1] else ""


def badge_text(parameter: Parameter, value: Any) -> str:
    """A value short enough for a sign in the diagram."""
    said = in_words(parameter, value)
    return said if len(said) <= LONGEST_BADGE else ""


def _length(kind: str, number: str, unit: str) -> str:
    bare = unit.removeprefix("-")
    if not WHOLE.fullmatch(number) or bare not in UNITS.values():
        return number
    minus = "-" if unit.startswith("-") else ""
    length = f"PT{int(number)}H" if bare == "H" else f"P{int(number)}{bare}"
    return f"R/{length}" if kind == "cycle" else f"{minus}{length}"


def _looks_back(parameter: Parameter) -> bool:
    written = [parameter.value, parameter.minimum, parameter.maximum]
    return any(isinstance(one, str) and one.startswith("-") for one in written)


def _amount(number: int, unit: str, calendars: Collection[str]) -> str:
    bare = unit.removeprefix("-")
    only = next(iter(calendars)) if len(set(calendars)) == 1 else ""
    if bare == "D" and only == "working":
        said = ngettext("%(num)d working day", "%(num)d working days", number)
    elif bare == "D" and only == "weekday":
        said = ngettext("%(num)d weekday", "%(num)d weekdays", number)
    else:
        said = {
            "Y": lambda: ngettext("%(num)d year", "%(num)d years", number),
            "M": lambda: ngettext("%(num)d month", "%(num)d months", number),
            "W": lambda: ngettext("%(num)d week", "%(num)d weeks", number),
            "D": lambda: ngettext("%(num)d day", "%(num)d days", number),
            "H": lambda: ngettext("%(num)d hour", "%(num)d hours", number),
        }[bare]()
    return gettext("%(length)s before", length=said) if unit.startswith("-") else said
