"""BPMN 2.0 XML read into plain records, each with its line, before anything is run.

The reader keeps document order everywhere: the picture of a diagram never decides what it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from lxml import etree

from processes.engine.markup import read_markup
from processes.engine.places import Place, Places
from processes.engine.problems import BadDiagram, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "subProcess",
        "adHocSubProcess",
        "transaction",
        "callActivity",
    }
)
GATEWAYS = frozenset(
    {
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
    }
)
EVENTS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)
NODES = ACTIVITIES | GATEWAYS | EVENTS
REFERRING = ("signal", "error", "escalation")
PARTS = {
    "script": "script",
    "multiInstanceLoopCharacteristics": "loop",
    "standardLoopCharacteristics": "loop",
}
PERFORMERS = ("performer", "humanPerformer", "potentialOwner", "resourceRole")
CORRELATIONS = ("correlationKey", "correlationProperty", "correlationSubscription")
SUB_PROCESSES = frozenset({"subProcess", "adHocSubProcess", "transaction"})


@dataclass(frozen=True)
class Trigger:
    """An event definition: what an event catches or throws."""

    kind: str
    """`message`, `timer`, `signal`, `error`, `escalation`, `conditional`, `link`, `terminate`, …"""

    name: str = ""
    """Name of the message, signal or link."""

    code: str | None = None
    """Code of the error or escalation; None catches every code."""

    timer: str = ""
    """`date`, `duration` or `cycle`."""

    expression: str = ""
    """The timer's text, or the condition."""

    variable: str | None = None
    """Where a caught message's payload is stored; None spreads it over the case data."""

    payload: str | None = None
    """FEEL for what a thrown message carries."""

    line: int = 0
    column: int = 0
    missing: str | None = None
    """The id it refers to, if the file declares nothing of that id."""


@dataclass(frozen=True)
class Loop:
    """How often an activity is repeated."""

    kind: str
    """`standard`, `parallel` or `sequential`."""

    cardinality: str | None = None
    collection: str | None = None
    item: str | None = None
    output_collection: str | None = None
    output_item: str | None = None
    condition: str | None = None
    """Completion condition; for a standard loop, go on while it holds."""

    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True)
class Parameter:
    """One named FEEL argument of an operation."""

    name: str
    value: str


@dataclass(frozen=True)
class Operation:
    """What a service task asks a handler for."""

    id: str
    parameters: tuple[Parameter, ...]
    result_variable: str | None


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None
    line: int
    column: int = 0


@dataclass(frozen=True)
class Limit:
    """How far from its start the law lets a deadline lie."""

    duration: str
    calendar: str
    roll: str
    earliest: bool = False
    """Whether nothing may come sooner, instead of nothing later."""

    def is_broken(self, own: datetime, lawful: datetime) -> bool:
        """Whether a due time goes beyond the lawful one."""
        return (
            own.astimezone(UTC) < lawful.astimezone(UTC)
            if self.earliest
            else (own.astimezone(UTC) > lawful.astimezone(UTC))
        )


@dataclass
class Node:
    """A flow node: activity, gateway or event."""

    id: str
    name: str
    kind: str
    """The BPMN tag, such as `userTask`."""

    line: int
    column: int = 0
    places: dict[str, Place] = field(default_factory=dict)
    """Where its parts begin: `script`, `loop`, and the properties by name."""

    lane: str | None = None
    documentation: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    loop: Loop | None = None
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    default: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    body: Scope | None = None
    """What a sub-process holds."""

    script: str = ""
    called: str | None = None
    operation: Operation | None = None
    decision: str | None = None
    variable: str | None = None
    """Where a user task's answers are stored; None spreads them over the case data."""

    for_compensation: bool = False
    parallel_multiple: bool = False
    quantities: bool = False
    """Whether it wants or gives several tokens at a time."""

    instantiates: bool = False
    """Whether it begins the process by itself, without a start event."""

    limit: Limit | None = None
    """What the statute it names allows, if that binds."""

    @property
    def trigger(self) -> Trigger | None:
        """The event's only trigger; None for a none event."""
        return self.triggers[0] if self.triggers else None

    def link(self, direction: str) -> str | None:
        """The name of the link it throws or catches: `Throw` or `Catch`."""
        trigger = self.trigger
        linked = trigger is not None and trigger.kind == "link"
        return trigger.name if trigger and linked and direction in self.kind else None

    def mapping(self, prefix: str) -> dict[str, str]:
        """The properties called `<prefix>.<name>`, by name."""
        start = prefix + "."
        return {
            key.removeprefix(start): value
            for key, value in self.properties.items()
            if key.startswith(start)
        }


@dataclass
class Scope:
    """What a token can be in: a process or the inside of a sub-process."""

    id: str
    name: str
    kind: str
    """`process`, `subProcess`, `adHocSubProcess` or `transaction`."""

    line: int
    column: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    event_sub_processes: list[Node] = field(default_factory=list)
    completion: str | None = None
    """An ad hoc sub-process is done when this holds."""

    one_at_a_time: bool = False
    """Whether an ad hoc sub-process runs its activities in a row instead of side by side."""

    cancels_rest: bool = True
    """Whether what is still open in an ad hoc sub-process is called off when it is done."""

    by_event: bool = False
    """Whether it is the inside of an event sub-process."""

    def entries(self) -> list[Node]:
        """The nodes that no flow leads to and that sit on no edge."""
        return [node for node in self.nodes.values() if not node.incoming and not node.attached_to]

    def boundary_events(self, activity: str) -> list[Node]:
        """The events on an activity's edge, in document order."""
        return [node for node in self.nodes.values() if node.attached_to == activity]

    def walk(self) -> Iterator[tuple[Scope, Node]]:
        """Every node in here and in the sub-processes inside, with the scope that holds it."""
        for node in [*self.nodes.values(), *self.event_sub_processes]:
            yield self, node
            if node.body is not None:
                yield from node.body.walk()


@dataclass
class Process(Scope):
    """A process of a file."""

    file: str = ""
    executable: bool = True
    properties: dict[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    """Names declared by `ioSpecification`; a caller's values are copied in."""

    outputs: tuple[str, ...] = ()
    data_objects: tuple[str, ...] = ()
    """Names of the data objects drawn anywhere in it."""

    lanes: tuple[str, ...] = ()
    unread: tuple[tuple[str, str, Place], ...] = ()
    """What is drawn and the engine does not read: tag, id or name, place."""

    @property
    def owner_role(self) -> str | None:
        """Whose queue a task without a lane waits in."""
        return self.properties.get("ownerRole")

    @property
    def parameters(self) -> dict[str, str]:
        """The programme's own settings, as written."""
        start = "parameter."
        return {
            key.removeprefix(start): value
            for key, value in self.properties.items()
            if key.startswith(start)
        }


@dataclass(frozen=True)
class MessageFlow:
    """An arrow between two pools."""

    id: str
    source: str
    """Id of a node, or of a pool."""

    target: str
    place: Place


@dataclass
class Diagram:
    """One BPMN file."""

    file: str
    processes: list[Process]
    messages: dict[str, str]
    """Message id to name; likewise below."""

    signals: dict[str, str]
    unknown: list[tuple[str, str | None, Place]]
    """Flow elements of a kind that BPMN does not have: tag, id, place."""

    has_picture: bool = True
    message_flows: tuple[MessageFlow, ...] = ()


def read_diagram(file: str, text: str) -> Diagram:
    """The records of one BPMN file.

    Raises:
        BadDiagram: it is not well-formed BPMN 2.0 XML.
    """
    root = _root(file, text)
    return _Reader(file, root, Places(text, root)).read()


def _root(file: str, text: str) -> etree._Element:
    root = read_markup(file, text)
    if root.getroottree().docinfo.doctype:
        raise BadDiagram(
            [
                Problem(
                    file,
                    None,
                    1,
                    "doctype",
                    "A document type declaration is not allowed in a diagram. Remove it.",
                    "En dokumenttypeerklæring er ikke tilladt i et diagram. Fjern den.",
                    column=1,
                )
            ]
        )
    if root.tag != f"{{{MODEL}}}definitions":
        raise BadDiagram(
            [
                Problem(
                    file,
                    None,
                    1,
                    "not-bpmn",
                    "The file is not a BPMN 2.0 diagram: its root is not bpmn:definitions. "
                    "Save it as BPMN 2.0 from the modeler.",
                    "Filen er ikke et BPMN 2.0-diagram: roden er ikke bpmn:definitions. "
                    "Gem den som BPMN 2.0 fra modelværktøjet.",
                    column=1,
                )
            ]
        )
    return root


def _twice(file: str, node: Node | Flow) -> Problem:
    return Problem(
        file,
        node.id,
        node.line,
        "duplicate-id",
        f"The id '{node.id}' is used twice. Give one of the elements another.",
        f"Id'et '{node.id}' bruges to gange. Giv et af elementerne et andet.",
        name=node.name,
        column=node.column,
    )


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    text = "".join(str(part) for part in element.itertext()).strip()
    return text or None


def _flag(element: etree._Element, name: str, *, default: bool) -> bool:
    value = element.get(name)
    return default if value is None else value.strip() in {"true", "1"}


class _Reader:
    def __init__(self, file: str, root: etree._Element, places: Places) -> None:
        self.file = file
        self.root = root
        self.place = places.of
        self.unknown: list[tuple[str, str | None, Place]] = []
        self.messages = self._named("message", "name")
        self.signals = self._named("signal", "name")
        self.errors = self._named("error", "errorCode")
        self.escalations = self._named("escalation", "escalationCode")

    def read(self) -> Diagram:
        processes = [self._process(node) for node in self._all(self.root, "process")]
        picture = next(self.root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"), None)
        return Diagram(
            self.file,
            processes,
            self.messages,
            self.signals,
            self.unknown,
            has_picture=picture is not None,
            message_flows=tuple(self._message_flows()),
        )

    def _message_flows(self) -> Iterator[MessageFlow]:
        for flow in self.root.iter(f"{{{MODEL}}}messageFlow"):
            ends = str(flow.get("sourceRef")), str(flow.get("targetRef"))
            yield MessageFlow(str(flow.get("id")), *ends, self.place(flow))

    def _unread(self, process: etree._Element) -> Iterator[tuple[str, str, Place]]:
        """In a process, or beside all processes of the file."""
        beside = [one for one in self.root if one.tag != f"{{{MODEL}}}process"]
        for part in (process, *beside):
            tags = (*PERFORMERS, *CORRELATIONS, "dataStoreReference", "assignment")
            for node in part.iter(*(f"{{{MODEL}}}{tag}" for tag in (*tags, "transformation"))):
                name = node.get("name") or node.get("id") or self._around(node)
                yield _tag(node), name, self.place(node)

    def _around(self, node: etree._Element) -> str:
        """The id of the nearest element around a part that has none."""
        return next((str(one.get("id")) for one in node.iterancestors() if one.get("id")), "")

    def _named(self, tag: str, attribute: str) -> dict[str, str]:
        return {
            str(node.get("id")): node.get(attribute) or node.get("name") or str(node.get("id"))
            for node in self._all(self.root, tag)
        }

    def _all(self, parent: etree._Element, tag: str) -> list[etree._Element]:
        return parent.findall(f"{{{MODEL}}}{tag}")

    def _one(self, parent: etree._Element, *path: str) -> etree._Element | None:
        return parent.find("/".join(f"{{{MODEL}}}{tag}" for tag in path))

    def _process(self, element: etree._Element) -> Process:
        lanes = self._lanes(element)
        process = Process(
            id=element.get("id") or "",
            name=element.get("name") or self._pool(element) or str(element.get("id")),
            kind="process",
            line=self.place(element).line,
            column=self.place(element).column,
            file=self.file,
            executable=_flag(element, "isExecutable", default=True),
            properties=self._properties(element),
            inputs=self._io(element, "dataInput"),
            outputs=self._io(element, "dataOutput"),
            data_objects=tuple(
                node.get("name") or str(node.get("id"))
                for tag in ("dataObject", "dataObjectReference")
                for node in element.iter(f"{{{MODEL}}}{tag}")
            ),
            lanes=tuple(dict.fromkeys(lanes.values())),
            unread=tuple(self._unread(element)),
        )
        self._fill(process, element, lanes, None)
        return process

    def _pool(self, process: etree._Element) -> str | None:
        for pool in self.root.iter(f"{{{MODEL}}}participant"):
            if pool.get("processRef") == process.get("id"):
                return pool.get("name")
        return None

    def _lanes(self, process: etree._Element) -> dict[str, str]:
        """Node id to the name of its innermost lane; inner lanes come later in document order."""
        lanes: dict[str, str] = {}
        for lane in process.iter(f"{{{MODEL}}}lane"):
            for reference in self._all(lane, "flowNodeRef"):
                lanes[(reference.text or "").strip()] = lane.get("name") or str(lane.get("id"))
        return lanes

    def _io(self, process: etree._Element, tag: str) -> tuple[str, ...]:
        specification = self._one(process, "ioSpecification")
        if specification is None:
            return ()
        return tuple(
            node.get("name") or str(node.get("id")) for node in self._all(specification, tag)
        )

    def _fill(
        self,
        scope: Scope,
        element: etree._Element,
        lanes: dict[str, str],
        lane: str | None,
    ) -> None:
        for child in element:
            if not isinstance(child.tag, str) or etree.QName(child).namespace != MODEL:
                continue
            tag = _tag(child)
            if tag == "sequenceFlow":
                flow = self._flow(child)
                if flow.id in scope.flows:
                    raise BadDiagram([_twice(self.file, flow)])
                scope.flows[flow.id] = flow
            elif tag in NODES:
                self._add(scope, child, lanes, lane)
            elif tag.endswith(("Task", "Gateway", "Event", "task", "gateway")):
                self.unknown.append((tag, child.get("id"), self.place(child)))
        scope.completion = _text(self._one(element, "completionCondition"))
        scope.one_at_a_time = element.get("ordering", "").strip() == "Sequential"
        scope.cancels_rest = _flag(element, "cancelRemainingInstances", default=True)
        self._connect(scope)

    def _add(
        self, scope: Scope, child: etree._Element, lanes: dict[str, str], lane: str | None
    ) -> None:
        node = self._node(child, lanes.get(str(child.get("id")), lane))
        if node.id in {known.id for known in (*scope.nodes.values(), *scope.event_sub_processes)}:
            raise BadDiagram([_twice(self.file, node)])
        if node.kind in SUB_PROCESSES:
            by_event = _flag(child, "triggeredByEvent", default=False)
            node.body = Scope(
                node.id, node.name, node.kind, node.line, node.column, by_event=by_event
            )
            self._fill(node.body, child, lanes, node.lane)
        if node.body is not None and node.body.by_event:
            scope.event_sub_processes.append(node)
        else:
            scope.nodes[node.id] = node

    def _connect(self, scope: Scope) -> None:
        for flow in scope.flows.values():
            if flow.source in scope.nodes:
                scope.nodes[flow.source].outgoing.append(flow)
            if flow.target in scope.nodes:
                scope.nodes[flow.target].incoming.append(flow)
        for node in scope.nodes.values():
            if node.attached_to in scope.nodes and node.lane is None:
                node.lane = scope.nodes[node.attached_to].lane

    def _flow(self, element: etree._Element) -> Flow:
        ends = f"{element.get('sourceRef')}-{element.get('targetRef')}"
        return Flow(
            id=element.get("id") or ends,
            name=element.get("name") or "",
            source=str(element.get("sourceRef")),
            target=str(element.get("targetRef")),
            condition=_text(self._one(element, "conditionExpression")),
            line=self.place(element).line,
            column=self.place(element).column,
        )

    def _node(self, element: etree._Element, lane: str | None) -> Node:
        tag = _tag(element)
        interrupting = "cancelActivity" if tag == "boundaryEvent" else "isInterrupting"
        node = Node(
            id=element.get("id") or "",
            name=element.get("name") or "",
            kind=tag,
            line=self.place(element).line,
            column=self.place(element).column,
            places=self._parts(element),
            lane=lane,
            documentation=self._guidance(element),
            properties=self._properties(element),
            triggers=tuple(self._triggers(element)),
            loop=self._loop(element),
            default=element.get("default"),
            attached_to=element.get("attachedToRef"),
            interrupting=_flag(element, interrupting, default=True),
            script=_text(self._one(element, "script")) or "",
            called=element.get("calledElement"),
            operation=self._operation(element),
            decision=self._extension(element, "calledDecisionId"),
            variable=self._extension(element, "variableName"),
            for_compensation=_flag(element, "isForCompensation", default=False),
            parallel_multiple=_flag(element, "parallelMultiple", default=False),
            quantities={"1"}
            != {element.get(f"{which}Quantity", "1") for which in ("start", "completion")},
            instantiates=_flag(element, "instantiate", default=False),
        )
        if tag in {"sendTask", "receiveTask"} and element.get("messageRef"):
            node.triggers = (self._message(element, element),)
        if node.trigger is not None and node.trigger.kind == "error":
            node.interrupting = True  # BPMN 2.0.2, table 10.93: an error always interrupts
        return node

    def _guidance(self, element: etree._Element) -> str:
        own = self._extension(element, "instructionsForEndUser")
        return own or _text(self._one(element, "documentation")) or ""

    def _extensions(self, element: etree._Element) -> etree._Element | None:
        return self._one(element, "extensionElements")

    def _extension(self, element: etree._Element, tag: str) -> str | None:
        extensions = self._extensions(element)
        return None if extensions is None else _text(extensions.find(f"{{{SPIFF}}}{tag}"))

    def _properties(self, element: etree._Element) -> dict[str, str]:
        extensions = self._extensions(element)
        if extensions is None:
            return {}
        return {
            str(node.get("name")): node.get("value") or ""
            for node in extensions.iterfind(f"{{{SPIFF}}}properties/{{{SPIFF}}}property")
        }

    def _parts(self, element: etree._Element) -> dict[str, Place]:
        parts = {
            part: self.place(child)
            for tag, part in PARTS.items()
            for child in self._all(element, tag)
        }
        extensions = self._extensions(element)
        if extensions is not None:
            for node in extensions.iterfind(f"{{{SPIFF}}}properties/{{{SPIFF}}}property"):
                parts[str(node.get("name"))] = self.place(node)
        return parts

    def _operation(self, element: etree._Element) -> Operation | None:
        extensions = self._extensions(element)
        operator = (
            None if extensions is None else extensions.find(f"{{{SPIFF}}}serviceTaskOperator")
        )
        if operator is None:
            return None
        return Operation(
            id=operator.get("id") or "",
            parameters=tuple(
                Parameter(node.get("id") or "", node.get("value") or "")
                for node in operator.iter(f"{{{SPIFF}}}parameter")
            ),
            result_variable=operator.get("resultVariable") or None,
        )

    def _triggers(self, element: etree._Element) -> Iterator[Trigger]:
        for child in element:
            if not isinstance(child.tag, str) or not _tag(child).endswith("EventDefinition"):
                continue
            kind = _tag(child).removesuffix("EventDefinition")
            if kind == "message":
                yield self._message(element, child)
            elif kind == "timer":
                yield self._timer(child)
            else:
                yield self._plain_trigger(element, child, kind)

    def _message(self, element: etree._Element, holder: etree._Element) -> Trigger:
        reference = holder.get("messageRef")
        name = self.messages.get(reference, "") if reference else element.get("name") or ""

        def extension(tag: str) -> str | None:
            return self._extension(holder, tag) or self._extension(element, tag)

        return Trigger(
            "message",
            name=name,
            variable=extension("messageVariable"),
            payload=extension("messagePayload"),
            line=self.place(holder).line,
            column=self.place(holder).column,
            missing=reference if reference not in {None, *self.messages} else None,
        )

    def _timer(self, definition: etree._Element) -> Trigger:
        for tag, timer in (
            ("timeDate", "date"),
            ("timeDuration", "duration"),
            ("timeCycle", "cycle"),
        ):
            text = self._one(definition, tag)
            if text is not None:
                line, column = self.place(text)
                return Trigger(
                    "timer", timer=timer, expression=_text(text) or "", line=line, column=column
                )
        line, column = self.place(definition)
        return Trigger("timer", line=line, column=column)

    def _plain_trigger(
        self, element: etree._Element, definition: etree._Element, kind: str
    ) -> Trigger:
        def referred(names: dict[str, str], attribute: str) -> str | None:
            reference = definition.get(attribute)
            return names.get(reference, reference) if reference else None

        declared = {*self.signals, *self.errors, *self.escalations}
        references = [definition.get(f"{which}Ref") for which in REFERRING]
        return Trigger(
            kind,
            name=referred(self.signals, "signalRef")
            or definition.get("name")
            or element.get("name")
            or "",
            code=referred(self.errors, "errorRef") or referred(self.escalations, "escalationRef"),
            expression=_text(self._one(definition, "condition")) or "",
            variable=self._extension(definition, "messageVariable")
            or self._extension(element, "variableName"),
            payload=self._extension(definition, "payloadExpression"),
            line=self.place(definition).line,
            column=self.place(definition).column,
            missing=next((ref for ref in references if ref and ref not in declared), None),
        )

    def _loop(self, element: etree._Element) -> Loop | None:
        multi = self._one(element, "multiInstanceLoopCharacteristics")
        if multi is not None:
            return self._multi_instance(multi)
        standard = self._one(element, "standardLoopCharacteristics")
        if standard is None:
            return None
        maximum = standard.get("loopMaximum")
        return Loop(
            "standard",
            condition=_text(self._one(standard, "loopCondition")),
            test_before=_flag(standard, "testBefore", default=False),
            maximum=int(maximum) if maximum and maximum.isdigit() else None,
        )

    def _multi_instance(self, multi: etree._Element) -> Loop:
        def item(tag: str) -> str | None:
            node = self._one(multi, tag)
            return None if node is None else node.get("name") or node.get("id")

        sequential = _flag(multi, "isSequential", default=False)
        return Loop(
            "sequential" if sequential else "parallel",
            cardinality=_text(self._one(multi, "loopCardinality")),
            collection=_text(self._one(multi, "loopDataInputRef")),
            item=item("inputDataItem"),
            output_collection=_text(self._one(multi, "loopDataOutputRef")),
            output_item=item("outputDataItem"),
            condition=_text(self._one(multi, "completionCondition")),
        )
