"""What every element has in common: it is entered, it may wait, it is left along its flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from processes.engine import timing
from processes.engine.moment import ElementFailed, decided
from processes.engine.workflow import drop_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Flow, Node
    from processes.engine.elements.loops import Repetition
    from processes.engine.moment import Moment
    from processes.engine.step import Waits
    from processes.engine.workflow import Flat, ScopeSpec


class NodeSpec(BpmnTaskSpec):
    """SpiffWorkflow's task specification with the token rules of BPMN 2.0.2, chapter 13.

    Nothing is predicted: a token's next task exists when it gets there.
    """

    idle = False
    """Whether a live task of this element lets its scope end: true for events on watch."""

    catches = False
    """Whether a live task of this element waits for an event to occur."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, name or node.id, lane=node.lane)
        self.node = node
        self.bpmn_id = node.id
        self.bpmn_name = node.name
        self.boundaries: list[NodeSpec] = []
        self.repetition: Repetition | None = None
        """Set on the part of a multi-instance or loop that is done once an item."""

    @property
    def speaks(self) -> bool:
        """Whether the element throws a message or a signal."""
        trigger = self.node.trigger
        throws = self.node.kind in {"endEvent", "intermediateThrowEvent", "sendTask"}
        return throws and trigger is not None and trigger.kind in {"message", "signal"}

    # -- for the elements ------------------------------------------------------------------

    def enter(self, task: Task, moment: Moment) -> bool:
        """Do the element's work; false if it must wait for something."""
        return True

    def watch(self, task: Task, moment: Moment) -> None:
        """Begin to wait for the element's event."""

    def ask(self, task: Task, moment: Moment) -> None:
        """Ask for the work that is done outside."""

    def throw(self, task: Task, moment: Moment) -> None:
        """Tell others, now that the element is done."""

    def stopped(self, task: Task, moment: Moment) -> None:
        """The element ends before it is done."""
        if self.repetition is None:
            timing.close_elsewhere(task, "deadline.cancelled", moment)

    def settle(self, task: Task, moment: Moment) -> None:
        """Look again when nothing else moves."""

    def waits(self, task: Task, found: Waits) -> None:
        """Say what a live task of this element waits for."""

    def body_done(self, task: Task, scope: Flat, moment: Moment) -> None:
        """The inside of the element has come to its end."""

    def inner_done(self, task: Task, inner: Task) -> None:
        """Something inside the element has been done."""

    def chosen(self, task: Task, moment: Moment) -> list[Flow]:
        """The flows a token leaves by: those without a condition, and those whose holds."""
        conditional = [flow for flow in self.node.outgoing if flow.condition]
        if not conditional:
            return self.node.outgoing
        taken = {flow.id for flow in self.true_flows(task, moment)}
        plain = {
            flow.id
            for flow in self.node.outgoing
            if not flow.condition and flow.id != self.node.default
        }
        if not taken:
            taken = {self.default_flow().id} if self.node.default else set()
        if not taken | plain:
            raise ElementFailed(f"no flow out of '{self.node.name or self.node.id}' holds")
        return [flow for flow in self.node.outgoing if flow.id in taken | plain]

    # -- for the flows ---------------------------------------------------------------------

    def true_flows(self, task: Task, moment: Moment) -> Iterator[Flow]:
        """The flows whose condition holds, in document order; all are asked in one crossing."""
        asked = [f for f in self.node.outgoing if f.condition and f.id != self.node.default]
        texts = [str(flow.condition) for flow in asked]
        answers = moment.attempts(task, texts) if texts else []
        for flow, answer in zip(asked, answers, strict=True):
            if decided(str(flow.condition), answer):
                yield flow

    def default_flow(self) -> Flow:
        """The flow taken when no other is.

        Raises:
            ElementFailed: there is none.
        """
        for flow in self.node.outgoing:
            if flow.id == self.node.default:
                return flow
        name = self.node.name or self.node.id
        raise ElementFailed(f"no answer of '{name}' holds, and it has no default flow")

    def leave(self, task: Task, moment: Moment) -> None:
        """Note that the element is done, take its token away and send new ones on."""
        flows = self.chosen(task, moment) if self.repetition is None else []
        moment.disarm(task)
        moment.close_deadline(task, "deadline.met")
        if self.repetition is None:
            timing.close_elsewhere(task, "deadline.met", moment)
        moment.note("element.completed", task, **self.remark(task), flows=[f.id for f in flows])
        self.throw(task, moment)
        if task.id not in task.workflow.tasks:
            return  # what it threw has ended the scope it stood in
        self.pass_on(task, flows, moment)

    def pass_on(self, task: Task, flows: list[Flow], moment: Moment) -> None:
        """Take a token away that is done here, and send new ones along the flows."""
        drop_task(task)
        if task.workflow.host is not None:
            task.workflow.host.task_spec.inner_done(task.workflow.host, task)
        if self.repetition is not None:
            self.repetition.part_done(task, moment)
        for flow in flows:
            moment.follow(task.workflow, flow)

    def remark(self, task: Task) -> dict[str, Any]:
        """What the history says beside the element's name."""
        remark: dict[str, Any] = {"kind": self.node.kind}
        if "index" in task.internal_data:
            remark["item"] = task.internal_data["index"]
        return remark

    # -- SpiffWorkflow's hooks -------------------------------------------------------------

    def _predict(self, my_task: Task, *_: object, **__: object) -> None:
        """Nothing: prediction is exponential in consecutive forks."""

    def test(self) -> None:
        """Nothing: a node without incoming flows is a legal start."""

    def _run_hook(self, my_task: Task) -> bool | None:
        moment = my_task.workflow.top_workflow.moment
        done = self.enter(my_task, moment)
        my_task.internal_data["entered"] = True
        if not done:
            my_task.internal_data["at"] = moment.now.isoformat()
        return True if done else None

    def _on_complete_hook(self, my_task: Task) -> None:
        self.leave(my_task, my_task.workflow.top_workflow.moment)


class Root(NodeSpec):
    """The finished task that every live task of a scope hangs on."""
