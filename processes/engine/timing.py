"""Timers and deadlines on the tokens: when they are due, who follows whom, and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from SpiffWorkflow.util.task import TaskState

from models import calendar
from models.calendar_lines import Line
from processes.engine.diagram import SUB_PROCESSES
from processes.engine.feel import text_of
from processes.engine.moment import ancestry, instance_of, is_idle
from processes.engine.step import ArmedTimer, OpenDeadline
from processes.engine.workflow import ordered_id

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Limit, Node, Trigger
    from processes.engine.moment import Moment
    from processes.engine.step import Waits

OFF_WATCH = frozenset({"spent", "asleep", "rests", "rang"})
"""What keeps a timer on a token from being armed."""


# -- timers ------------------------------------------------------------------------------------


def arm_timer(task: Task, node: Node, trigger: Trigger, moment: Moment) -> None:
    """Compute when a timer event is due, and open the deadline it is drawn for."""
    if node.properties.get("follows"):
        _arm_follower(task, node, moment)
        return
    text = text_of(moment.literal_or_feel(task, trigger.expression))
    if trigger.timer == "cycle":
        _arm_cycle(task, node, text, moment)
        return
    start = _counted_from(task, node, moment)
    due = _first_due(node, trigger, text, start, moment)
    duration = text if trigger.timer == "duration" else ""
    due, duration = _lawful(node, due, duration, start, moment)
    _set_timer(task, due)
    if node.properties.get("deadlineFor"):
        task.internal_data["deadline"] = _new_deadline(
            task, node, node.properties["deadlineFor"], duration, due, start, moment
        )
        _announce(task, moment)


def rearm(task: Task, node: Node, moment: Moment) -> bool:
    """Arm a cycle's next occurrence, counted from its anchor; false if it was the last."""
    timer = task.internal_data["timer"]
    if "anchor" not in timer:
        return False
    if timer["left"] == 1:
        return False
    _advance(timer)
    _set_nth(task, node, moment)
    return True


def _advance(timer: dict[str, Any]) -> None:
    timer["fired"] += 1
    if timer["left"] is not None:
        timer["left"] -= 1


def _counted_from(task: Task, node: Node, moment: Moment) -> datetime:
    """When a duration begins to count: now, or what `countFrom` says, such as a verdict's day.

    A bare day takes over the time of day; null is not known yet, so it counts from now.
    """
    written = node.properties.get("countFrom")
    value = moment.literal_or_feel(task, written) if written else None
    if value is None:
        return moment.now
    text = text_of(value)
    start = calendar.parse_instant(text)
    if len(text) > len("2026-01-31"):
        return start
    clock = moment.now.astimezone(calendar.COPENHAGEN).time()
    return start.replace(hour=clock.hour, minute=clock.minute, second=clock.second)


def _first_due(
    node: Node, trigger: Trigger, text: str, start: datetime, moment: Moment
) -> calendar.Due:
    if trigger.timer == "date":
        return calendar.Due(calendar.parse_instant(text), ())
    return calendar.due(
        start,
        text,
        calendar=_calendar(node),
        roll=_roll(node),
        closing_days=moment.closing_days,
    )


def _lawful(
    node: Node, due: calendar.Due, duration: str, start: datetime, moment: Moment
) -> tuple[calendar.Due, str]:
    """The due time and its length, or the law's if the diagram's own goes beyond it."""
    limit = node.limit
    if limit is None or duration == limit.duration:
        return due, duration
    lawful = calendar.due(
        start,
        limit.duration,
        calendar=limit.calendar,
        roll=limit.roll,
        closing_days=moment.closing_days,
    )
    if not limit.is_broken(due.at, lawful.at):
        return due, duration
    return calendar.Due(lawful.at, (_lawful_line(limit), *lawful.lines)), limit.duration


def _arm_cycle(task: Task, node: Node, text: str, moment: Moment) -> None:
    """The first occurrence; one that names its start skips those that are over, but the last."""
    cycle = calendar.parse_cycle(text)
    anchor = cycle.start or moment.now
    timer: dict[str, Any] = {
        "anchor": anchor.isoformat(),
        "text": text,
        "fired": 0 if cycle.start else 1,
        "left": cycle.count,
    }
    task.internal_data["timer"] = timer
    _set_nth(task, node, moment)
    _skip_past(task, node, moment)


def _skip_past(task: Task, node: Node, moment: Moment) -> None:
    timer = task.internal_data["timer"]
    while datetime.fromisoformat(timer["due"]) < moment.now and timer["left"] != 1:
        _advance(timer)
        _set_nth(task, node, moment)


def _set_nth(task: Task, node: Node, moment: Moment) -> None:
    timer = task.internal_data["timer"]
    length = timer["text"].rsplit("/", 1)[-1]
    anchor = datetime.fromisoformat(timer["anchor"])
    if timer["fired"] == 0:
        due = calendar.Due(anchor, ())
    else:
        due = calendar.nth(
            anchor,
            length,
            timer["fired"],
            calendar=_calendar(node),
            roll=_roll(node),
            closing_days=moment.closing_days,
        )
    timer |= {"due": due.at.isoformat(), "lines": _lines(due)}


def _set_timer(task: Task, due: calendar.Due) -> None:
    task.internal_data["timer"] = {"due": due.at.isoformat(), "lines": _lines(due)}


# -- deadlines ---------------------------------------------------------------------------------


def open_task_deadline(task: Task, node: Node, moment: Moment) -> None:
    """Open the deadline that a user task's `deadline` property asks for."""
    written = node.properties.get("deadline")
    if not written:
        return
    text = text_of(moment.literal_or_feel(task, written))
    if text == "null":
        return
    start = _counted_from(task, node, moment)
    if text.startswith(("P", "-P")):
        due = calendar.due(
            start,
            text,
            calendar=_calendar(node),
            roll=_roll(node),
            closing_days=moment.closing_days,
        )
    else:
        due, text = calendar.Due(calendar.parse_instant(text), ()), ""
    due, text = _lawful(node, due, text, start, moment)
    deadline = _new_deadline(task, node, node.id, text, due, start, moment)
    deadline["timer"] = str(ordered_id(task.internal_data["n"]))
    task.internal_data["deadline"] = deadline
    _announce(task, moment)


def move(task: Task, due: datetime, reason: str, moment: Moment) -> None:
    """Give a deadline a new due time; what follows it moves with it."""
    deadline = task.internal_data["deadline"]
    old = deadline["due_at"]
    deadline["due_at"] = due.astimezone(calendar.COPENHAGEN).isoformat()
    deadline["lines"] = [*deadline["lines"], _moved_line(due, reason)]
    deadline.pop("missed", None)
    deadline["moved"] = True
    if "paused_at" in deadline:
        deadline["stopped_at"] = moment.now.isoformat()
    follow_deadline(task, moment)
    moment.note(
        "deadline.moved",
        task,
        element=deadline["element"],
        deadline=deadline["id"],
        old=old,
        new=deadline["due_at"],
        reason=reason,
    )


def pause(task: Task, reason: str, moment: Moment) -> None:
    """Stop a deadline's clock; its timers are off watch until it is resumed."""
    deadline = task.internal_data["deadline"]
    _stop_clock(task, moment)
    moment.note(
        "deadline.paused",
        task,
        element=deadline["element"],
        deadline=deadline["id"],
        reason=reason,
    )


def resume(task: Task, moment: Moment) -> None:
    """Start a paused deadline's clock again with the time that was left.

    One that was moved meanwhile has the time that was left when it was moved.
    """
    deadline = task.internal_data["deadline"]
    _start_clock(task, moment, roll=deadline["roll"])
    moment.note(
        "deadline.resumed",
        task,
        element=deadline["element"],
        deadline=deadline["id"],
        new=deadline["due_at"],
    )


def _stop_clock(task: Task, moment: Moment) -> None:
    deadline = task.internal_data["deadline"]
    deadline["paused_at"] = deadline["stopped_at"] = moment.now.isoformat()
    for follower in _followers(task, moment):
        follower.internal_data["asleep"] = True


def _start_clock(task: Task, moment: Moment, roll: str) -> None:
    deadline = task.internal_data["deadline"]
    paused_at = datetime.fromisoformat(deadline.pop("paused_at"))
    stopped_at = datetime.fromisoformat(deadline.pop("stopped_at"))
    counted = datetime.fromisoformat(deadline.get("counted_from", deadline["started_at"]))
    due = datetime.fromisoformat(deadline["due_at"])
    due = _kept(due, stopped_at, deadline["calendar"], roll, moment)
    started = _kept(counted, stopped_at, deadline["calendar"], "none", moment)
    deadline |= {"due_at": due.isoformat(), "counted_from": started.isoformat()}
    deadline["lines"] = [*deadline["lines"], _paused_line(paused_at, moment.now, due)]
    follow_deadline(task, moment)


def _kept(due: datetime, since: datetime, name: str, roll: str, moment: Moment) -> datetime:
    """As far from now as it was from the moment the clock stopped."""
    return calendar.kept(
        due, since, moment.now, calendar=name, roll=roll, closing_days=moment.closing_days
    )


# -- a case at rest ----------------------------------------------------------------------------


def stop(moment: Moment) -> list[str]:
    """Stop every clock that may be stopped; the elements whose deadlines run on."""
    runs_on = []
    for task in moment.workflow.everyone():
        deadline = task.internal_data.get("deadline")
        if deadline is None or deadline.keys() & {"missed", "paused_at"}:
            continue
        if deadline["pausable"]:
            _stop_clock(task, moment)
            deadline["rests"] = True
        else:
            runs_on.append(deadline["element"])
    for task in moment.workflow.everyone():
        if is_armed(task) and not _runs_on(task, moment):
            task.internal_data["rests"] = moment.now.isoformat()
    return runs_on


def go_on(moment: Moment) -> None:
    """Start the clocks again that `stop` stopped."""
    for task in moment.workflow.everyone():
        if task.internal_data.get("deadline", {}).pop("rests", False):
            _start_clock(task, moment, roll=task.internal_data["deadline"]["roll"])
    for task in moment.workflow.everyone():
        stopped_at = task.internal_data.pop("rests", None)
        if stopped_at is not None and "timer" in task.internal_data:
            _go_on(task, datetime.fromisoformat(stopped_at), moment)


def _go_on(task: Task, stopped_at: datetime, moment: Moment) -> None:
    """Arm a timer with the time that was left; a date that the diagram names stays that date."""
    node, timer = task.task_spec.node, task.internal_data["timer"]
    if "text" in timer and calendar.parse_cycle(timer["text"]).start:
        _skip_past(task, node, moment)
        return
    if node.trigger is not None and node.trigger.timer == "date" and "follows" not in timer:
        return
    due = datetime.fromisoformat(timer["due"])
    due = _kept(due, stopped_at, _calendar(node), _roll(node), moment)
    timer |= {
        "due": due.isoformat(),
        "lines": [*timer["lines"], _paused_line(stopped_at, moment.now, due)],
    }
    if "anchor" in timer:
        timer |= {"anchor": due.isoformat(), "fired": 0}


def _runs_on(task: Task, moment: Moment) -> bool:
    """Whether a timer belongs to a deadline that nobody may pause."""
    own = task.internal_data.get("deadline")
    follows = task.internal_data["timer"].get("follows")
    holder = deadline_holder(moment, follows) if own is None and follows else None
    deadline = own if holder is None else holder.internal_data["deadline"]
    return deadline is not None and not deadline["pausable"] and "paused_at" not in deadline


def ring(task: Task, moment: Moment) -> None:
    """A timer has come to its time: the deadline it was drawn for is missed, or reached.

    Reached is the end of a period: a timer that interrupts the sub-process it sits on says how
    long that lasts. A course of four months is over then, not late.
    """
    if _ends_its_period(task):
        moment.close_deadline(task, "deadline.met")
    else:
        miss(task, moment)


def _ends_its_period(task: Task) -> bool:
    node = task.task_spec.node
    deadline = task.internal_data.get("deadline")
    host = task.workflow.spec.nodes.get(node.attached_to)
    if deadline is None or host is None or deadline["element"] != node.attached_to:
        return False
    return bool(node.interrupting and host.node.kind in {"callActivity", *SUB_PROCESSES})


def miss(task: Task, moment: Moment) -> None:
    """Note that a deadline has passed.

    A user task keeps its missed deadline, so that its late completion is noted; a timer event
    that was drawn for a deadline has done its work.
    """
    deadline = task.internal_data.get("deadline")
    if deadline is None or "missed" in deadline:
        return
    deadline["missed"] = moment.now.isoformat()
    moment.note("deadline.missed", task, element=deadline["element"], deadline=deadline["id"])
    if "timer" not in deadline:
        del task.internal_data["deadline"]


def close_elsewhere(task: Task, kind: str, moment: Moment) -> None:
    """An element is over, and so is the deadline that a timer elsewhere was drawn to keep for it.

    A timer on watch has nothing to say any more; one with a token of its own still goes on.
    """
    if task.task_spec.node.id not in moment.definition.timed_elsewhere:
        return
    holder = _followed(task, task.task_spec.node.id, moment)
    if holder is None or holder is task or holder.task_spec is task.task_spec:
        return
    moment.close_deadline(holder, kind)
    if is_idle(holder):
        holder.internal_data["spent"] = True


def deadline_holder(moment: Moment, deadline: str) -> Task | None:
    """The token that carries a deadline."""
    for task in moment.workflow.everyone():
        if task.internal_data.get("deadline", {}).get("id") == deadline:
            return task
    return None


def timer_holder(moment: Moment, timer: str) -> Task | None:
    """The token that an armed timer belongs to, be it an event or a deadline's own."""
    for task in moment.workflow.everyone():
        if str(task.id) == timer and "timer" in task.internal_data:
            return task
        if task.internal_data.get("deadline", {}).get("timer") == timer:
            return task
    return None


def _new_deadline(
    task: Task,
    node: Node,
    element: str,
    duration: str,
    due: calendar.Due,
    start: datetime,
    moment: Moment,
) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "element": element,
        "name": moment.definition.name_of(task.workflow.spec, element) or node.name,
        "started_at": start.astimezone(calendar.COPENHAGEN).isoformat(),
        "duration": duration,
        "calendar": _calendar(node),
        "roll": _roll(node),
        "due_at": due.at.isoformat(),
        "original_due_at": due.at.isoformat(),
        "legal_basis": node.properties.get("legalBasis", ""),
        "pausable": node.properties.get("pausable", "true").strip().lower() != "false",
        "lines": _lines(due),
    }


def _announce(task: Task, moment: Moment) -> None:
    """Tell the history, and wake the followers that were drawn before their deadline began."""
    deadline = task.internal_data["deadline"]
    moment.note(
        "deadline.opened",
        task,
        element=deadline["element"],
        deadline=deadline["id"],
        due=deadline["due_at"],
    )
    for follower in _followers(task, moment):
        if "timer" not in follower.internal_data:
            follower.internal_data.pop("spent", None)
            _arm_follower(follower, follower.task_spec.node, moment)


# -- followers ---------------------------------------------------------------------------------


def _arm_follower(task: Task, node: Node, moment: Moment) -> None:
    """Arm a timer that follows a deadline; it sleeps until that deadline is open."""
    holder = _followed(task, node.properties["follows"], moment)
    if holder is None:
        return
    deadline = holder.internal_data["deadline"]
    offset = text_of(moment.literal_or_feel(task, node.properties.get("offset") or "P0D"))
    due = calendar.offset(
        datetime.fromisoformat(deadline.get("counted_from", deadline["started_at"])),
        datetime.fromisoformat(deadline["due_at"]),
        offset,
        calendar=_calendar(node),
        roll=_roll(node),
        closing_days=moment.closing_days,
    )
    task.internal_data["timer"] = {
        "due": due.at.isoformat(),
        "lines": _lines(due),
        "follows": deadline["id"],
    }


def _followed(task: Task, element: str, moment: Moment) -> Task | None:
    """The nearest token with an open deadline for an element: same scope first, then outward."""
    near = [inner.workflow for inner in ancestry(task)]
    holders = [
        other
        for other in _live(moment)
        if other.internal_data.get("deadline", {}).get("element") == element
        and instance_of(other) == instance_of(task)
    ]
    holders.sort(
        key=lambda other: near.index(other.workflow) if other.workflow in near else len(near)
    )
    return holders[0] if holders else None


def _followers(holder: Task, moment: Moment) -> list[Task]:
    element = holder.internal_data["deadline"]["element"]
    return [
        task
        for task in _live(moment)
        if task.task_spec.node.properties.get("follows") == element
        and _followed(task, element, moment) is holder
    ]


def follow_deadline(holder: Task, moment: Moment) -> None:
    """Bring the timers of a moved or resumed deadline to their new times."""
    deadline = holder.internal_data["deadline"]
    if "timer" in holder.internal_data:
        holder.internal_data["timer"] |= {"due": deadline["due_at"], "lines": deadline["lines"]}
    for follower in _followers(holder, moment):
        if "paused_at" not in deadline:
            follower.internal_data.pop("asleep", None)
        if "spent" not in follower.internal_data:
            _arm_follower(follower, follower.task_spec.node, moment)


# -- waits -------------------------------------------------------------------------------------


def add_timer_waits(task: Task, found: Waits) -> None:
    """The armed timer of a timer event, unless its deadline is paused."""
    internal = task.internal_data
    if not is_armed(task):
        return
    own, timer = internal.get("deadline"), internal["timer"]
    followed = timer.get("follows")
    found.timers[str(task.id)] = _armed(
        task,
        str(task.id),
        timer,
        own["id"] if own else followed if followed in found.deadlines else None,
        "due" if own else "follower" if followed else "event",
    )


def is_armed(task: Task) -> bool:
    """Whether a timer event waits for its time."""
    internal = task.internal_data
    if "due" not in internal.get("timer", {}) or internal.keys() & OFF_WATCH:
        return False
    return task.state != TaskState.ERROR and "paused_at" not in internal.get("deadline", {})


def add_deadline_waits(task: Task, found: Waits, role: str | None) -> None:
    """The open deadline a token carries, and its own due timer if no event fires for it."""
    deadline = task.internal_data.get("deadline")
    if deadline is None or "missed" in deadline:
        return
    own_timer = deadline.get("timer")
    found.deadlines[deadline["id"]] = OpenDeadline(
        id=deadline["id"],
        instance=instance_of(task),
        element=deadline["element"],
        name=deadline["name"],
        started_at=datetime.fromisoformat(deadline["started_at"]),
        duration=deadline["duration"],
        calendar=deadline["calendar"],
        roll=deadline["roll"],
        due_at=datetime.fromisoformat(deadline["due_at"]),
        original_due_at=datetime.fromisoformat(deadline["original_due_at"]),
        legal_basis=deadline["legal_basis"],
        pausable=deadline["pausable"],
        paused_at=_moment(deadline.get("paused_at")),
        arithmetic=tuple(deadline["lines"]),
        role=role,
        task=str(task.id) if own_timer else task.internal_data.get("host"),
    )
    if own_timer and "paused_at" not in deadline:
        entry = {"due": deadline["due_at"], "lines": deadline["lines"]}
        found.timers[own_timer] = _armed(task, own_timer, entry, deadline["id"], "due")


def _armed(
    task: Task, identity: str, timer: dict[str, Any], deadline: str | None, role: str
) -> ArmedTimer:
    return ArmedTimer(
        id=identity,
        instance=instance_of(task),
        element=task.task_spec.node.id,
        name=task.task_spec.node.name,
        due_at=datetime.fromisoformat(timer["due"]),
        deadline=deadline,
        role=role,
        arithmetic=tuple(timer["lines"]),
    )


def _live(moment: Moment) -> list[Task]:
    return [task for task in moment.workflow.everyone() if task.state != TaskState.ERROR]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _calendar(node: Node) -> str:
    return node.properties.get("calendar") or "local"


def _roll(node: Node) -> str:
    return node.properties.get("roll") or "none"


def _lines(due: calendar.Due) -> list[dict[str, str]]:
    return [{"da": line.da, "en": line.en} for line in due.lines]


def _lawful_line(limit: Limit) -> Line:
    least = ("at least", "mindst") if limit.earliest else ("at most", "højst")
    return Line(
        en=f"the law says {least[0]} {limit.duration}; the programme's own time does not count",
        da=f"loven siger {least[1]} {limit.duration}; programmets egen tid gælder ikke",
    )


def _moved_line(due: datetime, reason: str) -> dict[str, str]:
    day = due.astimezone(calendar.COPENHAGEN)
    when = f"{day.day}/{day.month} {day.year}"
    return {"da": f"flyttet til {when}: {reason}", "en": f"moved to {when}: {reason}"}


def _paused_line(since: datetime, until: datetime, due: datetime) -> dict[str, str]:
    def day(at: datetime) -> str:
        local = at.astimezone(calendar.COPENHAGEN)
        return f"{local.day}/{local.month} {local.year}"

    return {
        "da": f"på pause fra {day(since)} til {day(until)}; ny frist {day(due)}",
        "en": f"paused from {day(since)} to {day(until)}; new due date {day(due)}",
    }
