"""Which ways of a folder's diagrams do scenarios go, and which has none gone yet?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processes.bundles import read_library
from processes.diagram_files import own_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from processes.engine.diagram import Flow, Process


@dataclass(frozen=True)
class Coverage:
    """The sequence flows of a folder's own diagrams."""

    flows: int
    missed: tuple[str, ...]
    """Those that no scenario went along, as `file: flow`."""

    diagrams: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """File to how many of its flows were gone along, of how many."""

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
    of = Counter(file for file, _ in drawn)
    along = Counter(file for file, flow in drawn if (file, flow) in gone)
    return Coverage(len(drawn), missed, {file: (along[file], of[file]) for file in sorted(of)})


def flows_of(process: Process) -> Iterator[Flow]:
    """The sequence flows of a process and of the sub-processes in it."""
    yield from process.flows.values()
    for _, node in process.walk():
        if node.body is not None:
            yield from node.body.flows.values()
