"""What the engine does not run is refused here, with what to draw instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processes.engine.diagram import Diagram, Node
    from processes.lint.findings import Findings

INSTEAD: dict[str, tuple[str, str, str, str]] = {
    "complexGateway": (
        "A complex gateway",
        "Use exclusive, inclusive or parallel gateways.",
        "En kompleks gateway",
        "Brug eksklusive, inklusive eller parallelle gateways.",
    ),
    "transaction": (
        "A transaction",
        "Use a sub-process with error events on its edge.",
        "En transaktion",
        "Brug en delproces med fejlhændelser på kanten.",
    ),
    "adHocSubProcess": (
        "An ad hoc sub-process",
        "Draw the activities in parallel, or as event sub-processes that messages start.",
        "En ad hoc-delproces",
        "Tegn aktiviteterne parallelt eller som hændelses-delprocesser, som beskeder starter.",
    ),
    "compensate": (
        "Compensation",
        "Draw what shall be undone as ordinary activities after an error event.",
        "Kompensation",
        "Tegn det, der skal gøres om, som almindelige aktiviteter efter en fejlhændelse.",
    ),
    "cancel": (
        "A cancel event",
        "Use an error event.",
        "En annulleringshændelse",
        "Brug en fejlhændelse.",
    ),
    "multiple": (
        "An event with several triggers",
        "Draw one event for each trigger.",
        "En hændelse med flere udløsere",
        "Tegn én hændelse for hver udløser.",
    ),
}
CATCHABLE = {"message", "timer", "signal", "error", "escalation", "conditional"}


def check_support(diagram: Diagram, findings: Findings) -> None:
    """Every construct the engine would not run as BPMN says."""
    for _, node in findings.process.walk():
        for key in _unsupported(node):
            _refuse(findings, node, key)
    for tag, identity, line in diagram.unknown:
        findings.add(
            "unsupported",
            findings.process,
            line=line,
            what=f"The element {identity or tag} of type {tag}",
            instead="It is not a BPMN element; draw it with the modeler's palette.",
            what_da=f"Elementet {identity or tag} af typen {tag}",
            instead_da="Det er ikke et BPMN-element; tegn det med paletten.",
        )


def _unsupported(node: Node) -> set[str]:
    found = {trigger.kind for trigger in node.triggers} & {"compensate", "cancel"}
    if node.kind in {"complexGateway", "transaction", "adHocSubProcess"}:
        found.add(node.kind)
    if node.for_compensation:
        found.add("compensate")
    if len(node.triggers) > 1 or node.parallel_multiple:
        found.add("multiple")
    return found


def _refuse(findings: Findings, node: Node, key: str) -> None:
    what, instead, what_da, instead_da = INSTEAD[key]
    findings.add(
        "unsupported", node, what=what, instead=instead, what_da=what_da, instead_da=instead_da
    )
