"""How a thrown event finds what catches it: inward to the case first, then outward by scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.engine.moment import ElementFailed, attached
from processes.engine.step import OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Trigger
    from processes.engine.moment import Moment


def throw(task: Task, trigger: Trigger | None, moment: Moment) -> None:
    """Throw an event from a token; errors are thrown by the end event itself, once it is done."""
    if trigger is None:
        return
    if trigger.kind == "message":
        _send(task, trigger, moment)
    elif trigger.kind == "signal":
        _broadcast(task, trigger, moment)
    elif trigger.kind == "escalation":
        _escalate(task, trigger, moment)


def throw_error(task: Task, code: str | None, detail: dict[str, Any], moment: Moment) -> None:
    """Let the nearest scope outward that catches the error handle it.

    Raises:
        ElementFailed: nothing catches it.
    """
    catcher = require_catcher(task, code)
    catcher.task_spec.occur(catcher, detail, moment)


def require_catcher(task: Task, code: str | None) -> Task:
    """The event on watch that would catch an error thrown here.

    Raises:
        ElementFailed: there is none.
    """
    catcher = _catcher(task, "error", code)
    if catcher is None:
        raise ElementFailed(f"the error {code or '(no code)'} is caught by nothing in the diagram")
    return catcher


def fault(task: Task, code: str, detail: dict[str, Any], moment: Moment) -> bool:
    """A service task's handler found no way: its own error event first, then outward."""
    catcher = _matching(list(_edge(task)), "error", code) or _catcher(task, "error", code)
    moment.note("job.faulted", task, code=code, caught=catcher is not None)
    if catcher is None:
        return False
    catcher.task_spec.occur(catcher, detail, moment)
    return True


def deliver_inside(
    kind: str, name: str, payload: dict[str, Any], moment: Moment, *, all_of_them: bool
) -> int:
    """Hand an event to what waits for it on this case; how many took it."""
    waiting = [
        task
        for scope in moment.workflow.scopes()
        for task in scope.live()
        if _catches(task, kind, name)
    ]
    taken = 0
    for task in waiting if all_of_them else waiting[:1]:
        if task.id in task.workflow.tasks:
            task.task_spec.occur(task, payload, moment)
            taken += 1
    return taken


def _send(task: Task, trigger: Trigger, moment: Moment) -> None:
    payload = _payload(task, trigger, moment)
    moment.note("message.sent", task, message=trigger.name)
    if not deliver_inside("message", trigger.name, payload, moment, all_of_them=False):
        correlation = task.task_spec.node.properties.get("correlation")
        value = moment.evaluate(task, correlation) if correlation else None
        moment.messages.append(OutgoingMessage(trigger.name, payload, value))


def _broadcast(task: Task, trigger: Trigger, moment: Moment) -> None:
    payload = _payload(task, trigger, moment)
    moment.note("signal.sent", task, signal=trigger.name)
    deliver_inside("signal", trigger.name, payload, moment, all_of_them=True)
    moment.signals.append(OutgoingMessage(trigger.name, payload))


def _escalate(task: Task, trigger: Trigger, moment: Moment) -> None:
    catcher = _catcher(task, "escalation", trigger.code)
    moment.note("escalation.thrown", task, code=trigger.code, caught=catcher is not None)
    if catcher is not None:
        catcher.task_spec.occur(catcher, {}, moment)


def _payload(task: Task, trigger: Trigger, moment: Moment) -> dict[str, Any]:
    if not trigger.payload:
        return {}
    value = moment.evaluate(task, trigger.payload)
    return value if isinstance(value, dict) and "@feel" not in value else {"value": value}


def _catches(task: Task, kind: str, name: str) -> bool:
    trigger = task.task_spec.node.trigger
    watching = hasattr(task.task_spec, "occur") and "incident" not in task.internal_data
    return bool(watching and trigger and trigger.kind == kind and trigger.name == name)


def _catcher(task: Task, kind: str, code: str | None) -> Task | None:
    """The event sub-process of the nearest scope, or the boundary event on it, going outward."""
    workflow = task.workflow
    while True:
        starts = [t for t in workflow.live() if t.task_spec.idle and "host" not in t.internal_data]
        found = _matching(starts, kind, code)
        if found is not None or workflow.parent_task_id is None:
            return found
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        found = _matching(list(_edge(parent)), kind, code)
        if found is not None:
            return found
        workflow = parent.workflow


def _edge(task: Task) -> Iterator[Task]:
    """The boundary events of an activity, or of the multi-instance that a part belongs to."""
    yield from attached(task)
    outer = task.internal_data.get("outer")
    for other in task.workflow.live():
        if outer is not None and str(other.id) == outer:
            yield from attached(other)


def _matching(watching: list[Task], kind: str, code: str | None) -> Task | None:
    """The event for exactly this code, else the one for every code."""
    of_kind = [
        (task.task_spec.node.trigger.code, task)
        for task in watching
        if task.task_spec.node.trigger is not None and task.task_spec.node.trigger.kind == kind
    ]
    for wanted in (code, None):
        for known, task in of_kind:
            if known == wanted:
                return task
    return None
