"""Deadlines open, follow, move, pause and close with what they are drawn for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from processes.engine import NotWaiting
from processes.engine.commands import Complete, MoveDeadline, PauseDeadline, ResumeDeadline
from tests.processes.engine.notation import (
    boundary,
    end,
    flows,
    play,
    process,
    props,
    start,
    sub,
    timer,
    user,
)


def at(text):
    return datetime.fromisoformat(text)


def task(**properties):
    return f'<bpmn:userTask id="a">{props(**properties)}</bpmn:userTask>'


def simple(**properties):
    return process(start() + task(**properties) + user("b") + end() + flows("s>a a>b b>e"))


def with_followers():
    """A sentence to be served: red after a month, yellow and orange before."""
    red = props(deadlineFor="a", legalBasis="L13", calendar="local", roll="none")
    yellow = props(follows="a", offset="P14D")
    orange = props(follows="a", offset="-P7D")
    return process(
        start()
        + user("a", "y", "o", "r")
        + boundary("yellow", "a", yellow + timer("Duration", "P14D"), interrupting=False)
        + boundary("red", "a", red + timer("Duration", "P1M"), interrupting=False)
        + boundary("orange", "a", orange + timer("Duration", "P21D"), interrupting=False)
        + end()
        + flows("s>a a>e yellow>y red>r orange>o y>e o>e r>e")
    )


def the_deadline(case):
    [deadline] = case.run.step.waits.deadlines.values()
    return deadline


def kinds(case):
    return [h.kind for h in case.run.step.happened if h.kind.startswith("deadline")]


class TestTaskDeadline:
    def test_has_one_deadline_and_one_due_timer(self):
        case = play(simple(deadline="P5D", calendar="working"), now=at("2026-04-01T09:00:00+02:00"))

        deadline = the_deadline(case)

        assert deadline.due_at == at("2026-04-13T09:00:00+02:00")
        assert [t.deadline for t in case.run.step.waits.timers.values()] == [deadline.id]
        assert any("skærtorsdag" in line["da"] for line in deadline.arithmetic)

    def test_is_met_in_time(self):
        case = play(simple(deadline="P5D")).complete("a")

        assert kinds(case) == ["deadline.met"]
        assert case.run.step.waits.deadlines == {}
        assert case.run.step.waits.timers == {}

    def test_is_missed_once_and_the_task_stays_open(self):
        case = play(simple(deadline="P5D")).wait(days=6)

        assert kinds(case) == ["deadline.missed"]
        assert case.open == ["a"]
        assert case.run.step.waits.timers == {}

    def test_tells_of_a_late_completion(self):
        case = play(simple(deadline="P5D")).wait(days=6).complete("a")

        [met] = [h for h in case.run.step.happened if h.kind == "deadline.met"]

        assert met.detail["late"] is True

    def test_reads_a_parameter_as_written(self):
        diagram = process(
            start() + task(deadline="=frist", calendar="clock") + end() + flows("s>a a>e"),
            properties=props(parameter__frist="PT24H"),
        )

        assert the_deadline(play(diagram)).duration == "PT24H"


class TestFollowers:
    def test_are_due_before_and_around_the_deadline(self):
        case = play(with_followers(), now=at("2026-01-31T09:00:00+01:00"))

        assert case.due("yellow") == at("2026-02-14T09:00:00+01:00")
        assert case.due("orange") == at("2026-02-21T09:00:00+01:00")
        assert case.due("red") == at("2026-02-28T09:00:00+01:00")

    def test_fire_in_their_order(self):
        case = play(with_followers(), now=at("2026-01-31T09:00:00+01:00")).wait(days=29)

        assert [e for e in case.trace if e in {"yellow", "orange", "red"}] == [
            "yellow",
            "orange",
            "red",
        ]
        assert case.open == ["a", "o", "r", "y"]

    def test_move_with_a_moved_deadline(self):
        case = play(with_followers(), now=at("2026-01-31T09:00:00+01:00"))

        case.run.act(
            MoveDeadline(the_deadline(case).id, at("2026-03-10T09:00:00+01:00"), "udsættelse")
        )

        assert case.due("red") == at("2026-03-10T09:00:00+01:00")
        assert case.due("orange") == at("2026-03-03T09:00:00+01:00")
        assert case.due("yellow") == at("2026-02-14T09:00:00+01:00")

    def test_sleep_while_the_deadline_is_paused_and_keep_what_was_left(self):
        case = play(with_followers(), now=at("2026-01-31T09:00:00+01:00"))
        deadline = the_deadline(case).id

        case.run.act(PauseDeadline(deadline, "partshøring"))
        paused = case.run.step.waits.timers
        case.wait(days=10)
        case.run.act(ResumeDeadline(deadline))

        assert paused == {}
        assert case.due("red") == at("2026-02-28T09:00:00+01:00") + timedelta(days=10)
        assert case.due("yellow") == at("2026-02-24T09:00:00+01:00")

    def test_end_with_the_task(self):
        case = play(with_followers()).complete("a")

        assert case.ended
        assert case.run.step.waits.timers == {}


class TestCountFrom:
    def test_counts_a_deadline_from_the_day_it_is_told(self):
        case = play(
            simple(deadline="P1M", countFrom="=date(endelig)"),
            now=at("2026-02-05T09:00:00+01:00"),
            endelig="2026-01-31",
        )

        deadline = the_deadline(case)

        assert deadline.due_at == at("2026-02-28T09:00:00+01:00")
        assert deadline.started_at == at("2026-01-31T09:00:00+01:00")

    def test_counts_from_now_while_the_day_is_not_known(self):
        case = play(
            simple(deadline="P1M", countFrom="=endelig"),
            now=at("2026-02-05T09:00:00+01:00"),
            endelig=None,
        )

        assert the_deadline(case).due_at == at("2026-03-05T09:00:00+01:00")

    def test_takes_a_timer_and_its_followers_along(self):
        red = props(deadlineFor="a", countFrom="2026-01-31") + timer("Duration", "P1M")
        yellow = props(follows="a", offset="P14D") + timer("Duration", "P14D")
        diagram = process(
            start()
            + user("a", "b")
            + boundary("red", "a", red, interrupting=False)
            + boundary("yellow", "a", yellow, interrupting=False)
            + end()
            + flows("s>a a>e red>b yellow>b b>e")
        )

        case = play(diagram, now=at("2026-02-05T09:00:00+01:00"))

        assert case.due("red") == at("2026-02-28T09:00:00+01:00")
        assert case.due("yellow") == at("2026-02-14T09:00:00+01:00")


class TestAuthority:
    def test_answers_stay_in_their_compartment_inside_a_called_process(self):
        called = process(start("cs") + user("c") + end("ce") + flows("cs>c c>ce"), "kaldt")
        call = (
            '<bpmn:callActivity id="k" calledElement="kaldt">'
            f"{props(in__n='1', out__svar='hemmelig')}</bpmn:callActivity>"
        )
        case = play(process(start() + call + user("b") + end() + flows("s>k k>b b>e")), called)
        [task] = case.run.step.waits.tasks.values()

        case.run.act(Complete(task.id, {"hemmelig": "x"}, compartment="A"))

        assert "hemmelig" in case.run.step.data.authority

    def test_answers_of_several_items_are_gathered_in_their_compartment(self):
        each = (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>børn"
            "</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>svar</bpmn:loopDataOutputRef>"
            '<bpmn:inputDataItem id="i" name="barn" /></bpmn:multiInstanceLoopCharacteristics>'
        )
        asked = f'<bpmn:userTask id="a">{each}</bpmn:userTask>'
        case = play(
            process(start() + asked + user("b") + end() + flows("s>a a>b b>e")), børn=[1, 2]
        )

        for task in list(case.run.step.waits.tasks.values()):
            case.run.act(Complete(task.id, {"hemmelig": task.item}, compartment="A"))

        data = case.run.step.data
        assert data.values["svar"] == [{"hemmelig": 0}, {"hemmelig": 1}]
        assert "svar" in data.authority
        assert "hemmelig" not in data.values


class TestPeriod:
    def course(self, *, interrupting):
        inside = start("i") + user("a") + end("ie") + flows("i>a a>ie")
        length = props(deadlineFor="kursus") + timer("Duration", "P4M")
        return process(
            start()
            + sub("kursus", inside)
            + boundary("slut", "kursus", length, interrupting=interrupting)
            + user("b")
            + end()
            + flows("s>kursus kursus>b slut>b b>e")
        )

    def test_is_over_and_not_late_when_its_timer_ends_it(self):
        case = play(self.course(interrupting=True)).wait(days=121)

        assert kinds(case) == ["deadline.met"]
        assert case.open == ["b"]

    def test_is_late_when_the_timer_only_warns(self):
        case = play(self.course(interrupting=False)).wait(days=121)

        [missed] = [h for h in case.run.step.happened if h.kind == "deadline.missed"]

        assert (missed.element, case.open) == ("kursus", ["a", "b"])


class TestUnknownDeadline:
    def test_is_refused(self):
        case = play(simple(deadline="P5D"))

        with pytest.raises(NotWaiting):
            case.run.act(ResumeDeadline("nothing"))
