"""Errors and escalations are followed outward, through sub-processes and calls."""

from __future__ import annotations

import pytest

from processes.lint import lint
from tests.processes.engine.notation import (
    FEEL,
    boundary,
    definitions,
    end,
    error,
    escalation,
    flows,
    process,
    start,
    sub,
    throw,
    user,
)

THROWS = start("x") + user("u") + end("y", inside=error("nej")) + flows("x>u u>y")
CALL = '<bpmn:callActivity id="a" calledElement="kaldt"/>'
MAIL = (
    '<bpmn:serviceTask id="a"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator '
    'id="mail/Send"/></bpmn:extensionElements></bpmn:serviceTask>'
)


def found(*processes):
    problems = lint({"x.bpmn": definitions(*processes)}, FEEL)
    return {(p.rule, p.element) for p in problems if p.rule.endswith(("caught", "thrown"))}


def around(inside, edge="", way="s>a a>e t>e"):
    return process(start() + inside + edge + end() + flows(way))


@pytest.mark.parametrize("code", ["nej", None])
def test_an_edge_catches_what_is_thrown_inside(code):
    caught = error(code) if code else "<bpmn:errorEventDefinition/>"

    assert found(around(sub("a", THROWS), boundary("t", "a", caught))) == set()


def test_another_code_neither_catches_nor_is_thrown():
    assert found(around(sub("a", THROWS), boundary("t", "a", error("andet")))) == {
        ("error-uncaught", "y"),
        ("error-unthrown", "t"),
    }


def test_an_edge_catches_what_a_called_process_throws():
    called = process(THROWS, "kaldt")

    assert found(around(CALL, boundary("t", "a", error("nej"))), called) == set()


def test_nothing_is_said_of_what_a_called_process_throws_that_is_not_here():
    assert found(around(CALL, boundary("t", "a", error("nej")))) == set()


def test_an_event_sub_process_catches_what_its_scope_throws():
    watch = sub("v", start("w", escalation("op")) + end("z") + flows("w>z"), event=True)

    assert found(around(throw("a", escalation("op")) + watch, way="s>a a>e")) == set()


def test_knows_the_errors_of_an_operation():
    assert found(around(MAIL, boundary("t", "a", error("MAIL_REFUSED")))) == set()
    assert found(around(MAIL, boundary("t", "a", error("ANDET")))) == {("error-unthrown", "t")}
