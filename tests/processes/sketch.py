"""Writes BPMN files with a drawing, for tests of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="Definitions_1">
"""

Corner = tuple[float, float]


@dataclass
class Sketch:
    """One process (in one pool, if it has lanes) and its drawing."""

    pool: str = ""
    flow_nodes: list[str] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def node(
        self,
        tag: str,
        key: str,
        name: str,
        at: Corner,
        size: Corner | None = None,
        inner: str = "",
        *,
        label: tuple[float, float, float, float] | None = None,
        di: str = "",
        **attributes: str,
    ) -> None:
        """A node of the process; `inner` is XML inside it, `di` attributes of its shape."""
        self.flow_nodes.append(_element(tag, key, name, inner, attributes))
        self.shape(key, at, size or _size(tag), label=label, di=di)

    def enter(self, tag: str, key: str, name: str, at: Corner, size: Corner, **attributes: str):
        """Open an expanded sub-process; `leave` closes it."""
        written = _element(tag, key, name, "", attributes).removesuffix("/>")
        self.flow_nodes.append(written + ">")
        self.opened.append(tag)
        self.shape(key, at, size, di='isExpanded="true"')

    def leave(self) -> None:
        self.flow_nodes.append(f"</bpmn:{self.opened.pop()}>")

    def lane(self, key: str, name: str, at: Corner, size: Corner, *members: str) -> None:
        refs = "".join(f"<bpmn:flowNodeRef>{member}</bpmn:flowNodeRef>" for member in members)
        self.lanes.append(_element("lane", key, name, refs, {}))
        self.shape(key, at, size, di='isHorizontal="true"')

    def participant(self, key: str, name: str, at: Corner, size: Corner, process: str = "") -> None:
        attributes = {"processRef": process} if process else {}
        self.outside.append(_element("participant", key, name, "", attributes))
        self.shape(key, at, size, di='isHorizontal="true"')

    def flow(
        self,
        key: str,
        source: str,
        target: str,
        *way: Corner,
        name: str = "",
        inner: str = "",
        label: tuple[float, float, float, float] | None = None,
    ) -> None:
        ends = {"sourceRef": source, "targetRef": target}
        self.flow_nodes.append(_element("sequenceFlow", key, name, inner, ends))
        self.edge(key, *(way or self._straight(source, target)), label=label)

    def message_flow(self, key: str, name: str, source: str, target: str, *way: Corner) -> None:
        ends = {"sourceRef": source, "targetRef": target}
        self.outside.append(_element("messageFlow", key, name, "", ends))
        self.edge(key, *way)

    def association(self, key: str, source: str, target: str, *way: Corner, **more: str) -> None:
        ends = {"sourceRef": source, "targetRef": target, **more}
        self.flow_nodes.append(_element("association", key, "", "", ends))
        self.edge(key, *way)

    def shape(
        self,
        key: str,
        at: Corner,
        size: Corner,
        *,
        di: str = "",
        label: tuple[float, float, float, float] | None = None,
    ) -> None:
        self.boxes[key] = (*at, *size)
        self.drawn.append(
            f'<bpmndi:BPMNShape id="{key}_di" bpmnElement="{key}" {di}>'
            f"{_bounds(*at, *size)}{_label(label)}</bpmndi:BPMNShape>"
        )

    def edge(
        self, key: str, *way: Corner, label: tuple[float, float, float, float] | None = None
    ) -> None:
        points = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in way)
        self.drawn.append(
            f'<bpmndi:BPMNEdge id="{key}_di" bpmnElement="{key}">{points}{_label(label)}'
            "</bpmndi:BPMNEdge>"
        )

    def xml(self, extra: str = "") -> str:
        """The whole file."""
        lanes = f'<bpmn:laneSet id="Lanes">{"".join(self.lanes)}</bpmn:laneSet>' * bool(self.lanes)
        process = f'<bpmn:process id="Process_1">{lanes}{"".join(self.flow_nodes)}</bpmn:process>'
        together, plane = "", "Process_1"
        if self.outside:
            together = f'<bpmn:collaboration id="Together">{"".join(self.outside)}'
            together, plane = together + "</bpmn:collaboration>", "Together"
        return (
            f'{HEAD}{together}{process}{extra}<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="P" '
            f'bpmnElement="{plane}">{"".join(self.drawn)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
            "</bpmn:definitions>"
        )

    def _straight(self, source: str, target: str) -> tuple[Corner, Corner]:
        x, y, width, height = self.boxes[source]
        far_x, far_y, _, far_height = self.boxes[target]
        return (x + width, y + height / 2), (far_x, far_y + far_height / 2)


def _element(tag: str, key: str, name: str, inner: str, attributes: dict[str, str]) -> str:
    written = "".join(f" {attribute}={quoteattr(value)}" for attribute, value in attributes.items())
    head = f'<bpmn:{tag} id="{key}" name={quoteattr(name)}{written}'
    return f"{head}>{inner}</bpmn:{tag}>" if inner else f"{head}/>"


def _size(tag: str) -> Corner:
    if tag.endswith("Event"):
        return 36, 36
    if tag.endswith("Gateway"):
        return 50, 50
    return {"dataObjectReference": (36, 50), "dataStoreReference": (50, 50)}.get(tag, (100, 80))


def _bounds(x: float, y: float, width: float, height: float) -> str:
    return f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _label(box: tuple[float, float, float, float] | None) -> str:
    return f"<bpmndi:BPMNLabel>{_bounds(*box)}</bpmndi:BPMNLabel>" if box else ""
