"""Publishing a new version of the real programme: read, checked, compiled, stored."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from processes.access import OPERATOR
from processes.deploy import deploy
from processes.diagram_files import read_files
from tests.bench.measure import Row
from tests.bench.served import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

PROGRAMME = ROOT / "bpmn" / "en_vej_ind"
MAIN = "en_vej_ind.bpmn"


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """Each time one diagram has changed a little, and the others have not."""
    files = read_files(PROGRAMME)
    first, *later = [_seconds(ground, files, number) for number in range(sizes.rounds + 1)]
    yield Row(
        name="deploy a version of the real programme",
        value=round(median(later), 3),
        unit="s",
        must="",
        facts={
            "spread": [round(min(later), 3), round(max(later), 3)],
            "first": round(first, 3),
            "files": len(files),
        },
    )


def _seconds(ground: Ground, files: dict[str, str], number: int) -> float:
    changed = {**files, MAIN: f"{files[MAIN]}<!-- {number} -->"}
    began = time.perf_counter()
    with ground.wiring.turn() as turn:
        deploy(turn, changed, "", OPERATOR)
    return time.perf_counter() - began
