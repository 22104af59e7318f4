"""Which ways of a folder's diagrams do scenarios go, and which has none gone yet?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processes.bundles import read_library
from processes.diagram_files import own_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from processes.engine.diagram import Flow, Process


@dataclass(frozen=True)
class Coverage:
    """The sequence flows of a folder's own diagrams."""

    flows: int
    missed: tuple[str, ...]
    """Those that no scenario went along, as `file: flow`."""

    @property
    def gone(self) -> int:
        return self.flows - len(self.missed)


def coverage_of(folder: Path, gone: Collection[tuple[str, str]]) -> Coverage:
    """How much of the diagrams in `folder` the flows in `gone` are, each given with its file.

    Raises:
        BadDiagram, TwoFilesOfOneName.
    """
    drawn = [
        (process.file, flow.id)
        for process in read_library(own_files(folder)).processes.values()
        for flow in flows_of(process)
    ]
    missed = tuple(f"{file}: {flow}" for file, flow in drawn if (file, flow) not in gone)
    return Coverage(len(drawn), missed)


def flows_of(process: Process) -> Iterator[Flow]:
    """The sequence flows of a process and of the sub-processes in it."""
    yield from process.flows.values()
    for _, node in process.walk():
        if node.body is not None:
            yield from node.body.flows.values()
