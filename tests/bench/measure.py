"""Ratios measured in one run: blocks of one thing and of the other in turn, medians of blocks."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Act = "Callable[[], Callable[[], object]]"
"""Prepares one run of what is measured, and hands back the part whose time counts."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    value: float
    unit: str
    must: str
    """Such as `<= 1.5`; empty where nothing is promised."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    """What helps to judge the value: its spread, milliseconds, CPU."""

    flaws: Sequence[str] = ()
    """What was wrong beside the speed, such as a timer that fired twice."""

    @property
    def ok(self) -> bool:
        return not self.flaws and self._holds()

    def line(self) -> str:
        """The row as JSON."""
        shown = {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "must": self.must,
            "ok": self.ok,
            **self.facts,
        }
        return json.dumps({**shown, "flaws": self.flaws} if self.flaws else shown)

    def _holds(self) -> bool:
        if not self.must:
            return True
        relation, limit = self.must.split()
        tests = {"<=": self.value <= float(limit), ">=": self.value >= float(limit)}
        return {**tests, ">": self.value > float(limit)}[relation]


@dataclass(frozen=True)
class Block:
    """Some runs of one thing."""

    ms: float
    """The median run."""

    runs: tuple[float, ...]
    """Every run, in milliseconds."""

    cpu_ms: float
    """CPU time of this process, the mean of a run."""


def interleaved(
    acts: Mapping[str, Act], rounds: int, each: int, *, ahead: bool = True
) -> dict[str, list[Block]]:
    """Blocks of `each` runs of every act in turn, `rounds` times, after one block to warm up.

    A block's runs are prepared `ahead`, so that no preparation comes between them, unless
    each one needs what the one before it left.
    """
    for act in acts.values():
        _block(act, each, ahead=ahead)
    blocks: dict[str, list[Block]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            blocks[name].append(_block(act, each, ahead=ahead))
    return blocks


def compared(
    name: str, over: Sequence[Block], under: Sequence[Block], must: str, **facts: Any
) -> Row:
    """How many times as long `over` takes as `under`: the median of the rounds.

    `undisturbed` compares the fastest tenth, for machines that have other work to do.
    """
    ratios = [a.ms / b.ms for a, b in zip(over, under, strict=True)]
    measured = {
        "spread": [round(min(ratios), 2), round(max(ratios), 2)],
        "undisturbed": round(fastest(over) / fastest(under), 2),
        "ms": middle(over, "ms"),
        "than_ms": middle(under, "ms"),
        "cpu_ms": middle(over, "cpu_ms"),
        "than_cpu_ms": middle(under, "cpu_ms"),
    }
    return Row(name, round(median(ratios), 2), "x", must, {**measured, **facts})


def middle(blocks: Sequence[Block], what: str) -> float:
    """The median block."""
    return round(median(getattr(block, what) for block in blocks), 3)


def fastest(blocks: Sequence[Block]) -> float:
    """The run that nine in ten are slower than: a busy machine disturbs it least."""
    runs = sorted(run for block in blocks for run in block.runs)
    return runs[len(runs) // 10]


def _block(act: Act, each: int, *, ahead: bool) -> Block:
    prepared = (act() for _ in range(each))
    runs = [_timed(run) for run in (list(prepared) if ahead else prepared)]
    times = tuple(ms for ms, _ in runs)
    return Block(median(times), times, fmean(used for _, used in runs))


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    run()
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)
