"""A case of years steps as fast as a fresh one, whatever stands inside its loop."""

from __future__ import annotations

import pytest

from tests.processes.engine.notation import (
    boundary,
    catch,
    end,
    flows,
    gateway,
    message,
    play,
    process,
    start,
    timer,
    user,
)

ROUNDS = 5_000


def loop(inside, way, first, last):
    """`first` … `last`, again until somebody says that it is over."""
    return process(
        start()
        + gateway("exclusive", "m")
        + gateway("exclusive", "again", default="again_m")
        + inside
        + end()
        + flows(f"s>m m>{first} {way} {last}>again again>m* again>e[slut = true]")
    )


def multi_instance():
    return (
        '<bpmn:userTask id="mi"><bpmn:multiInstanceLoopCharacteristics>'
        "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )


SHAPES = {
    "log": (loop(user("log"), "", "log", "log"), ["log"]),
    "reminder": (
        loop(
            user("log")
            + boundary("r", "log", timer("Duration", "P1D"), interrupting=False)
            + '<bpmn:task id="remind"/>'
            + end("re"),
            "r>remind remind>re",
            "log",
            "log",
        ),
        ["log"],
    ),
    "pair": (
        loop(
            gateway("parallel", "f", "j") + user("a", "b"),
            "f>a f>b a>j b>j",
            "f",
            "j",
        ),
        ["a", "b"],
    ),
    "multi-instance": (loop(multi_instance(), "", "mi", "mi"), ["mi", "mi"]),
    "event-based gateway": (
        loop(
            gateway("eventBased", "g")
            + catch("t", timer("Duration", "P30D"))
            + catch("m1", message("hej"))
            + gateway("exclusive", "x"),
            "g>t g>m1 t>x m1>x",
            "g",
            "x",
        ),
        ["message:hej"],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_five_thousand_rounds_leave_nothing_behind(shape):
    diagram, acts = SHAPES[shape]
    case = play(diagram, slut=False)
    case.run.trace = []
    size_at_first = len(case.run.step.state)
    live_at_first = _live(case)

    for _ in range(ROUNDS):
        for act in acts:
            _do(case, act)

    assert case.incidents == {}
    assert _live(case) == live_at_first
    assert len(case.run.step.state) <= size_at_first + 64
    assert len(case.run.trace) >= ROUNDS * len(acts)


def _do(case, act):
    if act.startswith("message:"):
        case.send(act.removeprefix("message:"))
    else:
        case.complete(act)


def _live(case):
    return sum(len(scope.live()) for scope in case.run.step.live.scopes())
