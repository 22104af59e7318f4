"""A process's settings: what a shared part is called with, and what it falls back on."""

from __future__ import annotations

import pytest

from models.durations import parse_duration
from tests.processes.engine.notation import (
    definitions,
    end,
    flows,
    play,
    play_files,
    process,
    props,
    start,
)
from tests.programme_files import parameter, programme

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


def with_files(caller, **values):
    """The caller and the shared part, with a file of settings for those named."""
    files = {
        f"{key}.programme.json": programme(parameter("plan_frist", value=value))
        for key, value in values.items()
    }
    return {"p.bpmn": definitions(caller, SHARED)} | files


@pytest.mark.parametrize(
    ("settings", "files", "duration"),
    [
        ({"plan_frist": "PT24H"}, {"p": "PT12H"}, "PT12H"),
        ({}, {"p": "PT12H"}, "PT12H"),
        ({}, {"kaldt": "PT6H"}, "PT6H"),
        ({}, {"p": "PT12H", "kaldt": "PT6H"}, "PT12H"),
        ({"plan_frist": "PT24H"}, {"kaldt": "PT6H"}, "PT24H"),
    ],
)
def test_the_programmes_own_file_goes_before_the_diagram(settings, files, duration):
    case = play_files(with_files(caller(**settings), **files))

    [deadline] = case.run.step.waits.deadlines.values()

    assert deadline.duration == duration


def test_a_setting_in_weeks_counts_like_days():
    local = SHARED.replace('value="clock"', 'value="local"')
    files = {
        "p.bpmn": definitions(local),
        "kaldt.programme.json": programme(parameter("plan_frist", value="P2W")),
    }

    [deadline] = play_files(files, key="kaldt").run.step.waits.deadlines.values()

    assert parse_duration(deadline.duration).total_days == 14
