"""Ad hoc sub-processes: people choose what is done next, and when it is enough.

While it is open, an open task on the sub-process itself asks each role what to do: one of the
activities that no flow leads to, or, where no completion condition decides it, to stop.
Source: BPMN 2.0.2, 13.3.5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from processes.engine.elements.activities import Activity, UserTask
from processes.engine.elements.containers import SubProcess
from processes.engine.moment import FAILURES, decided, is_idle
from processes.engine.problems import NotWaiting
from processes.engine.workflow import drop_task

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Node
    from processes.engine.elements.base import NodeSpec
    from processes.engine.moment import Moment
    from processes.engine.step import OpenTask
    from processes.engine.workflow import Flat, ScopeSpec

ASKED, DONE = "valg", "faerdig"
"""The answer's key, and its value when nothing more shall be done."""

KEPT = frozenset({"assign", "priority"})
"""The sub-process's properties that its choices take over."""


class AdHocSubProcess(SubProcess):
    """Keeps the choices open until its condition holds or somebody says that it is enough."""

    def __init__(self, scope: ScopeSpec, node: Node, body: ScopeSpec, name: str | None) -> None:
        super().__init__(scope, node, body, name)
        self.choices = [Choice(self, lane) for lane in self._lanes()]

    def begin(self, task: Task, moment: Moment) -> bool:
        """Open the inside and ask what to do."""
        self._ask_what_next(moment.open_scope(task, self.body), moment)
        return False

    def inner_done(self, task: Task, inner: Task) -> None:
        """An activity was done: time to look at the condition."""
        if isinstance(inner.task_spec, Activity):
            moment = task.workflow.top_workflow.moment
            moment.workflow.subprocesses[task.id].data["looked_for"] = True
            if task.state == TaskState.ERROR:
                moment.calm(task)

    def settle(self, task: Task, moment: Moment) -> None:
        """End it, ask anew what to do, or wait for the one that is under way."""
        scope = moment.workflow.subprocesses.get(task.id)
        if task.state != TaskState.STARTED or scope is None:
            return
        try:
            enough = self._is_enough(task, scope, moment)
        except FAILURES as error:
            moment.stall(task, str(error))
            return
        if enough:
            self._stop(scope, moment)
        elif self.body.scope.one_at_a_time and _under_way(scope):
            _call_off(scope)
        else:
            self._ask_what_next(scope, moment)

    def _lanes(self) -> list[str | None]:
        """Whom to ask: the roles of what can be chosen; the sub-process's own may also stop it."""
        chosen_by = {node.lane or self.node.lane: None for node in self.body.scope.entries()}
        own = {} if self.body.scope.completion else {self.node.lane: None}
        return list({**own, **chosen_by})

    def _ask_what_next(self, scope: Flat, moment: Moment) -> None:
        open_ = {task.task_spec for task in scope.live()}
        for choice in self.choices:
            if choice not in open_:
                moment.spawn(scope, choice)

    def _is_enough(self, task: Task, scope: Flat, moment: Moment) -> bool:
        if "finished" in scope.data:
            return True
        condition = self.body.scope.completion
        if condition is None or "looked_for" not in scope.data:
            return False
        answer = moment.evaluate(task, condition)
        return answer is not None and decided(condition, answer)

    def _stop(self, scope: Flat, moment: Moment) -> None:
        scope.data["finished"] = True
        _call_off(scope)
        if self.body.scope.cancels_rest:
            for other in _under_way(scope):
                moment.cancel(other)


class Choice(UserTask):
    """Asks one role what to do next; each answer ends it, and a new one opens."""

    def __init__(self, owner: AdHocSubProcess, lane: str | None) -> None:
        node = owner.node
        own = lane == node.lane
        name = f"{node.id} [choice]" if own else f"{node.id} [choice {lane}]"
        kept = {key: value for key, value in node.properties.items() if key in KEPT}
        alone = replace(
            node, lane=lane, properties=kept, loop=None, triggers=(), incoming=[], outgoing=[]
        )
        super().__init__(owner.body, alone, name)
        self.form_name = f"{name}.form.json"
        self.options: dict[str, NodeSpec] = {
            entry.id: owner.body.nodes[entry.id]
            for entry in owner.body.scope.entries()
            if (entry.lane or node.lane) == lane
        }
        self.may_stop = own and owner.body.scope.completion is None

    @property
    def form(self) -> dict[str, Any]:
        """The form-js form that asks; `label_en` stands beside each Danish label."""
        options = [_option(id_, spec.node.name or id_) for id_, spec in self.options.items()]
        if self.may_stop:
            name = self.node.name or self.node.id
            options.append(
                {
                    **_option(DONE, f"Ikke mere – afslut »{name}«"),
                    "label_en": f"Nothing more – finish “{name}”",
                }
            )
        question = {
            "type": "radio",
            "id": "Field_valg",
            "key": ASKED,
            "label": "Hvad skal ske nu?",
            "label_en": "What shall be done now?",
            "values": options,
            "validate": {"required": True},
        }
        return {"type": "default", "id": "valg", "schemaVersion": 18, "components": [question]}

    def done(self, task: Task, answers: dict[str, Any], compartment: str, moment: Moment) -> None:
        """Begin what was chosen, or stop.

        Raises:
            NotWaiting: it is not among the options.
        """
        chosen = str(answers.get(ASKED))
        stops = chosen == DONE and self.may_stop
        if not stops and chosen not in self.options:
            raise NotWaiting("activity", str(chosen))
        about = {} if stops else {"activity": chosen, "chosen": self.options[chosen].node.name}
        moment.note("activity.chosen", task, **about)
        drop_task(task)
        if stops:
            task.workflow.data["finished"] = True
        else:
            moment.spawn(task.workflow, self.options[chosen])

    def stopped(self, task: Task, moment: Moment) -> None:
        """Nothing: the sub-process's own deadline goes with the sub-process."""

    def described(self, task: Task) -> OpenTask:
        """The task, with the form that asks."""
        return replace(super().described(task), form=self.form_name)

    def _deadline(self, task: Task) -> dict[str, Any] | None:
        return None if task.workflow.host is None else super()._deadline(task.workflow.host)


def _option(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


def _under_way(scope: Flat) -> list[Task]:
    """What somebody has begun in the sub-process and that is not done."""
    return [
        task
        for task in scope.live()
        if not isinstance(task.task_spec, Choice) and not is_idle(task)
    ]


def _call_off(scope: Flat) -> None:
    """Ask no more."""
    for task in scope.live():
        if isinstance(task.task_spec, Choice):
            drop_task(task)
