"""A definition version: a self-contained bundle of files, read and compiled once, then shared."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from processes.engine.decisions import Decision, Decisions, read_decisions
from processes.engine.diagram import (
    ACTIVITIES,
    Diagram,
    Flow,
    Node,
    Process,
    Scope,
    read_diagram,
)
from processes.engine.elements import ELEMENTS, EventStart, Root
from processes.engine.elements.ad_hoc import DONE, AdHocSubProcess
from processes.engine.elements.containers import CallActivity, SubProcess, entry_points
from processes.engine.elements.loops import MultiInstance, StandardLoop
from processes.engine.moment import ElementFailed
from processes.engine.problems import BadDiagram, Problem
from processes.engine.programme import PROGRAMME
from processes.engine.programme_file import read_programme
from processes.engine.properties import declared_names
from processes.engine.statutes import lay_down, read_statutes
from processes.engine.workflow import ScopeSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.engine.elements.base import NodeSpec
    from processes.engine.programme import Parameter

FORM = ".form.json"
ROOT = "(root)"
IDENTITY = re.compile(r"[\w.-]+")
REFUSED = frozenset({"complexGateway", "transaction", "compensate", "cancel"})
STARTS = frozenset({"message", "signal", "timer"})
"""What may begin a case."""

DURATION = re.compile(r"^-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$")
DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
MOMENTS = {
    "date": DATE,
    "time": re.compile(r"^\d{2}:\d{2}"),
    "date and time": re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}"),
}
FORM_MOMENTS = {"date": "date", "time": "time", "datetime": "date and time"}
"""form-js subtype to FEEL kind."""

FEEL_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|//[^\n]*|.', re.DOTALL)
"""A string, a comment, or any other character of an expression."""

NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def load_definition(key: str, files: Mapping[str, str]) -> Definition:
    """Read and compile a bundle.

    Raises:
        BadDiagram: a file cannot be read, or the process or something it needs is missing.
    """
    diagrams = [read_diagram(name, text) for name, text in files.items() if name.endswith(".bpmn")]
    processes = {process.id: process for diagram in diagrams for process in diagram.processes}
    if key not in processes:
        file = diagrams[0].file if diagrams else ""
        raise BadDiagram([missing_process(key, sorted(processes), file)])
    lay_down(processes.values(), read_statutes(files))
    return Definition(key, dict(files), diagrams, processes)


class Definition:
    """One version of one process with everything it calls; immutable, shared by all its cases."""

    def __init__(
        self,
        key: str,
        files: dict[str, str],
        diagrams: list[Diagram],
        processes: dict[str, Process],
    ) -> None:
        self.key = key
        self.files = files
        self.diagrams = diagrams
        self.processes = processes
        self.decisions: Decisions = read_decisions(files)
        self.forms = {
            name: _read_form(name, text) for name, text in files.items() if name.endswith(FORM)
        }
        self.programmes = {
            name.removesuffix(PROGRAMME): read_programme(name, text)
            for name, text in files.items()
            if name.endswith(PROGRAMME)
        }
        """The settings that stand beside a diagram, by process."""

        self.specs: dict[str, ScopeSpec] = {}
        self.choices: dict[str, dict[str, Any]] = {}
        """The forms that ask what to do next in an ad hoc sub-process, by name."""

        self._compile(key)

    @property
    def process(self) -> Process:
        """The process a case of this definition runs."""
        return self.processes[self.key]

    @property
    def main(self) -> ScopeSpec:
        """The specification of the main scope."""
        return self.specs[self.key]

    def form(self, name: str) -> dict[str, Any] | None:
        """A form of the bundle, by the file name a user task gives, or of an ad hoc choice."""
        if name in self.choices:
            return self.choices[name]
        for file in (name, f"{name}{FORM}"):
            if file in self.forms:
                return self.forms[file]
        return None

    def decision(self, identity: str) -> Decision:
        """A decision of the bundle.

        Raises:
            ElementFailed: there is none of that id.
        """
        if identity not in self.decisions.by_id:
            raise ElementFailed(f"the decision '{identity}' is not part of this version")
        return self.decisions.by_id[identity]

    def parameters(self, process: str) -> dict[str, Any]:
        """A process's own settings as tagged FEEL values."""
        return self._parameters.get(process, {})

    def written_parameter(self, process: str, name: str) -> str | None:
        """A setting of a process as it is written; None if it has none of that name."""
        return self._written_parameters.get(process, {}).get(name)

    def name_of(self, spec: ScopeSpec, element: str) -> str:
        """The label of an element, looked up near a scope first."""
        if element in spec.nodes:
            return spec.nodes[element].node.name
        for other in self.specs.values():
            if element in other.nodes:
                return other.nodes[element].node.name
        return ""

    def role_of(self, element: str) -> str | None:
        """The lane an element is drawn in."""
        for spec in self.specs.values():
            if element in spec.nodes:
                return spec.nodes[element].node.lane
        return None

    @cached_property
    def declared(self) -> dict[str, None]:
        """Every name the bundle itself says it will write; FEEL reads it as null until then."""
        names: set[str] = set()
        for form in self.forms.values():
            names |= set(form_keys(form))
        for _, node in self._nodes():
            names |= set(written_names(node))
        names |= {decision.variable for decision in self.decisions.by_id.values()}
        for process in self.processes.values():
            names |= set(process.data_objects)
        for process in self.processes.values():
            names |= {name for name, _ in declared_names(process.properties.get("startData"))}
        return dict.fromkeys(sorted(names))

    def kinds_of(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Which of some top-level values are dates or times, because a form asks for them as such.

        What comes from outside (start data, a message) is JSON and cannot say so itself.
        """
        return {
            f"/{name}": kind
            for name, kind in self._moments.items()
            if isinstance(values.get(name), str) and MOMENTS[kind].match(values[name])
        }

    @cached_property
    def _moments(self) -> dict[str, str]:
        """The names that hold dates and times: as forms ask for them, as diagrams declare them."""
        declared = [process.properties.get("startData") for process in self.processes.values()]
        declared += [node.properties.get("brings") for _, node in self._nodes()]
        named = {name: kind for text in declared for name, kind in declared_names(text)}
        asked = {key: kind for form in self.forms.values() for key, kind in form_moments(form)}
        return {name: kind for name, kind in named.items() if kind in MOMENTS} | asked

    @cached_property
    def _parameters(self) -> dict[str, dict[str, Any]]:
        return {
            process.id: {name: typed(text) for name, text in process.parameters.items()}
            | {one.name: one.tagged for one in self._settings(process)}
            for process in self.processes.values()
        }

    @cached_property
    def _written_parameters(self) -> dict[str, dict[str, str]]:
        return {
            process.id: process.parameters | {one.name: one.text for one in self._settings(process)}
            for process in self.processes.values()
        }

    def _settings(self, process: Process) -> tuple[Parameter, ...]:
        """What stands in the programme's own file, which goes before the diagram."""
        programme = self.programmes.get(process.id)
        return programme.parameters if programme else ()

    def _nodes(self) -> Iterator[tuple[Scope, Node]]:
        for process in self.processes.values():
            yield from process.walk()

    @cached_property
    def timed_elsewhere(self) -> frozenset[str]:
        """The elements whose deadline a timer keeps that is not on their own edge."""
        return frozenset(
            node.properties["deadlineFor"]
            for _, node in self._nodes()
            if node.properties.get("deadlineFor", node.attached_to) != node.attached_to
        )

    # -- compiling -------------------------------------------------------------------------

    def _compile(self, key: str) -> ScopeSpec:
        return self._scope(key, self.processes[key], self.processes[key])

    def _scope(self, path: str, scope: Scope, process: Process) -> ScopeSpec:
        if path in self.specs:
            return self.specs[path]
        spec = self.specs[path] = ScopeSpec(path, scope, process)
        _refuse_loose_ends(spec)
        _refuse_starts(spec)
        spec.start = Root(spec, Node(ROOT, "", "root", 0))
        for node in scope.nodes.values():
            spec.nodes[node.id] = self._node(spec, node)
        for node in scope.nodes.values():
            if node.attached_to in spec.nodes:
                spec.nodes[node.attached_to].boundaries.append(spec.nodes[node.id])
        for node in scope.event_sub_processes:
            for construct in unsupported(node):
                raise BadDiagram([_unsupported(spec, node, construct)])
            spec.event_starts.append(self._event_start(spec, node))
        return spec

    def _node(self, spec: ScopeSpec, node: Node) -> NodeSpec:
        for construct in unsupported(node):
            raise BadDiagram([_unsupported(spec, node, construct)])
        if node.loop is None:
            return self._single(spec, node, None)
        part = self._single(spec, node, f"{node.id} [part]")
        outer = StandardLoop if node.loop.kind == "standard" else MultiInstance
        return outer(spec, node, part, node.loop)

    def _single(self, spec: ScopeSpec, node: Node, name: str | None) -> NodeSpec:
        if node.kind == "adHocSubProcess":
            ad_hoc = AdHocSubProcess(spec, node, self._inside(spec, node), name)
            self.choices |= {choice.form_name: choice.form for choice in ad_hoc.choices}
            return ad_hoc
        if node.body is not None:
            return SubProcess(spec, node, self._inside(spec, node), name)
        if node.kind == "callActivity":
            called = self.processes.get(node.called or "")
            if called is None:
                raise BadDiagram([_missing_called(spec, node)])
            body = self._scope(called.id, called, called)
            if not entry_points(body):
                raise BadDiagram([_no_plain_start(spec, node)])
            return CallActivity(spec, node, body, name)
        element = ELEMENTS.get(node.kind)
        if element is None:
            raise BadDiagram([_unsupported(spec, node, node.kind)])
        return element(spec, node, name)

    def _inside(self, spec: ScopeSpec, node: Node) -> ScopeSpec:
        assert node.body is not None  # noqa: S101 — narrowing: only called for sub-processes
        return self._scope(f"{spec.name}/{node.id}", node.body, spec.process)

    def _event_start(self, spec: ScopeSpec, node: Node) -> EventStart:
        body = self._inside(spec, node)
        starts = [s for s in body.nodes.values() if s.node.kind == "startEvent"]
        if not starts:
            raise BadDiagram([_no_start(spec, node)])
        return EventStart(spec, starts[0], body, node)


def _read_form(name: str, text: str) -> dict[str, Any]:
    """A form as JSON.

    Raises:
        BadDiagram: it is none.
    """
    try:
        form = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadDiagram([_not_a_form(name)]) from error
    if not isinstance(form, dict) or not isinstance(form.get("components", []), list):
        raise BadDiagram([_not_a_form(name)])
    return form


def _not_a_form(name: str) -> Problem:
    return Problem(
        name,
        None,
        None,
        "not-a-form",
        "The file is not a form-js form. Save it again from the form editor.",
        "Filen er ikke en form-js-formular. Gem den igen fra formularværktøjet.",
    )


def typed(text: str) -> Any:
    """A parameter's literal as a tagged FEEL value: duration, date, number, truth or text."""
    stripped = text.strip()
    if DURATION.match(stripped):
        return {"@feel": ["duration", stripped]}
    if DATE.match(stripped):
        return {"@feel": ["date", stripped]}
    if NUMBER.match(stripped):
        return float(stripped) if "." in stripped else int(stripped)
    return {"true": True, "false": False}.get(stripped, stripped)


def form_keys(form: dict[str, Any]) -> Iterator[str]:
    """The top-level keys that a form-js form writes."""
    for component in form.get("components", []):
        path = component.get("path")
        if component.get("type") == "dynamiclist" or path:
            if path:
                yield str(path).split(".", maxsplit=1)[0]
        elif "components" in component:
            yield from form_keys(component)
        elif component.get("key"):
            yield str(component["key"]).split(".", maxsplit=1)[0]


def form_moments(form: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The top-level keys of a form's date and time fields, with their FEEL kind."""
    for component in form.get("components", []):
        key = str(component.get("key") or "")
        if component.get("type") == "datetime" and key and "." not in key:
            kind = FORM_MOMENTS.get(component.get("subtype", "date"))
            if kind:
                yield key, kind
        elif not component.get("path"):
            yield from form_moments(component)


def written_names(node: Node) -> Iterator[str]:
    """The names a node of a diagram says it writes."""
    if node.variable:
        yield node.variable
    if node.operation is not None and node.operation.result_variable:
        yield node.operation.result_variable
    if node.properties.get("resultVariable"):
        yield node.properties["resultVariable"]
    variables = [trigger.variable for trigger in node.triggers if trigger.variable]
    yield from variables or (name for name, _ in declared_names(node.properties.get("brings")))
    yield from node.mapping("out")
    if node.loop is not None and node.loop.output_collection:
        yield node.loop.output_collection
    if node.kind == "scriptTask":
        yield from script_keys(node.script)


def script_keys(script: str) -> Iterator[str]:
    """The entry names of a FEEL context, read off its text: outermost level only."""
    depth = 0
    text: list[str] = []
    for part in FEEL_TOKEN.findall(script):
        if part in "{[(":
            depth += 1
            text = []
        elif part in "}])":
            depth -= 1
            text = []
        elif part == "," and depth == 1:
            text = []
        elif part == ":" and depth == 1:
            key = "".join(text).strip().strip('"')
            if key:
                yield key
        elif not part.startswith(("//", "/*")):
            text.append(part)


def missing_process(key: str, there: list[str], file: str) -> Problem:
    """The finding that no file holds a process."""
    known = ", ".join(there) or "–"
    return Problem(
        file,
        key,
        None,
        "unknown-process",
        f"There is no process with the id '{key}'. The files hold: {known}.",
        f"Der er ingen proces med id'et '{key}'. Filerne indeholder: {known}.",
    )


def _missing_called(spec: ScopeSpec, node: Node) -> Problem:
    return Problem(
        spec.process.file,
        node.id,
        node.line,
        "unknown-called-process",
        f"The call activity calls '{node.called or ''}', which is neither in the upload nor "
        "deployed. Upload that diagram too, or choose another process.",
        f"Kaldsaktiviteten kalder '{node.called or ''}', som hverken er i overførslen eller "
        "udgivet. Overfør også det diagram, eller vælg en anden proces.",
        name=node.name,
        column=node.column,
    )


def unsupported(node: Node) -> list[str]:
    """What of a node is not run as BPMN says, in a fixed order: tags and kinds of triggers."""
    found = [node.kind] if node.kind in REFUSED else []
    found += [trigger.kind for trigger in node.triggers if trigger.kind in REFUSED]
    if node.for_compensation:
        found.append("compensate")
    if node.parallel_multiple:
        found.append("parallelMultiple")
    elif len(node.triggers) > 1:
        found.append("multiple")
    if node.quantities:
        found.append("quantity")
    if node.instantiates:
        found.append("instantiate")
    if node.kind == "adHocSubProcess" and node.body is not None:
        found += _unsupported_inside(node.body)
    return list(dict.fromkeys(found))


def _unsupported_inside(ad_hoc: Scope) -> list[str]:
    """What in an ad hoc sub-process nobody could choose."""
    entries = ad_hoc.entries()
    found = [] if entries else ["adHocEmpty"]
    if any(node.kind not in ACTIVITIES for node in entries):
        found.append("adHocEntry")
    if any(node.id == DONE for node in entries):
        found.append("adHocDone")
    if ad_hoc.by_event:
        found.append("adHocByEvent")
    return found


def _refuse_loose_ends(spec: ScopeSpec) -> None:
    """Flows must join nodes of this scope, and edges belong to one of its activities.

    Raises:
        BadDiagram: a token would get lost.
    """
    nodes = spec.scope.nodes
    for node in (*nodes.values(), *spec.scope.event_sub_processes):
        if not IDENTITY.fullmatch(node.id):
            raise BadDiagram([_loose(spec, node.id, node)])
    for flow in spec.scope.flows.values():
        if flow.source not in nodes or flow.target not in nodes:
            raise BadDiagram([_loose(spec, flow.id, flow)])
    links = {node.link("Catch") for node in nodes.values()}
    for node in nodes.values():
        loose_edge = node.kind == "boundaryEvent" and node.attached_to not in nodes
        loose_link = node.link("Throw") not in {None, *links}
        if loose_edge or loose_link:
            raise BadDiagram([_loose(spec, node.id, node)])


def _refuse_starts(spec: ScopeSpec) -> None:
    """What begins a case must be able to come while there is none.

    Raises:
        BadDiagram: nothing could ever begin there.
    """
    for node in spec.scope.nodes.values():
        trigger = node.trigger
        if node.kind != "startEvent" or trigger is None or spec.scope.by_event:
            continue
        if spec.scope.kind != "process" or trigger.kind not in STARTS:
            raise BadDiagram([_unsupported(spec, node, f"{trigger.kind} start event")])


def _loose(spec: ScopeSpec, element: str, at: Node | Flow) -> Problem:
    return Problem(
        spec.process.file,
        element,
        at.line,
        "loose-end",
        "It is not connected to elements of the same scope, or its id is no name. Draw it anew.",
        "Det hænger ikke sammen med elementer i samme ramme, eller dets id er intet navn. Tegn det "
        "om.",
        name=at.name,
        column=at.column,
    )


def _unsupported(spec: ScopeSpec, node: Node, construct: str) -> Problem:
    return Problem(
        spec.process.file,
        node.id,
        node.line,
        "unsupported-element",
        f"What BPMN calls '{construct}' cannot be run. Draw it with other elements.",
        f"Det, som BPMN kalder '{construct}', kan ikke køres. Tegn det med andre elementer.",
        name=node.name,
        column=node.column,
    )


def _no_plain_start(spec: ScopeSpec, node: Node) -> Problem:
    return Problem(
        spec.process.file,
        node.id,
        node.line,
        "called-without-start",
        f"The process '{node.called}' has no start event without a trigger, so that it cannot be "
        "called. Draw a plain start event in it.",
        f"Processen '{node.called}' har ingen starthændelse uden udløser og kan derfor ikke "
        "kaldes. Tegn en almindelig starthændelse i den.",
        name=node.name,
    )


def _no_start(spec: ScopeSpec, node: Node) -> Problem:
    return Problem(
        spec.process.file,
        node.id,
        node.line,
        "event-sub-process-start",
        "The event sub-process has no start event. Draw one with a message, timer or other event.",
        "Hændelses-delprocessen har ingen starthændelse. Tegn en med besked, timer eller lignende.",
        name=node.name,
        column=node.column,
    )
