"""Which files a process needs: its diagram, settings, words, what it calls, decisions, forms.

A bundle is complete in itself, so a version stays what it was when somebody deployed it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processes.catalogues import read_catalogue
from processes.diagram_files import CATALOGUE
from processes.engine.diagram import read_diagram
from processes.engine.markup import read_markup
from processes.engine.problems import BadDiagram, Problem
from processes.engine.programme import PROGRAMME
from processes.engine.statutes import STATUTES, naming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from processes.engine.diagram import Node, Process

DIAGRAM, DECISIONS, FORM = ".bpmn", ".dmn", ".form.json"

Files = dict[str, str]
"""File name to text."""


@dataclass
class Library:
    """Files and what is in them."""

    files: Files = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    """Decision id to the file that holds it."""

    def executable(self) -> list[Process]:
        """The processes to deploy: the executable ones, or all if a tool marked none."""
        drawn = [process for process in self.processes.values() if process.nodes]
        return [process for process in drawn if process.executable] or drawn


def read_library(files: Mapping[str, str]) -> Library:
    """What the files hold.

    Raises:
        BadDiagram: one of them cannot be read, or two hold the same process.
    """
    library = Library(dict(files))
    problems: list[Problem] = []
    for name, content in files.items():
        try:
            _read_into(library, name, content)
        except BadDiagram as bad:
            problems += bad.problems
    if problems:
        raise BadDiagram(problems)
    return library


def gather_library(first: Mapping[str, str], others: Mapping[str, str]) -> Library:
    """`first` and whatever of the others can be read and does not hold the same processes.

    For trying a diagram among files that are none of its business.

    Raises:
        BadDiagram: one of `first` cannot be read.
    """
    library = read_library(first)
    for name, content in others.items():
        if name in first:
            continue
        library.files[name] = content
        try:
            beside = read_library({name: content})
        except BadDiagram:
            continue
        for key, process in beside.processes.items():
            library.processes.setdefault(key, process)
        for decision, file in beside.decisions.items():
            library.decisions.setdefault(decision, file)
    return library


def bundle_of(process: Process, library: Library, elsewhere: Callable[[str], Files]) -> Files:
    """The files that `process` needs, from the library first.

    `elsewhere` answers the bundle of a deployed process by its key, empty if there is none.
    What is found nowhere is left out: the linter and the compiler say so.
    """
    found: Files = {}
    waiting, seen = [process], {process.id}
    before = elsewhere(process.id)
    while waiting:
        one = waiting.pop()
        found.setdefault(one.file, library.files[one.file])
        for name in _names(one, library):
            text = library.files.get(name) or before.get(name)
            if text is not None:
                found.setdefault(name, text)
        for called in _called(one):
            if called in seen:
                continue
            seen.add(called)
            if called in library.processes:
                waiting.append(library.processes[called])
            else:
                for name, text in elsewhere(called).items():
                    found.setdefault(name, library.files.get(name, text))
    for files in (library.files, before):
        for name in filter(_is_catalogue, files):
            found.setdefault(name, files[name])
    return found


def _read_into(library: Library, name: str, content: str) -> None:
    if name.endswith(DIAGRAM):
        for process in read_diagram(name, content).processes:
            known = library.processes.setdefault(process.id, process)
            if known is not process:
                raise BadDiagram([_twice(process, known)])
    elif name.endswith(DECISIONS):
        library.decisions |= dict.fromkeys(_decisions(name, content), name)
    elif _is_catalogue(name):
        read_catalogue(name, content)


def _is_catalogue(name: str) -> bool:
    return name.endswith(CATALOGUE)


def _decisions(name: str, content: str) -> Iterator[str]:
    root = read_markup(name, content)
    for element in root.iter("{*}decision"):
        yield str(element.get("id"))


def _names(process: Process, library: Library) -> Iterator[str]:
    """The settings, the statutes if an element names one, and the files that elements name."""
    yield process.id + PROGRAMME
    if any(naming(process)):
        yield STATUTES
    for _, node in process.walk():
        form = node.properties.get("form")
        if form:
            yield form if form.endswith(FORM) else form + FORM
        yield from _decision_files(node, library)


def _decision_files(node: Node, library: Library) -> Iterator[str]:
    if node.decision in library.decisions:
        yield library.decisions[node.decision]
    elif node.decision:
        yield node.decision + DECISIONS


def _called(process: Process) -> Iterator[str]:
    return (node.called for _, node in process.walk() if node.called)


def _twice(process: Process, known: Process) -> Problem:
    return Problem(
        file=process.file,
        element=process.id,
        line=process.line,
        rule="process-twice",
        message=f"The process {process.id} is in {known.file} too. Deploy it from one file.",
        message_da=f"Processen {process.id} er også i {known.file}. Udgiv den fra én fil.",
        name=process.name,
        column=process.column,
    )
