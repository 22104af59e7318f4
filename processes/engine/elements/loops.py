"""Activities done more than once: multi-instance, parallel or in a row, and the standard loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from processes.engine.elements.activities import Activity
from processes.engine.moment import FAILURES, ElementFailed, parts

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.diagram import Loop, Node
    from processes.engine.elements.base import NodeSpec
    from processes.engine.moment import Moment
    from processes.engine.workflow import ScopeSpec


class Repetition(Activity):
    """The outer activity: it opens the parts, collects what they give and is done once."""

    loop: Loop

    def __init__(self, scope: ScopeSpec, node: Node, part: NodeSpec, loop: Loop) -> None:
        super().__init__(scope, node)
        self.part = part
        self.loop = loop
        part.repetition = self

    def open_part(self, task: Task, index: int, moment: Moment, **internal: Any) -> None:
        """Put a token in front of one part."""
        task.internal_data["begun"] = True
        moment.spawn(task.workflow, self.part, outer=str(task.id), index=index, **internal)

    def part_done(self, part: Task, moment: Moment) -> None:
        """One part has finished."""
        outer = part.internal_data["outer"]
        for task in part.workflow.live():
            if str(task.id) == outer:
                self.take(task, part)
                self._go_on(task, moment)

    def ask(self, task: Task, moment: Moment) -> None:
        """Ask the failed condition again."""
        self.progress(task, moment)

    def take(self, task: Task, part: Task) -> None:
        """Keep what a finished part gave."""
        raise NotImplementedError

    def progress(self, task: Task, moment: Moment) -> None:
        """Go on with the next part or be done.

        Raises:
            ElementFailed, FeelError: the condition; the parts that are open go on.
        """
        raise NotImplementedError

    def remark(self, task: Task) -> dict[str, Any]:
        """The parts have told their own stories; this line is the whole."""
        told = super().remark(task)
        return {**told, "whole": True} if "begun" in task.internal_data else told

    def _go_on(self, task: Task, moment: Moment) -> None:
        if task.state == TaskState.ERROR:
            moment.calm(task)
        try:
            self.progress(task, moment)
        except FAILURES as error:
            moment.stall(task, str(error))


class MultiInstance(Repetition):
    """Once for every item of a list, or a number of times."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Look at the list once; an empty one is done at once."""
        items = self._items(task, moment)
        task.internal_data["items"] = items
        task.internal_data["given"] = {}
        task.internal_data["next"] = 0
        if not items:
            self._collect(task, moment)
            return True
        self._open_next(task, moment, all_of_them=self.loop.kind == "parallel")
        return False

    def take(self, task: Task, part: Task) -> None:
        """The part's output, at its own place."""
        task.internal_data["given"][str(part.internal_data["index"])] = self._output(part)
        if "authority" in part.internal_data:
            task.internal_data["authority"] = True

    def progress(self, task: Task, moment: Moment) -> None:
        """Stop when all are done or the completion condition holds."""
        if self._complete(task, moment):
            for other in parts(task):
                moment.cancel(other)
            self._collect(task, moment)
            moment.complete(task)
        else:
            self._open_next(task, moment, all_of_them=False)

    def _items(self, task: Task, moment: Moment) -> list[Any]:
        if self.loop.collection:
            value = moment.evaluate(task, self.loop.collection)
            if not isinstance(value, list):
                raise ElementFailed(f"'{self.loop.collection}' is not a list")
            return value
        count = moment.evaluate(task, self.loop.cardinality or "0")
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ElementFailed(f"'{self.loop.cardinality}' is not a whole number")
        return list(range(1, count + 1))

    def _open_next(self, task: Task, moment: Moment, *, all_of_them: bool) -> None:
        items = task.internal_data["items"]
        if self.loop.kind == "parallel" and task.internal_data["next"] and not all_of_them:
            return
        start = task.internal_data["next"]
        stop = len(items) if all_of_them else min(start + 1, len(items))
        for index in range(start, stop):
            local = {"loopCounter": index + 1}
            if self.loop.item:
                local[self.loop.item] = items[index]
            self.open_part(task, index, moment, local=local)
        task.internal_data["next"] = stop

    def _complete(self, task: Task, moment: Moment) -> bool:
        total = len(task.internal_data["items"])
        done = len(task.internal_data["given"])
        if done == total:
            return True
        if not self.loop.condition:
            return False
        task.internal_data["seen"] = {
            "numberOfInstances": total,
            "nrOfInstances": total,
            "numberOfCompletedInstances": done,
            "nrOfCompletedInstances": done,
            "numberOfActiveInstances": len(parts(task)),
            "nrOfActiveInstances": len(parts(task)),
            "numberOfTerminatedInstances": 0,
            **{k: v for k, v in self._last_given(task).items() if k},
        }
        try:
            return moment.condition(task, self.loop.condition)
        finally:
            del task.internal_data["seen"]

    def _last_given(self, task: Task) -> dict[str, Any]:
        """The newest output, by its item's name, so that a completion condition can look at it."""
        given = list(task.internal_data["given"].values())
        name = self.loop.output_item
        return {name: given[-1]} if name and given else {}

    def _output(self, part: Task) -> Any:
        local = part.internal_data.get("local", {})
        if self.loop.output_item:
            return local.get(self.loop.output_item)
        own = {"loopCounter", self.loop.item}
        return {name: value for name, value in local.items() if name not in own}

    def _collect(self, task: Task, moment: Moment) -> None:
        if self.loop.output_collection:
            given = task.internal_data["given"]
            ordered = [given[key] for key in sorted(given, key=int)]
            compartment = "A" if "authority" in task.internal_data else None
            moment.store(task, self.loop.output_collection, ordered, compartment)


class StandardLoop(Repetition):
    """Again while the condition holds, at most `loopMaximum` times."""

    def begin(self, task: Task, moment: Moment) -> bool:
        """Ask first if the diagram says so."""
        if self.loop.test_before and not self._again(task, 0, moment):
            return True
        self._open(task, 0, moment)
        return False

    def take(self, task: Task, part: Task) -> None:
        """How often it has been done."""
        task.internal_data["done"] = part.internal_data["index"] + 1

    def progress(self, task: Task, moment: Moment) -> None:
        """Once more, or done."""
        done = task.internal_data["done"]
        if self._again(task, done, moment):
            self._open(task, done, moment)
        else:
            moment.complete(task)

    def _open(self, task: Task, index: int, moment: Moment) -> None:
        self.open_part(task, index, moment, seen={"loopCounter": index + 1})

    def _again(self, task: Task, done: int, moment: Moment) -> bool:
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return False
        if not self.loop.condition:
            return self.loop.maximum is not None
        task.internal_data["seen"] = {"loopCounter": done}
        try:
            return moment.condition(task, self.loop.condition)
        finally:
            del task.internal_data["seen"]
