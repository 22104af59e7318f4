"""Scenarios: what people do to a case, written down beside its diagram in YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.calendar import CalendarError, parse_instant
from processes.plain_yaml import BadYaml, read_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

ACTIONS = (
    *("complete", "travel", "until", "message", "signal", "job"),
    *("suspend", "resume", "skip", "correct", "move", "restart", "expect"),
)
ALLOWED = {
    "complete": {"complete", "role", "with", "item", "by"},
    "travel": {"travel"},
    "until": {"until"},
    "message": {"message", "with", "correlation"},
    "signal": {"signal", "with"},
    "job": {"job", "result", "fault"},
    "suspend": {"suspend"},
    "resume": {"resume"},
    "skip": {"skip", "result"},
    "correct": {"correct", "with"},
    "move": {"move", "from"},
    "restart": {"restart"},
    "expect": {"expect"},
}
EXPECTATIONS: dict[str, tuple[type, str]] = {
    "tasks": (list, "a list of element ids"),
    "data": (dict, "a mapping of names to values"),
    "ended": (bool, "true or false"),
    "deadlines": (dict, "a mapping of elements to times"),
    "timers": (dict, "a mapping of elements to times"),
    "incidents": (list, "a list of element ids"),
    "sent": (list, "a list of message names"),
    "trace": (list, "a list of element ids"),
}


class BadScenario(Exception):
    """The file is not a scenario; the text says what to write."""


@dataclass(frozen=True)
class ScenarioStep:
    """One thing that happens."""

    number: int
    """From 1, as people count."""

    action: str
    value: Any
    """The action's own value: an element, a duration, a message's name, what is expected."""

    more: dict[str, Any] = field(default_factory=dict)
    """`role`, `with`, `item`, `result`, `fault`, `from`."""

    def __str__(self) -> str:
        """Such as `step 3 (complete vurder_maalgruppe)`."""
        shown = self.value if isinstance(self.value, str) else ""
        return f"step {self.number} ({self.action} {shown})".replace(" )", ")")


@dataclass(frozen=True)
class Scenario:
    """A course of events and what should come of it."""

    process: str
    start: datetime
    steps: tuple[ScenarioStep, ...]
    data: dict[str, Any] = field(default_factory=dict)
    file: str | None = None
    """The diagram to read, relative to the scenario."""

    name: str = ""
    reference: str = "T-00"
    """The case's pseudonym, for mail and for FEEL."""

    closing_days: tuple[date, ...] = ()


def read_scenario(text: str, name: str = "scenario") -> Scenario:
    """The scenario a text describes.

    Raises:
        BadScenario: it is not one; the sentence says which line or key and what to write.
    """
    try:
        document = read_plain(text, name)
    except BadYaml as bad:
        raise BadScenario(str(bad)) from bad
    if not isinstance(document, dict):
        raise BadScenario(f"{name} must have the keys process, start and steps")
    process = document.get("process")
    if not isinstance(process, str) or not process:
        raise BadScenario(f"{name} needs `process:` with the id of a process")
    steps = document.get("steps") or []
    if not isinstance(steps, list):
        raise BadScenario(f"{name}: `steps:` must be a list")
    data = document.get("data") or {}
    if not isinstance(data, dict):
        raise BadScenario(f"{name}: `data:` must be a mapping of names to values")
    file = document.get("file")
    if file is not None and not isinstance(file, str):
        raise BadScenario(f"{name}: `file:` must be the name of a diagram")
    return Scenario(
        process=process,
        start=_instant(document.get("start"), name, "start"),
        steps=tuple(_step(number, step, name) for number, step in enumerate(steps, start=1)),
        data=data,
        file=file,
        name=str(document.get("name") or Path(name).stem),
        reference=str(document.get("reference") or "T-00"),
        closing_days=tuple(_days(document.get("closing_days") or [], name)),
    )


def _days(written: object, name: str) -> Iterator[date]:
    try:
        yield from map(date.fromisoformat, written if isinstance(written, list) else [written])
    except (TypeError, ValueError) as error:
        raise BadScenario(f"{name}: `closing_days:` must be a list such as [2026-12-24]") from error


def _step(number: int, step: object, name: str) -> ScenarioStep:
    where = f"{name}, step {number}"
    if not isinstance(step, dict):
        raise BadScenario(f"{where} must be a mapping with one of: {', '.join(ACTIONS)}")
    actions = [action for action in ACTIONS if action in step]
    if len(actions) != 1:
        raise BadScenario(f"{where} must have exactly one of: {', '.join(ACTIONS)}")
    action = actions[0]
    unknown = set(map(str, step)) - ALLOWED[action]
    if unknown:
        allowed = ", ".join(sorted(ALLOWED[action]))
        raise BadScenario(f"{where} has unknown keys {sorted(unknown)}; allowed here: {allowed}")
    value = step[action]
    if action == "until":
        value = _instant(value, name, f"step {number}, until")
    elif action == "expect":
        value = {} if value is None else value
        _check_expectations(value, where)
    elif not isinstance(value, str):
        raise BadScenario(f"{where}: `{action}:` must be a text")
    _check_more(step, where)
    more = {key: entry for key, entry in step.items() if key != action}
    return ScenarioStep(number, action, value, more)


def _check_more(step: dict[str, Any], where: str) -> None:
    if not isinstance(step.get("with") or {}, dict):
        raise BadScenario(f"{where}: `with:` must be a mapping of names to values")
    item = step.get("item")
    if item is not None and (isinstance(item, bool) or not isinstance(item, int)):
        raise BadScenario(f"{where}: `item:` must be a whole number")
    for key in ("role", "fault", "from"):
        if not isinstance(step.get(key) or "", str):
            raise BadScenario(f"{where}: `{key}:` must be a text")


def _check_expectations(value: object, where: str) -> None:
    if not isinstance(value, dict) or set(value) - EXPECTATIONS.keys():
        known = ", ".join(sorted(EXPECTATIONS))
        raise BadScenario(f"{where}: `expect:` may hold {known}")
    for key, expected in value.items():
        kind, shape = EXPECTATIONS[key]
        if expected is not None and not isinstance(expected, kind):
            raise BadScenario(f"{where}: `{key}:` in `expect:` must be {shape}")
    for key in ("tasks", "incidents", "trace", "sent"):
        if not all(isinstance(element, str) for element in value.get(key) or []):
            raise BadScenario(f"{where}: `{key}:` in `expect:` must be {EXPECTATIONS[key][1]}")
    for key in ("deadlines", "timers"):
        for element, due in (value.get(key) or {}).items():
            _instant(due, where, f"{key}.{element}")


def _instant(value: object, name: str, what: str) -> datetime:
    if not isinstance(value, str):
        raise BadScenario(f"{name}: `{what}:` must be a time such as 2026-01-31T09:00:00+01:00")
    try:
        return parse_instant(value)
    except CalendarError as error:
        raise BadScenario(f"{name}: `{what}:` {error}") from error
