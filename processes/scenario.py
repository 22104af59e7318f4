"""Scenarios: what people do to a case, written down beside its diagram in YAML.

YAML here has the types of JSON only: a date and the word `no` stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from models.calendar import CalendarError, parse_instant

if TYPE_CHECKING:
    from datetime import datetime

ACTIONS = ("complete", "travel", "until", "message", "signal", "job", "expect")
ALLOWED = {
    "complete": {"complete", "role", "with", "item", "by"},
    "travel": {"travel"},
    "until": {"until"},
    "message": {"message", "with", "correlation"},
    "signal": {"signal", "with"},
    "job": {"job", "result", "fault"},
    "expect": {"expect"},
}
EXPECTATIONS = {"tasks", "data", "ended", "deadlines", "timers", "incidents"}


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
    """`role`, `with`, `item`, `result`, `fault`."""

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

    closing_days: tuple[str, ...] = ()


class _JsonLoader(yaml.SafeLoader):
    """YAML's syntax with JSON's types."""


_JsonLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:null|~|)$", "n~\0"),
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
):
    _JsonLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), [*_first.replace("\0", ""), ""]
    )


def read_scenario(text: str, name: str = "scenario") -> Scenario:
    """The scenario a text describes.

    Raises:
        BadScenario: it is not one; the sentence says which line or key and what to write.
    """
    try:
        document = yaml.load(text, Loader=_JsonLoader)  # noqa: S506 — a SafeLoader underneath
    except yaml.YAMLError as error:
        raise BadScenario(f"{name} is not YAML: {error}") from error
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
    return Scenario(
        process=process,
        start=_instant(document.get("start"), name, "start"),
        steps=tuple(_step(number, step, name) for number, step in enumerate(steps, start=1)),
        data=data,
        file=document.get("file"),
        name=str(document.get("name") or Path(name).stem),
        reference=str(document.get("reference") or "T-00"),
        closing_days=tuple(map(str, document.get("closing_days") or ())),
    )


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
    if action == "expect":
        value = value or {}
        _check_expectations(value, where)
    more = {key: entry for key, entry in step.items() if key != action}
    return ScenarioStep(number, action, value, more)


def _check_expectations(value: object, where: str) -> None:
    if not isinstance(value, dict) or set(value) - EXPECTATIONS:
        known = ", ".join(sorted(EXPECTATIONS))
        raise BadScenario(f"{where}: `expect:` may hold {known}")


def _instant(value: object, name: str, what: str) -> datetime:
    if not isinstance(value, str):
        raise BadScenario(f"{name}: `{what}:` must be a time such as 2026-01-31T09:00:00+01:00")
    try:
        return parse_instant(value)
    except CalendarError as error:
        raise BadScenario(f"{name}: `{what}:` {error}") from error
