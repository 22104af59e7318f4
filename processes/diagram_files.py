"""Which files on a disk make up a programme: its own folder, and the parts that all share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processes.engine.problems import BadDiagram, Problem
from processes.engine.programme import PROGRAMME
from processes.engine.statutes import STATUTES

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

DIAGRAM = ".bpmn"
CATALOGUE = ".en.po"
ENDINGS = (DIAGRAM, ".dmn", ".form.json", PROGRAMME, CATALOGUE, STATUTES)
LENT = (".dmn", ".form.json")
SHARED = "faelles"
WORD = re.compile(r"\w+")


class TwoFilesOfOneName(Exception):
    """Two different files of a programme have the same name, so neither can be pinned."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There are two different files named {name}.")
        self.name = name


def read_text(path: Path) -> str:
    """The text of one file.

    Raises:
        BadDiagram: it is not written in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadDiagram([_not_utf8(path, line)]) from error


def _not_utf8(path: Path, line: int) -> Problem:
    return Problem(
        path.name,
        None,
        line,
        "not-utf8",
        "The file is not written in UTF-8. Save it again from the modeler, or choose UTF-8.",
        "Filen er ikke skrevet i UTF-8. Gem den igen fra modelværktøjet, eller vælg UTF-8.",
        column=1,
    )


def read_files(folder: Path) -> dict[str, str]:
    """File name to text of diagrams, decisions, forms and settings below `folder`, and shared ones.

    A programme's own form or decision table takes the place of a shared one of its name.

    Raises:
        TwoFilesOfOneName.
    """
    shared, own = shared_files(folder), own_files(folder)
    for name in shared.keys() & own.keys():
        if name.endswith(DIAGRAM) and shared[name] != own[name]:
            raise TwoFilesOfOneName(name)
    return {**shared, **own}


def own_files(folder: Path) -> dict[str, str]:
    """File name to text of what lies below `folder`.

    Raises:
        BadDiagram: a file is not written in UTF-8.
        TwoFilesOfOneName.
    """
    files: dict[str, str] = {}
    for path in _paths(folder):
        content = read_text(path)
        if files.setdefault(path.name, content) != content:
            raise TwoFilesOfOneName(path.name)
    return files


def shared_files(folder: Path) -> dict[str, str]:
    """File name to text of the parts that `folder` shares with the folders beside it.

    Raises:
        TwoFilesOfOneName.
    """
    return own_files(folder.resolve().parent / SHARED)


def programme_files(folder: Path) -> dict[str, str]:
    """File name to text of `folder`, with the shared forms and decisions its diagrams name.

    The shared diagrams are deployed by themselves; a form that none of them asks is not.

    Raises:
        TwoFilesOfOneName.
    """
    own = own_files(folder)
    drawn = {
        word for name, text in own.items() if name.endswith(DIAGRAM) for word in WORD.findall(text)
    }
    lent = {
        name: text
        for name, text in shared_files(folder).items()
        if name.endswith(LENT) and name.partition(".")[0] in drawn
    }
    return {**lent, **own}


def read_neighbours(folder: Path, known: Container[str]) -> dict[str, str]:
    """File name to text of what lies in `folder` or is shared, without the names in `known`."""
    return {
        path.name: path.read_text(encoding="utf-8-sig", errors="replace")
        for place in (folder.parent / SHARED, folder)
        if place.is_dir()
        for path in sorted(place.iterdir())
        if path.name.endswith(ENDINGS) and path.name not in known
    }


def programmes(diagrams: Path) -> list[Path]:
    """The folders that hold a programme each, by name."""
    return sorted(
        folder for folder in diagrams.iterdir() if folder.name != SHARED and any(_paths(folder))
    )


def _paths(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.rglob("*") if path.name.endswith(ENDINGS))
