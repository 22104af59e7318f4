"""Give bound money back when a measure does not begin; `budget/Release` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marshmallow import fields
from marshmallow.validate import Range

from handlers.contract import Done, Words, handler, parameter
from handlers.reads import Line
from handlers.reserve_budget import this_year

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Ports


@dataclass(frozen=True)
class Return:
    """Where it was bound, and under which number."""

    budget: str = parameter(Line(), Words("Budget", "Budget"), example='"norddjurs"')
    commitment: int | None = parameter(
        fields.Integer(strict=True, validate=Range(min=1)),
        Words("Reservation (tom: intet frigives)", "Commitment (empty: nothing is released)"),
        kind="int",
        example="bevilling.commitment",
        default=None,
    )


@handler(
    "budget/Release",
    takes=Return,
    label=Words("Frigiv reservation", "Release commitment"),
    about=Words(
        "Giver et reserveret beløb tilbage til årets budget, fordi indsatsen ikke begyndte.",
        "Gives a reserved amount back to the year's budget because the measure did not begin.",
    ),
)
def release_commitment(asked: Return, job: JobContext, ports: Ports) -> Done:
    """What is bound afterwards is the result; what is released already stays released."""
    pot = this_year(asked.budget, job)
    if asked.commitment is None:
        return Done({"spent": ports.budget.balance(pot).spent})
    back = ports.budget.release(pot, job.case_id, asked.commitment, job.now)
    return Done({"spent": back.spent})
