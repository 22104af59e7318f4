"""Activities with an inside: embedded sub-processes and call activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.engine.elements.activities import Activity, throw_if_failed

if TYPE_CHECKING:
    from collections.abc import Container

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Node
    from processes.engine.moment import Moment
    from processes.engine.workflow import Flat, ScopeSpec


class SubProcess(Activity):
    """An embedded sub-process: it shares the data of what is around it."""

    def __init__(self, scope: ScopeSpec, node: Node, body: ScopeSpec, name: str | None) -> None:
        super().__init__(scope, node, name)
        self.body = body

    def begin(self, task: Task, moment: Moment) -> bool:
        """Open the inside with a token at its start."""
        scope = moment.open_scope(task, self.body, **self.own_data(task, moment))
        for start in entry_points(self.body):
            moment.spawn(scope, start)
        return False

    def own_data(self, task: Task, moment: Moment) -> dict[str, Any]:
        """The variables only the inside sees; none for an embedded sub-process."""
        return {}

    def body_done(self, task: Task, scope: Flat, moment: Moment) -> None:
        """Close the inside and go on."""
        moment.close_scope(task)
        moment.complete(task)


class CallActivity(SubProcess):
    """A called process: with declared inputs or outputs it has variables of its own."""

    def own_data(self, task: Task, moment: Moment) -> dict[str, Any]:
        """The inputs, evaluated where the call stands."""
        return {"own": self.inputs(task, moment)} if self.declares() else {}

    def inputs(self, task: Task, moment: Moment, known: Container[str] = ()) -> dict[str, Any]:
        """The declared inputs but those that are known, as FEEL values."""
        declared = {name: name for name in self.body.process.inputs} | self.node.mapping("in")
        wanted = {name: text for name, text in declared.items() if name not in known}
        values = moment.attempts(task, list(wanted.values())) if wanted else []
        return {name: throw_if_failed(value) for name, value in zip(wanted, values, strict=True)}

    def body_done(self, task: Task, scope: Flat, moment: Moment) -> None:
        """Hand the outputs to the caller, then go on."""
        outputs = self.node.mapping("out")
        found: dict[str, Any] = {}
        own = scope.data.get("own", {})
        if outputs:
            task.internal_data["seen"] = own
            values = moment.attempts(task, list(outputs.values()))
            del task.internal_data["seen"]
            found = dict(zip(outputs, map(throw_if_failed, values), strict=True))
        found |= {name: own.get(name) for name in self.body.process.outputs if name not in found}
        for name, value in found.items():
            moment.store(task, name, value)
        super().body_done(task, scope, moment)

    def declares(self) -> bool:
        """Whether the called process has variables of its own."""
        process = self.body.process
        mapped = self.node.mapping("in") or self.node.mapping("out")
        return bool(mapped or process.inputs or process.outputs)


def entry_points(body: ScopeSpec) -> list[Any]:
    """Where tokens begin: the plain start event; without any, every node that no flow leads to."""
    starts = [spec for spec in body.nodes.values() if spec.node.kind == "startEvent"]
    if starts:
        return [spec for spec in starts if spec.node.trigger is None][:1]
    return [body.nodes[node.id] for node in body.scope.entries()]


def event_starts(body: ScopeSpec) -> list[Any]:
    """The start events that wait for something."""
    return [
        spec
        for spec in body.nodes.values()
        if spec.node.kind == "startEvent" and spec.node.trigger is not None
    ]
