"""A short notation for small diagrams: nodes as XML, flows as `a>b`, `a>b[condition]`, `a>b*`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from processes.engine import Engine, Feel, load_definition
from processes.rehearsal import Run

if TYPE_CHECKING:
    from collections.abc import Iterable

FEEL = Feel()
ENGINE = Engine(FEEL)
START = datetime.fromisoformat("2026-01-05T09:00:00+01:00")
FLOW = re.compile(r"(?P<source>\w+)>(?P<target>\w+)(?P<default>\*)?(?:\[(?P<condition>[^\]]*)\])?")
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="test">'
)


def user(*ids: str) -> str:
    """User tasks."""
    return "".join(f'<bpmn:userTask id="{i}" name="{i}"/>' for i in ids)


def props(**values: str) -> str:
    """Extension properties; `__` stands for a dot."""
    entries = "".join(
        f'<spiffworkflow:property name="{name.replace("__", ".")}" value={quoteattr(value)}/>'
        for name, value in values.items()
    )
    return (
        f"<bpmn:extensionElements><spiffworkflow:properties>{entries}"
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )


def start(i: str = "s", inside: str = "") -> str:
    """A start event."""
    return f'<bpmn:startEvent id="{i}">{inside}</bpmn:startEvent>'


def end(*ids: str, inside: str = "") -> str:
    """End events."""
    return "".join(f'<bpmn:endEvent id="{i}">{inside}</bpmn:endEvent>' for i in ids or ("e",))


def gateway(kind: str, *ids: str, default: str = "") -> str:
    """Gateways of a kind; `default` names the target of the default flow's id `source_target`."""
    mark = f' default="{default}"' if default else ""
    return "".join(f'<bpmn:{kind}Gateway id="{i}"{mark}/>' for i in ids)


def timer(kind: str, text: str) -> str:
    """A timer definition: kind is Date, Duration or Cycle."""
    return (
        f"<bpmn:timerEventDefinition><bpmn:time{kind}>{escape(text)}</bpmn:time{kind}>"
        "</bpmn:timerEventDefinition>"
    )


def boundary(i: str, host: str, inside: str, *, interrupting: bool = True) -> str:
    """A boundary event."""
    flag = str(interrupting).lower()
    return (
        f'<bpmn:boundaryEvent id="{i}" attachedToRef="{host}" cancelActivity="{flag}">'
        f"{inside}</bpmn:boundaryEvent>"
    )


def catch(i: str, inside: str) -> str:
    """An intermediate catching event."""
    return f'<bpmn:intermediateCatchEvent id="{i}">{inside}</bpmn:intermediateCatchEvent>'


def throw(i: str, inside: str) -> str:
    """An intermediate throwing event."""
    return f'<bpmn:intermediateThrowEvent id="{i}">{inside}</bpmn:intermediateThrowEvent>'


def message(name: str) -> str:
    """A message definition; the message is declared by `definitions`."""
    return f'<bpmn:messageEventDefinition messageRef="M_{name}"/>'


def signal(name: str) -> str:
    """A signal definition."""
    return f'<bpmn:signalEventDefinition signalRef="S_{name}"/>'


def error(code: str) -> str:
    """An error definition."""
    return f'<bpmn:errorEventDefinition errorRef="E_{code}"/>'


def escalation(code: str) -> str:
    """An escalation definition."""
    return f'<bpmn:escalationEventDefinition escalationRef="X_{code}"/>'


def flows(text: str) -> str:
    """Sequence flows with ids `source_target`."""
    found = []
    for flow in FLOW.finditer(text):
        condition = flow["condition"]
        inside = (
            f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
            if condition
            else ""
        )
        source, target = flow["source"], flow["target"]
        found.append(
            f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" '
            f'targetRef="{target}">{inside}</bpmn:sequenceFlow>'
        )
    return "".join(found)


def sub(i: str, body: str, *, event: bool = False, loop: str = "") -> str:
    """A sub-process; `event` makes it an event sub-process."""
    flag = ' triggeredByEvent="true"' if event else ""
    return f'<bpmn:subProcess id="{i}"{flag}>{loop}{body}</bpmn:subProcess>'


def process(body: str, i: str = "p", properties: str = "") -> str:
    """A process element."""
    return f'<bpmn:process id="{i}" isExecutable="true">{properties}{body}</bpmn:process>'


def definitions(*processes: str) -> str:
    """A whole file; what its processes refer to is declared."""
    text = "".join(processes)
    declared = "".join(
        f'<bpmn:{tag} id="{prefix}_{name}" name="{name}" {code}="{name}"/>'
        if code
        else f'<bpmn:{tag} id="{prefix}_{name}" name="{name}"/>'
        for tag, prefix, code in (
            ("message", "M", ""),
            ("signal", "S", ""),
            ("error", "E", "errorCode"),
            ("escalation", "X", "escalationCode"),
        )
        for name in dict.fromkeys(re.findall(rf'"{prefix}_(\w+)"', text))
    )
    return f"{HEAD}{declared}{text}</bpmn:definitions>"


@dataclass
class Played:
    """A case of a small diagram, driven by element ids."""

    run: Run
    files: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> list[str]:
        """The elements with an open task, in order."""
        return sorted(t.element for t in self.run.step.waits.tasks.values())

    @property
    def trace(self) -> list[str]:
        """The completed elements."""
        return [entry["element"] for entry in self.run.trace]

    @property
    def data(self) -> dict[str, Any]:
        """The case data."""
        return self.run.step.data.values

    @property
    def incidents(self) -> dict[str, str]:
        """Element to message."""
        return {i.element: i.message for i in self.run.step.waits.incidents.values()}

    @property
    def ended(self) -> bool:
        """Whether the case is over."""
        return self.run.step.ended

    def due(self, element: str) -> datetime:
        """When the armed timer of an element is due."""
        [timer_] = [t for t in self.run.step.waits.timers.values() if t.element == element]
        return timer_.due_at

    def complete(self, element: str, **answers: Any) -> Played:
        """Complete the oldest open task of an element."""
        self.run.complete(element, answers)
        return self

    def wait(self, **delta: float) -> Played:
        """Let time pass."""
        self.run.travel(self.run.now + timedelta(**delta))
        return self

    def send(self, name: str, **payload: Any) -> Played:
        """Send a message."""
        self.run.message(name, payload)
        return self


def play(
    *processes: str,
    saving: bool = True,
    now: datetime = START,
    key: str = "p",
    by_hand: Iterable[str] = (),
    **data: Any,
) -> Played:
    """Start a case of the process `p` in the given process elements."""
    files = {"p.bpmn": definitions(*processes)}
    return play_files(files, saving=saving, now=now, key=key, by_hand=by_hand, **data)


def play_files(
    files: dict[str, str],
    *,
    saving: bool = True,
    now: datetime = START,
    key: str = "p",
    by_hand: Iterable[str] = (),
    **data: Any,
) -> Played:
    """Start a case of a process in the given files; jobs of `by_hand` elements wait."""
    run = Run(
        engine=ENGINE,
        definition=load_definition(key, files),
        now=now,
        saving=saving,
        by_hand=frozenset(by_hand),
    )
    run.start(data)
    return Played(run, files)
