"""Does every error and escalation find who catches it, and is everything caught also thrown?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.engine.diagram import Node, Process, Scope, Trigger
    from processes.lint.findings import Findings
    from processes.lint.surroundings import Surroundings

OUTWARD = frozenset({"error", "escalation"})
"""What goes outward, scope by scope."""


def check_events(
    findings: Findings, around: Surroundings, processes: Mapping[str, Process]
) -> None:
    """Every rule of events that go outward; `processes` are those whose diagrams are known."""
    paths = _Paths(processes, around)
    for scope, node in findings.process.walk():
        for trigger in node.triggers:
            if trigger.missing:
                findings.add("unknown-reference", node, at=trigger, reference=trigger.missing)
            elif trigger.kind in OUTWARD:
                _check(scope, node, trigger, paths, findings)


def _check(scope: Scope, node: Node, trigger: Trigger, paths: _Paths, findings: Findings) -> None:
    what = f"'{trigger.code}'" if trigger.code else "–"
    if node.kind in {"endEvent", "intermediateThrowEvent"}:
        if not paths.is_caught(findings.process, scope, trigger):
            findings.add(
                f"{trigger.kind}-uncaught", node, at=trigger, severity="warning", code=what
            )
    elif not paths.is_thrown(findings.process, scope, node, trigger):
        findings.add(f"{trigger.kind}-unthrown", node, at=trigger, severity="warning", code=what)


@dataclass(frozen=True)
class _Paths:
    """Who throws to whom, through sub-processes and calls."""

    processes: Mapping[str, Process]
    around: Surroundings

    def is_caught(self, process: Process, scope: Scope, trigger: Trigger) -> bool:
        """Whether something around a scope catches what is thrown in it."""
        return any(
            catcher.kind == trigger.kind and catcher.code in {None, trigger.code}
            for catcher in self._catchers(process, scope, set())
        )

    def _catchers(self, process: Process, scope: Scope, seen: set[str]) -> Iterator[Trigger]:
        yield from _event_starts(scope)
        if scope is process:
            if process.id not in seen:
                yield from self._callers(process, seen | {process.id})
            return
        for outer, node in process.walk():
            if node.body is scope:
                yield from (t for event in outer.boundary_events(node.id) for t in event.triggers)
                yield from self._catchers(process, outer, seen)

    def _callers(self, process: Process, seen: set[str]) -> Iterator[Trigger]:
        for caller in self.processes.values():
            for scope, node in caller.walk():
                if node.called == process.id:
                    edge = scope.boundary_events(node.id)
                    yield from (trigger for event in edge for trigger in event.triggers)
                    yield from self._catchers(caller, scope, seen)

    def is_thrown(self, process: Process, scope: Scope, node: Node, trigger: Trigger) -> bool:
        """Whether something inside what an event watches can throw it."""
        if node.kind == "boundaryEvent":
            host = scope.nodes.get(node.attached_to or "")
            thrown = set() if host is None else set(self._throws(host, trigger.kind, set()))
            return host is None or self._matches(trigger, thrown)
        watched = next((outer for outer, own in process.walk() if own.body is scope), scope)
        others = [own for own in watched.nodes.values() if own.body is not scope]
        thrown = {code for own in others for code in self._throws(own, trigger.kind, set())}
        return self._matches(trigger, thrown)

    def _matches(self, trigger: Trigger, thrown: set[str]) -> bool:
        return ANY in thrown or (bool(thrown) if trigger.code is None else trigger.code in thrown)

    def _throws(self, node: Node, kind: str, seen: set[str]) -> Iterator[str]:
        """The codes that an element can throw; `seen` are the processes looked into."""
        inside = [] if node.body is None else [inner for _, inner in node.body.walk()]
        for one in (node, *inside):
            yield from self._own(one, kind)
            if one.called is not None and one.called not in seen:
                seen.add(one.called)
                yield from self._called(one.called, kind, seen)

    def _own(self, node: Node, kind: str) -> Iterator[str]:
        if node.kind in {"endEvent", "intermediateThrowEvent"}:
            yield from (t.code or ANY for t in node.triggers if t.kind == kind)
        if node.operation is not None and kind == "error":
            known = self.around.operations.get(node.operation.id)
            yield from known.faults if known is not None else (ANY,)

    def _called(self, called: str, kind: str, seen: set[str]) -> Iterator[str]:
        process = self.processes.get(called)
        if process is None:
            yield ANY
            return
        for node in (*process.nodes.values(), *process.event_sub_processes):
            yield from self._throws(node, kind, seen)


ANY = ""
"""Stands for codes that are not known."""


def _event_starts(scope: Scope) -> Iterator[Trigger]:
    for sub_process in scope.event_sub_processes:
        if sub_process.body is not None:
            for node in sub_process.body.nodes.values():
                if node.kind == "startEvent":
                    yield from node.triggers
