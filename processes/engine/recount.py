"""Timers and deadlines under a new version: the same rule keeps its due time, a new rule counts
from the original start.

A deadline that somebody moved keeps the day it was moved to; one that was paused gets the length
of its pauses on top of what the new rule gives.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from models import calendar
from processes.engine import timing
from processes.engine.elements.activities import UserTask
from processes.engine.feel import text_of
from processes.engine.moment import FAILURES, is_idle
from processes.engine.placement import Unplaceable, is_open
from processes.engine.workflow import drop_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Node
    from processes.engine.moment import Moment
    from processes.engine.workflow import Flat

OPENED = "deadline.opened"


def began(task: Task, moment: Moment) -> datetime:
    """When an activity or an event on watch began to wait.

    An event on an edge began with its activity, an event sub-process's with its scope. States that
    were stored before tokens told it count from now.
    """
    internal = task.internal_data
    told = internal.get("at") or internal.get("since") or internal.get("began")
    if told:
        return datetime.fromisoformat(told)
    for other in task.workflow.live():
        if str(other.id) == internal.get("host"):
            return began(other, moment)
    return scope_began(task.workflow, moment) if is_idle(task) else moment.clock


def scope_began(scope: Flat, moment: Moment) -> datetime:
    """When the first token of a scope set out."""
    if scope.host is not None:
        return began(scope.host, moment)
    return datetime.fromisoformat(scope.data["since"])


def recount(task: Task, was: Task, old: Moment, new: Moment, rename: Callable[[str], str]) -> None:
    """Bring what a token waits for in time under the rule of its new element.

    `was` is the same token in the old version.

    Raises:
        Unplaceable: the new rule gives no time.
    """
    node = task.task_spec.node
    if not _is_timed(task):
        return
    try:
        rang = task.internal_data.keys() & {"spent", "rang"}
        if not rang and _is_ruled_anew(task, was, old, new, rename):
            _under_new_rule(task, was.task_spec.node, new)
    except FAILURES as error:
        raise Unplaceable("unclear", error=str(error)) from error
    _describe(task, node, new)


def rest_with_paused(task: Task, moment: Moment) -> None:
    """A timer that follows a paused deadline sleeps until that runs again."""
    followed = task.internal_data.get("timer", {}).get("follows")
    holder = timing.deadline_holder(moment, followed) if followed else None
    if holder is not None and "paused_at" in holder.internal_data["deadline"]:
        task.internal_data["asleep"] = True


def _is_timed(task: Task) -> bool:
    trigger = task.task_spec.node.trigger
    if isinstance(task.task_spec, UserTask):
        return is_open(task)
    catching = task.task_spec.catches and task.state != TaskState.ERROR
    return bool(catching and trigger is not None and trigger.kind == "timer")


def _is_ruled_anew(
    task: Task, was: Task, old: Moment, new: Moment, rename: Callable[[str], str]
) -> bool:
    """Whether the two versions say different things, FEEL evaluated on the data as they are."""
    before = _rule(was.task_spec.node, rename)
    after = _rule(task.task_spec.node)
    if before != after:
        texts = [before.pop("text"), before.pop("offset")], [after.pop("text"), after.pop("offset")]
        return before != after or _values(was, texts[0], old) != _values(task, texts[1], new)
    if _same_parameters(old, new) or not any(text.startswith("=") for text in after.values()):
        return False
    texts_now = [after["text"], after["offset"]]
    return _values(was, texts_now, old) != _values(task, texts_now, new)


def _rule(node: Node, rename: Callable[[str], str] = str) -> dict[str, str]:
    """What decides a due time, as it is written."""
    trigger, told = node.trigger, node.properties
    return {
        "kind": trigger.timer if trigger else "",
        "text": told.get("deadline", "") if trigger is None else trigger.expression,
        "offset": told.get("offset", ""),
        "calendar": told.get("calendar") or "local",
        "roll": told.get("roll") or "none",
        "countFrom": told.get("countFrom", ""),
        "deadlineFor": rename(told.get("deadlineFor", "")),
        "follows": rename(told.get("follows", "")),
    }


def _values(task: Task, texts: list[str], moment: Moment) -> list[str]:
    return [text_of(moment.literal_or_feel(task, text)) if text else "" for text in texts]


def _same_parameters(old: Moment, new: Moment) -> bool:
    one, other = old.definition, new.definition
    return all(one.parameters(key) == other.parameters(key) for key in one.processes)


# -- a new rule --------------------------------------------------------------------------------


def _under_new_rule(task: Task, was: Node, moment: Moment) -> None:
    internal = task.internal_data
    deadline, timer = internal.pop("deadline", None), internal.pop("timer", None)
    internal.pop("asleep", None)
    said = len(moment.log)
    moment.now = began(task, moment)
    try:
        _arm(task, moment)
    finally:
        moment.now = moment.clock
    fresh = internal.get("deadline")
    if deadline is not None:
        _take_over(task, deadline, fresh, moment, said)
    if timer is not None and "anchor" in timer and "anchor" in internal.get("timer", {}):
        _skip_what_was(task, timer, was, moment)
    rest_with_paused(task, moment)


def _arm(task: Task, moment: Moment) -> None:
    node = task.task_spec.node
    if node.trigger is None:
        timing.open_task_deadline(task, node, moment)
    else:
        timing.arm_timer(task, node, node.trigger, moment)


def _take_over(
    task: Task, old: dict[str, Any], fresh: dict[str, Any] | None, moment: Moment, said: int
) -> None:
    """The deadline goes on as the same one, or it is over."""
    if fresh is None:
        task.internal_data["deadline"] = old
        moment.close_deadline(task, "deadline.cancelled")
        return
    moment.log[said:] = [line for line in moment.log[said:] if line.kind != OPENED]
    deadline = task.internal_data["deadline"] = _merged(old, fresh, moment)
    timing.follow_deadline(task, moment)
    if old["due_at"] != deadline["due_at"]:
        moment.note(
            "deadline.recounted",
            task,
            element=deadline["element"],
            deadline=deadline["id"],
            old=old["due_at"],
            new=deadline["due_at"],
        )


def _merged(old: dict[str, Any], fresh: dict[str, Any], moment: Moment) -> dict[str, Any]:
    """The new rule with the old deadline's identity, pauses and moves."""
    merged = {**old, **{key: fresh[key] for key in fresh if key not in {"id", "timer"}}}
    paused = _instant(old, "counted_from", "started_at") - _instant(old, "started_at")
    if paused:
        start = _instant(fresh, "started_at") + paused
        due = _counted(fresh, start, moment) or _instant(fresh, "due_at") + paused
        merged |= {"counted_from": _written(start), "due_at": _written(due)}
        merged["lines"] = [*fresh["lines"], _paused_line(paused, due)]
    if "moved" in old:
        merged["due_at"] = old["due_at"]
        merged["lines"] = old["lines"]
    _judge(merged, moment.clock)
    return merged


def _counted(deadline: dict[str, Any], start: datetime, moment: Moment) -> datetime | None:
    """When a deadline is due that counts from another start; None for one that names its day."""
    if not deadline["duration"]:
        return None
    return calendar.due(
        start,
        deadline["duration"],
        calendar=deadline["calendar"],
        roll=deadline["roll"],
        closing_days=moment.closing_days,
    ).at


def _judge(deadline: dict[str, Any], now: datetime) -> None:
    """More time opens a missed deadline again; taking it back does not miss it a second time."""
    late = _instant(deadline, "due_at") <= now
    if "missed" in deadline and not late:
        deadline["missed_once"] = deadline.pop("missed")
    elif "missed_once" in deadline and late:
        deadline["missed"] = deadline.pop("missed_once")


def _skip_what_was(task: Task, old: dict[str, Any], was: Node, moment: Moment) -> None:
    """A cycle goes on after what its old rule has fired; of what is over, the last one fires."""
    timer, last = task.internal_data["timer"], _last_fired(old, was, moment)
    while last is not None and datetime.fromisoformat(timer["due"]) <= last:
        if not timing.rearm(task, task.task_spec.node, moment):
            _rest(task)
            return
    while datetime.fromisoformat(timer["due"]) < moment.clock:
        here = dict(timer)
        if not timing.rearm(task, task.task_spec.node, moment):
            return
        if datetime.fromisoformat(timer["due"]) > moment.clock:
            timer |= here
            return


def _last_fired(timer: dict[str, Any], node: Node, moment: Moment) -> datetime | None:
    times = timer["fired"] - 1
    if times < 0 or (times == 0 and calendar.parse_cycle(timer["text"]).start is None):
        return None
    return calendar.nth(
        datetime.fromisoformat(timer["anchor"]),
        timer["text"].rsplit("/", 1)[-1],
        times,
        calendar=node.properties.get("calendar") or "local",
        roll=node.properties.get("roll") or "none",
        closing_days=moment.closing_days,
    ).at


def _rest(task: Task) -> None:
    """The new rule has no occurrence left."""
    if "host" in task.internal_data:
        task.internal_data["spent"] = True
    elif is_idle(task):
        drop_task(task)


# -- the same rule -----------------------------------------------------------------------------


def _describe(task: Task, node: Node, moment: Moment) -> None:
    """What a deadline is called and rests on, as the new version says it."""
    deadline = task.internal_data.get("deadline")
    if deadline is None:
        return
    element = node.properties.get("deadlineFor", node.id)
    deadline |= {
        "element": element,
        "name": moment.definition.name_of(task.workflow.spec, element) or node.name,
        "legal_basis": node.properties.get("legalBasis", ""),
        "pausable": node.properties.get("pausable", "true").strip().lower() != "false",
    }


def _instant(deadline: dict[str, Any], *names: str) -> datetime:
    return datetime.fromisoformat(next(deadline[name] for name in names if name in deadline))


def _written(at: datetime) -> str:
    return at.astimezone(calendar.COPENHAGEN).isoformat()


def _day(at: datetime) -> str:
    local = at.astimezone(calendar.COPENHAGEN)
    return f"{local.day}/{local.month} {local.year}"


def _paused_line(paused: timedelta, due: datetime) -> dict[str, str]:
    days = round(paused / timedelta(days=1))
    return {
        "da": f"på pause i alt {days} dage; ny frist {_day(due)}",
        "en": f"paused for {days} days in all; new due date {_day(due)}",
    }
