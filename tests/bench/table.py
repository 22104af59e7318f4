"""Every row of the table, each on a database of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.bench import completions, http, inbox, simulated, starts, timers, workers
from tests.bench.ground import Ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.server import EmbeddedServer
    from tests.bench.measure import Row
    from tests.bench.sizes import Sizes


class Table:
    """What `python -m tests.bench` measures, part by part."""

    def __init__(self, server: EmbeddedServer, home: Path, sizes: Sizes) -> None:
        self.server = server
        self.home = home
        self.sizes = sizes

    @property
    def parts(self) -> dict[str, Callable[[], Iterator[Row]]]:
        """Name to what measures it, in the order of the table."""
        return {
            "task": lambda: self._on_ground(completions.rows),
            "http": lambda: self._on_ground(http.rows),
            "aged": lambda: self._on_ground(completions.aged_rows),
            "inbox": self._inbox,
            "timers": lambda: self._on_ground(timers.rows),
            "workers": lambda: self._on_ground(workers.rows),
            "simulated": lambda: simulated.rows(self.sizes),
            "starts": lambda: starts.rows(self._new_home("start"), self.sizes),
        }

    def _on_ground(self, measure: Callable[[Ground, Sizes], Iterator[Row]]) -> Iterator[Row]:
        with self._ground() as ground:
            yield from measure(ground, self.sizes)

    def _inbox(self) -> Iterator[Row]:
        with self._ground() as few, self._ground() as many:
            yield from inbox.rows(few, many, self.sizes)

    @contextmanager
    def _ground(self) -> Iterator[Ground]:
        ground = Ground(self.server, self._new_home("home"))
        try:
            yield ground
        finally:
            ground.close()

    def _new_home(self, name: str) -> Path:
        home = self.home / name
        home.mkdir(mode=0o755, exist_ok=True)
        return home
