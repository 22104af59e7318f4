"""How the arithmetic of a due time reads, in Danish and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.workdays import SATURDAY, public_holidays

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from models.durations import Duration

_MINUS = "\N{MINUS SIGN}"
_WEEKDAYS_DA = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_DA = (
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = {
    "years": ("år", "år", "year", "years"),
    "months": ("måned", "måneder", "month", "months"),
    "weeks": ("uge", "uger", "week", "weeks"),
    "days": ("dag", "dage", "day", "days"),
    "clock_days": ("døgn", "døgn", "day of 24 hours", "days of 24 hours"),
    "working": ("arbejdsdag", "arbejdsdage", "working day", "working days"),
    "weekday": ("hverdag", "hverdage", "weekday (Saturdays count)", "weekdays (Saturdays count)"),
    "hours": ("time", "timer", "hour", "hours"),
    "minutes": ("minut", "minutter", "minute", "minutes"),
    "seconds": ("sekund", "sekunder", "second", "seconds"),
}
_MOST_NAMED = 5
"""How many skipped days of a weekend are named one by one before they are only counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One readable line of the arithmetic."""

    da: str
    en: str


def months_line(start: date, length: Duration, end: date) -> Line:
    """`31/1 2026 + 1 måned = 28/2 2026 (februar har 28 dage)`."""
    da, en = _amount(length, years="years", months="months")
    why_da = why_en = ""
    if end.day != start.day:
        why_da = f" ({_MONTHS_DA[end.month - 1]} har {end.day} dage)"
        why_en = f" ({_MONTHS[end.month - 1]} has {end.day} days)"
    return Line(
        f"{_day_da(start)} {da} = {_day_da(end)}{why_da}",
        f"{_day(start)} {en} = {_day(end)}{why_en}",
    )


def days_line(start: date, length: Duration, end: date) -> Line:
    """`28/2 2026 + 10 dage = 10/3 2026`."""
    da, en = _amount(length, weeks="weeks", days="days")
    return Line(f"{_day_da(start)} {da} = {_day_da(end)}", f"{_day(start)} {en} = {_day(end)}")


def counted_line(start: date, length: Duration, calendar: str, end: date) -> Line:
    """`onsdag 1/4 2026 + 5 arbejdsdage = mandag 13/4 2026`."""
    da, en = _amount(length, days=calendar)
    return Line(
        f"{_weekday_da(start)} {_day_da(start)} {da} = {_weekday_da(end)} {_day_da(end)}",
        f"{_weekday(start)} {_day(start)} {en} = {_weekday(end)} {_day(end)}",
    )


def skipped_line(days: Sequence[date], closing_days: frozenset[date]) -> Line:
    """`sprunget over: torsdag 2/4 (skærtorsdag), …`; long rows of weekends are counted."""
    plain = [day for day in days if not _reason_da(day, closing_days)]
    named = days if len(plain) <= _MOST_NAMED else [day for day in days if day not in set(plain)]
    parts_da = [_skipped_da(day, closing_days) for day in named]
    parts_en = [_skipped(day, closing_days) for day in named]
    if len(named) < len(days):
        parts_da.append(f"{len(plain)} weekenddage")
        parts_en.append(f"{len(plain)} weekend days")
    return Line("sprunget over: " + ", ".join(parts_da), "skipped: " + ", ".join(parts_en))


def elapsed_line(start: datetime, length: Duration, end: datetime, *, clock: bool) -> Line:
    """`28/3 2026 kl. 09.00 + 24 timer = 29/3 2026 kl. 10.00`."""
    days = {"weeks": "weeks", "days": "clock_days"} if clock else {}
    da, en = _amount(length, **days, hours="hours", minutes="minutes", seconds="seconds")
    return Line(
        f"{_moment_da(start)} {da} = {_moment_da(end)}", f"{_moment(start)} {en} = {_moment(end)}"
    )


def roll_line(day: date, target: date, closing_days: frozenset[date]) -> Line:
    """`28/2 er en lørdag → mandag 2/3`."""
    why_da = _reason_da(day, closing_days) or f"en {_weekday_da(day)}"
    why_en = _reason(day, closing_days) or f"a {_weekday(day)}"
    return Line(
        f"{_short_da(day)} er {why_da} → {_weekday_da(target)} {_short_da(target)}",
        f"{_short(day)} is {why_en} → {_weekday(target)} {_short(target)}",
    )


def percent_line(percent: int, start: datetime, due: datetime, at: datetime) -> Line:
    """`50 % af tiden fra 1/1 2026 kl. 09.00 til 1/3 2026 kl. 09.00 = …`."""
    return Line(
        f"{percent} % af tiden fra {_moment_da(start)} til {_moment_da(due)} = {_moment_da(at)}",
        f"{percent} % of the time from {_moment(start)} to {_moment(due)} = {_moment(at)}",
    )


def at_once_line(at: datetime) -> Line:
    """Nothing is added."""
    return Line(f"{_moment_da(at)}, uden tillæg", f"{_moment(at)}, nothing added")


def skipped_hour_line(wanted: datetime, at: datetime) -> Line:
    """A wall time that does not exist moved forward."""
    return Line(
        f"{_short_da(wanted)} findes kl. {_time_da(wanted)} ikke, fordi sommertiden begynder "
        f"→ kl. {_time_da(at)}",
        f"on {_short(wanted)} there is no {_time(wanted)}, because summer time begins "
        f"→ {_time(at)}",
    )


def repeated_hour_line(at: datetime) -> Line:
    """A wall time that comes twice; the first counts."""
    return Line(
        f"{_short_da(at)} kommer kl. {_time_da(at)} to gange, fordi sommertiden slutter; "
        "den første gælder",
        f"on {_short(at)} {_time(at)} comes twice, because summer time ends; the first counts",
    )


def shifted_clock_line(*, forward: bool) -> Line:
    """The clocks changed while hours were counted."""
    if forward:
        return Line(
            "undervejs begynder sommertiden: uret stilles en time frem",
            "on the way summer time begins: the clocks go forward an hour",
        )
    return Line(
        "undervejs slutter sommertiden: uret stilles en time tilbage",
        "on the way summer time ends: the clocks go back an hour",
    )


def _amount(length: Duration, **units: str) -> tuple[str, str]:
    da, en = [], []
    for attribute, unit in units.items():
        if number := getattr(length, attribute):
            one_da, many_da, one_en, many_en = _UNITS[unit]
            da.append(f"{number} {one_da if number == 1 else many_da}")
            en.append(f"{number} {one_en if number == 1 else many_en}")
    sign = "+" if length.sign > 0 else _MINUS
    return f"{sign} {_listed(da, 'og')}", f"{sign} {_listed(en, 'and')}"


def _listed(parts: list[str], joint: str) -> str:
    *head, last = parts
    return f"{', '.join(head)} {joint} {last}" if head else last


def _skipped_da(day: date, closing_days: frozenset[date]) -> str:
    reason = _reason_da(day, closing_days)
    return f"{_weekday_da(day)} {_short_da(day)}" + (f" ({reason})" if reason else "")


def _skipped(day: date, closing_days: frozenset[date]) -> str:
    reason = _reason(day, closing_days)
    return f"{_weekday(day)} {_short(day)}" + (f" ({reason})" if reason else "")


def _reason_da(day: date, closing_days: frozenset[date]) -> str:
    if holiday := public_holidays(day.year).get(day):
        return holiday.da
    return "lukkedag" if day in closing_days and day.weekday() < SATURDAY else ""


def _reason(day: date, closing_days: frozenset[date]) -> str:
    if holiday := public_holidays(day.year).get(day):
        return holiday.en
    return "a closing day" if day in closing_days and day.weekday() < SATURDAY else ""


def _moment_da(at: datetime) -> str:
    return f"{_day_da(at)} kl. {_time_da(at)}"


def _moment(at: datetime) -> str:
    return f"{_day(at)} {_time(at)}"


def _time_da(at: datetime) -> str:
    return f"{at.hour:02}.{at.minute:02}"


def _time(at: datetime) -> str:
    return f"{at.hour:02}:{at.minute:02}"


def _day_da(day: date) -> str:
    return f"{day.day}/{day.month} {day.year}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _short_da(day: date) -> str:
    return f"{day.day}/{day.month}"


def _short(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _weekday_da(day: date) -> str:
    return _WEEKDAYS_DA[day.weekday()]


def _weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]
