"""What reads each setting of a programme, and which days move when a value becomes another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models import calendar
from processes.engine.elements.activities import form_name
from processes.lint.expressions import STRING, expressions
from processes.lint.programmes import reached_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from models.calendar import Due
    from processes.engine import Definition
    from processes.engine.diagram import Node, Process
    from processes.engine.programme import Parameter

WORD = re.compile(r"[^\W\d]\w*")
LENGTH = re.compile(r"-?P|R\d*/|\d{4}-\d\d-\d\d")
"""How a value begins that a due time can be made of."""

MOST_FOLLOWED = 10
"""How long a row of timers that follow each other may be."""


@dataclass(frozen=True)
class Use:
    """One element that reads a setting."""

    process: str
    """Id of the process it is drawn in."""

    process_name: str
    file: str
    element: str
    name: str
    host: str
    """What a boundary event sits on; else empty."""

    calendar: str | None
    """Of what the setting times: clock, local, working or weekday; None if it times nothing."""


@dataclass(frozen=True)
class Shift:
    """A due time that another value moves."""

    use: Use
    parameters: tuple[str, ...]
    """The settings behind it whose value is another."""

    old: Due
    new: Due


def uses_of(definition: Definition) -> dict[str, list[Use]]:
    """Setting to the elements that read it, in the order of the processes."""
    found: dict[str, list[Use]] = {name: [] for name in settings_of(definition)}
    passed_on = _passed_on(definition)
    for process in reached_from(definition.process, definition.processes):
        for node, names in _readers(process, definition):
            timing = set(_words(" ".join(_time_texts(node))))
            for name in names:
                for own in [name] if name in found else passed_on.get(name, []):
                    found[own].append(_use(process, node, times=name in timing))
    return found


def settings_of(definition: Definition) -> dict[str, Parameter]:
    """The settings of the programme's own file, by name."""
    programme = definition.programmes.get(definition.key)
    return {one.name: one for one in programme.parameters} if programme else {}


def shifts(
    definition: Definition,
    new: Mapping[str, Any],
    start: datetime,
    closing_days: frozenset[date],
) -> list[Shift]:
    """The due times that other values move, if everything began to count at `start`.

    `new` gives the values that are other ones, by setting; each fits its kind.

    Raises:
        CalendarError: a new value cannot be counted in the calendar it is used with.
    """
    before = {name: one.value for name, one in settings_of(definition).items()}
    after = {**before, **new}
    changed = {name for name, value in after.items() if value != before.get(name)}
    old_days = _Days(definition, before, changed, start, closing_days)
    new_days = _Days(definition, after, changed, start, closing_days)
    found = []
    for process, node in _nodes(definition):
        behind = new_days.behind(node)
        if not behind:
            continue
        was, now = old_days.due(node), new_days.due(node)
        if was is not None and now is not None and was.at != now.at:
            found.append(Shift(_use(process, node, times=True), behind, was, now))
    return found


class _Days:
    """When everything is due under some values."""

    def __init__(
        self,
        definition: Definition,
        values: Mapping[str, Any],
        changed: set[str],
        start: datetime,
        closing_days: frozenset[date],
    ) -> None:
        self._values = dict(values)
        self._origin = {name: name for name in changed}
        """What a changed value is called where it is read, and the setting it is."""

        for name, settings in _passed_on(definition).items():
            chosen = next((one for one in settings if one in changed), settings[0])
            self._values[name] = values[chosen]
            if chosen in changed:
                self._origin[name] = chosen
        self._start = start
        self._closing_days = closing_days
        self._by_element = {node.id: node for _, node in _nodes(definition)}
        self._kept_by = {
            node.properties["deadlineFor"]: node
            for node in self._by_element.values()
            if node.properties.get("deadlineFor")
        }

    def due(self, node: Node, depth: int = 0) -> Due | None:
        """When an element is due; None if that depends on more than settings and the start."""
        follows = node.properties.get("follows")
        if follows:
            return self._beside(node, follows, depth)
        text = self._length(_time_text(node))
        if text is None:
            return None
        if text.startswith("R"):
            cycle = calendar.parse_cycle(text)
            return calendar.nth(cycle.start or self._start, cycle.duration, 1, **self._rule(node))
        if not text.startswith(("P", "-P")):
            return calendar.Due(calendar.parse_instant(text), ())
        return calendar.due(self._start, text, **self._rule(node))

    def behind(self, node: Node, depth: int = 0) -> tuple[str, ...]:
        """The changed settings that an element's due time comes of."""
        words = _words(" ".join(_time_texts(node)))
        own = [self._origin[name] for name in words if name in self._origin]
        followed = self._followed(node.properties.get("follows", ""))
        if followed is not None and depth < MOST_FOLLOWED:
            own += self.behind(followed, depth + 1)
        return tuple(dict.fromkeys(own))

    def _beside(self, node: Node, follows: str, depth: int) -> Due | None:
        followed = self._followed(follows)
        base = self.due(followed, depth + 1) if followed and depth < MOST_FOLLOWED else None
        text = self._length(node.properties.get("offset") or "P0D")
        if base is None or text is None:
            return None
        return calendar.offset(self._start, base.at, text, **self._rule(node))

    def _followed(self, element: str) -> Node | None:
        return self._kept_by.get(element) or self._by_element.get(element)

    def _length(self, written: str) -> str | None:
        """What a property or timer says, with a setting's value for its name."""
        if not written.startswith("="):
            return written or None
        names = [name for name in _words(written) if _is_length(self._values.get(name))]
        changed = [name for name in names if name in self._origin]
        return next((self._values[name] for name in changed or names), None)

    def _rule(self, node: Node) -> dict[str, Any]:
        return {
            "calendar": node.properties.get("calendar") or "local",
            "roll": node.properties.get("roll") or "none",
            "closing_days": self._closing_days,
        }


def _passed_on(definition: Definition) -> dict[str, list[str]]:
    """The names under which calls hand a setting on, and the settings behind each."""
    settings = settings_of(definition)
    found: dict[str, list[str]] = {}
    for _, node in _nodes(definition):
        for name, text in node.mapping("in").items():
            own = text.removeprefix("=").strip()
            if own in settings and name not in settings:
                found.setdefault(name, []).append(own)
    return {name: list(dict.fromkeys(behind)) for name, behind in found.items()}


def _nodes(definition: Definition) -> Iterator[tuple[Process, Node]]:
    for process in reached_from(definition.process, definition.processes):
        for _, node in process.walk():
            yield process, node


def _time_text(node: Node) -> str:
    """What says how long an element's deadline or timer is."""
    if node.trigger is None:
        return node.properties.get("deadline", "")
    return node.trigger.expression if node.trigger.kind == "timer" else ""


def _time_texts(node: Node) -> list[str]:
    """The FEEL texts that make an element's due time."""
    texts = [_time_text(node), node.properties.get("offset", "")]
    return [text for text in texts if text.startswith("=")]


def _readers(process: Process, definition: Definition) -> list[tuple[Node, dict[str, None]]]:
    """The elements with expressions, a form or a table, and the names in those."""
    found: dict[str, tuple[Node, dict[str, None]]] = {}
    for expression in expressions(process):
        _, names = found.setdefault(expression.node.id, (expression.node, {}))
        names.update(dict.fromkeys(_words(expression.text)))
    for _, node in process.walk():
        words = [word for text in _files_of(node, definition) for word in WORD.findall(text)]
        if words:
            _, names = found.setdefault(node.id, (node, {}))
            names.update(dict.fromkeys(words))
    return list(found.values())


def _files_of(node: Node, definition: Definition) -> Iterator[str]:
    """The texts of an element's form and of its decision table."""
    decision = definition.decisions.by_id.get(node.decision or "")
    for file in (form_name(node), decision.file if decision else None):
        if file in definition.files:
            yield definition.files[file]


def _words(text: str) -> list[str]:
    return WORD.findall(STRING.sub('""', text))


def _is_length(value: Any) -> bool:
    return isinstance(value, str) and LENGTH.match(value) is not None


def _use(process: Process, node: Node, *, times: bool) -> Use:
    host = process_node(process, node.attached_to)
    return Use(
        process=process.id,
        process_name=process.name or process.id,
        file=process.file,
        element=node.id,
        name=node.name or node.id,
        host=(host.name or host.id) if host else "",
        calendar=(node.properties.get("calendar") or "local") if times else None,
    )


def process_node(process: Process, element: str | None) -> Node | None:
    """A node anywhere in a process, by its id."""
    return next((node for _, node in process.walk() if node.id == element), None)
