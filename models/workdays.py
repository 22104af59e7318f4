"""Which days count: public holidays, working days and *hverdage* in Denmark."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays

from models.durations import COPENHAGEN

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
_NO_DAYS: frozenset[date] = frozenset()


class HolidayName(NamedTuple):
    """What people call a public holiday, as it stands inside a sentence."""

    da: str
    en: str


@lru_cache(maxsize=512)
def public_holidays(year: int) -> dict[date, HolidayName]:
    """The year's public holidays, without days that only many workplaces close.

    Source: `holidays`, Denmark; store bededag is one until 2023.
    """
    danish = holidays.country_holidays("DK", years=year, language="da")
    english = holidays.country_holidays("DK", years=year, language="en_US")
    return {
        day: HolidayName(name[:1].lower() + name[1:], english[day])
        for day, name in sorted(danish.items())
    }


def is_working_day(day: date, closing_days: frozenset[date] = _NO_DAYS) -> bool:
    """Whether the unit works that day: Monday to Friday, no holiday, no closing day."""
    return (
        day.weekday() < SATURDAY
        and day not in public_holidays(day.year)
        and day not in closing_days
    )


def is_weekday(day: date) -> bool:
    """Whether the day is a *hverdag*: any day but Sundays and public holidays."""
    return day.weekday() != SUNDAY and day not in public_holidays(day.year)


def next_working_day(day: date, closing_days: frozenset[date] = _NO_DAYS) -> date:
    """The first working day after `day`."""
    return _walk(day, ONE_DAY, closing_days)


def previous_working_day(day: date, closing_days: frozenset[date] = _NO_DAYS) -> date:
    """The last working day before `day`."""
    return _walk(day, -ONE_DAY, closing_days)


def working_days_between(a: date, b: date, closing_days: frozenset[date] = _NO_DAYS) -> int:
    """Working days after `a` up to and with `b`; negative if `b` lies before `a`.

    An instant stands for its day in Copenhagen.
    """
    first, last = sorted((local_day(a), local_day(b)))
    days = (first + ONE_DAY * number for number in range(1, (last - first).days + 1))
    count = sum(is_working_day(day, closing_days) for day in days)
    return count if local_day(a) <= local_day(b) else -count


def local_day(moment: date) -> date:
    """The date on the wall in Copenhagen at that instant; a plain date is its own."""
    if isinstance(moment, datetime):
        return moment.astimezone(COPENHAGEN).date()
    return moment


def _walk(day: date, step: timedelta, closing_days: frozenset[date]) -> date:
    day += step
    while not is_working_day(day, closing_days):
        day += step
    return day
