"""The second start, on a home that is set up: from the command to a ready page."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.measure import Row
from tests.bench.served import command, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT = "<= 3"


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """`vejviser all` with the demonstration, embedded database included."""
    home = ground.home / "start"
    home.mkdir(mode=0o755)
    first, *later = [_seconds(home) for _ in range(sizes.starts + 1)]
    yield Row(
        name="second start to a ready page",
        value=round(median(later), 2),
        unit="s",
        must=LIMIT,
        facts={
            "spread": [round(min(later), 2), round(max(later), 2)],
            "first_start": round(first, 2),
        },
    )


def _seconds(home: Path) -> float:
    port = free_port()
    environ = {"VEJVISER_HOME": str(home), "VEJVISER_DEMO": "1", "DATABASE_URL": ""}
    began = time.perf_counter()
    with command("all", PORT=str(port), **environ):
        wait_for(port, "/readyz")
        return time.perf_counter() - began
