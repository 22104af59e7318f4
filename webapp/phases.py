"""The phases of a programme, as its own diagrams name them, and where a case stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OPERATION = "case/SetPhase"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"


@dataclass(frozen=True)
class Step:
    """One phase in the step indicator."""

    name: str
    state: str
    """`done`, `current` or `ahead`."""


def steps_of(files: Mapping[str, str], phase: str | None) -> list[Step]:
    """The phases in the diagrams' order; those before the case's own count as done."""
    diagrams = tuple(sorted((n, t) for n, t in files.items() if n.endswith(".bpmn")))
    names = list(phases_in(diagrams))
    if phase and phase not in names:
        names.append(phase)
    here = names.index(phase) if phase else -1
    return [
        Step(name, "current" if at == here else "done" if at < here else "ahead")
        for at, name in enumerate(names)
    ]


@lru_cache(maxsize=64)
def phases_in(diagrams: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The literal phases that the diagrams set, each once."""
    found: dict[str, None] = {}
    for _, text in diagrams:
        found.update(dict.fromkeys(_literals(text)))
    return tuple(found)


def _literals(text: str) -> Iterator[str]:
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    for operator in root.iter(f"{SPIFF}serviceTaskOperator"):
        if operator.get("id") == OPERATION:
            for parameter in operator.iter(f"{SPIFF}parameter"):
                value = (parameter.get("value") or "").strip().removeprefix("=").strip()
                if value.startswith('"') and value.endswith('"'):
                    yield value.strip('"')
