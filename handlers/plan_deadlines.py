"""Work out a series of dates by the calendar; `deadline/Plan` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from handlers.contract import Done, Words, handler, parameter
from handlers.errors import BadParameters
from handlers.reads import Instant, Line
from models.calendar import CALENDARS, ROLLS, CalendarError, Due, due

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.contract import JobContext
    from handlers.ports import Ports

OPERATION = "deadline/Plan"


class DateSchema(Schema):
    """One date of the series."""

    name = Line(required=True)
    duration = fields.String(required=True)
    """ISO 8601 from the start, such as `P3M`; `-P14D` is before it."""

    calendar = fields.String(load_default="local", validate=validate.OneOf(CALENDARS))
    roll = fields.String(load_default="none", validate=validate.OneOf(ROLLS))


@dataclass(frozen=True)
class Series:
    """Where to count from, and what."""

    start: datetime = parameter(  # noqa: RUF009 - it is a dataclass field
        Instant(), Words("Regnes fra", "Counted from"), kind="date and time", example="forloeb_slut"
    )
    deadlines: list[dict[str, Any]] = parameter(  # noqa: RUF009 - it is a dataclass field
        fields.List(fields.Nested(DateSchema), validate=validate.Length(min=1)),
        Words("Datoer", "Dates"),
        kind="list",
        example='[{name: "efter_1_maaned", duration: "P1M", roll: "forward"}]',
    )


@handler(
    OPERATION,
    takes=Series,
    label=Words("Planlæg frister", "Plan deadlines"),
    about=Words(
        "Regner en række datoer ud efter kalenderen og enhedens lukkedage. Resultatet har et "
        "felt for hver dato; brug det i timere og opgaver.",
        "Works out a series of dates by the calendar and the unit's closing days. The result "
        "has one entry a date; use it in timers and tasks.",
    ),
)
def plan_deadlines(series: Series, job: JobContext, _ports: Ports) -> Done:
    """Each name with its time in Copenhagen, as ISO 8601.

    Raises:
        BadParameters: a duration cannot be counted in its calendar.
    """
    dates = {one["name"]: _reckoned(series.start, one, job).at for one in series.deadlines}
    return Done(
        {name: at.isoformat() for name, at in dates.items()},
        kinds={f"/{_escaped(name)}": "date and time" for name in dates},
    )


def _reckoned(start: datetime, one: dict[str, Any], job: JobContext) -> Due:
    try:
        return due(
            start,
            one["duration"],
            calendar=one["calendar"],
            roll=one["roll"],
            closing_days=job.closing_days,
        )
    except CalendarError as refused:
        raise BadParameters(OPERATION, {f"deadlines.{one['name']}": [refused.en]}) from refused


def _escaped(name: str) -> str:
    """As RFC 6901 writes a name into a pointer."""
    return name.replace("~", "~0").replace("/", "~1")
