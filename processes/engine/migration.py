"""Move one case to another version of its diagram: what stays, what goes, what is due anew.

A pure function of the stored state: it answers the step to write down, or why there is none.
Source: docs/adr/0022-how-a-case-moves-to-another-version.md.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes.engine import snapshot
from processes.engine.arrival import Arrival
from processes.engine.document import Document
from processes.engine.moment import Moment
from processes.engine.placement import base_of, place_tokens
from processes.engine.remembered import remember, remember_silent
from processes.engine.waits import collect_waits
from processes.engine.workflow import drop_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processes.engine.moment import Surroundings
    from processes.engine.placement import Directions, Placement, Refusal
    from processes.engine.step import CaseData, Step, Waits
    from processes.engine.workflow import CaseWorkflow, Flat

KINDS = {
    "tasks": "task",
    "timers": "timer",
    "subscriptions": "subscription",
    "jobs": "job",
    "incidents": "incident",
}
"""Field of `Waits` to the word for one of it."""

ASIDE = frozenset({"due", "follower"})
"""Timers that are told with their deadline."""


@dataclass(frozen=True)
class Work:
    """Something the case waits for."""

    id: str
    kind: str
    """`task`, `timer`, `subscription`, `job`, `incident`, or `token` where one ended."""

    element: str
    name: str
    to: str = ""
    """The element's id in the new version, where that is another one."""


@dataclass(frozen=True)
class Shift:
    """A deadline, or a timer of its own, whose due time changes."""

    id: str
    element: str
    name: str
    old: datetime | None
    """None: it begins with the new version."""

    new: datetime | None
    """None: it ends with the old one."""


@dataclass(frozen=True)
class Report:
    """What moving a case does to it."""

    kept: tuple[Work, ...] = ()
    """Open tasks that stay open."""

    cancelled: tuple[Work, ...] = ()
    ended: tuple[Work, ...] = ()
    """Where a token was cancelled because somebody said so; it cannot be brought back."""

    added: tuple[Work, ...] = ()
    deadlines: tuple[Shift, ...] = ()
    timers: tuple[Shift, ...] = ()
    renamed: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Token id to the old and the new id of its element."""

    refused: tuple[Refusal, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; instants in ISO 8601."""
        told: dict[str, Any] = json.loads(json.dumps(asdict(self), default=datetime.isoformat))
        return told


@dataclass(frozen=True)
class Migrated:
    """The outcome for one case; without a step it stays where it is."""

    report: Report
    step: Step | None = None


class CannotMove(Exception):
    """The case stays on its version, for these reasons."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(f"{r.element}: {r.reason}" for r in refusals))


def carry_over(
    old: Surroundings, new: Surroundings, state: bytes, data: CaseData, directions: Directions
) -> tuple[Moment, Placement]:
    """The case on its new version, not yet run on; and the plan that brought it there.

    Raises:
        CannotMove: some of its tokens have no place there.
        BadSnapshot: the stored state cannot be restored.
    """
    workflow = snapshot.restore(old.definition, state)
    there = Moment(old, workflow, Document(data))
    before = collect_waits(workflow, old.definition)
    plan = place_tokens(workflow, new.definition, directions)
    _require_places(plan)
    _take_leave(plan, there)
    here = Moment(new, snapshot.build(new.definition, _translated(plan, workflow)), Document(data))
    here.before, here.log = before, there.log
    Arrival(plan, there, here).settle()
    _require_places(plan)
    return here, plan


def report_of(step: Step, plan: Placement) -> Report:
    """What the move did, read off the waits before and after it."""
    before, after = step.before, step.waits
    renamed = {
        str(token): (base_of(old.name), base_of(plan.places[token].name))
        for token, old in plan.origins.items()
        if base_of(old.name) != base_of(plan.places[token].name)
    }
    return Report(
        kept=tuple(
            Work(id_, "task", task.element, task.name, _elsewhere(task, after.tasks[id_]))
            for id_, task in before.tasks.items()
            if id_ in after.tasks
        ),
        cancelled=tuple(_missing(before, after)),
        ended=tuple(_ended(plan)),
        added=tuple(_missing(after, before)),
        deadlines=tuple(_shifts(before.deadlines, after.deadlines)),
        timers=tuple(_shifts(_own_timers(before), _own_timers(after))),
        renamed=renamed,
    )


def _require_places(plan: Placement) -> None:
    if plan.refused:
        raise CannotMove(plan.refused)


# -- leaving the old version -------------------------------------------------------------------


def _take_leave(plan: Placement, moment: Moment) -> None:
    """Cancel what is not to come along, and take off watch what the new version has not."""
    for task in plan.cancelled:
        moment.cancel(task)
    for task in plan.dropped:
        if task.id in task.workflow.tasks:
            remember(task)
            moment.close_deadline(task, "deadline.cancelled")
            drop_task(task)
    for scope in moment.workflow.scopes():
        _remember_silent_starts(plan, scope)


def _remember_silent_starts(plan: Placement, scope: Flat) -> None:
    target = plan.scopes[scope.parent_task_id]
    watching = {task.task_spec for task in scope.live()}
    for watch in scope.spec.event_starts:
        if watch not in watching and not plan.has_twin(scope.spec, watch, target.event_starts):
            remember_silent(scope, watch)


def _translated(plan: Placement, workflow: CaseWorkflow) -> list[dict[str, Any]]:
    """The stored form of every scope, in the new version's names."""
    entries = snapshot.entries(workflow)
    for entry in entries:
        host = UUID(entry["parent"]) if entry["parent"] else None
        entry["spec"] = plan.scopes[host].name
        for task in entry["tasks"]:
            token = UUID(task[0])
            task[1] = plan.places[token].name
            came_by = {"flow": plan.flows[token]} if token in plan.flows else {}
            task[3] = {**task[3], **came_by}
    return entries


# -- the report --------------------------------------------------------------------------------


def _elsewhere(old: Any, new: Any) -> str:
    """The element's new id, if it has one."""
    return new.element if new.element != old.element else ""


def _missing(here: Waits, there: Waits) -> Iterator[Work]:
    """What one side waits for and the other does not."""
    for plural, wait in here.beyond(there):
        if plural in KINDS and getattr(wait, "role", "") not in ASIDE:
            yield Work(wait.id, KINDS[plural], wait.element, wait.name)


def _ended(plan: Placement) -> Iterator[Work]:
    for task in plan.cancelled:
        spec = task.task_spec
        yield Work(str(task.id), "token", base_of(spec.name), spec.node.name or spec.node.id)


def _own_timers(waits: Waits) -> dict[str, Any]:
    """The timers that belong to no deadline."""
    return {id_: timer for id_, timer in waits.timers.items() if timer.deadline is None}


def _shifts(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Shift]:
    for id_, wait in {**before, **after}.items():
        old = before[id_].due_at if id_ in before else None
        new = after[id_].due_at if id_ in after else None
        if old != new:
            yield Shift(id_, wait.element, wait.name, old, new)
