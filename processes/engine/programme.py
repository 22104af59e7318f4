"""A programme's own file: what it is called, where its facts stand, and the values it runs with.

`<process>.programme.json` lies beside the diagram and travels in its bundle. It is the one place
of the programme's settings: their kind, value, words and source.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMME = ".programme.json"
DEFAULT = "default"
"""The source of what no document says."""

KINDS: dict[str, str] = {
    "cycle": "string",
    "date": "date",
    "duration": "duration",
    "email": "string",
    "money": "number",
    "number": "number",
    "percent": "number",
    "text": "string",
    "truth": "boolean",
}
"""Kind of a parameter to the FEEL kind of its value. Money is in kroner, a percentage 0 to 100."""

WEEKS = re.compile(r"(\d+)W(?:(\d+)D)?")


@dataclass(frozen=True)
class Words:
    """The same in Danish and in English."""

    da: str
    en: str


@dataclass(frozen=True)
class Parameter:
    """One setting of a programme."""

    name: str
    """How FEEL reads it."""

    kind: str
    value: Any
    """JSON: a number for numbers, true or false for a truth, else a text."""

    label: Words
    source: str
    """A key of the programme's sources, or `default`."""

    note: Words | None = None
    minimum: Any = None
    maximum: Any = None
    options: tuple[Any, ...] = ()
    """Every value it can have; none means any."""

    @cached_property
    def tagged(self) -> Any:
        """The value as FEEL reads it."""
        if self.kind == "duration":
            return {"@feel": ["duration", in_days(self.value)]}
        return {"@feel": ["date", self.value]} if self.kind == "date" else self.value

    @property
    def text(self) -> str:
        """The value as a property of the diagram would write it."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value)


@dataclass(frozen=True)
class Indicator:
    """What the programme is measured by."""

    id: str
    text: Words
    source: str
    target: str = ""


@dataclass(frozen=True)
class Fact:
    """What a source says of the programme."""

    text: Words
    source: str


@dataclass(frozen=True)
class ProgrammeFile:
    """Everything a programme's own file says."""

    name: Words
    summary: Words
    sources: Mapping[str, str]
    """Short name, such as `S1`, to title and year."""

    parameters: tuple[Parameter, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    facts: tuple[Fact, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """The setting of that name."""
        return next((one for one in self.parameters if one.name == name), None)


def in_days(text: str) -> str:
    """A duration with its weeks written as days, for FEEL knows no weeks."""
    return WEEKS.sub(_days, text).removeprefix("+")


def _days(found: re.Match[str]) -> str:
    return f"{7 * int(found[1]) + int(found[2] or 0)}D"
