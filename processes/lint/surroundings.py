"""What may the linted files name: roles, operations, processes, forms, tables, lanes?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers import catalogue
from processes.engine.decisions import read_decisions
from processes.engine.problems import BadDiagram, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from processes.engine.decision_model import Decision
    from processes.engine.diagram import Diagram

ROLES = frozenset(
    {
        "Visitator",
        "Koordinator",
        "Ungekoordinator",
        "Mentor",
        "Kontaktperson",
        "Underviser",
        "ART-træner",
        "Fysisk træner",
        "Visitationsudvalg",
        "Koordinationsudvalg",
        "Taskforce",
        "Leder",
        "Teamleder",
        "Faglig leder",
        "Projektstyregruppe",
        "Hovedansvarlig",
        "Styregruppe",
        "Sagsbehandler",
        "Rådgiver",
        "Myndighedsrådgiver",
        "Specialenhed",
        "Casemanager",
        "Børnerådgiver",
        "Voksenrådgiver",
        "Indsatsmedarbejder",
        "Gadeplansmedarbejder",
        "SSP-konsulent",
        "SSP",
        "Politi",
        "Anklagemyndighed",
        "Kriminalforsorg",
        "Kriminalforsorgen",
        "Jobcenter",
        "UU-vejleder",
        "Borger- og Socialservice",
        "Familiecenter",
        "Partnerteam",
        "Misbrugscenter",
        "Misbrugskoordinator",
        "Rusmiddelrådgiver",
        "Nærpoliti",
        "Fraværskonsulent",
        "Familiehus",
        "Ad hoc-deltager",
        "Skole",
        "Ungdomskonsulent",
        "Ungekriminalforsorg",
        "Procesejer",
        "Systemadministrator",
    }
)
"""The roles of the trade; those that accounts hold come on top."""


@dataclass(frozen=True)
class Operation:
    """What a service task may ask for."""

    parameters: frozenset[str]
    required: frozenset[str]
    faults: frozenset[str] = frozenset()
    """The error codes it may end with."""


def known_operations() -> dict[str, Operation]:
    """The operations that have a handler."""
    return {
        entry["id"]: Operation(
            frozenset(p["id"] for p in entry["parameters"]),
            frozenset(p["id"] for p in entry["parameters"] if p["required"]),
            frozenset(entry["faults"]),
        )
        for entry in catalogue()
    }


@dataclass(frozen=True)
class Surroundings:
    """What the linted files may name."""

    roles: frozenset[str] = ROLES
    operations: Mapping[str, Operation] = field(default_factory=known_operations)
    processes: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    lanes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Called process to the lane names that every caller binds."""

    def bound_lanes(self, process: str) -> frozenset[str]:
        """The lanes of a process that its callers turn into roles."""
        return self.lanes.get(process, frozenset())


def surroundings_of(
    files: Mapping[str, str],
    diagrams: list[Diagram],
    processes: Iterable[str],
    roles: Iterable[str],
    problems: list[Problem],
) -> Surroundings:
    """What the files hold; what cannot be read is added to the problems."""
    decisions: dict[str, Decision] = {}
    for name, text in files.items():
        try:
            decisions |= read_decisions({name: text}).by_id
        except BadDiagram as bad:
            problems += bad.problems
    return Surroundings(
        roles=ROLES | frozenset(roles),
        processes=frozenset(p.id for d in diagrams for p in d.processes) | frozenset(processes),
        forms=frozenset(name for name in files if name.endswith(".form.json")),
        decisions=decisions,
        lanes=_bound_lanes(diagrams),
    )


def _bound_lanes(diagrams: list[Diagram]) -> dict[str, frozenset[str]]:
    bound: dict[str, frozenset[str]] = {}
    for diagram in diagrams:
        for process in diagram.processes:
            for _, node in process.walk():
                if node.called:
                    lanes = frozenset(node.mapping("lane"))
                    bound[node.called] = bound.get(node.called, lanes) & lanes
    return bound
