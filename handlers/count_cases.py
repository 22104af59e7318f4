"""Count a programme's cases for those who may see no persons; `programme/Count` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marshmallow import fields
from marshmallow.validate import Range

from handlers.contract import Done, Words, handler, parameter
from handlers.discretion import SMALLEST, kept_back
from handlers.reads import Instant, Line
from handlers.reserve_budget import KRONER, this_year, told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from handlers.contract import JobContext
    from handlers.ports import Counts, Ports


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
        fields.Integer(strict=True, validate=Range(min=SMALLEST)),
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
    result = {
        **totals(found, question.smallest),
        "outcomes": concealed(found.outcomes, question.smallest),
    }
    if question.budget and question.limit:
        balance = ports.budget.balance(this_year(question.budget, job))
        money = told(balance, question.limit)
        result |= {name: money[name] for name in ("spent", "remaining", "share")}
    return Done(result)


def totals(found: Counts, smallest: int) -> dict[str, int | None]:
    """How many began, ended and are open; what is small takes another with it.

    Whoever knows two of them knows the third, while all cases are younger than the question.
    """
    numbers = {"begun": found.begun, "ended": found.ended, "open": found.open}
    small = {name for name, number in numbers.items() if 0 < number < smallest}
    if small:
        small |= {"open"} if small == {"begun"} else {"begun"}
    return _told(numbers, small, smallest)


def concealed(numbers: Mapping[str, int], smallest: int) -> dict[str, int | None]:
    """Small numbers as null, with as many others as it takes that no sum gives them away."""
    return _told(numbers, kept_back(numbers, smallest), smallest)


def _told(
    numbers: Mapping[str, int], hidden: Collection[str], smallest: int
) -> dict[str, int | None]:
    return {
        name: None if name in hidden or number < smallest else number
        for name, number in numbers.items()
    }
