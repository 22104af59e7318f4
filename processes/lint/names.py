"""Does everything a diagram names exist: roles, forms, tables, operations, messages, processes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.elements.activities import form_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from processes.engine.diagram import Node, Process, Scope
    from processes.lint.findings import Findings
    from processes.lint.surroundings import Surroundings

DONE_BY_PEOPLE = {"userTask", "manualTask", "adHocSubProcess"}


def check_names(findings: Findings, around: Surroundings) -> None:
    """Every rule of names."""
    _check_lanes(findings, around)
    elements = {node.id for _, node in findings.process.walk()}
    timed = _elements_with_deadline(findings.process)
    for scope, node in findings.process.walk():
        _check_work(node, findings, around)
        _check_triggers(scope, node, findings)
        _check_references(node, elements, timed, findings)
        if node.kind in DONE_BY_PEOPLE and node.lane is None:
            findings.add("lane-missing", node, severity="warning")


def _check_lanes(findings: Findings, around: Surroundings) -> None:
    bound = around.bound_lanes(findings.process.id)
    for lane in findings.process.lanes:
        if lane not in around.roles and lane not in bound:
            holder = next(
                (node for _, node in findings.process.walk() if node.lane == lane),
                findings.process,
            )
            findings.add("unknown-lane", holder, lane=lane, known=_listed(around.roles))


def _check_work(node: Node, findings: Findings, around: Surroundings) -> None:
    form = form_name(node)
    if form and form not in around.forms:
        findings.add("unknown-form", node, at="form", form=form, known=_listed(around.forms))
    if node.kind == "businessRuleTask" and (node.decision or "") not in around.decisions:
        findings.add(
            "unknown-decision",
            node,
            decision=node.decision or "",
            known=_listed(around.decisions),
        )
    if node.kind == "callActivity" and (node.called or "") not in around.processes:
        findings.add("unknown-called-process", node, called=node.called or "")
    if node.kind == "serviceTask" and node.operation is None:
        findings.add("operation-missing", node)
    if node.operation is not None:
        _check_operation(node, findings, around)


def _check_operation(node: Node, findings: Findings, around: Surroundings) -> None:
    assert node.operation is not None  # noqa: S101 — narrowing: the caller has looked
    operation = node.operation.id
    known = around.operations.get(operation)
    if known is None:
        findings.add(
            "unknown-operation", node, operation=operation, known=_listed(around.operations)
        )
        return
    given = {parameter.name for parameter in node.operation.parameters if parameter.value.strip()}
    for parameter in sorted(known.required - given):
        findings.add("parameter-missing", node, operation=operation, parameter=parameter)
    for parameter in sorted(given - known.parameters):
        findings.add("unknown-parameter", node, operation=operation, parameter=parameter)


def _check_triggers(scope: Scope, node: Node, findings: Findings) -> None:
    for trigger in node.triggers:
        if trigger.kind in {"message", "signal"} and not trigger.name and not trigger.missing:
            findings.add(f"{trigger.kind}-missing", node)
        if trigger.kind == "link" and node.kind.endswith(("ThrowEvent", "endEvent")):
            targets = {
                other.trigger.name
                for other in scope.nodes.values()
                if other.kind == "intermediateCatchEvent"
                and other.trigger is not None
                and other.trigger.kind == "link"
            }
            if trigger.name not in targets:
                findings.add("link-target-missing", node, link=trigger.name)
    if node.kind == "receiveTask" and not node.triggers:
        findings.add("message-missing", node)
    if node.kind == "sendTask" and not node.triggers and node.operation is None:
        findings.add("message-missing", node)


def _check_references(node: Node, elements: set[str], timed: set[str], findings: Findings) -> None:
    for name in ("deadlineFor", "follows"):
        element = node.properties.get(name)
        if element and element not in elements:
            findings.add("unknown-element", node, at=name, property=name, element=element)
        elif element and name == "follows" and element not in timed:
            findings.add("nothing-to-follow", node, at=name, element=element)


def _elements_with_deadline(process: Process) -> set[str]:
    timed = {node.id for _, node in process.walk() if node.properties.get("deadline")}
    return timed | {
        node.properties["deadlineFor"]
        for _, node in process.walk()
        if node.properties.get("deadlineFor")
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "–"
