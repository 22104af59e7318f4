"""DMN decisions: tables with every hit policy, literal expressions, decisions that need decisions.

The cells are FEEL, evaluated by the same interpreter as everything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from processes.engine.feel import FeelError, text_of
from processes.engine.moment import ElementFailed
from processes.engine.problems import BadDiagram, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from processes.engine.feel import Feel

TEMPORAL = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}
AGGREGATIONS: dict[str, Any] = {"SUM": sum, "MIN": min, "MAX": max}
HIT_POLICIES = {
    "UNIQUE",
    "ANY",
    "PRIORITY",
    "FIRST",
    "RULE ORDER",
    "OUTPUT ORDER",
    "COLLECT",
}


@dataclass(frozen=True)
class Column:
    """An input or output of a table."""

    label: str
    text: str
    """The input's expression, or the output's name."""

    type: str = ""
    allowed: str = ""
    """An output's values in order of priority, as FEEL between commas."""

    default: str = ""


@dataclass(frozen=True)
class Rule:
    """A row of a table."""

    number: int
    tests: tuple[str, ...]
    results: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Table:
    """A decision table."""

    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]
    hit_policy: str = "UNIQUE"
    aggregation: str = ""


@dataclass(frozen=True)
class Decision:
    """A decision of a DMN file."""

    id: str
    name: str
    variable: str
    """The name its answer is stored under."""

    file: str
    line: int
    table: Table | None = None
    literal: str | None = None
    requires: tuple[str, ...] = ()


@dataclass
class Decisions:
    """The decisions of a bundle."""

    by_id: dict[str, Decision] = field(default_factory=dict)

    def evaluate(
        self,
        decision: Decision,
        names: Callable[[str], dict[str, Any]],
        feel: Feel,
        now: datetime,
    ) -> Any:
        """The tagged answer of a decision; null if no rule matches.

        `names` gives the variables a text could mention.

        Raises:
            ElementFailed: a cell fails or the hit policy is broken; names decision, rule, cell.
        """
        return self._evaluate(decision, names, feel, now, ())

    def _evaluate(
        self,
        decision: Decision,
        names: Callable[[str], dict[str, Any]],
        feel: Feel,
        now: datetime,
        around: tuple[str, ...],
    ) -> Any:
        if decision.id in around:
            raise ElementFailed(f"the decision '{decision.name}' needs itself")
        inside = (*around, decision.id)
        needed = {
            other.variable: self._evaluate(other, names, feel, now, inside)
            for other in self._required(decision)
        }

        def all_names(text: str) -> dict[str, Any]:
            return names(text) | needed

        if decision.table is None:
            return _cell(
                decision, "the expression", decision.literal or "null", all_names, feel, now
            )
        return _Evaluation(decision, decision.table, all_names, feel, now).answer()

    def _required(self, decision: Decision) -> list[Decision]:
        missing = [other for other in decision.requires if other not in self.by_id]
        if missing:
            raise ElementFailed(f"'{decision.name}' needs the decision '{missing[0]}': not here")
        return [self.by_id[other] for other in decision.requires]


def read_decisions(files: Mapping[str, str]) -> Decisions:
    """The decisions of every DMN file of a bundle.

    Raises:
        BadDiagram: a file is not DMN.
    """
    decisions = Decisions()
    for file, text in files.items():
        if file.endswith(".dmn"):
            for decision in _read(file, text):
                decisions.by_id[decision.id] = decision
    return decisions


class _Evaluation:
    """One table, one set of values."""

    def __init__(
        self,
        decision: Decision,
        table: Table,
        names: Callable[[str], dict[str, Any]],
        feel: Feel,
        now: datetime,
    ) -> None:
        self.decision = decision
        self.table = table
        self.names = names
        self.feel = feel
        self.now = now

    def answer(self) -> Any:
        hits = self._hits()
        policy = self.table.hit_policy
        if policy == "COLLECT":
            return self._collected([self._result(rule) for rule in hits])
        if policy == "RULE ORDER":
            return [self._result(rule) for rule in hits]
        if policy == "OUTPUT ORDER":
            return self._by_priority([self._result(rule) for rule in hits])
        if not hits:
            return self._default()
        if policy == "UNIQUE" and len(hits) > 1:
            numbers = ", ".join(str(rule.number) for rule in hits)
            raise ElementFailed(
                f"the decision '{self._name()}' must have one answer, but rules {numbers} all match"
            )
        results = [self._result(rule) for rule in hits]
        if policy == "ANY" and any(result != results[0] for result in results):
            raise ElementFailed(f"the rules that match in '{self._name()}' give different answers")
        return self._by_priority(results)[0] if policy == "PRIORITY" else results[0]

    def _hits(self) -> list[Rule]:
        values = self._inputs()
        for rule in self.table.rules:
            if len(rule.tests) != len(values):
                raise ElementFailed(f"rule {rule.number} of '{self._name()}' lacks a cell")
        asked = [
            (rule, column, test)
            for rule in self.table.rules
            for column, test in enumerate(rule.tests)
            if test not in {"", "-"}
        ]
        pairs = [(test, values[column]) for _, column, test in asked]
        text = " ".join(test for test, _ in pairs)
        try:
            passed = self.feel.unary_all(pairs, self.names(text), self.now) if pairs else []
        except FeelError as error:
            raise ElementFailed(self._where(asked, error)) from error
        failed = {
            rule.number
            for (rule, _, _), answer in zip(asked, passed, strict=True)
            if answer is not True
        }
        return [rule for rule in self.table.rules if rule.number not in failed]

    def _where(self, asked: list[tuple[Rule, int, str]], error: FeelError) -> str:
        for rule, column, test in asked:
            if test == error.expression:
                label = self.table.inputs[column].label
                return f"decision '{self._name()}', rule {rule.number}, column '{label}': {error}"
        return f"decision '{self._name()}': {error}"

    def _inputs(self) -> list[Any]:
        return [
            _as_type(
                column.type,
                _cell(
                    self.decision,
                    f"the input '{column.label}'",
                    column.text,
                    self.names,
                    self.feel,
                    self.now,
                ),
            )
            for column in self.table.inputs
        ]

    def _result(self, rule: Rule) -> Any:
        if len(rule.results) != len(self.table.outputs):
            raise ElementFailed(f"rule {rule.number} of '{self._name()}' lacks a cell")
        values = [
            _cell(
                self.decision,
                f"rule {rule.number}, output '{column.label or column.text}'",
                text or "null",
                self.names,
                self.feel,
                self.now,
            )
            for column, text in zip(self.table.outputs, rule.results, strict=True)
        ]
        return self._shape(values)

    def _shape(self, values: list[Any]) -> Any:
        if len(values) == 1:
            return values[0]
        names = [column.text for column in self.table.outputs]
        return dict(zip(names, values, strict=True))

    def _default(self) -> Any:
        if not any(column.default for column in self.table.outputs):
            return None
        return self._shape(
            [
                self.feel.evaluate(c.default, {}, self.now) if c.default else None
                for c in self.table.outputs
            ]
        )

    def _by_priority(self, results: list[Any]) -> list[Any]:
        """Results in the order of the outputs' allowed values, the first output first."""
        orders = [
            self.feel.evaluate(f"[{column.allowed}]", {}, self.now) for column in self.table.outputs
        ]

        def rank(result: Any) -> list[int]:
            single = len(self.table.outputs) == 1
            values = [result] if single else list(result.values())
            return [
                order.index(value) if value in order else len(order)
                for value, order in zip(values, orders, strict=True)
            ]

        return sorted(results, key=rank)

    def _collected(self, results: list[Any]) -> Any:
        aggregation = self.table.aggregation
        if not aggregation:
            return results
        if aggregation == "COUNT":
            return len(results)
        if not results:
            return None
        combine: Callable[[list[Any]], Any] = AGGREGATIONS[aggregation]
        try:
            return combine(results)
        except TypeError as error:
            raise ElementFailed(
                f"the answers of '{self._name()}' cannot be combined by {aggregation}"
            ) from error

    def _name(self) -> str:
        return self.decision.name or self.decision.id


def _cell(
    decision: Decision,
    where: str,
    text: str,
    names: Callable[[str], dict[str, Any]],
    feel: Feel,
    now: datetime,
) -> Any:
    try:
        return feel.evaluate(text, names(text), now)
    except FeelError as error:
        raise ElementFailed(
            f"decision '{decision.name or decision.id}', {where}: {error}"
        ) from error


def _as_type(type_name: str, value: Any) -> Any:
    """A text in a column of dates is a date; anything else is itself."""
    kind = TEMPORAL.get(type_name)
    return {"@feel": [kind, text_of(value)]} if kind and isinstance(value, str) else value


# -- reading -----------------------------------------------------------------------------------


def _read(file: str, text: str) -> list[Decision]:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise BadDiagram([_not_dmn(file, error.lineno or 1)]) from error
    if etree.QName(root).localname != "definitions" or "DMN" not in str(root.tag):
        raise BadDiagram([_not_dmn(file, 1)])
    return [_decision(file, node) for node in _children(root, "decision")]


def _not_dmn(file: str, line: int) -> Problem:
    return Problem(
        file,
        None,
        line,
        "not-dmn",
        "The file is not a DMN decision. Save it again from the table editor.",
        "Filen er ikke en DMN-beslutning. Gem den igen fra tabelværktøjet.",
    )


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [
        child
        for child in parent
        if isinstance(child.tag, str) and etree.QName(child).localname == name
    ]


def _first(parent: etree._Element | None, name: str) -> etree._Element | None:
    found = [] if parent is None else _children(parent, name)
    return found[0] if found else None


def _text(parent: etree._Element | None) -> str:
    node = _first(parent, "text")
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def _decision(file: str, node: etree._Element) -> Decision:
    identity = node.get("id") or ""
    variable = _first(node, "variable")
    named = None if variable is None else variable.get("name")
    table = _first(node, "decisionTable")
    literal = _first(node, "literalExpression")
    return Decision(
        id=identity,
        name=node.get("name") or identity,
        variable=named or node.get("name") or identity,
        file=file,
        line=int(node.sourceline or 0),
        table=None if table is None else _table(table),
        literal=None if literal is None else _text(literal),
        requires=tuple(
            (reference.get("href") or "").removeprefix("#")
            for requirement in _children(node, "informationRequirement")
            for reference in _children(requirement, "requiredDecision")
        ),
    )


def _table(node: etree._Element) -> Table:
    return Table(
        inputs=tuple(_input(child) for child in _children(node, "input")),
        outputs=tuple(_output(child) for child in _children(node, "output")),
        rules=tuple(
            Rule(
                number,
                tuple(_text(cell) for cell in _children(rule, "inputEntry")),
                tuple(_text(cell) for cell in _children(rule, "outputEntry")),
                int(rule.sourceline or 0),
            )
            for number, rule in enumerate(_children(node, "rule"), start=1)
        ),
        hit_policy=(node.get("hitPolicy") or "UNIQUE").upper(),
        aggregation=(node.get("aggregation") or "").upper(),
    )


def _input(node: etree._Element) -> Column:
    expression = _first(node, "inputExpression")
    kind = "" if expression is None else expression.get("typeRef") or ""
    return Column(node.get("label") or _text(expression), _text(expression), kind)


def _output(node: etree._Element) -> Column:
    return Column(
        node.get("label") or node.get("name") or "",
        node.get("name") or node.get("label") or "",
        node.get("typeRef") or "",
        _text(_first(node, "outputValues")),
        _text(_first(node, "defaultOutputEntry")),
    )
