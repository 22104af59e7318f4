"""What a case waits for, read off its live tokens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from processes.engine import timing
from processes.engine.elements.activities import role_of
from processes.engine.moment import instance_of
from processes.engine.step import Incident, Instance, Waits
from processes.engine.suspension import is_suspended

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.definition import Definition
    from processes.engine.workflow import CaseWorkflow


def collect_waits(workflow: CaseWorkflow, definition: Definition) -> Waits:
    """Tasks, timers, deadlines, subscriptions, jobs, incidents and instances, each by its id."""
    found = Waits(suspended=is_suspended(workflow))
    tasks = workflow.everyone()
    _add_main_instance(workflow, definition, found)
    for task in tasks:
        if "deadline" in task.internal_data:
            timing.add_deadline_waits(task, found, _responsible(task, definition))
    for task in tasks:
        if task.state == TaskState.ERROR:
            _add_incident(task, found)
        else:
            task.task_spec.waits(task, found)
        if task.internal_data.get("instance"):
            _add_instance(task, found)
    return found


def _responsible(task: Task, definition: Definition) -> str | None:
    deadline = task.internal_data["deadline"]
    if deadline["element"] == task.task_spec.node.id:
        return role_of(task, task.task_spec.node)
    return definition.role_of(deadline["element"]) or role_of(task, task.task_spec.node)


def _add_incident(task: Task, found: Waits) -> None:
    node = task.task_spec.node
    found.incidents[str(task.id)] = Incident(
        id=str(task.id),
        instance=instance_of(task),
        element=node.id,
        name=node.name or node.id,
        message=task.internal_data.get("incident", ""),
    )


def _add_main_instance(workflow: CaseWorkflow, definition: Definition, found: Waits) -> None:
    if not workflow.live():
        return
    identity = str(workflow.task_tree.id)
    found.instances[identity] = Instance(
        id=identity,
        parent=None,
        process=definition.key,
        name=definition.process.name,
        started_at=datetime.fromisoformat(workflow.data["since"]),
    )


def _add_instance(task: Task, found: Waits) -> None:
    node = task.task_spec.node
    around = task.workflow.host
    parent = str(task.workflow.task_tree.id) if around is None else instance_of(around)
    found.instances[str(task.id)] = Instance(
        id=str(task.id),
        parent=parent,
        process=node.id,
        name=node.name or node.id,
        started_at=datetime.fromisoformat(task.internal_data["began"]),
    )
