"""Is this diagram fit to run cases of real people? Asked before deployment and while drawing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from processes.catalogues import read_catalogue
from processes.diagram_files import CATALOGUE
from processes.engine.diagram import read_diagram
from processes.engine.problems import BadDiagram, Problem
from processes.engine.statutes import read_statutes
from processes.forms import lint_form
from processes.lint.choices import check_choices
from processes.lint.events import check_events
from processes.lint.expressions import check_expressions, expressions
from processes.lint.findings import Findings
from processes.lint.form_names import check_form_names
from processes.lint.ids import check_ids
from processes.lint.kinds import entries
from processes.lint.names import check_names
from processes.lint.positions import located
from processes.lint.programmes import check_programmes, readable_programmes
from processes.lint.statutes import check_statutes, give_statutes
from processes.lint.structure import check_structure
from processes.lint.support import check_support
from processes.lint.surroundings import ROLES, Surroundings, surroundings_of
from processes.lint.tables import check_tables
from processes.lint.times import check_times
from processes.lint.vocabulary import Vocabulary, read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine import Feel
    from processes.engine.diagram import Diagram, Process
    from processes.engine.feel import FeelCheck
    from processes.lint.vocabulary import Word

__all__ = ["ROLES", "lint"]


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
    together = {**(deployed or {}), **files}
    diagrams = _read(files, problems)
    known = [*diagrams, *_read(deployed or {}, [])]
    problems += _lay_down(together, diagrams, known)
    around = surroundings_of(together, known, processes, roles, problems)
    language = _Language(together, known, around, feel)
    drawn = {process.id: process for diagram in known for process in diagram.processes}
    for diagram in diagrams:
        for process in diagram.processes:
            problems += _judge(diagram, process, drawn, around, language)
    problems += _twice(diagrams)
    asked = [
        node.decision for process in drawn.values() for _, node in process.walk() if node.decision
    ]
    problems += check_tables(files, feel, language.vocabulary.words, asked)
    problems += check_programmes(files, together, drawn, language.parsed)
    for name, text in files.items():
        if name.endswith(".form.json"):
            problems += _judge_form(name, _form(text), language.vocabulary if known else None, feel)
        elif name.endswith(CATALOGUE):
            problems += _judge_catalogue(name, text)
    return sorted(set(located(problems, files)), key=_order)


def _judge_catalogue(name: str, text: str) -> list[Problem]:
    try:
        read_catalogue(name, text)
    except BadDiagram as bad:
        return bad.problems
    return []


def _lay_down(
    files: Mapping[str, str], diagrams: list[Diagram], known: list[Diagram]
) -> Iterator[Problem]:
    """Judge the statutes that the diagrams name, and let all known elements have them."""
    try:
        statutes = read_statutes(files)
    except BadDiagram as bad:
        yield from bad.problems
        return
    for process in (process for diagram in diagrams for process in diagram.processes):
        findings = Findings(process)
        check_statutes(findings, statutes)
        yield from findings.problems
    for process in (process for diagram in known for process in diagram.processes):
        give_statutes(process, statutes)


class _Language:
    """Every expression of some diagrams, parsed in one crossing, and the names they may use."""

    def __init__(
        self,
        files: Mapping[str, str],
        diagrams: list[Diagram],
        around: Surroundings,
        feel: Feel,
    ) -> None:
        texts = [
            expression.text
            for diagram in diagrams
            for process in diagram.processes
            for expression in expressions(process)
            if expression.is_written
        ]
        forms = {name: text for name, text in files.items() if name.endswith(".form.json")}
        self.parsed: dict[str, FeelCheck] = {}
        programmes = list(readable_programmes(files))
        first = read_vocabulary(diagrams, around.decisions, forms, programmes, lambda _: ())
        checks = feel.check_all(texts, known=first.words)
        self.parsed = dict(zip(texts, checks, strict=True))
        self.vocabulary = read_vocabulary(
            diagrams, around.decisions, forms, programmes, self._entries
        )

    def _entries(self, script: str) -> Iterator[tuple[str, Word]]:
        check = self.parsed.get(script)
        return iter(()) if check is None else entries(check.tree, Vocabulary())


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    where = (problem.line or 0, problem.column or 0)
    return (problem.file, *where, problem.element or "", problem.rule)


def _judge(
    diagram: Diagram,
    process: Process,
    drawn: Mapping[str, Process],
    around: Surroundings,
    language: _Language,
) -> list[Problem]:
    findings = Findings(process)
    check_support(diagram, findings)
    check_structure(findings)
    check_names(findings, around)
    check_events(findings, around, drawn)
    check_expressions(findings, language.parsed, language.vocabulary)
    check_choices(findings, language.parsed, language.vocabulary)
    check_times(findings)
    check_ids(findings)
    if not diagram.has_picture:
        findings.add("picture-missing", process, severity="warning")
    return findings.problems


def _judge_form(name: str, form: Any, vocabulary: Vocabulary | None, feel: Feel) -> list[Problem]:
    """The findings of a form; without diagrams nobody knows the names it may read."""
    found = lint_form(name, form, feel)
    if vocabulary is not None and not any(problem.severity == "error" for problem in found):
        found += check_form_names(name, form, vocabulary, feel)
    return found


def _twice(diagrams: list[Diagram]) -> Iterator[Problem]:
    """Processes of one id, of which only one could be deployed."""
    known: dict[str, Process] = {}
    for process in (process for diagram in diagrams for process in diagram.processes):
        first = known.setdefault(process.id, process)
        if first is not process:
            findings = Findings(process)
            findings.add("process-twice", process, id=process.id, file=first.file)
            yield from findings.problems


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


def _form(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
