"""Activities that do one thing: tasks for people, for handlers, for FEEL and for tables."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from processes.engine import throwing, timing
from processes.engine.document import untag
from processes.engine.elements.base import NodeSpec
from processes.engine.elements.events import arm_boundary_events
from processes.engine.feel import text_of, without_equals
from processes.engine.moment import ElementFailed, ancestry, attached, instance_of
from processes.engine.step import Job, OpenTask

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Node
    from processes.engine.moment import Moment
    from processes.engine.step import Waits


class Activity(NodeSpec):
    """What may have events on its edge."""

    def enter(self, task: Task, moment: Moment) -> bool:
        """Begin the work, then put the boundary events on watch if it takes time."""
        if self.begin(task, moment):
            return True
        if self.repetition is None:
            arm_boundary_events(self, task, moment)
        return False

    def begin(self, task: Task, moment: Moment) -> bool:
        """Do the work; false if it is done later."""
        return True


class UserTask(Activity):
    """Waits for a person."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Open the task and its deadline."""
        task.internal_data["since"] = moment.now.isoformat()
        assign = self.node.properties.get("assign")
        if assign:
            task.internal_data["assign"] = self._assignee(task, assign, moment)
        timing.open_task_deadline(task, self.node, moment)
        moment.note("task.opened", task)
        return False

    def done(self, task: Task, answers: dict[str, Any], compartment: str, moment: Moment) -> None:
        """Store the answers and go on."""
        if self.node.variable:
            moment.store(task, self.node.variable, answers, compartment)
        else:
            for name, value in answers.items():
                moment.store(task, name, value, compartment)
        moment.complete(task)

    def waits(self, task: Task, found: Waits) -> None:
        """An open task."""
        found.tasks[str(task.id)] = self.described(task)

    def described(self, task: Task) -> OpenTask:
        """The open task."""
        internal = task.internal_data
        deadline = self._deadline(task)
        return OpenTask(
            id=str(task.id),
            instance=instance_of(task),
            element=self.node.id,
            name=self.node.name or self.node.id,
            role=role_of(task, self.node),
            form=form_name(self.node),
            created_at=datetime.fromisoformat(internal["since"]),
            due_at=datetime.fromisoformat(deadline["due_at"]) if deadline else None,
            priority=_priority(self.node),
            assign=internal.get("assign"),
            item=_item(task),
            local=untag(task.workflow.top_workflow.moment.locals(task)),
            documentation=self.node.documentation,
        )

    def _assignee(self, task: Task, assign: str, moment: Moment) -> str | None:
        if assign.strip() == "team":
            return "team"
        value = moment.evaluate(task, assign)
        return None if value is None else text_of(value)

    def _deadline(self, task: Task) -> dict[str, Any] | None:
        for holder in [task, *attached(task)]:
            deadline = holder.internal_data.get("deadline")
            if deadline is not None and deadline["element"] == self.node.id:
                return dict(deadline)
        return None


class ServiceTask(Activity):
    """Asks for a job; a worker calls the handler outside the turn."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Evaluate the arguments now, so that the job sees what the diagram saw."""
        if self.node.operation is None:
            return True
        self.ask(task, moment)
        return False

    def ask(self, task: Task, moment: Moment) -> None:
        """Leave the job's arguments on the token."""
        operation = self.node.operation
        if operation is None:
            return
        arguments = moment.attempts(task, [p.value or "null" for p in operation.parameters])
        task.internal_data["job"] = {
            parameter.name: untag(throw_if_failed(value))
            for parameter, value in zip(operation.parameters, arguments, strict=True)
        }
        moment.note("job.requested", task, operation=operation.id)

    def done(self, task: Task, result: object, moment: Moment) -> None:
        """Store the handler's result and go on."""
        operation = self.node.operation
        if operation is not None and operation.result_variable:
            moment.store(task, operation.result_variable, result)
        task.internal_data.pop("job", None)
        moment.complete(task)

    def waits(self, task: Task, found: Waits) -> None:
        """A job, until it failed for good."""
        operation = self.node.operation
        if operation is None or "job" not in task.internal_data:
            return
        found.jobs[str(task.id)] = Job(
            id=str(task.id),
            instance=instance_of(task),
            element=self.node.id,
            name=self.node.name or self.node.id,
            operation=operation.id,
            parameters=task.internal_data["job"],
        )


class SendTask(ServiceTask):
    """A job if it names an operation, else a message thrown at once."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Prepare the message."""
        if self.node.operation is not None:
            return super().begin(task, moment)
        throwing.prepare(task, self.node.trigger, moment)
        return True

    def throw(self, task: Task, moment: Moment) -> None:
        """Send."""
        if self.node.operation is None:
            throwing.throw(task, self.node.trigger, moment)


class ScriptTask(Activity):
    """Writes the entries of a FEEL context."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Evaluate and store."""
        entries = moment.evaluate(task, self.node.script)
        if not isinstance(entries, dict) or "@feel" in entries:
            raise ElementFailed(
                "the script is not a FEEL context; write it as {name: value, other: value}"
            )
        moment.spread(task, entries, None)
        return True


class BusinessRuleTask(Activity):
    """Asks a decision and stores its answer."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Evaluate and store."""
        decision = moment.definition.decision(self.node.decision or "")
        answer = moment.definition.decisions.evaluate(
            decision, lambda text: moment.names(task, text), moment.feel, moment.now
        )
        name = self.node.properties.get("resultVariable") or decision.variable
        moment.store(task, name, answer)
        return True


def throw_if_failed(value: Any) -> Any:
    """The value, or the failure it stands for."""
    if isinstance(value, Exception):
        raise value
    return value


def role_of(task: Task, node: Node) -> str | None:
    """The lane's role, after the bindings of the call activities around it; else the owner's."""
    role = node.lane
    for inner in list(ancestry(task))[1:]:
        around = inner.task_spec.node
        role = around.lane if role is None else around.mapping("lane").get(role, role)
    return role or task.workflow.top_workflow.spec.process.owner_role


def form_name(node: Node) -> str | None:
    """The form's file name; the ending may be left out in the diagram."""
    name = node.properties.get("form")
    if not name:
        return None
    name = without_equals(name)
    return name if name.endswith(".json") else f"{name}.form.json"


def _item(task: Task) -> int | None:
    """The position of the innermost multi-instance part around a token."""
    return next(
        (
            int(inner.internal_data["index"])
            for inner in ancestry(task)
            if "index" in inner.internal_data
        ),
        None,
    )


def _priority(node: Node) -> int:
    text = node.properties.get("priority", "")
    return int(text) if text.isdigit() else 50
