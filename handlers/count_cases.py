"""Count a programme's cases for those who may see no persons; `programme/Count` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marshmallow import fields
from marshmallow.validate import Range

from handlers.contract import Done, Words, handler, parameter
from handlers.reads import Instant, Line
from handlers.reserve_budget import KRONER, this_year, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from handlers.contract import JobContext
    from handlers.ports import Ports

SMALLEST = 5
"""Source: the steering group and the committee see counts of five and more."""


@dataclass(frozen=True)
class Question:
    """Which programme, since when, and from which number on."""

    programme: str = parameter(
        Line(), Words("Forløbets proces-id", "The programme's process id"), example='"norddjurs"'
    )
    since: datetime = parameter(  # noqa: RUF009 - it is a dataclass field
        Instant(), Words("Siden", "Since"), kind="date and time", example='"2025-08-01"'
    )
    smallest: int = parameter(
        fields.Integer(strict=True, validate=Range(min=1)),
        Words("Mindste antal, der vises", "The smallest number that is shown"),
        kind="int",
        example="5",
        default=SMALLEST,
    )
    budget: str | None = parameter(
        Line(), Words("Budget", "Budget"), example='"norddjurs"', default=None
    )
    limit: int | None = parameter(
        fields.Integer(strict=True, validate=KRONER),
        Words("Årets ramme i hele kroner", "The year's limit in whole kroner"),
        kind="int",
        example="1200000",
        default=None,
    )


@handler(
    "programme/Count",
    takes=Question,
    label=Words("Tæl sager", "Count cases"),
    about=Words(
        "Tæller, hvor mange sager der er begyndt (begun), afsluttet (ended) og åbne (open), og "
        "deres udfald (outcomes). Et antal under det mindste er tomt, så ingen kan genkendes.",
        "Counts how many cases have begun (begun), ended (ended) and are open (open), and their "
        "outcomes (outcomes). A number below the smallest is empty, so that nobody is recognised.",
    ),
)
def count_cases(question: Question, job: JobContext, ports: Ports) -> Done:
    """Numbers, null where there are too few; money is a sum and stands as it is."""
    found = ports.figures.counts(question.programme, job.unit, question.since, job.now)
    totals = {"begun": found.begun, "ended": found.ended, "open": found.open}
    result = {
        **{name: _shown(number, question.smallest) for name, number in totals.items()},
        "outcomes": concealed(found.outcomes, question.smallest),
    }
    if question.budget and question.limit:
        balance = ports.budget.balance(this_year(question.budget, job))
        money = told(balance, question.limit)
        result |= {name: money[name] for name in ("spent", "remaining", "share")}
    return Done(result)


def concealed(numbers: Mapping[str, int], smallest: int) -> dict[str, int | None]:
    """Small numbers as null; a single one takes the next with it, so that no sum gives it away."""
    small = {name for name, number in numbers.items() if number < smallest}
    if len(small) == 1 and len(numbers) > 1:
        small.add(min((n for n in numbers if n not in small), key=lambda n: (numbers[n], n)))
    return {name: None if name in small else number for name, number in numbers.items()}


def _shown(number: int, smallest: int) -> int | None:
    return number if number >= smallest else None
