"""SpiffWorkflow's workflows, made flat: only live tasks, all of them children of the root.

A finished task leaves the tree at once, so that the cost of a step does not grow with the age of
the case, and SpiffWorkflow's depth limit (1,000 levels, then silence) is never near.
"""

from __future__ import annotations

import logging
from os import urandom
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.util.task import BpmnTaskFilter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processes.engine.diagram import Process, Scope
    from processes.engine.elements.base import NodeSpec
    from processes.engine.moment import Moment
    from processes.engine.step import Waits

for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Token(Task):
    """A task whose changes of state nobody logs: a record each was a tenth of a step."""

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing."""
        return {}


class ScopeSpec(WorkflowSpec):
    """The specification of one scope: a process, or the inside of a sub-process."""

    def __init__(self, path: str, scope: Scope, process: Process) -> None:
        super().__init__(name=path, filename=process.file)
        self.scope = scope
        self.process = process
        self.data_objects: dict[str, Any] = {}
        self.nodes: dict[str, NodeSpec] = {}
        self.event_starts: list[NodeSpec] = []
        """One for each event sub-process: what waits for its start event."""


class Flat:
    """What both kinds of workflow do differently from SpiffWorkflow's own."""

    tasks: dict[Any, Task]
    task_tree: Task
    spec: ScopeSpec
    data: dict[str, Any]
    parent_task_id: Any
    host: Task | None = None
    """The task whose inside this is; None for the main scope."""
    top_workflow: CaseWorkflow

    def get_tasks_iterator(self, first_task: Task | None = None, **criteria: Any) -> Iterator[Task]:
        """A scan of the live tasks; there is no tree worth walking."""
        criteria.pop("skip_subprocesses", None)
        wanted = criteria.pop("task_filter", None) or BpmnTaskFilter(**criteria)
        return iter([task for task in self.tasks.values() if wanted.matches(task)])

    def _task_completed_notify(self, task: Task) -> None:
        """Nothing: the moment decides what runs next and when a scope is done."""

    def update_waiting_tasks(self) -> None:
        """Nothing: a waiting task is woken by a command, never by a sweep."""

    def live(self) -> list[Task]:
        """Every task but the root, oldest first."""
        return [task for task in self.tasks.values() if task is not self.task_tree]


class CaseWorkflow(Flat, BpmnWorkflow):
    """A case's main instance; it knows every scope that runs inside the case."""

    moment: Moment
    known: Waits | None = None
    """What it waited for after its last step, for whoever goes on without a restore."""

    def scopes(self) -> list[Flat]:
        """The main scope, then every scope inside, in the order they began."""
        return [self, *self.subprocesses.values()]

    def everyone(self) -> list[Task]:
        """Every live task of every scope, oldest first."""
        tasks = [task for scope in self.scopes() for task in scope.live()]
        return sorted(tasks, key=lambda task: task.internal_data.get("n", 0))


class ScopeWorkflow(Flat, BpmnSubWorkflow):
    """The inside of a running sub-process, called process or event sub-process."""


def add_task(
    workflow: Flat, spec: NodeSpec, internal: dict[str, Any], state: int = TaskState.READY
) -> Task:
    """A new live task, a child of the root; `n` says in which order they came."""
    counted = workflow.top_workflow.data
    counted["tokens"] = counted.get("tokens", 0) + 1
    number = counted["tokens"]
    task = Token(workflow, spec, parent=workflow.task_tree, state=state, id=ordered_id(number))
    task.internal_data = {**internal, "n": number}
    return task


def ordered_id(number: int) -> UUID:
    """A new id that sorts after those of smaller numbers, in PostgreSQL as well.

    Rows are told apart by it where times cannot: of two waits that began in one turn the first
    gets the message, of two timers due at one instant it fires first.
    """
    return UUID(bytes=number.to_bytes(4, "big") + urandom(12), version=4)


def drop_task(task: Task) -> None:
    """Take a task out of the tree."""
    if task.id in task.workflow.tasks:
        task.workflow._remove_task(task.id)  # noqa: SLF001 — SpiffWorkflow has no public way
