"""`python -m tests.load [--each N] [PROGRAMME…]`: two hundred youths a programme, as a table."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from processes.engine import Engine, Feel
from processes.flow_coverage import flows_of
from tests.bpmn.folders import PROGRAMMES, definition
from tests.load.youth import COHORTS, youth

EACH = 17
"""In each cohort; twelve cohorts make 204."""

AT_ONCE = 2


@dataclass
class Came:
    """What the youths of one programme came to."""

    youths: int = 0
    ended: int = 0
    steps: int = 0
    told: Counter[str] = field(default_factory=Counter)
    gone: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Came) -> None:
        self.youths += other.youths
        self.ended += other.ended
        self.steps += other.steps
        self.told += other.told
        self.gone |= other.gone
        self.wrong += other.wrong


def main() -> int:
    """Print what they came to; 1 if one got stuck, or a time was another than worked out anew."""
    asked = _asked()
    wrong = []
    with ProcessPoolExecutor(AT_ONCE) as pool:
        for folder in PROGRAMMES:
            if asked.programmes and folder.name not in asked.programmes:
                continue
            began, came = time.monotonic(), Came()
            for cohort in pool.map(partial(_led, folder.name, asked.each), COHORTS):
                came.add(cohort)
            print(_line(folder, came, time.monotonic() - began), flush=True)  # noqa: T201 - the product
            wrong += came.wrong
    for sentence in wrong:
        print(f"WRONG: {sentence}")  # noqa: T201 - as above
    return 1 if wrong else 0


def _led(name: str, each: int, cohort: str) -> Came:
    """One cohort, in a process of its own."""
    [folder] = [one for one in PROGRAMMES if one.name == name]
    came = Came(youths=each)
    with closing(Feel()) as feel:
        engine = Engine(feel)
        for number in range(each):
            try:
                one = youth(folder, cohort, number, engine)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told with its youth
                came.wrong.append(f"{name}, {cohort}, {number}: {type(error).__name__} {error}")
                continue
            came.ended += one.run.step.ended
            came.steps += one.steps
            came.told += one.run.witness.told
            came.gone |= one.run.flows
    return came


def _line(folder, came: Came, seconds: float) -> str:
    bundle = definition(folder).processes.values()
    drawn = {(process.file, flow.id) for process in bundle for flow in flows_of(process)}
    told = ", ".join(f"{count} {what}" for what, count in sorted(came.told.items()))
    return (
        f"{folder.name}: {came.youths} youths, {came.ended} to the end, {came.steps} steps, "
        f"{len(came.gone & drawn)} of {len(drawn)} flows, {len(came.wrong)} wrong, "
        f"{seconds:.0f} s\n  worked out anew: {told}"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--each", type=int, default=EACH, help="youths in each of the 12 cohorts")
    parser.add_argument("programmes", nargs="*", help="only these")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
