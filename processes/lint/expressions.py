"""Is every expression FEEL, and every time ISO 8601?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models import calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from processes.engine import Feel
    from processes.engine.diagram import Flow, Node, Trigger
    from processes.engine.feel import FeelCheck
    from processes.lint.findings import Findings

PYTHON = (
    (re.compile(r"=="), "=="),
    (re.compile(r"\b(True|False|None)\b"), "True, False, None"),
    (re.compile(r"__\w+__"), "__…__"),
    (re.compile(r"\b(import|lambda|exec|eval|def|len|str|int)\b\s*[( ]"), "a Python function"),
    (re.compile(r"\.(append|get|items|keys|format|strip)\("), "a Python method"),
    (re.compile(r"\b\w+\[['\"]\w+['\"]\]"), "x['y']"),
)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
A_MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Expression:
    """One FEEL text and where it stands."""

    node: Node
    text: str
    what: str
    what_da: str
    at: Flow | Trigger | str | None = None


def check_expressions(findings: Findings, feel: Feel) -> None:
    """Every rule of expressions and times."""
    found = [e for _, node in findings.process.walk() for e in _expressions(node)]
    written = [e for e in found if e.text.strip().removeprefix("=").strip()]
    for expression in found:
        if expression not in written:
            findings.add(
                "expression-missing",
                expression.node,
                at=expression.at,
                what=expression.what,
                what_da=expression.what_da,
            )
    for expression, check in zip(written, feel.check_all([e.text for e in written]), strict=True):
        _check(expression, check, findings)
    for _, node in findings.process.walk():
        _check_script(node, findings)
        _check_times(node, findings)
        _check_loop(node, findings)


def _check(expression: Expression, check: FeelCheck, findings: Findings) -> None:
    bare = STRING.sub('""', expression.text)
    sign = next((name for pattern, name in PYTHON if pattern.search(bare)), None)
    if sign is not None:
        findings.add(
            "python", expression.node, at=expression.at, text=_short(expression.text), sign=sign
        )
    elif check.errors:
        findings.add(
            "feel-syntax",
            expression.node,
            at=expression.at,
            text=_short(expression.text),
            reason=check.errors[0],
        )


def _expressions(node: Node) -> Iterator[Expression]:
    for flow in node.outgoing:
        if flow.condition is not None:
            yield Expression(node, flow.condition, "The condition", "Betingelsen", flow)
    if node.kind == "scriptTask":
        yield Expression(node, node.script, "The script", "Scriptet", "script")
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
    for name in ("deadline", "offset", "countFrom"):
        text = node.properties.get(name, "")
        if text.startswith("="):
            yield Expression(node, text, "The deadline", "Fristen", name)


def _trigger_expressions(node: Node, trigger: Trigger) -> Iterator[Expression]:
    if trigger.kind == "conditional":
        yield Expression(node, trigger.expression, "The condition", "Betingelsen", trigger)
    if trigger.kind == "timer" and trigger.expression.startswith("="):
        yield Expression(node, trigger.expression, "The time", "Tiden", trigger)
    if trigger.payload:
        yield Expression(node, trigger.payload, "The payload", "Indholdet", trigger)


def _loop_expressions(node: Node) -> Iterator[Expression]:
    if node.body is not None and node.body.completion is not None:
        yield Expression(node, node.body.completion, "The condition", "Betingelsen")
    loop = node.loop
    if loop is None:
        return
    for text in (loop.collection, loop.cardinality, loop.condition):
        if text is not None:
            yield Expression(node, text, "The repetition", "Gentagelsen", "loop")


def _check_script(node: Node, findings: Findings) -> None:
    script = node.script.strip().removeprefix("=").strip()
    if node.kind == "scriptTask" and script and not script.startswith(("{", "if ", "context")):
        findings.add("script-not-context", node, at="script")


def _check_loop(node: Node, findings: Findings) -> None:
    loop = node.loop
    if loop is None:
        return
    if loop.kind == "standard" and loop.condition is None and loop.maximum is None:
        findings.add("loop-endless", node, at="loop")
    if loop.kind != "standard" and loop.collection is None and loop.cardinality is None:
        findings.add("collection-missing", node, at="loop")


def _check_times(node: Node, findings: Findings) -> None:
    for name, known in (("calendar", calendar.CALENDARS), ("roll", calendar.ROLLS)):
        value = node.properties.get(name)
        if value and value not in known:
            listed = ", ".join(known)
            findings.add("unknown-value", node, at=name, property=name, text=value, known=listed)
            return
    deadline = node.properties.get("deadline")
    if deadline and not deadline.startswith("="):
        _check_time("deadline", deadline, node, findings, _reader(node, "either"))
    offset = node.properties.get("offset")
    if offset and not offset.startswith("="):
        _check_time("offset", offset, node, findings, _read_offset)
    count_from = node.properties.get("countFrom")
    if count_from and not count_from.startswith("="):
        _check_time("countFrom", count_from, node, findings, calendar.parse_instant)
    for trigger in node.triggers:
        if trigger.kind == "timer":
            _check_timer(node, trigger, findings)


def _check_timer(node: Node, trigger: Trigger, findings: Findings) -> None:
    if node.properties.get("follows"):
        return
    if not trigger.timer or not trigger.expression:
        findings.add("timer-missing", node, at=trigger)
    elif not trigger.expression.startswith("="):
        reader = _reader(node, trigger.timer)
        _check_time("timer", trigger.expression, node, findings, reader, trigger)


def _reader(node: Node, kind: str) -> Callable[[str], object]:
    """What must be able to read the text, by the event's kind of time and its calendar."""

    def duration(text: str) -> object:
        return calendar.due(
            A_MONDAY,
            text,
            calendar=node.properties.get("calendar") or "local",
            roll=node.properties.get("roll") or "none",
        )

    def either(text: str) -> object:
        return duration(text) if "P" in text[:2] else calendar.parse_instant(text)

    def cycle(text: str) -> object:
        calendar.parse_cycle(text)
        return duration(text.rsplit("/", 1)[-1])

    readers: dict[str, Callable[[str], object]] = {
        "duration": duration,
        "date": calendar.parse_instant,
        "cycle": cycle,
        "either": either,
    }
    return readers[kind]


def _read_offset(text: str) -> object:
    return calendar.offset(A_MONDAY, A_MONDAY, text)


def _check_time(
    name: str,
    text: str,
    node: Node,
    findings: Findings,
    read: Callable[[str], object],
    at: Trigger | None = None,
) -> None:
    try:
        read(text)
    except calendar.CalendarError as error:
        findings.add(
            "time-not-iso",
            node,
            at=at or name,
            property=name,
            text=_short(text),
            reason=str(error),
            reason_da=error.da,
        )


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= len("x" * 80) else flat[:79] + "…"
