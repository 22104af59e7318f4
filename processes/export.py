"""The history of all cases for other tools: JSON lines, CSV, and XES for process mining.

No case data leaves in CSV and XES: who, what and when are enough to mine a process.

Source: IEEE 1849-2016 (XES), 4.6 and the extensions concept, lifecycle, organizational, time.
"""

from __future__ import annotations

import csv
import io
import json
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import select

from models.case import Case
from models.definition import Definition
from models.event import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    Line = Row[Event, int, str, int]
    """An event with its case's number, and its definition's key and version."""

AT_ONCE = 1000
COLUMNS = ("case", "definition", "number", "timestamp", "kind", "element", "activity", "resource")

MINED = {
    "case.started": "start",
    "task.opened": "schedule",
    "element.completed": "complete",
    "element.cancelled": "ate_abort",
    "case.ended": "complete",
    "case.cancelled": "ate_abort",
}
"""Kinds of event that process mining understands, with their lifecycle transition."""

XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <classifier name="Activity" keys="concept:name lifecycle:transition"/>
"""


def export_events(session: Session) -> Iterator[str]:
    """One JSON object a line, everything included, in the order of case and event number."""
    for event, case, key, version in _history(session):
        facts: dict[str, Any] = {
            "case": str(event.case_id),
            "case_number": case,
            "definition": f"{key}:{version}",
            "number": event.number,
            "at": event.at.isoformat(),
            "recorded_at": event.recorded_at.isoformat(),
            "actor": event.actor,
            "kind": event.kind,
            "element": event.element,
            "name": event.name,
            "instance": str(event.instance_id) if event.instance_id else None,
            "detail": event.detail,
        }
        yield json.dumps(facts, ensure_ascii=False) + "\n"


def export_csv(session: Session) -> Iterator[str]:
    """A header, then one row an event."""
    yield _csv_row(COLUMNS)
    for event, case, key, version in _history(session):
        label = f"{key}:{version}"
        who = (event.element or "", event.name or event.element or event.kind, event.actor or "")
        yield _csv_row((case, label, event.number, event.at.isoformat(), event.kind, *who))


def export_xes(session: Session) -> Iterator[str]:
    """An XES log: one trace a case, one event for each step that a person would recognise."""
    yield XES_HEAD
    for case, lines in groupby(_history(session), key=lambda line: line[1]):
        yield from _trace(case, lines)
    yield "</log>\n"


EXPORTS: dict[str, Callable[[Session], Iterator[str]]] = {
    "events": export_events,
    "xes": export_xes,
    "csv": export_csv,
}


def _history(session: Session) -> Iterator[Line]:
    history = (
        select(Event, Case.number, Definition.key, Definition.version)
        .join(Case, Case.id == Event.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .order_by(Case.number, Event.number)
        .execution_options(yield_per=AT_ONCE)
    )
    for line in session.execute(history):
        yield line
        session.expunge(line[0])


def _trace(case: int, lines: Iterator[Line]) -> Iterator[str]:
    yield "  <trace>\n" + _string(4, "concept:name", str(case))
    for index, (event, _, key, version) in enumerate(lines):
        if index == 0:
            yield _string(4, "vejviser:definition", f"{key}:{version}")
        if event.kind in MINED:
            yield _event(event)
    yield "  </trace>\n"


def _event(event: Event) -> str:
    parts = [
        _string(6, "concept:name", event.name or event.element or event.kind),
        _string(6, "lifecycle:transition", MINED[event.kind]),
        _date(6, "time:timestamp", event.at),
    ]
    if event.actor:
        parts.append(_string(6, "org:resource", event.actor))
    if event.element:
        parts.append(_string(6, "vejviser:element", event.element))
    return "    <event>\n" + "".join(parts) + "    </event>\n"


def _string(indent: int, key: str, value: str) -> str:
    return f"{' ' * indent}<string key={quoteattr(key)} value={quoteattr(value)}/>\n"


def _date(indent: int, key: str, value: datetime) -> str:
    return f"{' ' * indent}<date key={quoteattr(key)} value={quoteattr(value.isoformat())}/>\n"


def _csv_row(values: tuple[object, ...]) -> str:
    """One line; a value that a spreadsheet would run as a formula gets an apostrophe."""
    line = io.StringIO()
    safe = [
        f"'{text}" if (text := str(value))[:1] in "=+-@\t\r" and text else text for value in values
    ]
    csv.writer(line).writerow(safe)
    return line.getvalue()
