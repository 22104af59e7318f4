"""What the engine does not run is refused here, with what to draw instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.definition import STARTS, unsupported
from processes.engine.diagram import CORRELATIONS, PERFORMERS, Node
from processes.engine.elements.ad_hoc import DONE

if TYPE_CHECKING:
    from processes.engine.diagram import Diagram, MessageFlow, Scope, Trigger
    from processes.engine.places import Place
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
    "adHocEmpty": (
        "An ad hoc sub-process without anything to choose",
        "Draw an activity in it that no flow leads to.",
        "En ad hoc-delproces uden noget at vælge",
        "Tegn en aktivitet i den, som ingen pil fører til.",
    ),
    "adHocEntry": (
        "A start event, or an event or gateway that no flow leads to, in an ad hoc sub-process",
        "People choose what begins there: draw activities, and lead flows to whatever follows.",
        "En starthændelse, eller en hændelse eller gateway uden pil hertil, i en ad hoc-delproces",
        "Mennesker vælger, hvad der begynder: tegn aktiviteter, og før pile til det, der følger.",
    ),
    "adHocDone": (
        f"The id '{DONE}' in an ad hoc sub-process",
        "It is the answer that nothing more shall be done; give the activity another id.",
        f"Id'et '{DONE}' i en ad hoc-delproces",
        "Det er svaret på, at der ikke skal mere til; giv aktiviteten et andet id.",
    ),
    "adHocByEvent": (
        "An ad hoc sub-process that an event starts",
        "Draw an event sub-process with the ad hoc sub-process in it.",
        "En ad hoc-delproces, som en hændelse starter",
        "Tegn en hændelses-delproces med ad hoc-delprocessen i.",
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
        "Draw one for each: behind an event-based gateway to catch the first, in a row to throw.",
        "En hændelse med flere udløsere",
        "Tegn én for hver: bag en hændelsesbaseret gateway for den første, på række for at sende.",
    ),
    "parallelMultiple": (
        "An event that waits for all of several triggers",
        "Draw one event for each trigger between two parallel gateways.",
        "En hændelse, der venter på alle af flere udløsere",
        "Tegn én hændelse for hver udløser mellem to parallelle gateways.",
    ),
    "conditionalStart": (
        "A condition that begins a process",
        "No case has data yet: begin with a message, signal or timer, or use an event sub-process.",
        "En betingelse, der begynder en proces",
        "Ingen sag har data endnu: brug besked, signal eller timer, eller en hændelses-delproces.",
    ),
    "startCorrelation": (
        "A correlation on the start event of a process",
        "The new case is named by the message's correlation or its `reference`: remove it here.",
        "En korrelation på en proces' starthændelse",
        "Beskedens korrelation eller dens `reference` giver den nye sag navn: fjern den her.",
    ),
    "quantity": (
        "An activity that wants or gives several tokens",
        "Use a multi-instance, or a parallel gateway.",
        "En aktivitet, der kræver eller giver flere tokens",
        "Brug en gentagelse over en liste eller en parallel gateway.",
    ),
    "instantiate": (
        "An activity or gateway that begins the process",
        "Draw a start event with the message, and lead it there.",
        "En aktivitet eller gateway, der selv begynder processen",
        "Tegn en starthændelse med beskeden, og før den derhen.",
    ),
}
UNREAD: dict[str, tuple[str, str, str, str]] = {
    "dataStoreReference": (
        "The data store",
        "Nothing is read from it or written to it; case data are there without it.",
        "Datalageret",
        "Intet læses fra det eller skrives til det; sagens data er der uden.",
    ),
    "performer": (
        "The performer",
        "Who does a task is told by its lane and its property assign.",
        "Udføreren",
        "Hvem der gør en opgave, siger dens bane og dens egenskab assign.",
    ),
    "correlation": (
        "A correlation key, property or subscription",
        "Write what a message must match in the catching event's property correlation.",
        "En korrelationsnøgle, -egenskab eller -tilmelding",
        "Skriv det, en besked skal passe til, i den modtagende hændelses egenskab correlation.",
    ),
    "assignment": (
        "A data association that moves or computes data",
        "Every element sees the case's data: use a script task, or in. and out. of a call.",
        "En dataforbindelse, der flytter eller beregner data",
        "Alle elementer ser sagens data: brug en scriptopgave, eller in. og out. på et kald.",
    ),
}
"""What BPMN can draw beside the elements, and what to do instead."""

ONLY_DRAWN = frozenset({"dataStoreReference", "performer"})
"""Runs rightly although it is not read; the rest is refused."""

SENDS = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
WATCHED = frozenset({"message", "timer", "signal", "error", "escalation", "conditional"})
TRIGGERS: dict[str, frozenset[str]] = {
    "startEvent": STARTS,
    "intermediateCatchEvent": frozenset({"message", "timer", "signal", "conditional", "link"}),
    "boundaryEvent": WATCHED,
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link"}),
    "endEvent": frozenset({"message", "signal", "error", "escalation", "terminate"}),
}
"""What an event may catch or throw; the start of an event sub-process may catch all of WATCHED."""

NEEDS_TRIGGER = {"intermediateCatchEvent", "boundaryEvent"}


def check_support(diagram: Diagram, findings: Findings) -> None:
    """Every construct the engine would not run as BPMN says."""
    for scope, node in findings.process.walk():
        for key in unsupported(node):
            _refuse(findings, node, key)
        _check_trigger(scope, node, findings)
    for kind, name, place in findings.process.unread:
        _tell_unread(findings, kind, name, place)
    for flow in diagram.message_flows:
        _check_message_flow(flow, diagram, findings)
    for tag, identity, place in diagram.unknown:
        findings.add(
            "unsupported",
            findings.process,
            at=place,
            what=f"The element {identity or tag} of type {tag}",
            instead="It is not a BPMN element; draw it with the modeler's palette.",
            what_da=f"Elementet {identity or tag} af typen {tag}",
            instead_da="Det er ikke et BPMN-element; tegn det med paletten.",
        )


def _tell_unread(findings: Findings, kind: str, name: str, place: Place) -> None:
    key = dict.fromkeys(PERFORMERS, "performer") | dict.fromkeys(CORRELATIONS, "correlation")
    known = key.get(kind, "assignment" if kind == "transformation" else kind)
    what, instead, what_da, instead_da = UNREAD[known]
    drawn = known in ONLY_DRAWN
    findings.add(
        "only-drawn" if drawn else "unsupported",
        Node(name, "", kind, place.line, place.column),
        severity="warning" if drawn else "error",
        what=what,
        instead=instead,
        what_da=what_da,
        instead_da=instead_da,
    )


def _check_message_flow(flow: MessageFlow, diagram: Diagram, findings: Findings) -> None:
    """The ends in this process must send and catch, and both must speak of the same message."""
    nodes = {node.id: node for process in diagram.processes for _, node in process.walk()}
    mine = {node.id for _, node in findings.process.walk()}
    source, target = nodes.get(flow.source), nodes.get(flow.target)
    if source is not None and source.id in mine and not _speaks(source):
        findings.add("message-flow-silent", source, at=flow.place, severity="warning")
    if target is not None and target.id in mine and not _listens(target):
        findings.add("message-flow-unheard", target, at=flow.place, severity="warning")
    names = [node.triggers[0].name for node in (source, target) if node and _is_message(node)]
    if target is not None and target.id in mine and len(set(names)) > 1:
        findings.add("message-flow-names", target, at=flow.place, sent=names[0], awaited=names[1])


def _is_message(node: Node) -> bool:
    return node.trigger is not None and node.trigger.kind == "message"


def _speaks(node: Node) -> bool:
    """Whether something is sent here: a message, or whatever a service's handler sends."""
    return (node.kind in SENDS and _is_message(node)) or node.operation is not None


def _listens(node: Node) -> bool:
    return _is_message(node) and node.kind not in SENDS


def _check_trigger(scope: Scope, node: Node, findings: Findings) -> None:
    trigger = node.trigger
    if node.kind not in TRIGGERS or set(unsupported(node)) & INSTEAD.keys():
        return
    if trigger is None:
        if node.kind in NEEDS_TRIGGER:
            findings.add("trigger-missing", node)
        return
    if node.kind == "startEvent" and scope.kind == "process":
        _check_start(node, trigger, findings)
    allowed = TRIGGERS[node.kind]
    if node.kind == "startEvent" and scope.kind != "process":
        allowed = WATCHED if scope.by_event else frozenset()
    if trigger.kind == "conditional" and scope.kind == "process" and node.kind == "startEvent":
        return
    if trigger.kind not in allowed:
        known = ", ".join(sorted(allowed)) or "–"
        findings.add("trigger-misplaced", node, trigger=trigger.kind, known=known)


def _check_start(node: Node, trigger: Trigger, findings: Findings) -> None:
    if trigger.kind == "conditional":
        _refuse(findings, node, "conditionalStart")
    if node.properties.get("correlation"):
        _refuse(findings, node, "startCorrelation")


def _refuse(findings: Findings, node: Node, key: str) -> None:
    what, instead, what_da, instead_da = INSTEAD[key]
    findings.add(
        "unsupported", node, what=what, instead=instead, what_da=what_da, instead_da=instead_da
    )
