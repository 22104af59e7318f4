"""A case of sixteen months, played in memory."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from processes.engine import Engine, Feel, load_definition
from processes.scenario import read_scenario
from processes.scenario_files import scenario_files
from processes.simulate import play
from tests.bench.measure import Row
from tests.bench.served import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT = "<= 0.1"
SCENARIO = ROOT / "bpmn" / "en_vej_ind" / "scenarios" / "t_01.yaml"


def rows(_: Ground, sizes: Sizes) -> Iterator[Row]:
    """From referral to the end of the follow-up; the diagrams are read before."""
    scenario = read_scenario(SCENARIO.read_text(), SCENARIO.name)
    files = scenario_files(SCENARIO, scenario)
    definition = load_definition(scenario.process, files)
    feel = Feel()
    try:
        engine = Engine(feel)
        first = play(scenario, definition, engine)
        runs, cpu = [], time.process_time()
        for _ in range(sizes.rounds):
            began = time.perf_counter()
            play(scenario, definition, engine)
            runs.append(time.perf_counter() - began)
        cpu_ms = 1000 * (time.process_time() - cpu) / sizes.rounds
    finally:
        feel.close()
    yield Row(
        name="simulate a case of sixteen months",
        value=round(median(runs), 3),
        unit="s",
        must=LIMIT,
        facts={
            "spread": [round(min(runs), 3), round(max(runs), 3)],
            "cpu_ms": round(cpu_ms, 1),
            "happenings": len(first["trace"]),
        },
        flaws=[] if first["ok"] else [str(first["failures"])],
    )
