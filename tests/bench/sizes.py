"""How much of everything: for a look, for the table, and for a machine of one's own."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Sizes:
    """Counts; `rounds` blocks of `each` runs, of each thing that is compared."""

    rounds: int = 15
    each: int = 20
    aged: tuple[int, ...] = (1_000, 10_000)
    """Completed tasks on one case."""

    few_tasks: int = 1_000
    many_tasks: int = 1_000_000
    """Open tasks in the inbox of one role."""

    timers: int = 10_000
    backlog: int = 500
    """Due timers that one worker, then two, have to fire."""

    threads: tuple[int, ...] = (1, 2, 4)
    """Threads of one process that complete tasks at the same time."""

    load: int = 400
    """Completions over HTTP before a process's memory is looked at."""

    moved: int = 10_000
    """Running cases that go to another version."""

    races: int = 3
    starts: int = 3


USUAL = Sizes()
QUICK = replace(USUAL, aged=(1_000,), many_tasks=100_000, timers=2_000, load=100, moved=1_000)
SMALLEST = Sizes(
    rounds=1,
    each=2,
    aged=(4, 10),
    few_tasks=10,
    many_tasks=100,
    timers=6,
    backlog=4,
    threads=(1, 2),
    load=4,
    moved=4,
    races=1,
    starts=1,
)
