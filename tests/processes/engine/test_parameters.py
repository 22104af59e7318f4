"""A process's settings: what a shared part is called with, and what it falls back on."""

from __future__ import annotations

import pytest

from tests.processes.engine.notation import end, flows, play, process, props, start

PLAN = f'<bpmn:userTask id="plan">{props(deadline="=plan_frist", calendar="clock")}</bpmn:userTask>'
SHARED = process(
    start("cs") + PLAN + end("ce") + flows("cs>plan plan>ce"),
    "kaldt",
    properties=props(parameter__plan_frist="PT48H"),
)


def caller(**parameters):
    call = '<bpmn:callActivity id="k" calledElement="kaldt"/>'
    settings = {f"parameter__{name}": value for name, value in parameters.items()}
    return process(start() + call + end() + flows("s>k k>e"), properties=props(**settings))


@pytest.mark.parametrize(
    ("settings", "duration"), [({}, "PT48H"), ({"plan_frist": "PT24H"}, "PT24H")]
)
def test_the_caller_sets_what_the_shared_part_only_supposes(settings, duration):
    case = play(caller(**settings), SHARED)

    [deadline] = case.run.step.waits.deadlines.values()

    assert deadline.duration == duration


def test_a_shared_part_runs_on_its_own_settings():
    [deadline] = play(SHARED, key="kaldt").run.step.waits.deadlines.values()

    assert deadline.duration == "PT48H"
