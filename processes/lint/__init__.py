"""Is this diagram fit to run cases of real people? Asked before deployment and while drawing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from handlers import catalogue
from processes.engine.decisions import read_decisions
from processes.engine.diagram import read_diagram
from processes.engine.problems import BadDiagram, Problem
from processes.forms import lint_form
from processes.lint.expressions import check_expressions
from processes.lint.findings import Findings
from processes.lint.names import check_names
from processes.lint.positions import located
from processes.lint.structure import check_structure
from processes.lint.support import check_support
from processes.lint.tables import check_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from processes.engine import Feel
    from processes.engine.diagram import Diagram

__all__ = ["ROLES", "Operation", "Surroundings", "lint"]

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
        "Taskforce",
        "Leder",
        "Teamleder",
        "Faglig leder",
        "Styregruppe",
        "Sagsbehandler",
        "Rådgiver",
        "Myndighedsrådgiver",
        "Specialenhed",
        "Casemanager",
        "SSP-konsulent",
        "SSP",
        "Politi",
        "Anklagemyndighed",
        "Kriminalforsorg",
        "Kriminalforsorgen",
        "Jobcenter",
        "UU-vejleder",
        "Misbrugscenter",
        "Rusmiddelrådgiver",
        "Skole",
        "Ungdomskonsulent",
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


def known_operations() -> dict[str, Operation]:
    """The operations that have a handler."""
    return {
        entry["id"]: Operation(
            frozenset(p["id"] for p in entry["parameters"]),
            frozenset(p["id"] for p in entry["parameters"] if p["required"]),
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
    decisions: frozenset[str] = frozenset()
    lanes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Called process to the lane names that every caller binds."""

    def bound_lanes(self, process: str) -> frozenset[str]:
        """The lanes of a process that its callers turn into roles."""
        return self.lanes.get(process, frozenset())


def lint(
    files: Mapping[str, str],
    feel: Feel,
    *,
    deployed: Mapping[str, str] | None = None,
    processes: Iterable[str] = (),
    roles: Iterable[str] = (),
) -> list[Problem]:
    """Every finding in the files, in file and line order.

    `deployed` are files that belong to the bundle but are not being changed: they are looked up,
    not judged. `processes` are the keys of deployed processes, `roles` those that accounts hold.
    """
    problems: list[Problem] = []
    diagrams = _read(files, problems)
    others = _read(deployed or {}, [])
    around = _surroundings(
        {**(deployed or {}), **files}, [*diagrams, *others], processes, roles, problems
    )
    for diagram in diagrams:
        problems += _judge(diagram, around, feel)
    problems += check_tables(files, feel)
    for name, text in files.items():
        if name.endswith(".form.json"):
            problems += lint_form(name, _form(text))
    return sorted(set(located(problems, files)), key=_order)


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    where = (problem.line or 0, problem.column or 0)
    return (problem.file, *where, problem.element or "", problem.rule)


def _judge(diagram: Diagram, around: Surroundings, feel: Feel) -> list[Problem]:
    problems: list[Problem] = []
    for process in diagram.processes:
        findings = Findings(process)
        check_support(diagram, findings)
        check_structure(findings)
        check_names(findings, around)
        check_expressions(findings, feel)
        _check_ids(findings)
        if not diagram.has_picture:
            findings.add("picture-missing", process, severity="warning")
        problems += findings.problems
    return problems


def _check_ids(findings: Findings) -> None:
    seen: set[str] = set()
    for _, node in findings.process.walk():
        if node.id in seen:
            findings.add("duplicate-id", node, id=node.id)
        seen.add(node.id)


def _read(files: Mapping[str, str], problems: list[Problem]) -> list[Diagram]:
    diagrams = []
    for name, text in files.items():
        if not name.endswith(".bpmn"):
            continue
        try:
            diagrams.append(read_diagram(name, text))
        except BadDiagram as bad:
            problems += bad.problems
    return diagrams


def _surroundings(
    files: Mapping[str, str],
    diagrams: list[Diagram],
    processes: Iterable[str],
    roles: Iterable[str],
    problems: list[Problem],
) -> Surroundings:
    decisions: set[str] = set()
    for name, text in files.items():
        try:
            decisions |= set(read_decisions({name: text}).by_id)
        except BadDiagram as bad:
            problems += bad.problems
    return Surroundings(
        roles=ROLES | frozenset(roles),
        processes=frozenset(p.id for d in diagrams for p in d.processes) | frozenset(processes),
        forms=frozenset(name for name in files if name.endswith(".form.json")),
        decisions=frozenset(decisions),
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


def _form(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
