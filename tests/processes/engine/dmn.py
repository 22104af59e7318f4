"""A short notation for decisions: tables as rows of cells, the rest as little XML as possible."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from processes.engine.decisions import read_decisions
from tests.processes.engine.notation import FEEL

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def dmn(*elements: str, namespace: str = NAMESPACE) -> str:
    """A DMN file."""
    return f'<definitions xmlns="{namespace}">{"".join(elements)}</definitions>'


def decision(identity: str, logic: str, *needs: str, variable: str = "", kind: str = "") -> str:
    """A decision; `needs` are ids, `?x` an input datum and `!x` knowledge."""
    named = variable or identity
    return (
        f"<decision id={quoteattr(identity)} name={quoteattr(identity)}>"
        f"<variable name={quoteattr(named)}{_typed(kind)}/>{''.join(map(_need, needs))}"
        f"{logic}</decision>"
    )


def literal(text: str, kind: str = "") -> str:
    """A literal expression."""
    return f"<literalExpression{_typed(kind)}><text>{escape(text)}</text></literalExpression>"


def knowledge(name: str, parameters: Sequence[str], logic: str, *needs: str) -> str:
    """A business knowledge model; a parameter may be `name:type`."""
    formal = "".join(
        f"<formalParameter name={quoteattr(one.partition(':')[0])}{_typed(one.partition(':')[2])}/>"
        for one in parameters
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{''.join(map(_need, needs))}"
        "</businessKnowledgeModel>"
    )


def datum(identity: str, kind: str = "") -> str:
    """Input data."""
    return (
        f'<inputData id="{identity}" name="{identity}">'
        f'<variable name="{identity}"{_typed(kind)}/></inputData>'
    )


def declared(
    name: str, base: str = "", allowed: str = "", parts: str = "", *, many: bool = False
) -> str:
    """A type of the file's own."""
    values = f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    reference = f"<typeRef>{base}</typeRef>" if base else ""
    collection = ' isCollection="true"' if many else ""
    return f'<itemDefinition name="{name}"{collection}>{reference}{values}{parts}</itemDefinition>'


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    *rules: Sequence[str],
    hit: str = "UNIQUE",
    how: str = "",
) -> str:
    """A table; a rule's cells are tests and then results.

    An input is `expression`, an output `name`; both may go on with `:type` and `|allowed`, an
    output with `=default`.
    """
    split = len(inputs)
    rows = "".join(
        f'<rule id="r{number}">'
        + _cells("inputEntry", f"r{number}i", rule[:split])
        + _cells("outputEntry", f"r{number}o", rule[split:])
        + "</rule>"
        for number, rule in enumerate(rules, start=1)
    )
    aggregation = f' aggregation="{how}"' if how else ""
    columns = [_input(number, one) for number, one in enumerate(inputs, start=1)]
    columns += [_output(number, one) for number, one in enumerate(outputs, start=1)]
    return f'<decisionTable hitPolicy="{hit}"{aggregation}>{"".join(columns)}{rows}</decisionTable>'


def decide(file: str, identity: str = "d", **data: Any) -> Any:
    """The tagged answer of a decision.

    Raises:
        ElementFailed: it has none.
    """
    decisions = read_decisions({"x.dmn": file})
    return decisions.evaluate(decisions.by_id[identity], lambda _: dict(data), FEEL, NOW)


def on(day: str) -> dict[str, list[str]]:
    """A date as FEEL values travel."""
    return {"@feel": ["date", day]}


def lasting(text: str) -> dict[str, list[str]]:
    """A duration likewise."""
    return {"@feel": ["duration", text]}


def _typed(kind: str) -> str:
    return f" typeRef={quoteattr(kind)}" if kind else ""


def _need(name: str) -> str:
    if name.startswith("!"):
        return (
            f'<knowledgeRequirement><requiredKnowledge href="#{name[1:]}"/></knowledgeRequirement>'
        )
    tag = "requiredInput" if name.startswith("?") else "requiredDecision"
    return f'<informationRequirement><{tag} href="#{name.lstrip("?")}"/></informationRequirement>'


def _cells(tag: str, prefix: str, texts: Sequence[str]) -> str:
    return "".join(
        f'<{tag} id="{prefix}{number}"><text>{escape(text)}</text></{tag}>'
        for number, text in enumerate(texts, start=1)
    )


def _input(number: int, spec: str) -> str:
    head, _, allowed = spec.partition("|")
    text, _, kind = head.partition(":")
    values = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    return (
        f'<input id="i{number}" label={quoteattr(text)}><inputExpression{_typed(kind)}>'
        f"<text>{escape(text)}</text></inputExpression>{values}</input>"
    )


def _output(number: int, spec: str) -> str:
    head, _, default = spec.partition("=")
    front, _, allowed = head.partition("|")
    name, _, kind = front.partition(":")
    values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
    otherwise = (
        f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
        if default
        else ""
    )
    return (
        f'<output id="o{number}" name={quoteattr(name)}{_typed(kind)}>{values}{otherwise}</output>'
    )
