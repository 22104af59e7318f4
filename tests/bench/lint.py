"""Judging a diagram of a hundred elements: one never seen before, and one with a small change."""

from __future__ import annotations

import json
import time
from itertools import count, pairwise
from statistics import median
from typing import TYPE_CHECKING

from processes.engine import Feel
from processes.engine.diagram import read_diagram
from processes.lint import lint
from tests.bench.measure import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT = "<= 50"
ELEMENTS = 100
PARTS = 9
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="maal">'
)


def rows(_: Ground, sizes: Sizes) -> Iterator[Row]:
    """With its form and the places of every finding; the interpreter is warm."""
    feel, turn = Feel(), count()
    try:
        known = diagram("kendt")
        new = _runs(lambda: _judge(diagram(f"ny{next(turn)}"), feel), sizes.rounds)
        again = _runs(lambda: _judge(known.replace("P14D", f"P{next(turn)}D"), feel), sizes.rounds)
        found = _judge(known, feel)
    finally:
        feel.close()
    nodes = sum(1 for one in read_diagram("x.bpmn", known).processes for _ in one.walk())
    flaws = [] if nodes == ELEMENTS and not found else [f"{nodes} elements", *found]
    yield _row("lint a diagram of 100 elements", new, flaws)
    yield _row("lint it again after a change", again, flaws)


def _row(name: str, runs: list[tuple[float, float]], flaws: list[str]) -> Row:
    times = [ms for ms, _ in runs]
    facts = {
        "spread": [round(min(times), 1), round(max(times), 1)],
        "undisturbed": round(sorted(times)[len(times) // 10], 1),
        "cpu_ms": round(median(used for _, used in runs), 1),
    }
    return Row(name, round(median(times), 1), "ms", LIMIT, facts, flaws)


def _runs(act: Callable[[], object], rounds: int) -> list[tuple[float, float]]:
    act()
    runs = []
    for _ in range(rounds):
        began, used = time.perf_counter(), time.process_time()
        act()
        runs.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)))
    return runs


def _judge(text: str, feel: Feel) -> list[str]:
    files = {"maal.bpmn": text, "samtale.form.json": FORM}
    return [str(problem) for problem in lint(files, feel)]


FORM = json.dumps(
    {
        "type": "default",
        "id": "samtale",
        "components": [
            {"type": "textarea", "id": "noter", "key": "noter", "label": "Noter"},
            {"type": "checkbox", "id": "moedt", "key": "moedt", "label": "Mødte op"},
        ],
    }
)


def diagram(mark: str) -> str:
    """A process of a hundred elements, whose names all carry the mark."""
    parts = [_part(f"{mark}_{number}", waits=number > 0) for number in range(PARTS)]
    nodes = "".join(inside for inside, _, _ in parts)
    ways = [("start", parts[0][1])]
    ways += [(one[2], other[1]) for one, other in pairwise(parts)]
    ways += [(parts[-1][2], "slut")]
    flows = "".join(_flow(source, target) for source, target in ways)
    drawn = "<bpmndi:BPMNDiagram><bpmndi:BPMNPlane><bpmndi:BPMNShape/></bpmndi:BPMNPlane>"
    return (
        f'{HEAD}<bpmn:process id="maal" isExecutable="true">{_declared(mark)}'
        '<bpmn:laneSet id="baner"><bpmn:lane id="bane" name="Mentor">'
        f"{''.join(_in_lane(f'{mark}_{number}') for number in range(PARTS))}"
        "</bpmn:lane></bpmn:laneSet>"
        f'<bpmn:startEvent id="start"/>{nodes}<bpmn:endEvent id="slut"/>{flows}</bpmn:process>'
        f"{drawn}</bpmndi:BPMNDiagram></bpmn:definitions>"
    )


def _declared(mark: str) -> str:
    names = ", ".join(f"alder_{mark}_{n}: number, plan_{mark}_{n}" for n in range(PARTS))
    return _properties(startData=names)


def _in_lane(key: str) -> str:
    return "".join(
        f"<bpmn:flowNodeRef>{task}_{key}</bpmn:flowNodeRef>"
        for task in ("samtale", "ung", "gruppe")
    )


def _part(key: str, *, waits: bool) -> tuple[str, str, str]:
    """Ten or eleven elements, the first of them and the last: answers, a split, a timer."""
    inside = (
        _element("exclusiveGateway", f"valg_{key}", default=f"valg_{key}-ung_{key}")
        + _element("userTask", f"samtale_{key}", _properties(form="samtale", deadline="P14D"))
        + _element("userTask", f"ung_{key}", _properties(deadline=f'=duration("P{len(key)}D")'))
        + _element("exclusiveGateway", f"saml_{key}")
        + _element("parallelGateway", f"del_{key}")
        + _element("userTask", f"gruppe_{key}", _properties(assign=f"plan_{key}"))
        + f'<bpmn:boundaryEvent id="rykker_{key}" attachedToRef="gruppe_{key}">'
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P1M</bpmn:timeDuration>"
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + _element(
            "scriptTask",
            f"regn_{key}",
            f"<bpmn:script>{{point_{key}: alder_{key} + 1}}</bpmn:script>",
        )
        + _element("exclusiveGateway", f"efter_{key}")
        + _element("parallelGateway", f"moed_{key}")
        + _catch(key) * waits
    )
    ways = [
        ("valg", "samtale", f"alder_{key} &gt;= 18 and alder_{key} &lt; 25"),
        ("valg", "ung", ""),
        ("samtale", "saml", ""),
        ("ung", "saml", ""),
        ("saml", "del", ""),
        ("del", "gruppe", ""),
        ("del", "regn", ""),
        ("gruppe", "efter", ""),
        ("rykker", "efter", ""),
        ("efter", "moed", ""),
        ("regn", "moed", ""),
        *[("moed", "vent", "")] * waits,
    ]
    flows = "".join(_flow(f"{a}_{key}", f"{b}_{key}", asked) for a, b, asked in ways)
    return inside + flows, f"valg_{key}", f"vent_{key}" if waits else f"moed_{key}"


def _catch(key: str) -> str:
    return (
        f'<bpmn:intermediateCatchEvent id="vent_{key}"><bpmn:timerEventDefinition>'
        '<bpmn:timeDuration>=duration("P1D")</bpmn:timeDuration></bpmn:timerEventDefinition>'
        "</bpmn:intermediateCatchEvent>"
    )


def _element(kind: str, key: str, inside: str = "", default: str = "") -> str:
    marked = f' default="{default}"' if default else ""
    return f'<bpmn:{kind} id="{key}" name="{key}"{marked}>{inside}</bpmn:{kind}>'


def _properties(**values: str) -> str:
    entries = "".join(
        f"<spiffworkflow:property name='{name}' value='{value}'/>" for name, value in values.items()
    )
    return (
        f"<bpmn:extensionElements><spiffworkflow:properties>{entries}"
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )


def _flow(source: str, target: str, asked: str = "") -> str:
    inside = f"<bpmn:conditionExpression>{asked}</bpmn:conditionExpression>" if asked else ""
    return (
        f'<bpmn:sequenceFlow id="{source}-{target}" sourceRef="{source}" '
        f'targetRef="{target}">{inside}</bpmn:sequenceFlow>'
    )
