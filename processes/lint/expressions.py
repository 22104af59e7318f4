"""Is every expression FEEL, does it know its names, and does it give what is asked of it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from processes.lint.findings import shortened
from processes.lint.kinds import clashes, word_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine.diagram import Flow, Node, Process, Trigger
    from processes.engine.feel import FeelCheck, Tree
    from processes.lint.findings import Findings
    from processes.lint.vocabulary import Vocabulary

PYTHON = (
    (re.compile(r"=="), "=="),
    (re.compile(r"\b(True|False|None)\b"), "True, False, None"),
    (re.compile(r"__\w+__"), "__…__"),
    (re.compile(r"\b(import|lambda|exec|eval|def|len|str|int)\b\s*[( ]"), "a Python function"),
    (re.compile(r"\.(append|get|items|keys|format|strip)\("), "a Python method"),
    (re.compile(r"\b\w+\[['\"]\w+['\"]\]"), "x['y']"),
)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


CONTEXT = ("context",)
TRUTH = ("boolean",)
LENGTH = ("duration", "string")
POINT = ("date", "date and time", "string")
TIMES = {"duration": LENGTH, "date": POINT, "cycle": ("string",)}
PROPERTIES = {"deadline": (*LENGTH, *POINT), "offset": LENGTH, "countFrom": POINT}
KINDS_DA = {
    "boolean": "sand/falsk",
    "context": "kontekst",
    "date": "dato",
    "date and time": "dato og tid",
    "duration": "varighed",
    "list": "liste",
    "number": "tal",
    "string": "tekst",
    "time": "klokkeslæt",
}
CLOSE = 0.75
"""How alike two names must be for one to be proposed for the other."""


@dataclass(frozen=True)
class Expression:
    """One FEEL text and where it stands."""

    node: Node
    text: str
    what: str
    what_da: str
    at: Flow | Trigger | str | None = None
    wants: tuple[str, ...] = ()
    """The kinds of value that it can give; empty for any."""

    @property
    def is_written(self) -> bool:
        """Whether there is more than a sign that it is FEEL."""
        return bool(self.text.strip().removeprefix("=").strip())


def check_expressions(
    findings: Findings, parsed: Mapping[str, FeelCheck], vocabulary: Vocabulary
) -> None:
    """Every rule of single expressions; `parsed` is what parsing gave, by their text."""
    for expression in expressions(findings.process):
        if expression.is_written:
            _check(expression, parsed[expression.text], vocabulary, findings)
        else:
            _note(findings, "expression-missing", expression)
    for _, node in findings.process.walk():
        _check_loop(node, findings)


def expressions(process: Process) -> Iterator[Expression]:
    """Every expression of a process."""
    for _, node in process.walk():
        yield from _expressions(node)


def _check(
    expression: Expression, check: FeelCheck, vocabulary: Vocabulary, findings: Findings
) -> None:
    shown = shortened(expression.text)
    plain = STRING.sub('""', expression.text)
    sign = next((name for pattern, name in PYTHON if pattern.search(plain)), None)
    if sign is not None:
        _note(findings, "python", expression, text=shown, sign=sign)
    elif check.errors:
        reasons = {"reason": check.errors[0], "reason_da": check.errors_da[0]}
        _note(findings, "feel-syntax", expression, text=shown, **reasons)
    else:
        _check_names(expression, check, vocabulary, findings)
        _check_kinds(expression, check.tree, vocabulary, findings)


def _check_names(
    expression: Expression, check: FeelCheck, vocabulary: Vocabulary, findings: Findings
) -> None:
    for name in check.variables:
        if name not in vocabulary:
            hints = nearest(name, vocabulary.words)
            _note(findings, "unknown-name", expression, "warning", name=name, **hints)


def nearest(name: str, known: Iterable[str]) -> dict[str, str]:
    """The question whether another name was meant, in both languages; empty if none is alike."""
    near = next(iter(get_close_matches(name, list(known), 1, CLOSE)), None)
    if near is None:
        return {"hint": "", "hint_da": ""}
    return {"hint": f" Did you mean '{near}'?", "hint_da": f" Mente du '{near}'?"}


def _check_kinds(
    expression: Expression, tree: Tree, vocabulary: Vocabulary, findings: Findings
) -> None:
    shown = shortened(expression.text)
    for left, right in dict.fromkeys(clashes(tree, vocabulary)):
        _note(
            findings,
            "kinds-differ",
            expression,
            text=shown,
            left=left,
            right=right,
            left_da=KINDS_DA[left],
            right_da=KINDS_DA[right],
        )
    kind = word_of(tree, vocabulary).kind
    if kind is None or not expression.wants or kind in expression.wants:
        return
    if expression.wants == CONTEXT:
        _note(findings, "script-not-context", expression)
        return
    _note(
        findings,
        "kind-unfit",
        expression,
        text=shown,
        kind=kind,
        kind_da=KINDS_DA[kind],
        wanted=", ".join(expression.wants),
        wanted_da=", ".join(KINDS_DA[one] for one in expression.wants),
    )


def _note(
    findings: Findings, rule: str, expression: Expression, severity: str = "error", **facts: str
) -> None:
    findings.add(
        rule,
        expression.node,
        at=expression.at,
        severity=severity,
        what=expression.what,
        what_da=expression.what_da,
        **facts,
    )


def _expressions(node: Node) -> Iterator[Expression]:
    for flow in node.outgoing:
        if flow.condition is not None:
            yield Expression(node, flow.condition, "The condition", "Betingelsen", flow, TRUTH)
    if node.kind == "scriptTask":
        yield Expression(node, node.script, "The script", "Scriptet", "script", CONTEXT)
    if node.operation is not None:
        for parameter in node.operation.parameters:
            if parameter.value.strip():
                yield Expression(node, parameter.value, "The parameter", "Parameteren")
    for prefix in ("in", "out"):
        for name, text in node.mapping(prefix).items():
            yield Expression(node, text, "The mapping", "Overførslen", f"{prefix}.{name}")
    yield from _property_expressions(node)
    for trigger in node.triggers:
        yield from _trigger_expressions(node, trigger)
    yield from _loop_expressions(node)


def _property_expressions(node: Node) -> Iterator[Expression]:
    assign = node.properties.get("assign")
    if assign and assign.strip() != "team":
        yield Expression(node, assign, "The assignment", "Tildelingen", "assign")
    if node.properties.get("correlation"):
        text = node.properties["correlation"]
        yield Expression(node, text, "The correlation", "Korrelationen", "correlation")
    for name, wants in PROPERTIES.items():
        text = node.properties.get(name, "")
        if text.startswith("="):
            yield Expression(node, text, "The deadline", "Fristen", name, wants)


def _trigger_expressions(node: Node, trigger: Trigger) -> Iterator[Expression]:
    if trigger.kind == "conditional":
        yield Expression(node, trigger.expression, "The condition", "Betingelsen", trigger, TRUTH)
    if trigger.kind == "timer" and trigger.expression.startswith("="):
        wants = TIMES.get(trigger.timer, ())
        yield Expression(node, trigger.expression, "The time", "Tiden", trigger, wants)
    if trigger.payload:
        yield Expression(node, trigger.payload, "The payload", "Indholdet", trigger)


def _loop_expressions(node: Node) -> Iterator[Expression]:
    if node.body is not None and node.body.completion is not None:
        completion = node.body.completion
        yield Expression(node, completion, "The condition", "Betingelsen", None, TRUTH)
    loop = node.loop
    if loop is None:
        return
    for text, wants in (
        (loop.collection, ("list",)),
        (loop.cardinality, ("number",)),
        (loop.condition, TRUTH),
    ):
        if text is not None:
            yield Expression(node, text, "The repetition", "Gentagelsen", "loop", wants)


def _check_loop(node: Node, findings: Findings) -> None:
    loop = node.loop
    if loop is None:
        return
    if loop.kind == "standard" and loop.condition is None and loop.maximum is None:
        findings.add("loop-endless", node, at="loop")
    if loop.kind != "standard" and loop.collection is None and loop.cardinality is None:
        findings.add("collection-missing", node, at="loop")
