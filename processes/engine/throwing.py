"""How a thrown event finds what catches it: messages and signals anywhere on the case, errors and
escalations outward, scope by scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from processes.engine.document import TAG, untag
from processes.engine.moment import ElementFailed, attached
from processes.engine.step import OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Trigger
    from processes.engine.moment import Moment


def prepare(task: Task, trigger: Trigger | None, moment: Moment) -> None:
    """Work out what a token will throw while it can still fail.

    Raises:
        ElementFailed: an error that nothing catches.
        FeelError: the payload or the correlation.
    """
    if trigger is None:
        return
    if trigger.kind == "error":
        _require_catcher(task, trigger.code)
    correlation = task.task_spec.node.properties.get("correlation")
    task.internal_data["thrown"] = {
        "payload": _payload(task, trigger, moment),
        "correlation": untag(moment.evaluate(task, correlation)) if correlation else None,
    }


def throw(task: Task, trigger: Trigger | None, moment: Moment) -> None:
    """Throw what was prepared; the token is done and stands there until it has been thrown."""
    if trigger is None:
        return
    if trigger.kind == "error":
        catcher = _require_catcher(task, trigger.code)
        moment.occur(catcher, {})
    elif trigger.kind == "message":
        _send(task, trigger, moment)
    elif trigger.kind == "signal":
        _broadcast(task, trigger, moment)
    elif trigger.kind == "escalation":
        _escalate(task, trigger, moment)


def _require_catcher(task: Task, code: str | None) -> Task:
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
    named = catcher.task_spec.node.trigger.variable
    moment.occur(catcher, detail if named else {})
    return True


def deliver_inside(
    kind: str,
    name: str,
    payload: dict[str, Any],
    moment: Moment,
    correlation: object = None,
) -> bool:
    """Hand a message to the oldest wait for it on this case, a signal to all; whether one was."""
    waiting = [
        task for task in moment.workflow.everyone() if _catches(task, kind, name, correlation)
    ]
    for task in waiting[:1] if kind == "message" else waiting:
        if task.id in task.workflow.tasks:
            moment.occur(task, payload)
    return bool(waiting)


def _send(task: Task, trigger: Trigger, moment: Moment) -> None:
    payload, value = _thrown(task)
    moment.note("message.sent", task, message=trigger.name)
    if not deliver_inside("message", trigger.name, payload, moment, value):
        moment.messages.append(OutgoingMessage(trigger.name, payload, value))


def _broadcast(task: Task, trigger: Trigger, moment: Moment) -> None:
    payload, _ = _thrown(task)
    moment.note("signal.sent", task, signal=trigger.name)
    deliver_inside("signal", trigger.name, payload, moment)
    moment.signals.append(OutgoingMessage(trigger.name, payload))


def _escalate(task: Task, trigger: Trigger, moment: Moment) -> None:
    catcher = _catcher(task, "escalation", trigger.code)
    moment.note("escalation.thrown", task, code=trigger.code, caught=catcher is not None)
    if catcher is not None:
        moment.occur(catcher, {})


def _thrown(task: Task) -> tuple[dict[str, Any], Any]:
    thrown = task.internal_data["thrown"]
    return thrown["payload"], thrown["correlation"]


def _payload(task: Task, trigger: Trigger, moment: Moment) -> dict[str, Any]:
    if not trigger.payload:
        return {}
    value = moment.evaluate(task, trigger.payload)
    return value if isinstance(value, dict) and TAG not in value else {"value": value}


def _catches(task: Task, kind: str, name: str, correlation: object) -> bool:
    trigger = task.task_spec.node.trigger
    watching = task.task_spec.catches and task.state in {TaskState.STARTED, TaskState.WAITING}
    if not (watching and trigger and trigger.kind == kind and trigger.name == name):
        return False
    return correlation is None or bool(task.internal_data.get("correlation") == correlation)


def _catcher(task: Task, kind: str, code: str | None) -> Task | None:
    """The event sub-process of the nearest scope, or the boundary event on it, going outward.

    What an event sub-process throws goes past its own start event.
    """
    workflow, inside = task.workflow, task
    while True:
        starts = [
            t
            for t in workflow.live()
            if t.task_spec.idle
            and "host" not in t.internal_data
            and getattr(t.task_spec, "occurrence", None) is not inside.task_spec
        ]
        found = _matching(starts, kind, code)
        if found is not None or workflow.parent_task_id is None:
            return found
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        found = _matching(list(_edge(parent)), kind, code)
        if found is not None:
            return found
        workflow, inside = parent.workflow, parent


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
