"""Are the decisions complete, of one mind and FEEL?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import combinations
from typing import TYPE_CHECKING, Any

from processes.engine.decision_model import (
    AGGREGATIONS,
    HIT_POLICIES,
    Cell,
    Column,
    Context,
    Decision,
    Function,
    Invocation,
    Knowledge,
    ListOf,
    Literal,
    Relation,
    Rule,
    Table,
    read_model,
)
from processes.engine.feel import text_of
from processes.engine.problems import BadDiagram, Problem
from processes.lint.coverage import Axis, Example, Point, gap, overlap, reachable
from processes.lint.table_sayings import KINDS, SAYINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from processes.engine import Feel
    from processes.engine.decision_model import Logic, Model
    from processes.lint.vocabulary import Word

RANKED = frozenset({"PRIORITY", "OUTPUT ORDER"})
SINGLE = frozenset({"UNIQUE", "ANY", "PRIORITY", "FIRST"})
SPELLED = frozenset(KINDS) - {"string", "number", "boolean", "list", "context"}
"""Types that a text can spell."""

WHOLE = frozenset({"integer", "long"})
MOST_OVERLAPS = 5
"""Pairs of rules named a table: with more, the first say enough."""


def check_tables(
    files: Mapping[str, str],
    feel: Feel,
    words: Mapping[str, Word] | None = None,
    asked: Iterable[str] = (),
) -> list[Problem]:
    """Every finding in the DMN files; files that cannot be read were found before.

    `words` are the names that cases know when they ask the decisions `asked`; nobody can tell for
    others.
    """
    problems: list[Problem] = []
    homes: dict[str, str] = {}
    for name, text in files.items():
        if not name.endswith(".dmn"):
            continue
        try:
            model = read_model(name, text)
        except BadDiagram:
            continue
        problems += _Judge(model, feel, homes, words or {}, frozenset(asked)).problems
        homes |= dict.fromkeys(model.decisions, name)
    return problems


@dataclass
class _Judge:
    """Looks at one file."""

    model: Model
    feel: Feel
    homes: Mapping[str, str]
    words: Mapping[str, Word]
    asked: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        owners: list[Decision | Knowledge] = [
            *self.model.decisions.values(),
            *self.model.knowledge.values(),
        ]
        for decision in self.model.decisions.values():
            if decision.id in self.homes:
                self.add("decision-twice", decision, file=self.homes[decision.id])
            if decision.logic is None:
                self.add("decision-empty", decision)
        for known in self.model.knowledge.values():
            if known.logic is None or known.logic.logic is None:
                self.add("knowledge-empty", known)
        for owner in owners:
            self._check_arrows(owner)
            self._check_texts(owner)
            for table in _tables(owner.logic):
                self._check_table(owner, table)

    def add(
        self,
        rule: str,
        owner: Decision | Knowledge,
        at: Cell | Column | Rule | None = None,
        *,
        severity: str = "error",
        **facts: Any,
    ) -> None:
        """Note a finding; `at` is the part of the decision that it is about."""
        english, danish = SAYINGS[rule]
        spot = at if at is not None and at.line else owner
        self.problems.append(
            Problem(
                self.model.file,
                spot.id or owner.id,
                spot.line,
                rule,
                english.format(**facts),
                danish.format(**facts),
                severity,
                name=owner.name,
                column=spot.column or None,
            )
        )

    # -- arrows and names --------------------------------------------------------------------------

    def _check_arrows(self, owner: Decision | Knowledge) -> None:
        for known in owner.knows:
            if known not in self.model.knowledge:
                self.add("unknown-knowledge", owner, name=known)
        if isinstance(owner, Knowledge):
            if _needs_itself(owner.id, {k: v.knows for k, v in self.model.knowledge.items()}):
                self.add("knowledge-cycle", owner)
            return
        for other in owner.requires:
            if other not in self.model.decisions:
                self.add("unknown-decision", owner, name=other)
        for datum in owner.given:
            if datum not in self.model.inputs:
                self.add("unknown-input", owner, name=datum)
        if _needs_itself(owner.id, {k: v.requires for k, v in self.model.decisions.items()}):
            self.add("decision-cycle", owner)

    def _names(self, owner: Decision | Knowledge) -> set[str]:
        """What arrows give: other names come from the case, if it is a decision."""
        knowledge, decisions = self.model.knowledge, self.model.decisions
        names = {knowledge[one].name for one in owner.knows if one in knowledge}
        if isinstance(owner, Decision):
            names |= {decisions[one].variable for one in owner.requires if one in decisions}
            names |= {
                self.model.inputs[one].name for one in owner.given if one in self.model.inputs
            }
        return names

    def _check_texts(self, owner: Decision | Knowledge) -> None:
        texts = list(_texts(owner.logic, _Words("The expression", "Udtrykket")))
        given = self._names(owner)
        spelled = given | {name for one in texts for name in one.names}
        for unary in (True, False):
            asked = [one for one in texts if one.unary is unary]
            checks = self.feel.check_all(
                [one.cell.text for one in asked], unary=unary, known=spelled
            )
            for one, check in zip(asked, checks, strict=True):
                words = {"what": one.words.en, "what_da": one.words.da}
                if not one.cell.text:
                    self.add("feel-missing", owner, one.cell, **words)
                elif check.errors:
                    words |= {"reason": check.errors[0], "reason_da": check.errors_da[0]}
                    self.add("feel-syntax", owner, one.cell, text=one.cell.text, **words)
                else:
                    self._check_names(owner, one, given, check.variables)

    def _check_names(
        self, owner: Decision | Knowledge, text: _Text, given: set[str], asked: Iterable[str]
    ) -> None:
        """Knowledge sees its parameters only; a decision what its case knows besides."""
        known = given | set(text.names)
        functions = {one.name for one in self.model.knowledge.values()}
        words = {"what": text.words.en, "what_da": text.words.da}
        for name in asked:
            if name in known:
                continue
            if isinstance(owner, Knowledge) or name in functions:
                listed = ", ".join(sorted(known)) or "–"
                self.add("unknown-name", owner, text.cell, name=name, known=listed, **words)
            elif name not in self.words and self._is_asked(owner):
                [near] = get_close_matches(name, self.words, 1) or [""]
                hint = f" Did you mean '{near}'?" if near else ""
                hint_da = f" Mente du '{near}'?" if near else ""
                self.add(
                    "unknown-word",
                    owner,
                    text.cell,
                    severity="warning",
                    name=name,
                    hint=hint,
                    hint_da=hint_da,
                    **words,
                )

    def _is_asked(self, owner: Decision | Knowledge) -> bool:
        """Whether a case asks for it, or for what needs it."""
        arrows = {k: v.requires for k, v in self.model.decisions.items()}
        known = self.asked & self.model.decisions.keys()
        return owner.id in known or any(owner.id in _reached(one, arrows) for one in known)

    def _check_input(self, owner: Decision | Knowledge, column: Column) -> None:
        """Whether the case's own value can be of the column's type; a text may spell a date."""
        base = self._base(column)
        word = self.words.get(column.text) if self._is_asked(owner) else None
        kind = word.kind if word else None
        if kind is None or base not in KINDS or base == "any" or column.text in self._names(owner):
            return
        if base.endswith(kind) or (kind == "string" and base in SPELLED):
            return
        self.add("input-type", owner, column, column=column.label, **_kinds(kind, base))

    # -- tables ------------------------------------------------------------------------------------

    def _check_table(self, owner: Decision | Knowledge, table: Table) -> None:
        self._check_policy(owner, table)
        self._check_outputs(owner, table)
        for column in (*table.inputs, *table.outputs):
            if not self._base(column):
                self.add("unknown-type", owner, column, type=column.type)
        for column in table.inputs:
            self._check_input(owner, column)
        whole = [
            rule
            for rule in table.rules
            if len(rule.tests) == len(table.inputs) and len(rule.results) == len(table.outputs)
        ]
        for rule in table.rules:
            if rule not in whole:
                self.add("rule-width", owner, rule, number=rule.number)
        if not table.rules:
            self.add("table-empty", owner)
        elif len(whole) == len(table.rules):
            results = self._check_results(owner, table)
            self._check_rules(owner, table, results)

    def _check_policy(self, owner: Decision | Knowledge, table: Table) -> None:
        policy, how = table.hit_policy, table.aggregation
        if policy not in HIT_POLICIES:
            self.add("hit-policy", owner, policy=policy)
        single = how == "COUNT" or len(table.outputs) == 1
        if how and (policy != "COLLECT" or how not in AGGREGATIONS or not single):
            self.add("aggregation", owner, how=how)
        if policy in RANKED and not any(self._allowed(column) for column in table.outputs):
            self.add("priority-without-values", owner, policy=policy)

    def _check_outputs(self, owner: Decision | Knowledge, table: Table) -> None:
        if not table.outputs:
            self.add("output-missing", owner)
        names = [column.text for column in table.outputs]
        for column in table.outputs:
            if len(names) > 1 and (not column.text or names.count(column.text) > 1):
                self.add("output-name", owner, column)

    def _base(self, column: Column) -> str:
        declared = self.model.type_of(column.type)
        if declared.is_list or column.type.startswith("list<"):
            return "list"
        if declared.parts:
            return "context"
        if declared.name in self.model.types and declared.base != declared.name:
            return self._base(replace(column, type=declared.base))
        return declared.base

    def _allowed(self, column: Column) -> str:
        declared = self.model.types.get(column.type)
        return column.allowed or (declared.allowed if declared else "")

    def _check_results(self, owner: Decision | Knowledge, table: Table) -> list[tuple[str, ...]]:
        """What each rule answers, as far as it is always the same; else its text."""
        columns = [
            [rule.results[index] for rule in table.rules] for index in range(len(table.outputs))
        ]
        found = self.feel.survey(
            [
                {
                    "results": ["null" if c.accepts_everything else c.text for c in cells],
                    "type": self._base(column),
                    "allowed": self._allowed(column),
                }
                for column, cells in zip(table.outputs, columns, strict=True)
            ]
        )
        for column, cells, answers in zip(table.outputs, columns, found, strict=True):
            for rule, cell, answer in zip(table.rules, cells, answers, strict=True):
                self._check_result(owner, column, rule.number, cell, answer)
        return [
            tuple(
                json.dumps(answers[index]["value"])
                if "value" in answers[index]
                else cells[index].text
                for cells, answers in zip(columns, found, strict=True)
            )
            for index in range(len(table.rules))
        ]

    def _check_result(
        self,
        owner: Decision | Knowledge,
        column: Column,
        number: int,
        cell: Cell,
        answer: Mapping[str, Any],
    ) -> None:
        facts: dict[str, Any] = {"number": number, "column": column.label, "text": cell.text}
        if not answer.get("fits", True):
            kinds = _kinds(answer["type"], self._base(column))
            self.add("result-type", owner, cell, **facts, **kinds)
        elif not answer.get("allowed", True):
            self.add("result-not-allowed", owner, cell, **facts, allowed=self._allowed(column))

    def _check_rules(
        self, owner: Decision | Knowledge, table: Table, results: Sequence[tuple[str, ...]]
    ) -> None:
        axes, sound = self._axes(owner, table)
        if not sound:
            return
        if table.hit_policy in {"UNIQUE", "ANY"}:
            self._check_overlaps(owner, table, axes, results)
        if table.hit_policy == "FIRST":
            for index, rule in enumerate(table.rules):
                if not reachable(axes, index):
                    self.add("rule-unreachable", owner, rule, number=rule.number)
        answered = any(column.default for column in table.outputs)
        if table.hit_policy in SINGLE and not answered:
            example = gap(axes, len(table.rules))
            if example is not None:
                self.add("table-open", owner, severity="warning", **_when(example))

    def _check_overlaps(
        self,
        owner: Decision | Knowledge,
        table: Table,
        axes: Sequence[Axis],
        results: Sequence[tuple[str, ...]],
    ) -> None:
        found = 0
        for one, other in combinations(range(len(table.rules)), 2):
            agree = table.hit_policy == "ANY" and results[one] == results[other]
            example = None if agree else overlap(axes, one, other)
            if example is None or found == MOST_OVERLAPS:
                continue
            found += 1
            self.add(
                "rules-overlap" if table.hit_policy == "UNIQUE" else "rules-disagree",
                owner,
                table.rules[other],
                one=table.rules[one].number,
                other=table.rules[other].number,
                policy=table.hit_policy,
                **_when(example),
            )

    def _axes(self, owner: Decision | Knowledge, table: Table) -> tuple[list[Axis], bool]:
        """The inputs, columns of one expression as one; and whether all cells make sense."""
        groups: dict[str, list[int]] = {}
        for index, column in enumerate(table.inputs):
            groups.setdefault(column.text, []).append(index)
        texts = [
            list(dict.fromkeys(_test(rule, i) for rule in table.rules for i in indices))
            for indices in groups.values()
        ]
        firsts = [table.inputs[indices[0]] for indices in groups.values()]
        found = self.feel.survey(
            [
                {
                    "tests": asked,
                    "type": self._base(column) or "any",
                    "allowed": self._allowed(column),
                    "whole": column.type.lower() in WHOLE,
                }
                for column, asked in zip(firsts, texts, strict=True)
            ]
        )
        axes, sound = [], True
        for indices, asked, answer in zip(groups.values(), texts, found, strict=True):
            says = dict(zip(asked, answer["cells"], strict=True))
            for rule in table.rules:
                for index in indices:
                    cell = says[_test(rule, index)]
                    sound &= self._check_test(owner, table.inputs[index], rule, index, cell)
            axes.append(_axis(table, indices, answer["points"], says))
        return axes, sound

    def _check_test(
        self,
        owner: Decision | Knowledge,
        column: Column,
        rule: Rule,
        index: int,
        answer: Mapping[str, Any],
    ) -> bool:
        base, cell = self._base(column), rule.tests[index]
        facts: dict[str, Any] = {"number": rule.number, "column": column.label, "text": cell.text}
        right = {base, f"days and time {base}", f"years and months {base}"}
        strange = [kind for kind in answer["kinds"] if kind not in right]
        if strange and base in KINDS and base not in {"list", "context"}:
            self.add("cell-type", owner, cell, **facts, **_kinds(strange[0], base))
            return False
        if "1" not in answer["says"] and "?" not in answer["says"]:
            self.add("cell-never", owner, cell, **facts)
            return False
        return True


def _needs_itself(identity: str, arrows: Mapping[str, Iterable[str]]) -> bool:
    return identity in _reached(identity, arrows)


def _reached(identity: str, arrows: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(arrows[identity])
    while ahead:
        other = ahead.pop()
        if other in arrows and other not in seen:
            seen.add(other)
            ahead += arrows[other]
    return seen


def _test(rule: Rule, index: int) -> str:
    cell = rule.tests[index]
    return "-" if cell.accepts_everything else cell.text


def _axis(
    table: Table,
    indices: Sequence[int],
    values: Sequence[Mapping[str, Any]],
    says: Mapping[str, Mapping[str, Any]],
) -> Axis:
    blind = len(values) == 1
    points = []
    for position, value in enumerate(values):
        sure = perhaps = 0
        for bit, rule in enumerate(table.rules):
            marks = {says[_test(rule, index)]["says"][position] for index in indices}
            sure |= (marks == {"1"}) << bit
            perhaps |= ("0" not in marks) << bit
        sort = "unknown" if blind else str(value["sort"])
        points.append(Point(value["value"], sort, sure, perhaps))
    asking = sum(
        1 << bit
        for bit, rule in enumerate(table.rules)
        if any(not rule.tests[index].accepts_everything for index in indices)
    )
    return Axis(table.inputs[indices[0]].label, tuple(points), asking)


def _when(example: Example) -> dict[str, Any]:
    """', for example when alder = 17 and samtykke = false', in both languages."""
    if not example:
        return {"when": "", "when_da": ""}
    english = " and ".join(f"{label} = {_shown(value)}" for label, value in example)
    danish = " og ".join(f"{label} = {_shown_da(value)}" for label, value in example)
    return {"when": f", for example when {english}", "when_da": f", f.eks. når {danish}"}


def _shown(value: Any) -> str:
    return text_of(value) if isinstance(value, dict) else json.dumps(value, ensure_ascii=False)


def _shown_da(value: Any) -> str:
    if isinstance(value, bool):
        return "sand" if value else "falsk"
    return str(value).replace(".", ",") if isinstance(value, float) else _shown(value)


def _kinds(found: str, wanted: str) -> dict[str, Any]:
    (one, one_da), (other, other_da) = KINDS.get(found, (found, found)), KINDS[wanted]
    return {"found": one, "found_da": one_da, "wanted": other, "wanted_da": other_da}


# -- every FEEL text of a decision -------------------------------------------------------------


@dataclass(frozen=True)
class _Words:
    """How sentences name a part."""

    en: str
    da: str


@dataclass(frozen=True)
class _Text:
    """A FEEL text, and the names that the boxes around it give."""

    cell: Cell
    words: _Words
    names: tuple[str, ...] = ()
    unary: bool = False


def _tables(logic: Logic) -> Iterator[Table]:
    if isinstance(logic, Table):
        yield logic
    for inner, _, _ in _inner(logic):
        yield from _tables(inner)


def _inner(logic: Logic) -> Iterator[tuple[Logic, _Words, tuple[str, ...]]]:
    """The logic inside a box, what it is called there, and the names it sees more."""
    if isinstance(logic, Function):
        names = tuple(parameter.name for parameter in logic.parameters)
        yield logic.logic, _Words("The function", "Funktionen"), names
    elif isinstance(logic, Context):
        seen: tuple[str, ...] = ()
        for entry in logic.entries:
            yield entry.logic, _named("The entry", "Posten", entry.name), seen
            seen = (*seen, entry.name)
    elif isinstance(logic, Invocation):
        for one in logic.bindings:
            yield one.logic, _named("The binding", "Bindingen", one.name), ()
    elif isinstance(logic, ListOf | Relation):
        items = logic.items if isinstance(logic, ListOf) else sum(logic.rows, start=())
        for number, item in enumerate(items, start=1):
            yield item, _named("Item", "Element", str(number)), ()


def _texts(logic: Logic, words: _Words, names: tuple[str, ...] = ()) -> Iterator[_Text]:
    if isinstance(logic, Literal):
        yield _Text(logic.cell, words, names)
    elif isinstance(logic, Table):
        yield from (replace(one, names=(*one.names, *names)) for one in _table_texts(logic))
    elif isinstance(logic, Invocation):
        yield _Text(logic.called, _Words("The call", "Kaldet"), names)
    for inner, inner_words, more in _inner(logic):
        yield from _texts(inner, inner_words, (*names, *more))


def _table_texts(table: Table) -> Iterator[_Text]:
    for column in (*table.inputs, *table.outputs):
        place = (column.id, column.line, column.column)
        named = _named("The column", "Kolonnen", column.label)
        if column in table.inputs:
            yield _Text(Cell(column.text, *place), named)
        if column.allowed:
            values = _named("The values of", "Værdierne for", column.label)
            yield _Text(Cell(column.allowed, *place), values, unary=True)
        if column.default:
            default = _named("The default of", "Standardværdien for", column.label)
            yield _Text(Cell(column.default, *place), default)
    for rule in table.rules:
        for columns, cells in ((table.inputs, rule.tests), (table.outputs, rule.results)):
            for column, cell in zip(columns, cells, strict=False):
                where = _Words(
                    f"Rule {rule.number}, column '{column.label}'",
                    f"Regel {rule.number}, kolonne '{column.label}'",
                )
                if not cell.accepts_everything:
                    yield _Text(cell, where, unary=columns is table.inputs)


def _named(english: str, danish: str, name: str) -> _Words:
    return _Words(f"{english} '{name}'", f"{danish} '{name}'")
