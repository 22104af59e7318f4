"""Which files a scenario plays: its own diagram, what lies around it, and the shared parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from processes.bundles import Library, bundle_of, gather_library, read_library
from processes.diagram_files import ENDINGS, SHARED
from processes.engine import BadDiagram
from processes.engine.definition import missing_process
from processes.scenario import BadScenario, Scenario

if TYPE_CHECKING:
    from processes.scenario import Scenario


def scenario_files(path: Path, scenario: Scenario) -> dict[str, str]:
    """The bundle of a scenario's process: its own diagram and what that needs.

    Looked for in the file the scenario names, beside it, in the folder above `scenarios/`, and
    among the shared parts. Other files there may be broken; they are none of its business.

    Raises:
        BadScenario: the diagram it names is not there.
        BadDiagram: the diagram cannot be read, or no file holds the process.
    """
    beside = _files_around(path.resolve().parent)
    first = {}
    if scenario.file:
        named = path.resolve().parent / scenario.file
        if not named.is_file():
            raise BadScenario(f"the diagram '{scenario.file}' is not beside the scenario")
        first = {named.name: _text(named)}
    return bundle_for(scenario.process, gather_library(first, beside))


def bundle_for(key: str, library: Library) -> dict[str, str]:
    """The bundle of one process of a library.

    Raises:
        BadDiagram: there is no such process, or the file that seems to hold it is broken.
    """
    process = library.processes.get(key)
    if process is not None:
        return bundle_of(process, library, lambda _: {})
    diagrams = {name: text for name, text in library.files.items() if name.endswith(".bpmn")}
    read_library({name: text for name, text in diagrams.items() if f'"{key}"' in text})
    raise BadDiagram([missing_process(key, sorted(library.processes), ", ".join(diagrams))])


def _files_around(here: Path) -> dict[str, str]:
    """File name to text; the scenario's own folder wins over the one above, that over shared."""
    home = here.parent if here.name == "scenarios" else here
    files: dict[str, str] = {}
    for folder in (here, home, home.parent / SHARED, Path("bpmn").resolve() / SHARED):
        for file in sorted(folder.iterdir()) if folder.is_dir() else []:
            if file.name.endswith(ENDINGS) and file.is_file():
                files.setdefault(file.name, _text(file))
    return files


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig", errors="replace")
