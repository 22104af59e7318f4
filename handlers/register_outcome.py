"""Register how the programme went; `case/RegisterOutcome` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marshmallow import fields
from marshmallow.validate import Regexp

from handlers.contract import Done, RegisterOutcome, Words, handler, parameter
from handlers.reads import Line

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Ports

CODE = Regexp(r"[a-zæøå][a-zæøå0-9_]*\Z", error="Must be one word of small letters, digits and _.")


@dataclass(frozen=True)
class Ending:
    """A code that reports count, and what supports it."""

    code: str = parameter(
        fields.String(validate=CODE), Words("Udfald", "Outcome"), example='"gennemfoert"'
    )
    criterion: str | None = parameter(
        Line(), Words("Kriterium", "Criterion"), example='"begyndt uddannelse"', default=None
    )
    note: str = parameter(fields.String(), Words("Bemærkning", "Note"), default="")


@handler(
    "case/RegisterOutcome",
    takes=Ending,
    label=Words("Registrér udfald", "Register outcome"),
    about=Words(
        "Skriver i sagens historik og til rapporterne, hvordan forløbet endte.",
        "Writes into the case's history and for the reports how the programme ended.",
    ),
)
def register_outcome(ending: Ending, _job: JobContext, _ports: Ports) -> Done:
    """Code and criterion are also the result."""
    told = RegisterOutcome(ending.code, ending.criterion, ending.note)
    return Done({"code": told.code, "criterion": told.criterion}, effects=(told,))
