"""Well-structured diagrams of every construct, drawn at random, and every way to drive a case.

Each block has one way in and one way out, so that a case must come to its end event exactly once,
whatever its people do.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from processes.engine.commands import (
    Command,
    Complete,
    Deliver,
    FailJob,
    FinishJob,
    Fire,
    MoveDeadline,
    PauseDeadline,
    RaiseIncident,
    ResumeDeadline,
    Retry,
    Start,
)
from processes.engine.step import CaseData, Step
from tests.processes.engine.notation import (
    ENGINE,
    START,
    boundary,
    catch,
    definitions,
    end,
    error,
    flows,
    gateway,
    message,
    process,
    props,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from processes.engine import Definition
    from processes.engine.step import OpenTask

LEAVES = ("user", "user", "script", "job", "timer", "message", "signal", "throw", "choice")
SPLITS = ("exclusive", "parallel", "inclusive")
BRANCHES = (*SPLITS, "sub", "loop", "each", "call", "edge", "event", "free")
EMPTY = CaseData({"x": 0, "navne": ["a", "b"]})


@dataclass
class Drawing:
    """What has been drawn so far; ids are counted."""

    draw: Callable[[Any], Any]
    processes: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))


@dataclass(frozen=True)
class Block:
    """Nodes with one way in and one way out."""

    nodes: str
    flows: str
    entry: str
    exit: str


@st.composite
def diagrams(draw: Callable[[Any], Any]) -> str:
    """A whole file with the process `p`."""
    drawing = Drawing(draw)
    body = _chain(drawing, depth=2)
    main = start() + body.nodes + end() + flows(f"s>{body.entry} {body.exit}>e") + body.flows
    return definitions(process(main + _event_sub_process(drawing)), *drawing.processes)


def _chain(drawing: Drawing, depth: int) -> Block:
    blocks = [_block(drawing, depth) for _ in range(drawing.pick(1, 1, 2, 3))]
    joined = "".join(flows(f"{a.exit}>{b.entry}") for a, b in itertools.pairwise(blocks))
    nodes = "".join(block.nodes for block in blocks)
    own = "".join(block.flows for block in blocks)
    return Block(nodes, own + joined, blocks[0].entry, blocks[-1].exit)


def _block(drawing: Drawing, depth: int) -> Block:
    kind = drawing.pick(*LEAVES, *(BRANCHES * 3 if depth else ()))
    if kind in LEAVES:
        return _leaf(drawing, kind)
    if kind in SPLITS:
        return _split(drawing, kind, depth)
    return _container(drawing, kind, depth)


def _leaf(drawing: Drawing, kind: str) -> Block:
    if kind == "choice":
        return _choice(drawing)
    name = drawing.name(kind)
    nodes = {
        "user": lambda: f'<bpmn:userTask id="{name}">{_deadline(drawing)}</bpmn:userTask>',
        "script": lambda: (
            f'<bpmn:scriptTask id="{name}"><bpmn:script>{{x: x + 1}}</bpmn:script>'
            "</bpmn:scriptTask>"
        ),
        "job": lambda: _job(name),
        "timer": lambda: catch(name, timer("Duration", drawing.pick("P1D", "PT1H", "P1M"))),
        "message": lambda: catch(name, message(drawing.pick("hej", "dom"))),
        "signal": lambda: catch(name, timer("Date", "2026-02-01")),
        "throw": lambda: throw(name, drawing.pick(message("hej"), signal("alle"))),
    }[kind]()
    return Block(nodes, "", name, name)


def _deadline(drawing: Drawing) -> str:
    deadline = drawing.pick("", "P2D", "P5D")
    return props(deadline=deadline, calendar="working") if deadline else ""


def _job(name: str) -> str:
    return (
        f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements>'
        '<spiffworkflow:serviceTaskOperator id="x/Y" resultVariable="x"/>'
        "</bpmn:extensionElements></bpmn:serviceTask>"
    )


def _choice(drawing: Drawing) -> Block:
    """An event-based gateway between a timer, a message and a receive task."""
    gate, merge = drawing.name("g"), drawing.name("m")
    late, letter, receive = (drawing.name(kind) for kind in ("late", "letter", "receive"))
    nodes = (
        gateway("eventBased", gate)
        + gateway("exclusive", merge)
        + catch(late, timer("Duration", "P3D"))
        + catch(letter, message("hej"))
        + f'<bpmn:receiveTask id="{receive}" messageRef="M_dom"/>'
    )
    ways = "".join(flows(f"{gate}>{one} {one}>{merge}") for one in (late, letter, receive))
    return Block(nodes, ways, gate, merge)


def _split(drawing: Drawing, kind: str, depth: int) -> Block:
    split, join = drawing.name("f"), drawing.name("j")
    branches = [_chain(drawing, depth - 1) for _ in range(drawing.pick(2, 3))]
    ways = ""
    for number, branch in enumerate(branches):
        condition = "" if kind == "parallel" else f"[modulo(x, {number + 2}) = 0]"
        default = kind != "parallel" and number == 0
        ways += flows(f"{split}>{branch.entry}{'*' if default else condition}")
        ways += branch.flows + flows(f"{branch.exit}>{join}")
    default_id = "" if kind == "parallel" else f"{split}_{branches[0].entry}"
    nodes = gateway(kind, split, default=default_id) + gateway(kind, join)
    return Block(nodes + "".join(branch.nodes for branch in branches), ways, split, join)


def _container(drawing: Drawing, kind: str, depth: int) -> Block:
    name = drawing.name(kind)
    if kind == "free":
        return Block(_ad_hoc(drawing, name, depth), "", name, name)
    inside = _inside(drawing, depth)
    if kind == "loop":
        most = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
        return Block(sub(name, inside, loop=most), "", name, name)
    if kind == "each":
        return Block(sub(name, inside, loop=_each(drawing)), "", name, name)
    if kind == "call":
        called = drawing.name("kaldt")
        drawing.processes.append(process(inside, called))
        mapping = drawing.pick("", props(in__x="x", out__x="x"))
        node = f'<bpmn:callActivity id="{name}" calledElement="{called}">{mapping}'
        return Block(node + "</bpmn:callActivity>", "", name, name)
    if kind == "sub":
        return Block(sub(name, inside + _event_sub_process(drawing)), "", name, name)
    return _edged(drawing, sub(name, inside), name)


def _ad_hoc(drawing: Drawing, name: str, depth: int) -> str:
    """People choose between a task and one that something follows."""
    one, other = drawing.name("user"), drawing.name("user")
    after = _chain(drawing, depth - 1)
    ordering = drawing.pick("Parallel", "Sequential")
    cancels = drawing.pick("true", "false")
    condition = drawing.pick("", "<bpmn:completionCondition>x &gt;= 0</bpmn:completionCondition>")
    body = user(one, other) + after.nodes + flows(f"{other}>{after.entry}") + after.flows
    return (
        f'<bpmn:adHocSubProcess id="{name}" ordering="{ordering}"'
        f' cancelRemainingInstances="{cancels}">{body}{condition}</bpmn:adHocSubProcess>'
    )


def _inside(drawing: Drawing, depth: int) -> str:
    body = _chain(drawing, depth - 1)
    first, last = drawing.name("s"), drawing.name("e")
    return (
        start(first)
        + body.nodes
        + end(last)
        + flows(f"{first}>{body.entry} {body.exit}>{last}")
        + body.flows
    )


def _each(drawing: Drawing) -> str:
    sequential = drawing.pick("true", "false")
    condition = drawing.pick(
        "",
        "<bpmn:completionCondition>numberOfCompletedInstances &gt;= 1</bpmn:completionCondition>",
    )
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}">'
        "<bpmn:loopDataInputRef>navne</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="i" name="navn"/>'
        f"{condition}</bpmn:multiInstanceLoopCharacteristics>"
    )


def _edged(drawing: Drawing, host: str, name: str) -> Block:
    """A sub-process with an event on its edge; what interrupts comes back behind it."""
    edge, aside, merge = drawing.name("b"), drawing.name("user"), drawing.name("m")
    interrupting = drawing.pick("yes", "no") == "yes"
    event = drawing.pick(
        timer("Duration", "P2D"), timer("Cycle", "R2/P1D"), message("stop"), error("FEJL")
    )
    if "error" in event:
        interrupting = True
    nodes = (
        host
        + boundary(edge, name, event, interrupting=interrupting)
        + user(aside)
        + gateway("exclusive", merge)
    )
    ways = flows(f"{name}>{merge} {edge}>{aside}")
    if interrupting:
        return Block(nodes, ways + flows(f"{aside}>{merge}"), name, merge)
    own_end = drawing.name("e")
    return Block(nodes + end(own_end), ways + flows(f"{aside}>{own_end}"), name, merge)


def _event_sub_process(drawing: Drawing) -> str:
    event = drawing.pick("", message("undervejs"), timer("Duration", "P4D"))
    if not event:
        return ""
    first, task, last = drawing.name("s"), drawing.name("user"), drawing.name("e")
    inner = (
        f'<bpmn:startEvent id="{first}" isInterrupting="false">{event}</bpmn:startEvent>'
        + user(task)
        + end(last)
        + flows(f"{first}>{task} {task}>{last}")
    )
    return sub(drawing.name("event"), inner, event=True)


# -- driving a case ----------------------------------------------------------------------------


@dataclass
class Driven:
    """A case that is told what to do by position, so that two of them can be told the same."""

    definition: Callable[[], Definition]
    saving: bool
    step: Step = field(init=False)
    now: Any = START
    history: list[tuple[str, str | None]] = field(default_factory=list)

    def begin(self) -> Driven:
        self._keep(ENGINE.start(self.definition(), EMPTY, Start(), now=self.now))
        return self

    def moves(self) -> list[Command]:
        """Everything that could happen next, in an order that depends on no id."""
        return list(self._moves())

    def do(self, command: Command) -> None:
        if isinstance(command, Fire):
            self.now = max(self.now, self.step.waits.timers[command.timer].due_at)
        state = self.step.state if self.saving else self.step.live
        self._keep(ENGINE.act(self.definition(), state, self.step.data, command, now=self.now))

    def finish(self, most: int = 400) -> None:
        """Do what is asked for until the case is over; nothing that only could happen."""
        for _ in range(most):
            if self.step.ended:
                return
            self.do(self._wanted())

    def seen(self) -> dict[str, Any]:
        """The waits, without their ids."""
        waits = self.step.waits
        return {
            "tasks": [(t.element, t.item, t.due_at, t.local) for t in waits.tasks.values()],
            "timers": [(t.element, t.due_at, t.role) for t in waits.timers.values()],
            "deadlines": [(d.element, d.due_at, d.paused_at) for d in waits.deadlines.values()],
            "subscriptions": [(s.element, s.name) for s in waits.subscriptions.values()],
            "jobs": [(j.element, j.parameters) for j in waits.jobs.values()],
            "incidents": [(i.element, i.message) for i in waits.incidents.values()],
            "instances": [(i.process, i.started_at) for i in waits.instances.values()],
        }

    def live(self) -> int:
        """How many tokens and events on watch there are."""
        return len(self.step.live.everyone())  # type: ignore[attr-defined]

    def _keep(self, step: Step) -> None:
        self.step = step
        self.history += [(h.kind, h.element) for h in step.happened]

    def _wanted(self) -> Command:
        moves = self.moves()
        order = (Complete, FinishJob, Retry, Deliver, Fire, ResumeDeadline)
        watched = {s.id for s in self.step.waits.subscriptions.values() if s.element[0] in "bs"}
        wanted = [m for m in moves if getattr(m, "subscription", None) not in watched]
        return min(
            (m for m in wanted if isinstance(m, order)),
            key=lambda m: next(i for i, kind in enumerate(order) if isinstance(m, kind)),
        )

    def _answers(self, task: OpenTask, number: int) -> list[dict[str, Any]]:
        """What may be answered; in an ad hoc sub-process first that it is enough."""
        choice = self.definition().choices.get(task.form or "")
        if choice is None:
            return [{"x": number}]
        [question] = choice["components"]
        return [{"valg": option["value"]} for option in reversed(question["values"])]

    def _moves(self) -> Iterator[Command]:
        waits = self.step.waits
        for number, (task, told) in enumerate(waits.tasks.items()):
            yield from (Complete(task, answers) for answers in self._answers(told, number))
        due = min(waits.timers.values(), key=lambda t: t.due_at, default=None)
        if due is not None:
            yield Fire(due.id)
        yield from (Deliver(s, {"y": 1}) for s, w in waits.subscriptions.items())
        for job in waits.jobs:
            yield from (FinishJob(job, 3), FailJob(job, "FEJL"), RaiseIncident(job, "i stykker"))
        yield from (Retry(incident) for incident in waits.incidents)
        for deadline in waits.deadlines.values():
            if deadline.paused_at is None:
                yield PauseDeadline(deadline.id, "pause")
            else:
                yield ResumeDeadline(deadline.id)
            yield MoveDeadline(deadline.id, deadline.due_at + timedelta(days=1), "flyttet")
