"""What a serving process takes once it has worked for a while."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from tests.bench.http import Visitor
from tests.bench.measure import Row
from tests.bench.served import Browser, command, environment, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

MEGABYTE = 1_000_000


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """Resident memory after completions and the pages that follow, V8 and all."""
    port = free_port()
    with (
        command("web", PORT=str(port), **environment(ground)) as server,
        closing(Browser(port)) as browser,
    ):
        wait_for(port, "/healthz")
        visitor = Visitor(ground, browser, ground.cases(sizes.each))
        looked = []
        for _ in range(2):
            for _ in range(sizes.load):
                visitor.with_page()()
            looked.append(_megabytes(server))
    yield Row(
        name="memory of a serving process under load",
        value=looked[1],
        unit="MB",
        must="",
        facts={"after_half": looked[0], "completions": 2 * sizes.load},
    )


def _megabytes(server: psutil.Process) -> float:
    [worker] = server.children()
    return round(worker.memory_info().rss / MEGABYTE, 1)
