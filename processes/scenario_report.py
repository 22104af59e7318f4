"""What a played scenario came to: where it is not as expected, and how the case stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import calendar
from processes.rehearsal import iso

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from processes.engine import BadDiagram
    from processes.engine.step import Incident, OpenTask
    from processes.rehearsal import Run


def report(run: Run, failures: list[dict[str, Any]], *, expected: bool) -> dict[str, Any]:
    """How the case stands, in the shape that the contract gives for `simulate --json`.

    `expected` says that the scenario itself speaks of incidents, so that they are no failure.
    """
    waits = run.step.waits
    incidents = [] if expected else list(waits.incidents.values())
    own_timers = [t for t in waits.timers.values() if t.element not in _task_elements(run)]
    return {
        "ok": not failures and not incidents,
        "ended": run.step.ended,
        "ended_at": iso(run.ended_at) if run.ended_at else None,
        "now": iso(run.now),
        "phase": run.phase,
        "data": run.step.data.values,
        "open_tasks": [_open_task(task) for task in waits.tasks.values()],
        "timers": [
            {"element": timer.element, "due_at": iso(timer.due_at)}
            for timer in sorted(own_timers, key=lambda t: t.due_at.timestamp())
        ],
        "incidents": [
            {"element": incident.element, "message": incident.message}
            for incident in waits.incidents.values()
        ],
        "trace": run.trace,
        "sent": run.sent,
        "failures": failures
        + [
            {"step": None, "what": f"incident at {i.element}", "reason": i.message}
            for i in incidents
        ],
    }


def differences(expected: dict[str, Any], run: Run) -> list[str]:
    """Where a case is not as a scenario expects, one sentence each."""
    found: list[str] = []
    waits = run.step.waits
    if "tasks" in expected:
        _compare(
            "open tasks",
            sorted(set(expected["tasks"] or [])),
            sorted(set(_elements(waits.tasks))),
            found,
        )
    for name, value in (expected.get("data") or {}).items():
        _compare(f"data.{name}", value, run.step.data.values.get(name), found)
    if "sent" in expected:
        names = [sent["message"] for sent in run.sent]
        _compare("messages sent", list(expected["sent"] or []), names, found)
    if "ended" in expected:
        _compare("ended", expected["ended"], run.step.ended, found)
    if "incidents" in expected:
        _compare(
            "incidents",
            sorted(expected["incidents"] or []),
            sorted(_elements(waits.incidents)),
            found,
        )
    if "trace" in expected:
        trace = [entry["element"] for entry in run.trace]
        _compare("the trace", expected["trace"] or [], trace, found)
    for element, due in (expected.get("deadlines") or {}).items():
        dues = [d.due_at for d in waits.deadlines.values() if d.element == element]
        _compare_due(f"deadline of {element}", due, dues, found)
    for element, due in (expected.get("timers") or {}).items():
        dues = [t.due_at for t in waits.timers.values() if t.element == element]
        _compare_due(f"timer {element}", due, dues, found)
    return found


def _elements(waits: Mapping[str, OpenTask | Incident]) -> list[str]:
    return [wait.element for wait in waits.values()]


def _same(expected: Any, actual: Any) -> bool:
    """Whether two JSON values are equal; to Python, `true` would be 1."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        pairs = [(expected[key], actual[key]) for key in expected.keys() & actual.keys()]
        return expected.keys() == actual.keys() and all(_same(a, b) for a, b in pairs)
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = list(zip(expected, actual, strict=False))
        return len(expected) == len(actual) and all(_same(a, b) for a, b in pairs)
    return bool(expected == actual)


def _compare(what: str, expected: object, actual: object, found: list[str]) -> None:
    if not _same(expected, actual):
        found.append(f"{what} should be {expected!r} and is {actual!r}")


def _compare_due(what: str, expected: object, dues: list[datetime], found: list[str]) -> None:
    wanted = calendar.parse_instant(str(expected))
    if wanted.timestamp() not in [due.timestamp() for due in dues]:
        shown = ", ".join(map(iso, dues)) or "none"
        found.append(f"{what} should be due {expected} and is due {shown}")


def _open_task(task: OpenTask) -> dict[str, Any]:
    due = iso(task.due_at) if task.due_at else None
    return {"element": task.element, "role": task.role, "due_at": due}


def _task_elements(run: Run) -> set[str]:
    """User tasks carry their own deadline's timer; the list of timers is for timer events."""
    return {task.element for task in run.step.waits.tasks.values()}


def broken_bundle(error: BadDiagram) -> dict[str, Any]:
    """The report of a scenario whose diagram cannot be run."""
    report = broken("", [])
    for problem in error.problems:
        what = str(problem.element or problem.file)
        report["failures"].append({"step": None, "what": what, "reason": str(problem)})
    return report


def broken(what: str, reasons: list[str]) -> dict[str, Any]:
    """The report of a case that never began."""
    return {
        "ok": False,
        "ended": False,
        "ended_at": None,
        "now": None,
        "phase": None,
        "data": {},
        "open_tasks": [],
        "timers": [],
        "incidents": [],
        "trace": [],
        "sent": [],
        "failures": [{"step": None, "what": what, "reason": reason} for reason in reasons],
    }
