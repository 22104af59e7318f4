"""What holds for every diagram and every order of commands."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processes.engine import BadDiagram, NotWaiting, load_definition
from processes.engine.commands import (
    Broadcast,
    Cancel,
    Complete,
    Deliver,
    FinishJob,
    Fire,
    MoveDeadline,
    PauseDeadline,
    ResumeDeadline,
    Retry,
)
from processes.engine.snapshot import dump
from processes.lint import lint
from tests.processes.engine.notation import ENGINE, FEEL, START
from tests.processes.engine.random_diagrams import EMPTY, Driven, diagrams

VALUE = re.compile(
    r'(?:sourceRef|targetRef|attachedToRef|messageRef|default|id)="([^"]*)"|>([^<>]+)<'
)
KIND = re.compile(r"bpmn:(\w+(?:Task|Event|Gateway|Process))\b")
ODD = ("", "nope", "=", "null", "1", "{a: 1", "R/PT0S", "-P1D", '__import__("os")', "Start")
CHOICES = st.lists(st.integers(min_value=0, max_value=1000), min_size=2, max_size=14)
NOBODY = "00000000-0000-0000-0000-000000000000"
THOROUGH = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def mutated(draw):
    """A diagram in which a few ids, texts and kinds of element were exchanged."""
    text = draw(diagrams())
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        pattern = draw(st.sampled_from([VALUE, VALUE, KIND]))
        found = [m for m in pattern.finditer(text) if m[m.lastindex]]
        one, other = draw(st.sampled_from(found)), draw(st.sampled_from(found))
        odd = draw(st.sampled_from([other[other.lastindex], *ODD]))
        if pattern is KIND:
            text = text.replace(f"bpmn:{one[1]}", f"bpmn:{other[1]}")
        else:
            start, end = one.span(one.lastindex)
            text = text[:start] + escape(odd, {'"': "&quot;"}) + text[end:]
    return text


def driven(text, *, saving=True, fresh=False):
    files = {"p.bpmn": text}
    shared = load_definition("p", files)
    return Driven(lambda: load_definition("p", files) if fresh else shared, saving).begin()


def drive(case, choices):
    for choice in choices:
        moves = case.moves()
        if not moves:
            break
        case.do(moves[choice % len(moves)])


@given(diagrams(), CHOICES)
@THOROUGH
def test_a_restored_case_goes_on_like_one_that_never_slept(text, choices):
    live, saved = driven(text, saving=False), driven(text)
    restarted = driven(text, fresh=True)

    for case in (live, saved, restarted):
        drive(case, choices)

    assert live.seen() == saved.seen() == restarted.seen()
    assert live.step.data == saved.step.data == restarted.step.data
    assert live.history == saved.history == restarted.history


@given(diagrams(), CHOICES)
@THOROUGH
def test_a_state_says_what_its_step_said(text, choices):
    case = driven(text)
    before = case.step.waits

    for choice in choices:
        moves = case.moves()
        if not moves:
            break
        case.do(moves[choice % len(moves)])
        assert case.step.before == before
        before = case.step.waits
        assert ENGINE.waits(case.definition(), case.step.state, case.step.data) == before


@given(diagrams(), CHOICES)
@THOROUGH
def test_every_case_comes_to_its_end_exactly_once(text, choices):
    case = driven(text)

    drive(case, choices)
    case.finish()

    assert case.step.ended
    assert case.history.count(("element.completed", "e")) == 1
    assert case.history[-1] == ("case.ended", None)
    assert not any(case.seen().values())


@given(diagrams(), CHOICES)
@THOROUGH
def test_a_case_leaves_its_definition_as_it_was(text, choices):
    definition = load_definition("p", {"p.bpmn": text})
    first = Driven(lambda: definition, saving=True).begin()
    seen, history = first.seen(), list(first.history)
    drive(first, choices)
    first.finish()

    second = Driven(lambda: definition, saving=True).begin()

    assert (second.seen(), second.history) == (seen, history)
    second.finish()
    assert second.step.ended


@given(diagrams(), CHOICES)
@THOROUGH
def test_a_refused_command_changes_nothing(text, choices):
    case = driven(text, saving=False)
    drive(case, choices)
    before = dump(case.step.live)

    for command in (
        Complete(NOBODY),
        Deliver(NOBODY),
        Fire(NOBODY),
        FinishJob(NOBODY),
        Retry(NOBODY),
        MoveDeadline(NOBODY, START, ""),
        PauseDeadline(NOBODY, ""),
        ResumeDeadline(NOBODY),
        *(Deliver(task) for task in case.step.waits.tasks),
        *(Complete(timer) for timer in case.step.waits.timers),
        *(Fire(job) for job in case.step.waits.jobs),
        *(FinishJob(incident) for incident in case.step.waits.incidents),
        *(Retry(job) for job in case.step.waits.jobs),
    ):
        with pytest.raises(NotWaiting):
            ENGINE.act(case.definition(), case.step.live, EMPTY, command, now=case.now)

    assert dump(case.step.live) == before


@given(diagrams(), CHOICES)
@THOROUGH
def test_a_state_is_as_large_as_what_is_open(text, choices):
    case = driven(text, saving=False)

    drive(case, choices)

    assert len(case.step.state) < 300 + 400 * case.live()


@given(diagrams(), CHOICES)
@THOROUGH
def test_a_cancelled_case_waits_for_nothing(text, choices):
    case = driven(text)
    drive(case, choices)
    over = case.step.ended

    case.do(Cancel("fortrudt"))

    assert case.step.ended
    assert not any(case.seen().values())
    assert case.history[-1][0] == ("case.ended" if over else "case.cancelled")
    case.do(Broadcast("alle"))
    assert case.step.happened == ()


@given(mutated(), CHOICES)
@THOROUGH
def test_a_spoiled_diagram_is_refused_or_runs(text, choices):
    lint({"p.bpmn": text}, FEEL)
    try:
        case = driven(text)
    except (BadDiagram, NotWaiting):
        return

    drive(case, choices)

    assert ENGINE.waits(case.definition(), case.step.state, case.step.data) == case.step.waits
