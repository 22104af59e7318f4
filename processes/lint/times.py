"""Is every time ISO 8601, or FEEL that can give one?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models import calendar
from processes.engine.statutes import NAMED_BY
from processes.lint.findings import shortened
from processes.lint.vocabulary import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from processes.engine.diagram import Node, Trigger
    from processes.lint.findings import Findings

KNOWN = {"calendar": calendar.CALENDARS, "roll": calendar.ROLLS, "pausable": ("true", "false")}
A_MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


def check_times(findings: Findings) -> None:
    """Every rule of times that are literals."""
    for _, node in findings.process.walk():
        _check_times(node, findings)


def _check_times(node: Node, findings: Findings) -> None:
    for name, known in KNOWN.items():
        value = node.properties.get(name)
        if value and value not in known:
            listed = ", ".join(known)
            findings.add("unknown-value", node, at=name, property=name, text=value, known=listed)
            return
    deadline = _written(node.properties.get("deadline"))
    if deadline:
        _check_time("deadline", deadline, node, findings, _reader(node, "either"))
    offset = _written(node.properties.get("offset"))
    if offset:
        _check_time("offset", offset, node, findings, _read_offset)
    count_from = _written(node.properties.get("countFrom"))
    if count_from:
        _check_time("countFrom", count_from, node, findings, calendar.parse_instant)
    for trigger in node.triggers:
        if trigger.kind == "timer":
            _check_timer(node, trigger, findings)


def _check_timer(node: Node, trigger: Trigger, findings: Findings) -> None:
    if node.properties.get("follows"):
        return
    if node.properties.get(NAMED_BY) and not trigger.expression:
        return
    if not trigger.timer or not trigger.expression:
        findings.add("timer-missing", node, at=trigger)
        return
    text = _written(trigger.expression)
    if text:
        _check_time("timer", text, node, findings, _reader(node, trigger.timer), trigger)


def literal_time(text: str | None, parameters: Mapping[str, str]) -> str | None:
    """A time that stands in the diagram itself: as a literal, or as a parameter's value."""
    name = (text or "").removeprefix("=").strip()
    return parameters[name] if name in parameters else _written(text)


def _written(text: str | None) -> str | None:
    """A time that stands in the diagram itself, as a literal or as FEEL's text of one."""
    if text is None or not text.startswith("="):
        return text
    value = literal(text.removeprefix("="))
    return value if isinstance(value, str) else None


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
            text=shortened(text),
            reason=str(error),
            reason_da=error.da,
        )
