"""What the files of a programme promise of times, read straight from them.

Nothing of the engine's own reading is used: XML and JSON are looked through again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "spiff": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}
TIMES = ("timeDuration", "timeCycle", "timeDate")


@dataclass(frozen=True)
class Promise:
    """What one element of a diagram says of its time."""

    element: str
    text: str
    """A literal, or FEEL behind `=`; empty where only a statute speaks."""

    kind: str
    """`timeDuration`, `timeCycle` or `timeDate`; a user task's deadline is a duration."""

    said: Mapping[str, str]
    """Its properties."""

    law: Mapping[str, Any] | None
    """The statute that it names."""

    @property
    def calendar(self) -> str:
        return self._of_law("calendar") or self.said.get("calendar") or "local"

    @property
    def roll(self) -> str:
        return self._of_law("roll") or self.said.get("roll") or "none"

    @property
    def binding(self) -> str | None:
        """The length that nothing may exceed."""
        return self.law["duration"] if self.law and not self.law["pausable"] else None

    @property
    def length(self) -> str:
        """What stands there, or what the statute says."""
        return self.text or (self.law["duration"] if self.law else "")

    @property
    def pausable(self) -> bool:
        return self.binding is None and self.said.get("pausable", "true") != "false"

    @property
    def legal_basis(self) -> str:
        return self.said.get("legalBasis") or (self.law["legalBasis"]["da"] if self.law else "")

    def _of_law(self, name: str) -> str | None:
        """The law's word: the last one where it binds, the first one elsewhere."""
        if self.law is None or (self.said.get(name) and self.binding is None):
            return None
        return self.law[name]


@dataclass(frozen=True)
class Promises:
    """All of a version."""

    deadlines: Mapping[str, list[Promise]]
    """By the element that the deadline is of."""

    timers: Mapping[str, list[Promise]]
    """By the timer event."""

    settings: Mapping[str, str]
    """The programme's values, those of the called parts where it says nothing."""


def read_promises(key: str, files: Mapping[str, str]) -> Promises:
    """What the bundle of a process says."""
    statutes = json.loads(files.get("frister.json", '{"statutes": []}'))["statutes"]
    laws = {one["id"]: one for one in statutes}
    deadlines: defaultdict[str, list[Promise]] = defaultdict(list)
    timers: defaultdict[str, list[Promise]] = defaultdict(list)
    settings: dict[str, str] = {}
    for name, text in files.items():
        if not name.endswith(".bpmn"):
            continue
        root = etree.fromstring(text.encode())
        for element in root.iterfind(".//bpmn:process", NAMES):
            known = dict(_parameters(element))
            settings = {**settings, **known} if element.get("id") == key else {**known, **settings}
        for promise in _promises(root, laws):
            timers[promise.element].append(promise)
            deadlines[promise.said.get("deadlineFor", promise.element)].append(promise)
    return Promises(deadlines, timers, settings | dict(_written(key, files)))


def _written(key: str, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The settings in the programme's own file."""
    text = files.get(f"{key}.programme.json")
    for one in json.loads(text)["parameters"] if text else ():
        yield one["name"], str(one["value"])


def _parameters(process: Any) -> Iterator[tuple[str, str]]:
    for name, value in _said(process).items():
        if name.startswith("parameter."):
            yield name.removeprefix("parameter."), value


def _promises(root: Any, laws: Mapping[str, Mapping[str, Any]]) -> Iterator[Promise]:
    for task in root.iterfind(".//bpmn:userTask", NAMES):
        said = _said(task)
        if said.get("deadline") or said.get("statute"):
            law = laws.get(said.get("statute", ""))
            yield Promise(task.get("id"), said.get("deadline", ""), "timeDuration", said, law)
    for timer in root.iterfind(".//bpmn:timerEventDefinition", NAMES):
        event = timer.getparent()
        said = _said(event)
        law = laws.get(said.get("statute", ""))
        kind, text = next(_times(timer), ("", ""))
        kind = kind or ("timeCycle" if law and law.get("repeats") else "timeDuration")
        yield Promise(event.get("id"), text, kind, said, law)


def _times(timer: Any) -> Iterator[tuple[str, str]]:
    for kind in TIMES:
        for found in timer.iterfind(f"bpmn:{kind}", NAMES):
            yield kind, (found.text or "").strip()


def _said(element: Any) -> dict[str, str]:
    path = "bpmn:extensionElements/spiff:properties/spiff:property"
    return {one.get("name"): one.get("value") or "" for one in element.iterfind(path, NAMES)}
