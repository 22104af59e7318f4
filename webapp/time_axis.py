"""Deadlines of the next weeks as marks on an axis: today a line, the overdue piled at its left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import url_for

from webapp import words
from webapp.deadline_badge import Level, level_of
from webapp.programme_words import plainly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from models.case import Case
    from models.deadline import Deadline

LABELS = 190
"""Pixels left of the axis: the lanes' names and the pile of the overdue."""

PILE = 50
WIDTH = 900
LANE = 40
HEAD = 36
PER_STACK = 3


@dataclass(frozen=True)
class Mark:
    """One deadline on the axis."""

    x: float
    y: float
    level: Level
    title: str
    address: str


@dataclass(frozen=True)
class Lane:
    name: str
    y: int
    tint: int


@dataclass(frozen=True)
class Tick:
    x: float
    label: str
    address: str
    count: int


@dataclass(frozen=True)
class Axis:
    """Everything the SVG template draws; coordinates are its pixels."""

    width: int
    height: int
    today: float
    lanes: list[Lane]
    ticks: list[Tick]
    marks: list[Mark]


def axis_of(
    lanes: Mapping[str, Sequence[tuple[Case, Deadline]]],
    now: datetime,
    weeks: int,
    closing_days: frozenset[date],
) -> Axis:
    """The marks of every deadline up to `weeks` from now."""
    drawn = [Lane(name, HEAD + at * LANE, at % 8 + 1) for at, name in enumerate(lanes)]
    marks = [
        mark
        for lane, entries in zip(drawn, lanes.values(), strict=True)
        for mark in _marks(lane, entries, now, weeks, closing_days)
    ]
    return Axis(
        width=LABELS + WIDTH + 20,
        height=HEAD + len(drawn) * LANE + 12,
        today=LABELS,
        lanes=drawn,
        ticks=_ticks(lanes, now, weeks),
        marks=marks,
    )


def _marks(
    lane: Lane,
    entries: Sequence[tuple[Case, Deadline]],
    now: datetime,
    weeks: int,
    closing_days: frozenset[date],
) -> list[Mark]:
    end = now + timedelta(weeks=weeks)
    stacked: dict[int, int] = {}
    marks = []
    for case, deadline in entries:
        if deadline.due_at > end:
            continue
        x = _x(deadline.due_at, now, weeks)
        height = stacked[round(x / 14)] = stacked.get(round(x / 14), -1) + 1
        y = lane.y + LANE / 2 + (height % PER_STACK - 1) * 11
        marks.append(_mark(case, deadline, now, closing_days, x - height // PER_STACK * 4, y))
    return marks


def _mark(
    case: Case, deadline: Deadline, now: datetime, closing_days: frozenset[date], x: float, y: float
) -> Mark:
    level = level_of(
        deadline.due_at,
        now,
        started_at=deadline.started_at,
        paused_at=deadline.paused_at,
        closing_days=closing_days,
    )
    name = case.reference or f"#{case.number}"
    due = plainly(deadline.name, case.definition_id)
    return Mark(
        x=round(x, 1),
        y=round(y, 1),
        level=level,
        title=f"{name}: {due}, {words.when(deadline.due_at, now)}",
        address=url_for("cases.show", case_id=case.id, tab="deadlines"),
    )


def _x(due: datetime, now: datetime, weeks: int) -> float:
    if due < now:
        return LABELS - PILE / 2
    return LABELS + (due - now) / timedelta(weeks=weeks) * WIDTH


def _ticks(
    lanes: Mapping[str, Sequence[tuple[Case, Deadline]]], now: datetime, weeks: int
) -> list[Tick]:
    due = [deadline.due_at for entries in lanes.values() for _, deadline in entries]
    ticks = []
    for week in range(weeks):
        first = now + timedelta(weeks=week)
        count = sum(1 for at in due if first <= at < first + timedelta(weeks=1))
        label = words.short_day(first.astimezone(words.ZONE).date(), now.date())
        address = url_for("board.index", week=week, _anchor="cases")
        ticks.append(Tick(round(LABELS + WIDTH / weeks * week, 1), label, address, count))
    return ticks
