"""Bind money of a year's budget for a measure; `budget/Reserve` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import fields
from marshmallow.validate import Range

from handlers.contract import Done, Words, handler, parameter
from handlers.ports import Pot, Wish
from handlers.reads import Line
from models.calendar import COPENHAGEN

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Balance, Ports

MOST_KRONER = 100_000_000
KRONER = Range(1, MOST_KRONER)


@dataclass(frozen=True)
class Measure:
    """What it costs, and what the year may cost."""

    budget: str = parameter(Line(), Words("Budget", "Budget"), example='"norddjurs"')
    purpose: str = parameter(
        Line(), Words("Indsatstype", "Kind of measure"), example='"mentor_stoette"'
    )
    amount: int = parameter(
        fields.Integer(strict=True, validate=KRONER),
        Words("Beløb i hele kroner", "Amount in whole kroner"),
        kind="int",
        example="indsats_beloeb",
    )
    limit: int = parameter(
        fields.Integer(strict=True, validate=KRONER),
        Words("Årets ramme i hele kroner", "The year's limit in whole kroner"),
        kind="int",
        example="1200000",
    )
    above: bool = parameter(
        fields.Boolean(truthy={True}, falsy={False}),
        Words("Rammen må overskrides", "The limit may be exceeded"),
        kind="bool",
        example='overskridelse = "ja"',
        default=False,
    )


@handler(
    "budget/Reserve",
    takes=Measure,
    label=Words("Reservér i budget", "Reserve in budget"),
    about=Words(
        "Binder beløbet i årets budget, hvis rammen holder, på tværs af alle sager. Resultatet "
        "siger, om det lykkedes (granted), hvad der er bundet (spent), hvad der er tilbage "
        "(remaining), og hvor mange procent af rammen det er (share).",
        "Binds the amount in this year's budget if the limit holds, across all cases. The result "
        "says whether it did (granted), what is bound (spent), what is left (remaining), and how "
        "many per cent of the limit that is (share).",
    ),
)
def reserve_budget(measure: Measure, job: JobContext, ports: Ports) -> Done:
    """Once a job, however often it is tried. What does not fit binds nothing."""
    wish = Wish(job.key, job.case_id, measure.purpose, measure.amount, job.now)
    pot = this_year(measure.budget, job)
    balance = ports.budget.reserve(pot, wish, None if measure.above else measure.limit)
    return Done({"commitment": balance.number, **told(balance, measure.limit)})


def this_year(budget: str, job: JobContext) -> Pot:
    """The unit's budget of the calendar year in which the job runs, by Danish time."""
    return Pot(job.unit, budget, job.now.astimezone(COPENHAGEN).year)


def told(balance: Balance, limit: int) -> dict[str, Any]:
    """A balance against its limit; `share` in whole per cent, rounded down."""
    return {
        "granted": balance.granted,
        "spent": balance.spent,
        "remaining": limit - balance.spent,
        "share": 100 * balance.spent // limit,
    }
