"""A DMN file as plain values: decisions, knowledge, input data and types.

Boxed contexts, invocations, lists, relations and functions are read as well as tables and literal
expressions; what DMN has beyond that is refused with what to write instead.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lxml import etree

from processes.engine.feel import Plan
from processes.engine.markup import read_markup
from processes.engine.places import Place, Places
from processes.engine.problems import BadDiagram, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSIONS = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
"""The namespaces of DMN 1.1 to 1.5."""

HIT_POLICIES = frozenset(
    {"UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT"}
)
AGGREGATIONS = frozenset({"SUM", "MIN", "MAX", "COUNT"})
EVERYTHING = frozenset({"", "-"})
"""How a cell says that it accepts any value."""

TYPES = {
    "any": "any",
    "string": "string",
    "number": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "datetime": "date and time",
    "date and time": "date and time",
    "duration": "duration",
    "daytimeduration": "days and time duration",
    "days and time duration": "days and time duration",
    "yearmonthduration": "years and months duration",
    "years and months duration": "years and months duration",
    "context": "context",
    "list": "list",
}
"""The names that tools and versions of DMN give FEEL's types, to one name each."""

REFUSED = {
    "conditional": "if … then … else …",
    "for": "for x in list return …",
    "every": "every x in list satisfies …",
    "some": "some x in list satisfies …",
    "filter": "list[item > 1]",
}
"""Boxed expressions of DMN 1.4 that are not read, and how FEEL writes them."""


@dataclass(frozen=True)
class Cell:
    """One FEEL text and where it stands."""

    text: str
    id: str = ""
    line: int = 0
    column: int = 0

    @property
    def accepts_everything(self) -> bool:
        """Whether a test is no test at all."""
        return self.text in EVERYTHING


@dataclass(frozen=True)
class Column:
    """An input or output of a table."""

    label: str
    text: str
    """The input's expression, or the output's name."""

    type: str = ""
    allowed: str = ""
    """The values it may have, as FEEL between commas; of an output, in order of priority."""

    default: str = ""
    id: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Rule:
    """A row of a table."""

    number: int
    tests: tuple[Cell, ...]
    results: tuple[Cell, ...]
    id: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Table:
    """A decision table."""

    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]
    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Literal:
    """A FEEL expression."""

    cell: Cell
    type: str = ""
    kind: str = "literal"


@dataclass(frozen=True)
class Entry:
    """A named part: a context's entry, an invocation's binding. Without a name, the result."""

    name: str
    type: str
    logic: Logic


@dataclass(frozen=True)
class Context:
    """Entries that may use those above them."""

    entries: tuple[Entry, ...]
    kind: str = "context"


@dataclass(frozen=True)
class Invocation:
    """A call of a function with named arguments."""

    called: Cell
    bindings: tuple[Entry, ...]
    kind: str = "invocation"


@dataclass(frozen=True)
class ListOf:
    """One value an item."""

    items: tuple[Logic, ...]
    kind: str = "list"


@dataclass(frozen=True)
class Relation:
    """A list of contexts, one a row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]
    kind: str = "relation"


@dataclass(frozen=True)
class Parameter:
    """What a function is given."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Function:
    """Logic that waits for its parameters."""

    parameters: tuple[Parameter, ...]
    logic: Logic
    kind: str = "function"


Logic = Table | Literal | Context | Invocation | ListOf | Relation | Function | None
"""What answers; nothing, if nobody has drawn it yet."""


@dataclass(frozen=True)
class Decision:
    """A decision of a DMN file."""

    id: str
    name: str
    variable: str
    """The name its answer is stored under."""

    file: str
    line: int
    column: int = 0
    type: str = ""
    logic: Logic = None
    requires: tuple[str, ...] = ()
    """Decisions, by id."""

    given: tuple[str, ...] = ()
    """Input data, by id."""

    knows: tuple[str, ...] = ()
    """Knowledge, by id."""

    @property
    def table(self) -> Table | None:
        """Its table, if it is one."""
        return self.logic if isinstance(self.logic, Table) else None


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function that decisions share. It sees its parameters only."""

    id: str
    name: str
    file: str
    line: int
    column: int = 0
    logic: Function | None = None
    knows: tuple[str, ...] = ()
    type: str = ""


@dataclass(frozen=True)
class Type:
    """A type that the file declares."""

    name: str
    base: str = ""
    is_list: bool = False
    allowed: str = ""
    parts: tuple[Type, ...] = ()
    """Of a context: its entries, by their names."""


@dataclass(frozen=True)
class Model:
    """What one DMN file holds, by id; types by name."""

    file: str
    decisions: dict[str, Decision] = field(default_factory=dict)
    knowledge: dict[str, Knowledge] = field(default_factory=dict)
    inputs: dict[str, Parameter] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)

    @cached_property
    def plan(self) -> Plan:
        """The model as `decision_bridge.js` reads it."""
        text = json.dumps(
            {
                "decisions": {one.id: asdict(one) for one in self.decisions.values()},
                "knowledge": {one.id: asdict(one) for one in self.knowledge.values()},
                "inputs": {key: asdict(one) for key, one in self.inputs.items()},
                "types": {one.name: asdict(one) for one in self.types.values()},
            },
            ensure_ascii=False,
        )
        return Plan(hashlib.sha256(text.encode()).hexdigest(), text)

    @cached_property
    def words(self) -> str:
        """Every text of the model, for finding which variables it could mention."""
        return "\n".join(_strings(json.loads(self.plan.text)))

    def type_of(self, name: str) -> Type:
        """A declared or built-in type; `base` is empty if nobody knows it."""
        if name in self.types:
            return self.types[name]
        return Type(name, TYPES.get(name.lower(), "") if name else "any")


def read_model(file: str, text: str) -> Model:
    """What a DMN file holds.

    Raises:
        BadDiagram: it is not DMN, or uses what is not supported.
    """
    return _Reader(file, text).read()


class _Reader:
    """Reads one file; collects what must be refused."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root = self._root(text)
        self.place = Places(text, self.root).of

    def read(self) -> Model:
        for node in self.root:
            if _tag(node) == "import":
                self._refuse(
                    node,
                    "An import of another file",
                    "Put its decisions into this file.",
                    "En import af en anden fil",
                    "Læg dens beslutninger i denne fil.",
                )
        model = Model(
            self.file,
            {one.id: one for one in map(self._decision, _all(self.root, "decision"))},
            {
                one.id: one
                for one in map(self._knowledge, _all(self.root, "businessKnowledgeModel"))
            },
            {
                str(node.get("id")): Parameter(_variable(node), _type(_one(node, "variable")))
                for node in _all(self.root, "inputData")
            },
            {one.name: one for one in map(self._type, _all(self.root, "itemDefinition"))},
        )
        self._refuse_twins()
        self._refuse_circles(model)
        if self.problems:
            raise BadDiagram(self.problems)
        return model

    def _root(self, text: str) -> etree._Element:
        root = read_markup(self.file, text)
        name = etree.QName(root)
        written = root.getroottree().docinfo.doctype or name.localname != "definitions"
        if written or name.namespace not in VERSIONS:
            raise BadDiagram([_not_dmn(self.file)])
        return root

    def _decision(self, node: etree._Element) -> Decision:
        place = self.place(node)
        return Decision(
            id=str(node.get("id") or ""),
            name=node.get("name") or node.get("id") or "",
            variable=_variable(node),
            file=self.file,
            line=place.line,
            column=place.column,
            type=_type(_one(node, "variable")),
            logic=self._logic_in(node),
            requires=_references(node, "informationRequirement", "requiredDecision"),
            given=_references(node, "informationRequirement", "requiredInput"),
            knows=self._known(node),
        )

    def _knowledge(self, node: etree._Element) -> Knowledge:
        place = self.place(node)
        inside = _one(node, "encapsulatedLogic")
        return Knowledge(
            id=str(node.get("id") or ""),
            name=_variable(node),
            file=self.file,
            line=place.line,
            column=place.column,
            logic=None if inside is None else self._function(inside),
            knows=self._known(node),
            type=_type(_one(node, "variable")),
        )

    def _known(self, node: etree._Element) -> tuple[str, ...]:
        services = {service.get("id") for service in _all(self.root, "decisionService")}
        known = _references(node, "knowledgeRequirement", "requiredKnowledge")
        for identity in known:
            if identity in services:
                self._refuse(
                    node,
                    "A decision service as knowledge",
                    "Draw an arrow from the decision itself, or use a business knowledge model.",
                    "En beslutningstjeneste som viden",
                    "Tegn en pil fra selve beslutningen, eller brug en forretningsvidensmodel.",
                )
        return known

    def _logic_in(self, node: etree._Element) -> Logic:
        for child in node:
            logic = self._logic(child)
            if logic is not None:
                return logic
        return None

    def _logic(self, node: etree._Element) -> Logic:
        name = _tag(node)
        if name in REFUSED:
            self._refuse(
                node,
                f"The boxed expression '{name}'",
                f"Write it as a literal expression in FEEL, such as '{REFUSED[name]}'.",
                f"Boksudtrykket '{name}'",
                f"Skriv det som et udtryk i FEEL, f.eks. '{REFUSED[name]}'.",
            )
        read = self._readers.get(name)
        return read(node) if read else None

    @cached_property
    def _readers(self) -> dict[str, Callable[[etree._Element], Logic]]:
        return {
            "literalExpression": self._literal,
            "decisionTable": self._table,
            "context": self._context,
            "invocation": self._invocation,
            "list": self._list,
            "relation": self._relation,
            "functionDefinition": self._function,
        }

    def _literal(self, node: etree._Element) -> Literal:
        return Literal(self._cell(node), _type(node))

    def _context(self, node: etree._Element) -> Context:
        return Context(tuple(self._entry(entry) for entry in _all(node, "contextEntry")))

    def _list(self, node: etree._Element) -> ListOf:
        return ListOf(tuple(self._logic(item) for item in node if self._is_logic(item)))

    def _is_logic(self, node: etree._Element) -> bool:
        return _tag(node) in REFUSED or _tag(node) in self._readers

    def _entry(self, node: etree._Element) -> Entry:
        variable = _one(node, "variable")
        name = "" if variable is None else variable.get("name") or ""
        return Entry(name, _type(variable), self._logic_in(node))

    def _invocation(self, node: etree._Element) -> Invocation:
        called = _one(node, "literalExpression")
        return Invocation(
            self._cell(node if called is None else called),
            tuple(
                Entry(parameter.get("name") or "", _type(parameter), self._logic_in(binding))
                for binding in _all(node, "binding")
                for parameter in _all(binding, "parameter")
            ),
        )

    def _relation(self, node: etree._Element) -> Relation:
        return Relation(
            tuple(column.get("name") or "" for column in _all(node, "column")),
            tuple(
                tuple(self._logic(cell) for cell in row if self._is_logic(cell))
                for row in _all(node, "row")
            ),
        )

    def _function(self, node: etree._Element) -> Function:
        if (node.get("kind") or "FEEL").upper() != "FEEL":
            self._refuse(
                node,
                f"A function of the kind '{node.get('kind')}'",
                "Write it in FEEL.",
                f"En funktion af arten '{node.get('kind')}'",
                "Skriv den i FEEL.",
            )
        parameters = tuple(
            Parameter(one.get("name") or "", _type(one)) for one in _all(node, "formalParameter")
        )
        return Function(parameters, self._logic_in(node))

    def _table(self, node: etree._Element) -> Table:
        return Table(
            inputs=tuple(self._input(child) for child in _all(node, "input")),
            outputs=tuple(self._output(child) for child in _all(node, "output")),
            rules=tuple(
                self._rule(number, rule) for number, rule in enumerate(_all(node, "rule"), start=1)
            ),
            hit_policy=(node.get("hitPolicy") or "UNIQUE").upper(),
            aggregation=(node.get("aggregation") or "").upper(),
        )

    def _input(self, node: etree._Element) -> Column:
        expression = _one(node, "inputExpression")
        cell = Cell("") if expression is None else self._cell(expression)
        return self._column(
            node,
            label=node.get("label") or cell.text,
            text=cell.text,
            kind=_type(expression),
            allowed="inputValues",
        )

    def _output(self, node: etree._Element) -> Column:
        name, label = node.get("name") or "", node.get("label") or ""
        return self._column(
            node,
            label=label or name,
            text=name or label,
            kind=_type(node),
            allowed="outputValues",
        )

    def _column(
        self, node: etree._Element, *, label: str, text: str, kind: str, allowed: str
    ) -> Column:
        place = self.place(node)
        values, default = _one(node, allowed), _one(node, "defaultOutputEntry")
        return Column(
            label=label,
            text=text,
            type=kind,
            allowed="" if values is None else self._cell(values).text,
            default="" if default is None else self._cell(default).text,
            id=node.get("id") or "",
            line=place.line,
            column=place.column,
        )

    def _rule(self, number: int, node: etree._Element) -> Rule:
        place = self.place(node)
        return Rule(
            number,
            tuple(self._cell(cell) for cell in _all(node, "inputEntry")),
            tuple(self._cell(cell) for cell in _all(node, "outputEntry")),
            node.get("id") or "",
            place.line,
            place.column,
        )

    def _cell(self, node: etree._Element) -> Cell:
        language = node.get("expressionLanguage") or self.root.get("expressionLanguage") or "feel"
        if "feel" not in language.lower() and language not in VERSIONS:
            self._refuse(
                node,
                f"The expression language '{language}'",
                "Write the expression in FEEL.",
                f"Udtrykssproget '{language}'",
                "Skriv udtrykket i FEEL.",
            )
        place = self.place(node)
        return Cell(_text(node), node.get("id") or "", place.line, place.column)

    def _type(self, node: etree._Element) -> Type:
        reference = _one(node, "typeRef")
        allowed = _one(node, "allowedValues")
        return Type(
            node.get("name") or "",
            "" if reference is None else _plain("".join(str(t) for t in reference.itertext())),
            node.get("isCollection") in {"true", "1"},
            "" if allowed is None else _text(allowed),
            tuple(self._type(part) for part in _all(node, "itemComponent")),
        )

    def _refuse_twins(self) -> None:
        seen: set[str] = set()
        for node in self.root.iter("*"):
            identity = node.get("id")
            if identity in seen:
                self._problem(
                    node,
                    "duplicate-id",
                    f"The id '{identity}' is used twice. Give one of the elements another.",
                    f"Id'et '{identity}' bruges to gange. Giv et af elementerne et andet.",
                )
            seen.add(identity or str(len(seen)))

    def _refuse_circles(self, model: Model) -> None:
        """A type that is another name for itself, by way of others, says nothing."""
        for node in _all(self.root, "itemDefinition"):
            name, seen = node.get("name") or "", set[str]()
            while name in model.types and model.types[name].base != name and name not in seen:
                seen.add(name)
                name = model.types[name].base
            if name in seen:
                self._refuse(
                    node,
                    "A type that is defined by itself",
                    "Define it by one of FEEL's types.",
                    "En type, der er defineret ved sig selv,",
                    "Definér den ved en af FEELs typer.",
                )

    def _refuse(
        self, node: etree._Element, what: str, instead: str, what_da: str, instead_da: str
    ) -> None:
        self._problem(
            node,
            "unsupported",
            f"{what} cannot be evaluated. {instead}",
            f"{what_da} kan ikke beregnes. {instead_da}",
        )

    def _problem(self, node: etree._Element, rule: str, message: str, message_da: str) -> None:
        place: Place = self.place(node)
        self.problems.append(
            Problem(
                self.file,
                next((one.get("id") for one in _outward(node) if one.get("id")), None),
                place.line,
                rule,
                message,
                message_da,
                name=next((str(one.get("name")) for one in _outward(node) if one.get("name")), ""),
                column=place.column,
            )
        )


def _not_dmn(file: str) -> Problem:
    return Problem(
        file,
        None,
        1,
        "not-dmn",
        "The file is not a decision of DMN 1.1 to 1.5. Save it again from the table editor.",
        "Filen er ikke en beslutning i DMN 1.1 til 1.5. Gem den igen fra tabelværktøjet.",
        column=1,
    )


def _tag(node: etree._Element) -> str:
    return etree.QName(node).localname


def _outward(node: etree._Element) -> Iterator[etree._Element]:
    yield node
    yield from node.iterancestors()


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in parent if _tag(child) == name]


def _one(parent: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_all(parent, name)), None)


def _text(parent: etree._Element) -> str:
    node = _one(parent, "text")
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def _variable(node: etree._Element) -> str:
    variable = _one(node, "variable")
    named = None if variable is None else variable.get("name")
    return named or node.get("name") or node.get("id") or ""


def _type(node: etree._Element | None) -> str:
    return "" if node is None else _plain(node.get("typeRef") or "")


def _plain(name: str) -> str:
    """A type's name without the prefix that DMN 1.1 writes before it."""
    return name.strip().removeprefix("feel:")


def _references(node: etree._Element, requirement: str, kind: str) -> tuple[str, ...]:
    return tuple(
        (reference.get("href") or "").rpartition("#")[2]
        for one in _all(node, requirement)
        for reference in _all(one, kind)
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
