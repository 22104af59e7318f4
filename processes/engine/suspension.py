"""A case at rest: what stands still, what runs on, and how it all goes on again.

Tokens do not move. Timers keep the time that was left, deadlines are paused with it. What nobody
may pause runs on: such a deadline is missed in time, and a timer that was drawn for one, or that
follows one, rings in time; where the diagram leads from there is seen when the case goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from processes.engine import timing
from processes.engine.step import Happening

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.moment import Moment
    from processes.engine.workflow import CaseWorkflow

MARK = "suspended"
"""In the main scope's data: since when, and why."""


def is_suspended(workflow: CaseWorkflow) -> bool:
    """Whether the case rests."""
    return MARK in workflow.data


def suspend(moment: Moment, reason: str) -> None:
    """Stop everything that may be stopped."""
    moment.workflow.data[MARK] = {"at": moment.now.isoformat(), "reason": reason}
    runs_on = timing.stop(moment)
    _note(moment, "case.suspended", reason=reason, runs_on=runs_on)


def resume(moment: Moment, reason: str) -> None:
    """Start the clocks again, then let happen what rang meanwhile, in the order it rang."""
    since = moment.workflow.data.pop(MARK)["at"]
    _note(moment, "case.resumed", reason=reason, since=since)
    timing.go_on(moment)
    rang = [t for t in moment.workflow.everyone() if "rang" in t.internal_data]
    for task in sorted(rang, key=lambda t: datetime.fromisoformat(t.internal_data["rang"])):
        _let_happen(task, moment)


def ring(task: Task, moment: Moment) -> None:
    """A timer that runs on has come to its time: what it moves waits."""
    follows = task.internal_data.get("timer", {}).get("follows")
    task.internal_data["rang"] = moment.now.isoformat()
    timing.ring(task, moment)
    holder = timing.deadline_holder(moment, follows) if follows else None
    if holder is not None:
        deadline = holder.internal_data["deadline"]
        moment.note("deadline.warned", task, element=deadline["element"], deadline=deadline["id"])


def _let_happen(task: Task, moment: Moment) -> None:
    if task.id in task.workflow.tasks and task.state != TaskState.ERROR:
        del task.internal_data["rang"]
        moment.occur(task, {})


def _note(moment: Moment, kind: str, **detail: Any) -> None:
    name = moment.definition.process.name
    moment.log.append(Happening(kind, moment.now, None, name, detail=detail))
