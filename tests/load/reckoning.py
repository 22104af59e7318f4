"""When is it due? Worked out anew, with nothing of the product's own calendar.

Source: Easter by `dateutil.easter`; the days of a church year counted from it; the rest of the
public holidays of Denmark since store bededag is gone (2024).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta
from dateutil.tz import datetime_exists, resolve_imaginary

HERE = ZoneInfo("Europe/Copenhagen")
LENGTH = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
    r"(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
SATURDAY, SUNDAY = 5, 6


@cache
def free(year: int) -> frozenset[date]:
    """The public holidays of a year."""
    fixed = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)}
    moving = {easter(year) + timedelta(days=far) for far in (-3, -2, 0, 1, 39, 49, 50)}
    return frozenset(fixed | moving)


def worked(day: date, closed: frozenset[date]) -> bool:
    return day.weekday() < SATURDAY and day not in free(day.year) and day not in closed


def weekday(day: date, _: frozenset[date]) -> bool:
    return day.weekday() != SUNDAY and day not in free(day.year)


def reckoned(
    start: datetime,
    length: str,
    calendar: str,
    roll: str,
    closed: frozenset[date],
    *,
    times: int = 1,
) -> datetime:
    """When so many lengths after `start` are over, in UTC: two times of one zone with a doubled
    hour compare by the wall."""
    parts = LENGTH.fullmatch(length)
    if parts is None:
        raise ValueError(length)
    sign = -times if parts["sign"] == "-" else times
    count = {unit: sign * int(parts[unit] or 0) for unit in LENGTH.groupindex if unit != "sign"}
    hours = timedelta(**{unit: count[unit] for unit in ("hours", "minutes", "seconds")})
    days = 7 * count["weeks"] + count["days"]
    months = 12 * count["years"] + count["months"]
    at = start.astimezone(HERE)
    if calendar == "clock":
        at = passed(on_wall(at, relativedelta(months=months)), hours + timedelta(days=days))
    elif calendar == "local":
        at = passed(on_wall(at, relativedelta(months=months, days=days)), hours)
    else:
        counts = worked if calendar == "working" else weekday
        at = landed(passed(stepped(at, days, counts, closed), hours), sign, counts, closed)
    return rolled(at, roll, closed).astimezone(UTC)


def passed(at: datetime, span: timedelta) -> datetime:
    """As much later as a clock shows that nobody turns."""
    return (at.astimezone(UTC) + span).astimezone(HERE) if span else at


def on_wall(at: datetime, far: relativedelta) -> datetime:
    """The same time of day on another day; one that summer time skips moves on by an hour."""
    if not far:
        return at
    moved = (at.replace(tzinfo=None) + far).replace(tzinfo=HERE, fold=0)
    return moved if datetime_exists(moved) else resolve_imaginary(moved)


def stepped(at: datetime, days: int, counts, closed: frozenset[date]) -> datetime:
    """So many days on that count."""
    step, day = (1 if days > 0 else -1), at.date()
    for _ in range(abs(days)):
        day += timedelta(days=step)
        while not counts(day, closed):
            day += timedelta(days=step)
    return on_wall(at, relativedelta(days=(day - at.date()).days))


def landed(at: datetime, sign: int, counts, closed: frozenset[date]) -> datetime:
    """Not on a day that does not count."""
    step, day = (1 if sign > 0 else -1), at.date()
    while not counts(day, closed):
        day += timedelta(days=step)
    return on_wall(at, relativedelta(days=(day - at.date()).days))


def rolled(at: datetime, roll: str, closed: frozenset[date]) -> datetime:
    if roll == "none":
        return at
    return landed(at, 1 if roll == "forward" else -1, worked, closed)
