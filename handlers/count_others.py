"""Count the programme's other open cases; `programme/CountOthers` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marshmallow import fields
from marshmallow.validate import Length

from handlers.contract import Done, Words, handler, parameter
from handlers.reads import Line

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Ports


@dataclass(frozen=True)
class Phases:
    """Where the cases must stand to be counted."""

    phases: list[str] = parameter(  # noqa: RUF009 - it is a dataclass field
        fields.List(Line(), validate=Length(min=1)),
        Words("Faser, der tæller med", "Phases that count"),
        kind="list",
        example='["På listen", "Indsats"]',
    )


@handler(
    "programme/CountOthers",
    takes=Phases,
    label=Words("Tæl andre sager", "Count other cases"),
    about=Words(
        "Tæller de andre åbne sager i samme forløb og enhed, som er i en af faserne. Kun tallet "
        "kommer ind i sagen, aldrig hvilke sager det er.",
        "Counts the other open cases of the same programme and unit that are in one of the "
        "phases. Only the number enters the case, never which cases they are.",
    ),
)
def count_others(asked: Phases, job: JobContext, ports: Ports) -> Done:
    """The number is the result; it is true at this moment only."""
    return Done(ports.figures.others(job.case_id, asked.phases))
