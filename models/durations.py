"""What an ISO 8601 duration, cycle, offset or instant means, and why a text is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")

_NUMBER = r"(?:([0-9]{1,9})%s)?"
_DURATION = re.compile(
    r"([+-])?P(?=[0-9T])"
    + "".join(_NUMBER % unit for unit in "YMWD")
    + r"(?:T(?=[0-9])"
    + "".join(_NUMBER % unit for unit in "HMS")
    + ")?",
)
_CYCLE = re.compile(r"R([0-9]{0,6})/(?:([^/]+)/)?(P[^/]+)")
_PERCENT = re.compile(r"([0-9]{1,3}) ?%")
_LONGEST_DAYS = 36_525


class CalendarError(ValueError):
    """A rule for a due time makes no sense; the text is English, `da` the same in Danish."""

    def __init__(self, en: str, da: str) -> None:
        super().__init__(en)
        self.en = en
        self.da = da


class NotADuration(CalendarError):
    """The text is no ISO 8601 duration in whole numbers."""

    def __init__(self, text: str) -> None:
        if re.search(r"[0-9][.,][0-9]", text):
            super().__init__(
                f'"{text}" has a fraction; write whole numbers of a smaller unit, '
                "such as PT90M for an hour and a half.",
                f'"{text}" har et kommatal; skriv hele tal af en mindre enhed, '
                "for eksempel PT90M for halvanden time.",
            )
            return
        super().__init__(
            f'"{text}" is not a duration; write P4M for four months, P14D for fourteen days, '
            "P2W for two weeks or PT24H for 24 hours.",
            f'"{text}" er ikke en varighed; skriv P4M for fire måneder, P14D for fjorten dage, '
            "P2W for to uger eller PT24H for 24 timer.",
        )


class TooLong(CalendarError):
    """The duration reaches more than a hundred years, or out of the calendar."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f'"{text}" reaches too far; a due time lies at most 100 years away.',
            f'"{text}" rækker for langt; en frist ligger højst 100 år væk.',
        )


class NotACycle(CalendarError):
    """The text is no ISO 8601 repeating interval that we can count."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f'"{text}" is not a repetition; write R/P14D for every fourteen days, R3/P1M for '
            "three times a month apart, or R5/2026-01-01T09:00:00+01:00/P1M to name the first.",
            f'"{text}" er ikke en gentagelse; skriv R/P14D for hver fjortende dag, R3/P1M for '
            "tre gange med en måned imellem, eller R5/2026-01-01T09:00:00+01:00/P1M for at "
            "nævne den første.",
        )


class NotAnOffset(CalendarError):
    """The text places nothing between a start and a due time."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f'"{text}" is not an offset; write -P14D for fourteen days before the due time, '
            "P14D for fourteen days after the start, or 50% for half-way.",
            f'"{text}" er ikke en afstand; skriv -P14D for fjorten dage før fristen, '
            "P14D for fjorten dage efter starten, eller 50% for halvvejs.",
        )


class NotAnInstant(CalendarError):
    """The text is neither a date nor a date with a time."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f'"{text}" is not a point in time; write 2026-01-31 or 2026-01-31T09:00:00+01:00.',
            f'"{text}" er ikke et tidspunkt; skriv 2026-01-31 eller 2026-01-31T09:00:00+01:00.',
        )


@dataclass(frozen=True, slots=True)
class Duration:
    """Whole units, each as it was written; `sign` is -1 for one that looks back."""

    sign: int = 1
    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    def __mul__(self, times: int) -> Duration:
        """The duration `times` over, unit by unit; `times` is 0 or more."""
        return Duration(
            self.sign,
            self.years * times,
            self.months * times,
            self.weeks * times,
            self.days * times,
            self.hours * times,
            self.minutes * times,
            self.seconds * times,
        )

    def __bool__(self) -> bool:
        """Whether any unit counts at all."""
        return bool(self.total_months or self.total_days or self.elapsed)

    @property
    def total_months(self) -> int:
        """Years and months, in months, without the sign."""
        return 12 * self.years + self.months

    @property
    def total_days(self) -> int:
        """Weeks and days, in days, without the sign."""
        return 7 * self.weeks + self.days

    @property
    def elapsed(self) -> timedelta:
        """Hours, minutes and seconds, without the sign."""
        return timedelta(hours=self.hours, minutes=self.minutes, seconds=self.seconds)

    @property
    def rough_days(self) -> float:
        """Length in days, a month taken as long as months get; to tell the absurd."""
        hours = self.hours + self.minutes / 60 + self.seconds / 3600
        return 365.25 * self.years + 30.4 * self.months + self.total_days + hours / 24

    def must_be_reachable(self, text: str) -> Duration:
        """The duration itself.

        Raises:
            TooLong: it spans more than a hundred years.
        """
        if self.rough_days > _LONGEST_DAYS:
            raise TooLong(text)
        return self


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: how often (None is for ever), from when (None is now), how far apart."""

    count: int | None
    start: datetime | None
    duration: str


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration:
    """The duration that `text` writes; several units may stand together (`P1M10D`).

    Raises:
        NotADuration, TooLong.
    Source: ISO 8601-1:2019, 5.5.2.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise NotADuration(text)
    sign, *numbers = found.groups()
    units = [int(number or 0) for number in numbers]
    return Duration(-1 if sign == "-" else 1, *units).must_be_reachable(text)


@lru_cache(maxsize=1024)
def parse_cycle(text: str) -> Cycle:
    """The repetition that `text` writes.

    Raises:
        NotACycle: also for one that never happens or never advances.
        NotADuration, NotAnInstant, TooLong.
    Source: ISO 8601-1:2019, 5.6.
    """
    found = _CYCLE.fullmatch(text.strip())
    if found is None:
        raise NotACycle(text)
    count, start, duration = found.groups()
    if not parse_duration(duration) or (count and not int(count)):
        raise NotACycle(text)
    return Cycle(
        count=int(count) if count else None,
        start=parse_instant(start) if start else None,
        duration=duration,
    )


def parse_instant(text: str) -> datetime:
    """The instant in Copenhagen time; a date alone is the start of that day there.

    A text without a zone is Copenhagen time.

    Raises:
        NotAnInstant.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        return settle(instant) if instant.tzinfo is None else instant.astimezone(COPENHAGEN)
    except (ValueError, OverflowError) as error:
        raise NotAnInstant(text) from error


def parse_percent(text: str) -> int | None:
    """The percentage, 0 to 100; None if the text has no percent sign.

    Raises:
        NotAnOffset: it has one and still makes no percentage.
    """
    if "%" not in text:
        return None
    found = _PERCENT.fullmatch(text.strip())
    if found is None or int(found[1]) > 100:  # noqa: PLR2004 -- a percentage ends there
        raise NotAnOffset(text)
    return int(found[1])


def settle(wall: datetime) -> datetime:
    """The Copenhagen instant that shows this wall time, which carries no zone of its own.

    A time that summer time skips moves forward by what was skipped; of one that comes
    twice it is the first.
    """
    return wall.replace(tzinfo=COPENHAGEN, fold=0).astimezone(UTC).astimezone(COPENHAGEN)
