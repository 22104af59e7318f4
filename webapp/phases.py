"""The phases of a programme, as its own diagrams set them, and where a case stands."""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processes.engine.diagram import read_diagram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from models.definition import Definition
    from processes.engine.diagram import Node, Process, Scope

OPERATION = "case/SetPhase"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """One phase in the step indicator."""

    name: str
    state: str
    """`done`, `current` or `ahead`."""


KNOWN: dict[UUID, tuple[str, ...]] = {}
"""Phases by version; a version never changes."""


def steps_of(
    definition: Definition | None, phase: str | None, *, is_over: bool = False
) -> list[Step]:
    """The phases in the order of the main course; those before the case's own count as done."""
    names = list(phases_of(definition))
    if phase and phase not in names:
        names.append(phase)
    here = names.index(phase) if phase else -1
    last = here if is_over else here - 1
    return [
        Step(name, "done" if at <= last else "current" if at == here else "ahead")
        for at, name in enumerate(names)
    ]


def phases_of(definition: Definition | None) -> tuple[str, ...]:
    """The phases of a version, read from its diagrams at first use; none if they are damaged."""
    if definition is None:
        return ()
    if definition.id not in KNOWN:
        files = readable_files(definition)
        if not files:
            return ()
        KNOWN[definition.id] = phases_in(files, definition.main_file)
    return KNOWN[definition.id]


def readable_files(definition: Definition | None) -> dict[str, str]:
    """File name to text of a version; nothing if it is gone or damaged, and the log says so."""
    try:
        return definition.files if definition else {}
    except (zlib.error, ValueError):
        log.exception("What is stored of a version cannot be read")
        return {}


def phases_in(files: Mapping[str, str], main_file: str) -> tuple[str, ...]:
    """The literal phases on the way from start to end, called processes included, each once."""
    known = {
        process.id: process
        for file, text in files.items()
        if file.endswith(".bpmn")
        for process in read_diagram(file, text).processes
    }
    main = next((one for one in known.values() if one.file == main_file), None)
    return tuple(dict.fromkeys(_phases(main, known, frozenset()))) if main else ()


def _phases(scope: Scope, known: Mapping[str, Process], inside: frozenset[str]) -> Iterator[str]:
    for node in _in_flow_order(scope):
        if node.operation and node.operation.id == OPERATION:
            yield from _literal(node)
        if node.body is not None:
            yield from _phases(node.body, known, inside)
        if node.called and node.called in known and node.called not in inside:
            yield from _phases(known[node.called], known, inside | {node.called})


def _in_flow_order(scope: Scope) -> list[Node]:
    """Each node after all that lead to it, loops apart; those of boundary events last."""
    left: list[Node] = []
    seen: set[str] = set()

    def leave(node: Node) -> None:
        seen.add(node.id)
        for flow in reversed(node.outgoing):
            if flow.target not in seen and flow.target in scope.nodes:
                leave(scope.nodes[flow.target])
        left.append(node)

    begun = [node for node in scope.nodes.values() if not node.incoming]
    for node in sorted(begun, key=lambda node: node.attached_to is None):
        if node.id not in seen:
            leave(node)
    return left[::-1]


def _literal(node: Node) -> Iterator[str]:
    for parameter in node.operation.parameters if node.operation else ():
        value = parameter.value.strip().removeprefix("=").strip()
        if value.startswith('"') and value.endswith('"'):
            yield value.strip('"')
