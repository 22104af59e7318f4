"""Every row of the table, each part on a database of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.bench import (
    aged,
    completions,
    deployments,
    http,
    inbox,
    lint,
    memory,
    migrate,
    simulated,
    starts,
    threads,
    timers,
    workers,
)
from tests.bench.ground import Ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from models.server import EmbeddedServer
    from tests.bench.measure import Row
    from tests.bench.sizes import Sizes

PARTS: Mapping[str, Callable[[Ground, Sizes], Iterator[Row]]] = {
    "task": completions.rows,
    "http": http.rows,
    "aged": aged.rows,
    "inbox": inbox.rows,
    "timers": timers.rows,
    "threads": threads.rows,
    "workers": workers.rows,
    "simulated": simulated.rows,
    "lint": lint.rows,
    "starts": starts.rows,
    "deployments": deployments.rows,
    "migrate": migrate.rows,
    "memory": memory.rows,
}
"""Name to what measures it, in the order of the table; a new part is one line here."""


class Table:
    """What `python -m tests.bench` measures, part by part."""

    def __init__(self, server: EmbeddedServer, home: Path, sizes: Sizes) -> None:
        self.server = server
        self.home = home
        self.sizes = sizes

    def rows(self, part: str) -> Iterator[Row]:
        """The rows of one part."""
        with self._ground() as ground:
            yield from PARTS[part](ground, self.sizes)

    @contextmanager
    def _ground(self) -> Iterator[Ground]:
        home = self.home / "home"
        home.mkdir(mode=0o755, exist_ok=True)
        ground = Ground(self.server, home)
        try:
            yield ground
        finally:
            ground.close()
