"""Find the next meeting of a fixed series; `calendar/NextMeeting` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count, islice
from typing import TYPE_CHECKING

from marshmallow import fields
from marshmallow.validate import Regexp

from handlers.contract import Done, Words, handler, parameter
from handlers.errors import BadParameters
from handlers.reads import Instant
from models.calendar import CalendarError, due, nth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from handlers.contract import JobContext
    from handlers.ports import Ports

OPERATION = "calendar/NextMeeting"
MOST_MEETINGS = 5_000
TIME_OF_DAY = Regexp(r"([01]\d|2[0-3]):[0-5]\d\Z", error="Must be a time as 13:00.")


@dataclass(frozen=True)
class Series:
    """When the first meeting was, and how the others follow."""

    first: datetime = parameter(  # noqa: RUF009 - it is a dataclass field
        Instant(),
        Words("Seriens første møde", "The series' first meeting"),
        kind="date and time",
        example="moede_foerste",
    )
    clock: str | None = parameter(
        fields.String(
            validate=Regexp(r"([01]\d|2[0-3]):[0-5]\d\Z", error="Must be a time as 13:00.")
        ),
        Words("Klokken (tom: som det første møde)", "Time of day (empty: as the first meeting)"),
        example='"13:00"',
        default=None,
    )
    interval: str = parameter(
        fields.String(), Words("Afstand", "Interval"), example='"P14D"', default="P14D"
    )
    agenda: str = parameter(
        fields.String(),
        Words("Dagsordenen lukker (arbejdsdage før)", "The agenda closes (working days before)"),
        example='"P3D"',
        default="P0D",
    )
    lasts: str = parameter(
        fields.String(), Words("Varighed", "Length"), example='"PT2H"', default="PT1H"
    )


@dataclass(frozen=True)
class Meeting:
    """One of the series, by the calendar."""

    planned: datetime
    """Where the series has it."""

    at: datetime
    """Where it is held: never on a weekend, a holiday or a day the unit is closed."""

    agenda_closes: datetime
    ends: datetime


@handler(
    OPERATION,
    takes=Series,
    label=Words("Find næste møde", "Find next meeting"),
    about=Words(
        "Finder det næste møde i en fast serie, hvis dagsorden endnu er åben. Falder det på en "
        "helligdag, en weekend eller en lukkedag, rykker det til næste arbejdsdag; serien ligger "
        "fast. Resultatet har at, planned, moved, agenda_closes og ends.",
        "Finds the next meeting of a fixed series whose agenda is still open. If it falls on a "
        "holiday, a weekend or a closing day it moves to the next working day; the series stays. "
        "The result has at, planned, moved, agenda_closes and ends.",
    ),
)
def find_meeting(series: Series, job: JobContext, _ports: Ports) -> Done:
    """The meeting, its times in Copenhagen as ISO 8601.

    Raises:
        BadParameters: a duration cannot be counted.
    Source: the taskforce of Norddjurs meets "hver 14. dag" from April 2025.
    """
    try:
        meeting = next(one for one in _meetings(series, job) if one.agenda_closes > job.now)
    except CalendarError as refused:
        raise BadParameters(OPERATION, {"interval": [refused.en]}) from refused
    except StopIteration as ended:
        told = f"None of {MOST_MEETINGS} meetings is still to come."
        raise BadParameters(OPERATION, {"first": [told]}) from ended
    times = {name: at.isoformat() for name, at in vars(meeting).items()}
    moved = meeting.at != meeting.planned
    return Done({**times, "moved": moved}, kinds={f"/{name}": "date and time" for name in times})


def _meetings(series: Series, job: JobContext) -> Iterator[Meeting]:
    first = series.first
    if series.clock is not None:
        hour, minute = map(int, series.clock.split(":"))
        first = first.replace(hour=hour, minute=minute)
    series = replace(series, first=first)
    return islice((_meeting(series, number, job.closing_days) for number in count()), MOST_MEETINGS)


def _meeting(series: Series, number: int, closed: frozenset[date]) -> Meeting:
    planned = nth(series.first, series.interval, number).at if number else series.first
    at = due(planned, "P0D", roll="forward", closing_days=closed).at
    return Meeting(
        planned=planned,
        at=at,
        agenda_closes=due(at, f"-{series.agenda}", calendar="working", closing_days=closed).at,
        ends=due(at, series.lasts, calendar="clock").at,
    )
