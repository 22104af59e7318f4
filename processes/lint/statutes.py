"""Does an element that names a statute get what the law says, and no more?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models import calendar
from processes.engine.statutes import BINDING, NAMED_BY, STATUTES, give, naming
from processes.lint.expressions import nearest
from processes.lint.times import literal_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.engine.diagram import Limit, Node, Process, Trigger
    from processes.engine.statutes import Statute
    from processes.lint.findings import Findings

STARTS = tuple(
    datetime(2026, month, day, 8, tzinfo=UTC) for month in range(1, 13) for day in (1, 28)
)
"""Days to try lengths from: a month is longer than thirty days from some and not from others."""


def check_statutes(findings: Findings, statutes: Mapping[str, Statute]) -> None:
    """Every rule of statutes; to be asked before the elements get what the law says."""
    for node, named in naming(findings.process):
        _check(findings, node, named, statutes)


def give_statutes(process: Process, statutes: Mapping[str, Statute]) -> None:
    """Let the elements have what their statutes say, as the engine does."""
    for node, named in naming(process):
        give(node, statutes.get(named))


def _check(findings: Findings, node: Node, named: str, statutes: Mapping[str, Statute]) -> None:
    statute = statutes.get(named)
    if node.kind != "userTask" and not any(one.kind == "timer" for one in node.triggers):
        findings.add("statute-misplaced", node, at=NAMED_BY, statute=named)
    elif statute is None:
        known = ", ".join(statutes) or "–"
        hints = nearest(named, statutes)
        findings.add(
            "unknown-statute", node, at=NAMED_BY, statute=named, file=STATUTES, known=known, **hints
        )
    elif statute.duration is None:
        findings.add("statute-without-length", node, at=NAMED_BY, **_facts(statute))
    else:
        _check_words(findings, node, statute)


def _check_words(findings: Findings, node: Node, statute: Statute) -> None:
    """What the element says itself, beside the statute."""
    if statute.repealed:
        facts = {**_facts(statute), "year": statute.repealed}
        findings.add("statute-repealed", node, at=NAMED_BY, severity="warning", **facts)
    if statute.limit is None:
        return
    for name in sorted(BINDING):
        own, lawful = node.properties.get(name, "").strip(), statute.properties[name]
        if own and own != lawful:
            facts = {**_facts(statute), "property": name, "own": own, "lawful": lawful}
            findings.add("statute-contradicted", node, at=name, **facts)
    for at, text in _lengths(findings.process, node):
        if goes_beyond(statute.limit, text):
            facts = {**_facts(statute), "own": text, "lawful": statute.limit.duration}
            rule = "statute-undercut" if statute.earliest else "statute-exceeded"
            findings.add(rule, node, at=at, **facts)


def _facts(statute: Statute) -> dict[str, str]:
    return {"statute": statute.id, "name": statute.name["en"], "name_da": statute.name["da"]}


def _lengths(process: Process, node: Node) -> Iterator[tuple[Trigger | str, str]]:
    """The element's own lengths, as far as the diagram alone tells them, and where they stand."""
    written: list[tuple[Trigger | str, str | None]] = [
        (trigger, trigger.expression) for trigger in node.triggers if trigger.timer == "duration"
    ]
    written.append(("deadline", node.properties.get("deadline")))
    for at, text in written:
        known = literal_time(text, process.parameters)
        if known and "P" in known[:2]:
            yield at, known


def goes_beyond(limit: Limit, text: str) -> bool:
    """Whether a length does so from any day of a year; what is no length is told elsewhere."""
    try:
        return any(
            limit.is_broken(_due(start, text, limit), _due(start, limit.duration, limit))
            for start in STARTS
        )
    except calendar.CalendarError:
        return False


def _due(start: datetime, text: str, limit: Limit) -> datetime:
    return calendar.due(start, text, calendar=limit.calendar, roll=limit.roll).at
