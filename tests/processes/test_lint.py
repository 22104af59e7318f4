"""Every rule finds its diagram, at its element, with a line, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from processes.diagram_files import read_neighbours
from processes.lint import lint
from tests.processes.engine.notation import (
    FEEL,
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

BPMN = Path(__file__).parents[2] / "bpmn"


def service(operation, **parameters):
    given = "".join(
        f'<spiffworkflow:parameter id="{name}" type="str" value="{value}"/>'
        for name, value in parameters.items()
    )
    return (
        '<bpmn:serviceTask id="a"><bpmn:extensionElements>'
        f'<spiffworkflow:serviceTaskOperator id="{operation}"><spiffworkflow:parameters>{given}'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        "</bpmn:extensionElements></bpmn:serviceTask>"
    )


def line(*elements, way="s>a a>e"):
    """A process `s → a → e`."""
    return process(start() + "".join(elements) + end() + flows(way))


def lane(name):
    return (
        f'<bpmn:laneSet id="ls"><bpmn:lane id="l" name="{name}">'
        "<bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )


def task(inside):
    return f'<bpmn:userTask id="a">{inside}</bpmn:userTask>'


def script(text):
    return f'<bpmn:scriptTask id="a"><bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'


def answers(first, second, *, default=""):
    return process(
        start()
        + gateway("exclusive", "g", default=default)
        + user("a", "b")
        + end()
        + flows(f"s>g g>a{first} g>b{second} a>e b>e")
    )


LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
REFUSED = {
    "transaction": '<bpmn:transaction id="a"/>',
    "ad hoc without a choice": '<bpmn:adHocSubProcess id="a"/>',
    "complex gateway": '<bpmn:complexGateway id="a"/>',
    "compensation": '<bpmn:userTask id="a" isForCompensation="true"/>',
    "compensation event": throw("a", "<bpmn:compensateEventDefinition/>"),
    "cancel event": user("a") + boundary("c", "a", "<bpmn:cancelEventDefinition/>"),
    "several triggers": catch("a", message("x") + timer("Duration", "P1D")),
    "parallel multiple": '<bpmn:intermediateCatchEvent id="a" parallelMultiple="true"/>',
    "token quantities": '<bpmn:userTask id="a" startQuantity="2"/>',
    "instantiation": '<bpmn:receiveTask id="a" messageRef="M_x" instantiate="true"/>',
    "unknown element": '<bpmn:magicTask id="a"/>',
    "correlation subscription": user("a")
    + '<bpmn:correlationSubscription correlationKeyRef="k" id="cs"/>',
    "moved data": '<bpmn:userTask id="a"><bpmn:dataInputAssociation id="d"><bpmn:assignment>'
    "<bpmn:from>1</bpmn:from></bpmn:assignment></bpmn:dataInputAssociation></bpmn:userTask>",
    "caught error": catch("a", error("x")),
    "thrown timer": throw("a", timer("Duration", "P1D")),
    "edge without event": user("a") + boundary("c", "a", ""),
    "edge of a gateway": gateway("exclusive", "a") + boundary("c", "a", message("x")),
    "ended link": '<bpmn:endEvent id="a"><bpmn:linkEventDefinition name="L"/></bpmn:endEvent>',
    "triggered sub-process": sub("a", start("x", message("x")) + end("y") + flows("x>y")),
    "looped event": gateway("eventBased", "a")
    + f'<bpmn:receiveTask id="r" messageRef="M_x">{LOOP}</bpmn:receiveTask>'
    + flows("a>r r>e"),
    "edged event": gateway("eventBased", "a")
    + '<bpmn:receiveTask id="r" messageRef="M_x"/>'
    + boundary("c", "r", message("y"))
    + flows("a>r r>e c>e"),
    "awaited link": gateway("eventBased", "a")
    + catch("r", '<bpmn:linkEventDefinition name="L"/>')
    + flows("a>r r>e"),
}


@pytest.mark.parametrize("construct", REFUSED)
def test_refuses_what_the_engine_does_not_run(construct):
    errors = [
        problem
        for problem in lint({"x.bpmn": definitions(line(REFUSED[construct]))}, FEEL)
        if problem.severity == "error" and problem.line
    ]

    assert errors


WHEN = "<bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition>"


@pytest.mark.parametrize(
    ("trigger", "rule"),
    [
        (WHEN + "</bpmn:conditionalEventDefinition>", "unsupported"),
        (props(correlation="x") + message("m"), "unsupported"),
        (error("x"), "trigger-misplaced"),
    ],
)
def test_refuses_a_process_that_nobody_could_begin(trigger, rule):
    diagram = process(start("s", trigger) + user("a") + end() + flows("s>a a>e"))

    rules = {problem.rule for problem in lint({"x.bpmn": definitions(diagram)}, FEEL)}

    assert rule in rules


@pytest.mark.parametrize("trigger", [timer("Date", "2026-02-01"), signal("x"), message("m")])
def test_lets_a_message_a_signal_or_a_time_begin_a_process(trigger):
    diagram = process(start("s", trigger) + user("a") + end() + flows("s>a a>e"))

    found = [p for p in lint({"x.bpmn": definitions(diagram)}, FEEL) if p.severity == "error"]

    assert found == []


def test_refuses_decisions_that_need_each_other():
    decisions = "".join(
        f'<decision id="{one}"><informationRequirement><requiredDecision href="#{other}"/>'
        "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
        for one, other in (("a", "b"), ("b", "a"))
    )
    table = f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">{decisions}'

    problems = lint({"x.dmn": table + "</definitions>"}, FEEL)

    assert [problem.rule for problem in problems] == ["decision-cycle", "decision-cycle"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[x]", "[not(x)]"),
        ("[x = true]", "[x = false]"),
        ("[x > 5]", "[x <= 5]"),
        ('[svar = "ja"]', '[svar != "ja"]'),
    ],
)
def test_asks_for_no_default_where_one_answer_is_the_opposite_of_the_other(first, second):
    rules = {p.rule for p in lint({"x.bpmn": definitions(answers(first, second))}, FEEL)}

    assert "default-missing" not in rules


def test_lets_a_caller_bind_a_general_lane():
    called = process(lane("Ansvarlig") + start() + user("a") + end() + flows("s>a a>e"), "kaldt")
    caller = line(
        f'<bpmn:callActivity id="a" calledElement="kaldt">{props(lane__Ansvarlig="Mentor")}'
        "</bpmn:callActivity>"
    )

    problems = lint({"x.bpmn": definitions(called, caller)}, FEEL)

    assert "unknown-lane" not in {problem.rule for problem in problems}


def test_refuses_a_process_that_is_drawn_in_two_files():
    text = definitions(line(user("a")))

    problems = lint({"x.bpmn": text, "y.bpmn": text}, FEEL)

    assert [(p.rule, p.file, p.element) for p in problems if p.severity == "error"] == [
        ("process-twice", "y.bpmn", "p")
    ]


def test_asks_whether_another_name_was_meant_in_a_form():
    form = json.dumps(
        {
            "components": [
                {"type": "textfield", "id": "f1", "key": "svar", "label": "Svar"},
                {
                    "type": "textfield",
                    "id": "f2",
                    "key": "hvorfor",
                    "label": "Hvorfor",
                    "conditional": {"hide": '=svra = "ja" or alder > 18'},
                },
            ]
        },
        indent=2,
    )
    diagram = process(
        start() + user("a") + end() + flows("s>a a>e"), properties=props(startData="alder: number")
    )

    problems = lint({"x.bpmn": definitions(diagram), "y.form.json": form}, FEEL)

    [problem] = [p for p in problems if p.rule == "unknown-name"]
    assert (problem.file, problem.element, problem.line) == ("y.form.json", "f2", 11)
    assert "Did you mean 'svar'?" in problem.message


def test_knows_what_a_message_brings():
    inside = start("x", props(brings="dom: number") + message("m")) + end("y") + flows("x>y")
    text = answers("[dom = 1]", "*", default="g_b")
    told = text.replace("</bpmn:process>", f"{sub('v', inside, event=True)}</bpmn:process>")

    known = lint({"x.bpmn": definitions(told)}, FEEL)
    unknown = lint({"x.bpmn": definitions(text)}, FEEL)

    assert "unknown-name" not in {problem.rule for problem in known}
    assert "unknown-name" in {problem.rule for problem in unknown}


def test_warns_of_a_missing_picture():
    [problem] = lint({"x.bpmn": definitions(line(catch("a", timer("Duration", "P1D"))))}, FEEL)

    assert (problem.rule, problem.severity) == ("picture-missing", "warning")


def test_finds_nothing_wrong_with_a_good_diagram():
    good = process(
        lane("Mentor")
        + start()
        + user("a")
        + boundary("t", "a", timer("Duration", "P1M"))
        + end("e", "e2", inside="")
        + flows("s>a a>e t>e2")
    )

    problems = lint({"x.bpmn": definitions(good)}, FEEL)

    assert {p.rule for p in problems} <= {"picture-missing"}


@pytest.mark.parametrize("folder", sorted(path.name for path in BPMN.iterdir()))
def test_finds_nothing_wrong_with_the_programme(folder):
    files = {
        path.name: path.read_text(encoding="utf-8")
        for path in (BPMN / folder).iterdir()
        if path.is_file()
    }

    problems = lint(files, FEEL, deployed=read_neighbours(BPMN / folder, files))

    assert [str(problem) for problem in problems] == []


def test_accepts_error_events_with_a_code():
    good = line(
        sub("a", start("x") + end("y", inside=error("fejl")) + flows("x>y")),
        boundary("b", "a", error("fejl")),
        way="s>a a>e b>e",
    )

    rules = {p.rule for p in lint({"x.bpmn": definitions(good)}, FEEL)}

    assert rules <= {"picture-missing"}


def test_accepts_messages_that_are_declared():
    rules = {p.rule for p in lint({"x.bpmn": definitions(line(catch("a", message("hej"))))}, FEEL)}

    assert rules <= {"picture-missing"}
