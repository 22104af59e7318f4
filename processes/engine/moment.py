"""One command's worth of running: the clock, the data, the queue of tokens, the log.

SpiffWorkflow's tasks carry the tokens and its task states say where they are; the elements say
what each token does; this module moves them until everything waits.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from models.calendar import CalendarError
from processes.engine.feel import Feel, FeelError, settled, without_equals
from processes.engine.step import Happening, Waits
from processes.engine.workflow import ScopeWorkflow, Token, add_task, drop_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from SpiffWorkflow.task import Task

    from processes.engine.definition import Definition
    from processes.engine.diagram import Flow, Process
    from processes.engine.document import Document
    from processes.engine.elements.base import NodeSpec
    from processes.engine.step import OutgoingMessage
    from processes.engine.workflow import CaseWorkflow, Flat, ScopeSpec

MOST_STEPS, MOST_ROUNDS = 10_000, 500
"""Automatic elements one command may pass, and how often the same one, items of a list apart; a
diagram that needs more goes round for ever.
"""

MOST_LEVELS = 50
"""Sub-processes inside each other; a process that calls itself without end has more."""


class ElementFailed(Exception):
    """An element cannot run; a person has to look at the case or the diagram."""


FAILURES = (ElementFailed, FeelError, CalendarError)
"""What becomes an incident at the element, and never stops the rest of the case."""


@dataclass(frozen=True)
class Surroundings:
    """What a turn brings to the engine."""

    definition: Definition
    feel: Feel
    now: datetime
    """The case's clock, aware."""

    closing_days: frozenset[date]


class Moment:
    """The mutable middle of one pure step."""

    def __init__(
        self, surroundings: Surroundings, workflow: CaseWorkflow, document: Document
    ) -> None:
        self.definition = surroundings.definition
        self.feel = surroundings.feel
        self.clock = surroundings.now
        self.now = surroundings.now
        """What new timers count from: a late timer's due time while its consequences run."""

        self.closing_days = surroundings.closing_days
        self.workflow = workflow
        self.document = document
        self.log: list[Happening] = []
        self.messages: list[OutgoingMessage] = []
        self.signals: list[OutgoingMessage] = []
        self._queue: deque[Task] = deque()
        self._throws: deque[Task] = deque()
        """Tokens about to throw: whoever can still get ready to catch goes first."""

        self._steps = 0
        self._rounds: Counter[tuple[Flat, NodeSpec]] = Counter()
        self.before = Waits()
        """What the case waited for when the command came."""

        workflow.moment = self

    # -- running ---------------------------------------------------------------------------

    def run(self) -> None:
        """Move every token until all of them wait."""
        self._drain()
        while self._settle():
            self._drain()

    def spawn(self, workflow: Flat, spec: NodeSpec, **internal: Any) -> Task:
        """Put a token in front of an element."""
        task = add_task(workflow, spec, internal)
        self._enqueue(task)
        return task

    def follow(self, workflow: Flat, flow: Flow) -> None:
        """Send a token along a sequence flow."""
        self.spawn(workflow, workflow.spec.nodes[flow.target], flow=flow.id)

    def arm(self, workflow: Flat, spec: NodeSpec, **internal: Any) -> Task:
        """Let an event wait from now on, without a token."""
        return add_task(workflow, spec, internal, TaskState.WAITING)

    def retry(self, task: Task) -> None:
        """Give a failed element another try, from where it failed."""
        task.internal_data.pop("incident")
        if task.internal_data.pop("leaving", False):
            self.complete(task)
            return
        if task.internal_data.pop("waiting", False):
            self.ask_again(task)
            return
        task._set_state(TaskState.READY)  # noqa: SLF001
        self._enqueue(task)

    def complete(self, task: Task) -> None:
        """Finish a waiting element; a failure on the way out becomes its incident."""
        try:
            task.complete()
        except FAILURES as error:
            self.fail(task, str(error), leaving=True)

    def occur(self, task: Task, payload: dict[str, Any]) -> None:
        """Let a caught event have its way; a failure becomes its incident."""
        try:
            task.task_spec.occur(task, payload, self)
        except FAILURES as error:
            self.fail(task, str(error), leaving=True)

    def fail(self, task: Task, message: str, *, leaving: bool = False) -> None:
        """Stop at this element; the rest of the case goes on."""
        if not leaving:
            self.disarm(task, met=False)
        task._set_state(TaskState.ERROR)  # noqa: SLF001
        task.internal_data["incident"] = message
        if leaving:
            task.internal_data["leaving"] = True
        self.note("incident.raised", task, message=message)

    def stall(self, task: Task, message: str) -> None:
        """A waiting element's work went wrong outside; the events on its edge stay on watch."""
        task._set_state(TaskState.ERROR)  # noqa: SLF001
        task.internal_data |= {"incident": message, "waiting": True}
        self.note("incident.raised", task, message=message)

    def calm(self, task: Task) -> None:
        """What an element stalled over is not so any more."""
        task._set_state(TaskState.STARTED)  # noqa: SLF001
        task.internal_data.pop("incident", None)
        task.internal_data.pop("waiting", None)

    def ask_again(self, task: Task) -> None:
        """Let a stalled element ask for its work anew, with the data as they are now."""
        task._set_state(TaskState.STARTED)  # noqa: SLF001
        try:
            task.task_spec.ask(task, self)
        except FAILURES as error:
            self.stall(task, str(error))

    def _enqueue(self, task: Task) -> None:
        (self._throws if task.task_spec.speaks else self._queue).append(task)

    def _drain(self) -> None:
        while self._queue or self._throws:
            task = (self._queue or self._throws).popleft()
            if task.id in task.workflow.tasks and task.state == TaskState.READY:
                self._step(task)

    def _step(self, task: Task) -> None:
        if self._goes_round_for_ever(task):
            self.fail(task, "it came here over and over without a wait: an endless loop")
            return
        try:
            task.run()
        except FAILURES as error:
            done = task.internal_data.pop("entered", False)
            self.fail(task, str(error), leaving=done)

    def _goes_round_for_ever(self, task: Task) -> bool:
        self._steps += 1
        if task.task_spec.repetition is None:
            self._rounds[task.workflow, task.task_spec] += 1
        rounds = self._rounds[task.workflow, task.task_spec]
        return self._steps > MOST_STEPS or rounds > MOST_ROUNDS

    def _settle(self) -> bool:
        """What only shows when nothing else moves; true if something moved again."""
        for workflow in reversed(self.workflow.scopes()):
            for task in workflow.live():
                self._look_again(task)
        return bool(self._queue or self._throws) or self._close_finished_scope()

    def _look_again(self, task: Task) -> None:
        if task.id not in task.workflow.tasks or task.state == TaskState.ERROR:
            return
        try:
            task.task_spec.settle(task, self)
        except FAILURES as error:
            self.fail(task, str(error))

    # -- scopes ----------------------------------------------------------------------------

    def open_scope(self, task: Task, spec: ScopeSpec, **data: Any) -> ScopeWorkflow:
        """Begin the inside of a sub-process and put its events on watch.

        Raises:
            ElementFailed: too many are inside each other.
        """
        if sum(1 for _ in ancestry(task)) > MOST_LEVELS:
            raise ElementFailed(
                f"more than {MOST_LEVELS} sub-processes are open inside each other: "
                "the process calls itself without end"
            )
        scope = ScopeWorkflow(
            spec, parent_task_id=task.id, top_workflow=self.workflow, deserializing=True
        )
        scope.host = task
        plant_root(scope)
        scope.data = data
        self.workflow.subprocesses[task.id] = scope
        self.arm_event_starts(scope)
        return scope

    def arm_event_starts(self, workflow: Flat) -> None:
        """Put the event sub-processes of a scope on watch."""
        for spec in workflow.spec.event_starts:
            self.watch(self.arm(workflow, spec))

    def watch(self, task: Task) -> None:
        """Compute what an armed event waits for; a failure becomes its incident."""
        try:
            task.task_spec.watch(task, self)
        except FAILURES as error:
            self.fail(task, str(error))

    def _close_finished_scope(self) -> bool:
        for task_id, scope in reversed(list(self.workflow.subprocesses.items())):
            parent = self.workflow.get_task_from_id(task_id)
            if is_finished(scope) and parent.state != TaskState.ERROR:
                self._finish_body(parent, scope)
                return True
        return False

    def _finish_body(self, task: Task, scope: ScopeWorkflow) -> None:
        try:
            task.task_spec.body_done(task, scope, self)
        except FAILURES as error:
            self.stall(task, str(error))

    def close_scope(self, task: Task) -> None:
        """Forget the inside of a sub-process, and the insides of its insides."""
        scope = self.workflow.subprocesses.get(task.id)
        if scope is None:
            return
        for inner in scope.live():
            self.close_scope(inner)
            self.close_deadline(inner, "deadline.met")
        del self.workflow.subprocesses[task.id]

    # -- ending ----------------------------------------------------------------------------

    def disarm(self, task: Task, *, met: bool = True) -> None:
        """Take an activity's boundary events off watch."""
        for event in attached(task):
            self.close_deadline(event, "deadline.met" if met else "deadline.cancelled")
            drop_task(event)

    def cancel(self, task: Task) -> None:
        """End an element before it is done, with everything inside and on its edge."""
        if task.id not in task.workflow.tasks:
            return
        for part in parts(task):
            self.cancel(part)
        scope = self.workflow.subprocesses.get(task.id)
        if scope is not None:
            self.cancel_all(scope)
            self.close_scope(task)
        for event in attached(task):
            self.close_deadline(event, "deadline.cancelled")
            drop_task(event)
        self.close_deadline(task, "deadline.cancelled")
        task.task_spec.stopped(task, self)
        if task.state in {TaskState.STARTED, TaskState.ERROR}:
            self.note("element.cancelled", task)
        drop_task(task)

    def cancel_all(self, workflow: Flat) -> None:
        """End everything in a scope."""
        for task in workflow.live():
            self.cancel(task)

    def close_deadline(self, task: Task, kind: str) -> None:
        """Note how an element's deadline ended, if it has one that is open or was missed."""
        deadline = task.internal_data.pop("deadline", None)
        if deadline is not None:
            self.note(
                kind,
                task,
                element=deadline["element"],
                deadline=deadline["id"],
                late="missed" in deadline,
            )
            self._release_followers(deadline["id"])

    def _release_followers(self, deadline: str) -> None:
        """Events on watch that followed a deadline that is over follow another, or sleep."""
        for task in self.workflow.everyone():
            follows = task.internal_data.get("timer", {}).get("follows")
            if follows == deadline and is_idle(task):
                del task.internal_data["timer"]
                task.internal_data.pop("asleep", None)
                if "spent" not in task.internal_data:
                    self.watch(task)

    # -- data ------------------------------------------------------------------------------

    def evaluate(self, task: Task, expression: str) -> Any:
        """A tagged FEEL value, seen from a token."""
        return settled(self.attempts(task, [expression])[0])

    def attempts(self, task: Task, expressions: Sequence[str]) -> list[Any]:
        """Several FEEL values in one crossing; a `FeelError` stands where one failed."""
        names = self.names(task, " ".join(expressions))
        return self.feel.attempt_all(expressions, names, self.now)

    def condition(self, task: Task, expression: str) -> bool:
        """A FEEL condition; anything but true or false is a failure.

        Raises:
            FeelError: it cannot be evaluated or is not a boolean.
        """
        return decided(expression, self.evaluate(task, expression))

    def literal_or_feel(self, task: Task, text: str) -> Any:
        """A property's value: a literal, or FEEL behind `=`; a bare parameter stays as written."""
        if not text.startswith("="):
            return text
        name = without_equals(text)
        if not self._known(task, name):
            for process in _callers(task):
                written = self.definition.written_parameter(process.id, name)
                if written is not None:
                    return written
        return self.evaluate(task, text)

    def names(self, task: Task, text: str) -> dict[str, Any]:
        """The variables a text could mention, tagged, the innermost winning."""
        found: dict[str, Any] = {}
        for layer in reversed(list(self._layers(task))):
            found.update({name: layer[name] for name in layer if name in text})
        return found

    def store(self, task: Task, name: str, value: object, compartment: str | None = None) -> None:
        """Write a variable into the innermost called process or item, else into the case.

        What belongs to the authority's file goes straight there: an output would carry it into the
        programme's own record. Only a collection may gather it first, and then it lies there too.
        """
        item = _gathered(task, name) if compartment == "A" else None
        if item is not None:
            item.internal_data["local"][name] = value
            item.internal_data["authority"] = True
            return
        place = None if compartment == "A" else next(_places(task), None)
        if place is None:
            self.document.write(name, value, compartment)
        else:
            place[name] = value

    def spread(self, task: Task, values: object, under: str | None) -> None:
        """Store a context: under one name, or entry by entry."""
        if under:
            self.store(task, under, values)
        elif isinstance(values, dict):
            for name, value in values.items():
                self.store(task, name, value)

    def locals(self, task: Task) -> dict[str, Any]:
        """What this item or called process sees and the case does not."""
        seen: dict[str, Any] = {}
        for place in _places(task):
            seen = {**place, **seen}
        return seen

    def _known(self, task: Task, name: str) -> bool:
        return name in self.document or any(name in place for place in _places(task))

    def _layers(self, task: Task) -> Iterator[Any]:
        """Innermost first: local variables, the document, facts, parameters, declared names.

        A called process's own parameters are defaults: those of its callers go before them, and
        of one process those in the programme's file go before those in the diagram.
        """
        for inner in ancestry(task):
            yield inner.internal_data.get("seen", {})
            yield from _local_places(inner)
        yield _Reading(self.document)
        yield self.document.facts
        for process in _callers(task):
            yield self.definition.parameters(process.id)
        yield self.definition.declared

    # -- history ---------------------------------------------------------------------------

    def note(self, kind: str, task: Task, /, element: str | None = None, **detail: Any) -> None:
        """Add a line to the history; `element` if it is about another one than the token's."""
        node = task.task_spec.node
        about = element or node.id
        name = self.definition.name_of(task.workflow.spec, about) if element else node.name
        self.log.append(
            Happening(
                kind,
                self.now,
                about,
                name,
                instance_of(task),
                detail,
            )
        )


class _Reading:
    """The document as a read-only mapping that tags only what is read."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def __iter__(self) -> Iterator[str]:
        return iter(self._document.names())

    def __getitem__(self, name: str) -> Any:
        return self._document.read(name)


def plant_root(workflow: Flat) -> None:
    """Give a workflow the finished root that all its live tasks hang on."""
    workflow.task_tree = Token(workflow, workflow.spec.start, state=TaskState.COMPLETED)


def decided(expression: str, value: Any) -> bool:
    """The truth of a condition.

    Raises:
        FeelError: it failed, or is neither true nor false.
    """
    answer = settled(value)
    if not isinstance(answer, bool):
        shown = "null" if answer is None else repr(answer)
        raise FeelError(expression, f"the condition is {shown}, neither true nor false")
    return answer


def ancestry(task: Task) -> Iterator[Task]:
    """A token, then the sub-process tokens it is inside of, outward.

    The parts of a multi-instance see what their outer activity sees.
    """
    current: Task | None = task
    while current is not None:
        yield current
        current = current.workflow.host


def _places(task: Task) -> Iterator[dict[str, Any]]:
    """The variables of the items and called processes around a token, innermost first."""
    for inner in ancestry(task):
        yield from _local_places(inner)


def _local_places(token: Task) -> Iterator[dict[str, Any]]:
    if "local" in token.internal_data:
        yield token.internal_data["local"]
    own = token.workflow.data.get("own")
    if own is not None:
        yield own


def _gathered(task: Task, name: str) -> Task | None:
    """The item around a token, if its collection gathers what is stored under the name."""
    for inner in ancestry(task):
        if "local" in inner.internal_data:
            loop = inner.task_spec.repetition.loop
            gathers = loop.output_collection and loop.output_item in {None, name}
            return inner if gathers else None
        if inner.workflow.data.get("own") is not None:
            return None
    return None


def _callers(task: Task) -> list[Process]:
    """The processes around a token, the case's own first."""
    around = {t.workflow.spec.process.id: t.workflow.spec.process for t in ancestry(task)}
    return list(reversed(around.values()))


def instance_of(task: Task) -> str:
    """The process instance a token belongs to: its event sub-process's, else the case's own."""
    for inner in ancestry(task):
        if inner.internal_data.get("instance"):
            return str(inner.id)
    return str(task.workflow.top_workflow.task_tree.id)


def attached(task: Task) -> list[Task]:
    """The boundary events on watch at an activity."""
    host = str(task.id)
    return [t for t in task.workflow.live() if t.internal_data.get("host") == host]


def parts(task: Task) -> list[Task]:
    """The open parts of a multi-instance or loop."""
    outer = str(task.id)
    return [t for t in task.workflow.live() if t.internal_data.get("outer") == outer]


def is_finished(workflow: Flat) -> bool:
    """Whether only events on watch are left in a scope."""
    return all(is_idle(task) for task in workflow.live())


def is_idle(task: Task) -> bool:
    """Whether a token is an event on watch; one that could not go on has happened already."""
    return bool(task.task_spec.idle) and "leaving" not in task.internal_data
