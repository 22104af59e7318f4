"""What lies in bpmn/: programmes, the parts they share, and how their scenarios come out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from processes.diagram_files import SHARED, programmes, read_files
from processes.engine import load_definition
from processes.engine.diagram import read_diagram
from processes.flow_coverage import coverage_of, flows_of
from processes.scenario import read_scenario
from processes.scenario_files import bundle_for, read_library
from processes.simulate import played

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from processes.engine import Definition, Engine
    from processes.engine.diagram import Flow, Node, Process
    from processes.flow_coverage import Coverage

    Played = tuple[dict[str, Any], frozenset[tuple[str, str]]]
    """A report, and the flows that were gone along, each with its file."""

BPMN = Path(__file__).parents[2] / "bpmn"
FAELLES = BPMN / SHARED
PROGRAMMES = programmes(BPMN)
FOLDERS = [*PROGRAMMES, FAELLES]
NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}


def below(pattern: str, folders: Iterable[Path] = FOLDERS) -> list[Path]:
    """The files of a kind, programme after programme."""
    return [path for folder in folders for path in sorted(folder.glob(pattern))]


def named(path: Path) -> str:
    """Such as `faelles/kursus` or `en_vej_ind/t_01`."""
    if path.is_dir():
        return path.name
    return f"{home(path).name}/{path.name.split('.')[0]}"


def home(path: Path) -> Path:
    """The folder of bpmn/ that a file belongs to."""
    return BPMN / path.relative_to(BPMN).parts[0]


@cache
def tree(path: Path) -> Any:
    return etree.parse(path)


@cache
def definition(folder: Path, process: str | None = None) -> Definition:
    """A programme as it is deployed; a process of its own folder or shared one if named."""
    key = process or folder.name
    return load_definition(key, bundle_for(key, read_library(read_files(folder))))


@cache
def drawn(folder: Path) -> list[Process]:
    """The processes of a folder's own diagrams."""
    return [
        process
        for path in sorted(folder.glob("*.bpmn"))
        for process in read_diagram(path.name, path.read_text(encoding="utf-8")).processes
    ]


def nodes(processes: Iterable[Process]) -> Iterator[Node]:
    for process in processes:
        for _, node in process.walk():
            yield node


def flows(processes: Iterable[Process]) -> Iterator[Flow]:
    for process in processes:
        yield from flows_of(process)


class Plays:
    """Every scenario, played once a way with one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.done: dict[tuple[Path, bool], Played] = {}

    def report(self, path: Path, *, saving: bool = True) -> dict[str, Any]:
        return self._played(path, saving=saving)[0]

    def coverage(self, folder: Path, folders: Iterable[Path]) -> Coverage:
        """How much of a folder's diagrams the scenarios of some folders go along."""
        scenarios = below("scenarios/*.yaml", folders)
        gone = {flow for path in scenarios for flow in self._played(path, saving=True)[1]}
        return coverage_of(folder, gone)

    def elements(self, folders: Iterable[Path]) -> set[str]:
        """The elements that the scenarios of some folders complete."""
        scenarios = below("scenarios/*.yaml", folders)
        return {entry["element"] for path in scenarios for entry in self.report(path)["trace"]}

    def _played(
        self, path: Path, *, saving: bool
    ) -> tuple[dict[str, Any], frozenset[tuple[str, str]]]:
        if (path, saving) not in self.done:
            scenario = read_scenario(path.read_text(encoding="utf-8"), path.name)
            compiled = definition(home(path), scenario.process)
            self.done[path, saving] = played(scenario, compiled, self.engine, saving=saving)
        return self.done[path, saving]
