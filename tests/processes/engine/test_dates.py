"""A date is a date in FEEL wherever it came from."""

from __future__ import annotations

import json

from tests.processes.engine.notation import (
    catch,
    definitions,
    end,
    flows,
    gateway,
    message,
    play_files,
    process,
    props,
    start,
    user,
)

FORM = json.dumps(
    {
        "type": "default",
        "id": "f",
        "components": [{"type": "datetime", "key": "foedt", "subtype": "date"}],
    }
)
DIAGRAM = process(
    start()
    + catch("m", message("hej"))
    + f'<bpmn:userTask id="a">{props(form="f")}</bpmn:userTask>'
    + gateway("exclusive", "g", default="g_z")
    + user("y", "z")
    + end()
    + flows('s>m m>a a>g g>y[foedt < date("2010-01-01")] g>z* y>e z>e')
)
FILES = {"p.bpmn": definitions(DIAGRAM), "f.form.json": FORM}


def test_in_the_data_a_case_begins_with():
    case = play_files(FILES, foedt="2009-05-01").send("hej")

    assert case.complete("a").open == ["y"]


def test_in_a_message():
    case = play_files(FILES).send("hej", foedt="2009-05-01")

    assert case.complete("a").open == ["y"]


def test_in_an_answer():
    case = play_files(FILES).send("hej")

    assert case.complete("a", foedt="2011-05-01").open == ["z"]


def test_but_a_text_that_is_no_date_stays_a_text():
    case = play_files(FILES, foedt="ukendt")

    assert case.run.step.data.kinds == {}
