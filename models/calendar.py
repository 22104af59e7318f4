"""When is it due, and how was that worked out? Pure date arithmetic, no database.

Four calendars: `clock` counts hours that pass, `local` days and months on the wall,
`working` Monday to Friday without holidays and closing days, `weekday` every day but
Sundays and holidays. The trigger day is not counted, the time of day is kept.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from models import calendar_lines as say
from models.calendar_lines import Line
from models.durations import (
    COPENHAGEN,
    CalendarError,
    Cycle,
    Duration,
    NotACycle,
    NotADuration,
    NotAnInstant,
    NotAnOffset,
    TooLong,
    parse_cycle,
    parse_duration,
    parse_instant,
    parse_percent,
    settle,
)
from models.workdays import (
    ONE_DAY,
    is_weekday,
    is_working_day,
    next_working_day,
    previous_working_day,
    public_holidays,
    working_days_between,
)

__all__ = [
    "CALENDARS",
    "COPENHAGEN",
    "ROLLS",
    "CalendarError",
    "Cycle",
    "Due",
    "Duration",
    "Line",
    "NotACycle",
    "NotADuration",
    "NotAnInstant",
    "NotAnOffset",
    "TooLong",
    "UncountableUnit",
    "UnknownRule",
    "due",
    "is_weekday",
    "is_working_day",
    "kept",
    "next_working_day",
    "nth",
    "offset",
    "parse_cycle",
    "parse_duration",
    "parse_instant",
    "previous_working_day",
    "public_holidays",
    "working_days_between",
]

CALENDARS = ("clock", "local", "working", "weekday")
ROLLS = ("none", "forward", "back")
_NO_DAYS: frozenset[date] = frozenset()


class UnknownRule(CalendarError):
    """A calendar or a roll has a name that nobody knows."""

    def __init__(self, text: str, known: tuple[str, ...]) -> None:
        what, what_da = ("roll", "rykning") if known is ROLLS else ("calendar", "kalender")
        names = ", ".join(known)
        super().__init__(
            f'The {what} "{text}" is unknown; choose one of: {names}.',
            f'"{text}" er ukendt som {what_da}; vælg en af: {names}.',
        )


class UncountableUnit(CalendarError):
    """Years, months and weeks do not consist of a number of working days."""

    def __init__(self, calendar: str) -> None:
        super().__init__(
            f"The calendar {calendar} counts days; write them as days, such as P10D, "
            "or use the calendar local for years, months and weeks.",
            f"Kalenderen {calendar} tæller dage; skriv dem som dage, for eksempel P10D, "
            "eller brug kalenderen local til år, måneder og uger.",
        )


@dataclass(frozen=True, slots=True)
class Due:
    """The instant, in Copenhagen time, and how it came about.

    Python compares two times of one zone by the wall; convert to UTC before comparing
    what may fall into the hour that comes twice.
    """

    at: datetime
    lines: tuple[Line, ...]


def due(
    start: datetime,
    duration: str,
    *,
    calendar: str = "local",
    roll: str = "none",
    closing_days: frozenset[date] = _NO_DAYS,
) -> Due:
    """When `duration` after `start` is over; before it for a negative one.

    Raises:
        NotADuration, TooLong, UncountableUnit, UnknownRule.
        ValueError: `start` has no zone.
    Source: docs/adr/0007-calendar-arithmetic.md.
    """
    length = parse_duration(duration)
    return _Reckoning.of(start, calendar, roll, closing_days).reach(length, duration)


def offset(
    start: datetime,
    due: datetime,
    offset: str,
    *,
    calendar: str = "local",
    roll: str = "none",
    closing_days: frozenset[date] = _NO_DAYS,
) -> Due:
    """A point beside a deadline: `-P14D` from `due`, `P14D` from `start`, `50%` between.

    A percentage is of the time that really passes.

    Raises:
        NotAnOffset, TooLong, UncountableUnit, UnknownRule.
        ValueError: an instant has no zone.
    """
    percent = parse_percent(offset)
    if percent is not None:
        return _Reckoning.of(start, calendar, roll, closing_days).share(percent, due)
    try:
        length = parse_duration(offset)
    except NotADuration as error:
        raise NotAnOffset(offset) from error
    base = due if length.sign < 0 else start
    return _Reckoning.of(base, calendar, roll, closing_days).reach(length, offset)


def nth(
    anchor: datetime,
    duration: str,
    n: int,
    *,
    calendar: str = "local",
    roll: str = "none",
    closing_days: frozenset[date] = _NO_DAYS,
) -> Due:
    """The `n`-th repetition counted from `anchor`, so that month ends do not creep.

    31/1 and `P1M` give 28/2, 31/3, 30/4; repetition 0 is the anchor itself.

    Raises:
        NotADuration, TooLong, UncountableUnit, UnknownRule.
        ValueError: `anchor` has no zone, or `n` is negative.
    """
    if n < 0:
        message = f"Repetitions are counted from 0, not {n}."
        raise ValueError(message)
    length = parse_duration(duration) * n
    return _Reckoning.of(anchor, calendar, roll, closing_days).reach(
        length, f"{n} times {duration}"
    )


def kept(
    due: datetime,
    since: datetime,
    until: datetime,
    *,
    calendar: str = "local",
    roll: str = "none",
    closing_days: frozenset[date] = _NO_DAYS,
) -> datetime:
    """The instant that lies as far from `until` as `due` lay from `since`, by the calendar.

    What was four working days away when the clock stopped is four working days away when it
    starts again.

    Raises:
        UnknownRule.
        ValueError: an instant has no zone.
    """
    reckoning = _Reckoning.of(until, calendar, roll, closing_days)
    return reckoning.away(_in_copenhagen(since), _in_copenhagen(due)).rolled().at


@dataclass(frozen=True, slots=True)
class _Reckoning:
    """A calculation on its way: where it stands and what has been said so far."""

    at: datetime
    calendar: str
    roll: str
    closing_days: frozenset[date]
    lines: tuple[Line, ...] = ()
    keeps: time | None = None
    """The time of day asked for, where summer time has moved `at` off it."""

    @classmethod
    def of(
        cls, start: datetime, calendar: str, roll: str, closing_days: frozenset[date]
    ) -> _Reckoning:
        if calendar not in CALENDARS:
            raise UnknownRule(calendar, CALENDARS)
        if roll not in ROLLS:
            raise UnknownRule(roll, ROLLS)
        return cls(_in_copenhagen(start), calendar, roll, closing_days)

    def reach(self, length: Duration, text: str) -> Due:
        length.must_be_reachable(text)
        try:
            return self.add(length).rolled().finished()
        except OverflowError as error:
            raise TooLong(text) from error
        except ValueError as error:
            if isinstance(error, CalendarError):
                raise
            raise TooLong(text) from error

    def share(self, percent: int, end: datetime) -> Due:
        start, end = self.at, _in_copenhagen(end)
        span = end.astimezone(UTC) - start.astimezone(UTC)
        at = (start.astimezone(UTC) + span * percent / 100).astimezone(COPENHAGEN)
        return self.to(at, say.percent_line(percent, start, end, at)).rolled().finished()

    def away(self, since: datetime, due: datetime) -> _Reckoning:
        """As far from here as `due` is from `since`."""
        if self.calendar == "clock":
            passes = due.astimezone(UTC) - since.astimezone(UTC)
            return replace(self, at=(self.at.astimezone(UTC) + passes).astimezone(COPENHAGEN))
        if self.calendar == "local":
            return self.on_wall(_wall(due) - _wall(since))
        sign = 1 if due >= since else -1
        first, last = sorted((since.date(), due.date()))
        left, day = sum(map(self.counts, _days(first, last, sign))), self.at.date()
        while left:
            day += sign * ONE_DAY
            left -= self.counts(day)
        hours = _wall(due) - datetime.combine(due.date(), since.time())
        return self.on_wall(day - self.at.date() + hours).landed(sign)

    def on_wall(self, shift: timedelta) -> _Reckoning:
        return replace(self, at=settle(_wall(self.at) + shift))

    def add(self, length: Duration) -> _Reckoning:
        if self.calendar == "clock":
            return self.add_months(length).add_elapsed(length)
        if self.calendar == "local":
            return self.add_months(length).add_days(length).add_elapsed(length)
        if length.total_months or length.weeks:
            raise UncountableUnit(self.calendar)
        return self.add_counted(length).add_elapsed(length).landed(length.sign)

    def add_months(self, length: Duration) -> _Reckoning:
        if not length.total_months:
            return self
        start = self.at.date()
        end = _months_later(start, length.sign * length.total_months)
        return self.on(end, say.months_line(start, length, end), settled=not length.total_days)

    def add_days(self, length: Duration) -> _Reckoning:
        if not length.total_days:
            return self
        start = self.at.date()
        end = start + timedelta(days=length.sign * length.total_days)
        return self.on(end, say.days_line(start, length, end))

    def add_elapsed(self, length: Duration) -> _Reckoning:
        clock = self.calendar == "clock"
        elapsed = length.elapsed + timedelta(days=length.total_days if clock else 0)
        if not elapsed:
            return self
        at = (self.at.astimezone(UTC) + length.sign * elapsed).astimezone(COPENHAGEN)
        moved = self.to(at, say.elapsed_line(self.at, length, at, clock=clock))
        shift = _utc_offset(at) - _utc_offset(self.at)
        if not shift:
            return moved
        forward = (shift > timedelta()) == (length.sign > 0)
        return moved.to(at, say.shifted_clock_line(forward=forward))

    def add_counted(self, length: Duration) -> _Reckoning:
        if not length.days:
            return self
        start = self.at.date()
        day, left, step, skipped = start, length.days, length.sign * ONE_DAY, []
        while left:
            day += step
            if self.counts(day):
                left -= 1
            else:
                skipped.append(day)
        moved = self.on(day, say.counted_line(start, length, self.calendar, day))
        return moved.explain_skipped(skipped)

    def explain_skipped(self, days: list[date]) -> _Reckoning:
        if not days:
            return self
        return self.to(self.at, say.skipped_line(sorted(days), self._closed))

    def landed(self, sign: int) -> _Reckoning:
        """Stand on a day that counts, even if hours or nothing at all were added."""
        day = start = self.at.date()
        while not self.counts(day):
            day += sign * ONE_DAY
        return self if day == start else self.on(day, say.roll_line(start, day, self._closed))

    def rolled(self) -> _Reckoning:
        day = self.at.date()
        if self.roll == "none" or is_working_day(day, self.closing_days):
            return self
        roll = next_working_day if self.roll == "forward" else previous_working_day
        target = roll(day, self.closing_days)
        return self.on(target, say.roll_line(day, target, self.closing_days))

    def finished(self) -> Due:
        return Due(self.at, self.lines or (say.at_once_line(self.at),))

    def counts(self, day: date) -> bool:
        if self.calendar == "weekday":
            return is_weekday(day)
        return is_working_day(day, self.closing_days)

    @property
    def _closed(self) -> frozenset[date]:
        """The closing days this calendar knows; *hverdage* are the same for everyone."""
        return self.closing_days if self.calendar == "working" else _NO_DAYS

    def on(self, day: date, line: Line, *, settled: bool = True) -> _Reckoning:
        """The same time of day on another day, with what summer time does to it."""
        wall = datetime.combine(day, self.keeps or self.at.time())
        if not settled:
            return self.to(wall.replace(tzinfo=COPENHAGEN), line)
        at = settle(wall)
        moved = self.to(at, line)
        if at.replace(tzinfo=None) != wall:
            return replace(moved.to(at, say.skipped_hour_line(wall, at)), keeps=wall.time())
        if at.utcoffset() != at.replace(fold=1).utcoffset():
            return moved.to(at, say.repeated_hour_line(at))
        return moved

    def to(self, at: datetime, line: Line) -> _Reckoning:
        return replace(self, at=at, lines=(*self.lines, line), keeps=None)


def _in_copenhagen(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        message = f"{instant.isoformat()} has no time zone; a due time needs one."
        raise ValueError(message)
    return instant.astimezone(COPENHAGEN)


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


def _days(first: date, last: date, sign: int) -> list[date]:
    """The days between two, without the one that is counted from."""
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    return days[1:] if sign > 0 else days[:-1]


def _utc_offset(at: datetime) -> timedelta:
    return at.utcoffset() or timedelta()


def _months_later(day: date, months: int) -> date:
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
