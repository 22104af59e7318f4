"""Trying a decision by hand: what it asks for, what it answers, and which rules match.

Nothing is stored, and no case is needed: the file may be as unfinished as it is on the screen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processes.engine.decision_model import Literal, read_model
from processes.engine.decisions import sentence
from processes.engine.document import is_tagged
from processes.engine.feel import DecisionFailed, FeelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from processes.engine import Feel
    from processes.engine.decision_model import Decision, Model, Table

TEMPORAL = frozenset({"date", "time", "date and time"})
DURATIONS = frozenset({"duration", "days and time duration", "years and months duration"})


@dataclass(frozen=True)
class Question:
    """A name that the decision asks its case for."""

    name: str
    kind: str
    """FEEL's type, as far as a column or input datum tells; else empty, and the value is FEEL."""


@dataclass(frozen=True)
class Trial:
    """What came of it."""

    questions: tuple[Question, ...]
    answer: Any = None
    rules: tuple[str, ...] = ()
    """The ids of the rules that matched, of the decision and of all it needs."""

    problem: str = ""
    """Why there is no answer."""


def try_decision(
    text: str, identity: str, texts: Mapping[str, str], feel: Feel, now: datetime
) -> Trial:
    """A decision of a file, with values as somebody wrote them.

    Raises:
        BadDiagram: the file is not DMN, or uses what is not supported.
        KeyError: it holds no such decision.
    """
    model = read_model("trial.dmn", text)
    questions = tuple(_questions(model, model.decisions[identity], feel))
    try:
        values = _values(questions, texts, feel, now)
        decided = feel.decide(model.plan, identity, values, now)
    except FeelError as error:
        return Trial(questions, problem=str(error))
    except DecisionFailed as error:
        return Trial(questions, rules=error.rules, problem=sentence(error))
    return Trial(questions, decided.value, decided.rules)


def _questions(model: Model, decision: Decision, feel: Feel) -> Iterator[Question]:
    needed = list(_needed(model, decision, []))
    given = {one.name for one in model.knowledge.values()} | {one.variable for one in needed[1:]}
    kinds: dict[str, str] = {}
    for one in needed:
        kinds |= {
            model.inputs[key].name: model.type_of(model.inputs[key].type).base
            for key in one.given
            if key in model.inputs
        }
        if one.table is not None:
            kinds |= _columns(model, one.table)
    texts = [cell for one in needed for cell in _cells(one)]
    for unary in (False, True):
        asked = [text for text, is_test in texts if is_test is unary]
        for check in feel.check_all(asked, unary=unary, known=kinds):
            for name in check.variables:
                kinds.setdefault(name, "")
    return (Question(name, kind) for name, kind in kinds.items() if name not in given)


def _needed(model: Model, decision: Decision, seen: list[str]) -> Iterator[Decision]:
    if decision.id in seen:
        return
    seen.append(decision.id)
    yield decision
    for other in decision.requires:
        if other in model.decisions:
            yield from _needed(model, model.decisions[other], seen)


def _columns(model: Model, table: Table) -> dict[str, str]:
    """The inputs that are plain names, and their types."""
    return {
        column.text: model.type_of(column.type).base
        for column in table.inputs
        if column.text.replace(" ", "_").isidentifier()
    }


def _cells(decision: Decision) -> Iterator[tuple[str, bool]]:
    """Every text of a decision's table or expression, and whether it is a unary test."""
    if isinstance(decision.logic, Literal):
        yield decision.logic.cell.text, False
    if decision.table is None:
        return
    for column in decision.table.inputs:
        yield column.text, False
    for rule in decision.table.rules:
        yield from ((cell.text, True) for cell in rule.tests if not cell.accepts_everything)
        yield from ((cell.text, False) for cell in rule.results if not cell.accepts_everything)


def _values(
    questions: Sequence[Question], texts: Mapping[str, str], feel: Feel, now: datetime
) -> dict[str, Any]:
    """What somebody wrote, as values of the kinds that are asked for; nothing is null.

    All FEEL crosses at once, so that one limit of time holds for all of it.

    Raises:
        FeelError: it is to be FEEL and is not.
    """
    written = {one: texts.get(one.name, "").strip() for one in questions}
    values = {one.name: _plain(one, text) for one, text in written.items()}
    asked = {one: text for one, text in written.items() if text and values[one.name] is None}
    expressions = [_expression(one, text) for one, text in asked.items()]
    answers = feel.evaluate_all(expressions, {}, now) if expressions else []
    return values | dict(zip([one.name for one in asked], answers, strict=True))


def _plain(question: Question, written: str) -> Any:
    """A value that needs no FEEL to be read; null where it does."""
    if not written:
        return None
    if question.kind == "string":
        return written
    if question.kind in TEMPORAL:
        return {"@feel": [question.kind, written]}
    if question.kind in DURATIONS and not written.startswith("duration"):
        return {"@feel": ["duration", written]}
    return None


def _expression(question: Question, written: str) -> str:
    comma = question.kind == "number" and written.replace(",", "").lstrip("-").isdigit()
    return written.replace(",", ".") if comma else written


def shown_in_feel(value: Any) -> str:
    """A tagged answer as FEEL writes it."""
    if is_tagged(value):
        kind, text = value["@feel"]
        return f'{kind}("{text}")'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown_in_feel(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown_in_feel, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
