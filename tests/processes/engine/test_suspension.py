"""A case at rest: what stands still, what runs on, and how it goes on again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from processes.engine import NotWaiting
from processes.engine.commands import (
    Cancel,
    Complete,
    Fire,
    PauseDeadline,
    Resume,
    ResumeDeadline,
)
from tests.processes.engine.notation import (
    START,
    boundary,
    catch,
    end,
    flows,
    message,
    play,
    process,
    props,
    start,
    sub,
    timer,
    user,
)

WAIT = process(start() + catch("wait", timer("Duration", "P10D")) + end() + flows("s>wait wait>e"))


def asked(**properties):
    return f'<bpmn:userTask id="a" name="a">{props(**properties)}</bpmn:userTask>'


def at(text):
    return datetime.fromisoformat(text)


def kinds(played):
    return [line.kind for line in played.run.step.happened]


class TestSuspend:
    def test_leaves_tasks_in_sight_and_disarms_timers(self, saving):
        body = start() + user("a") + boundary("b", "a", timer("Duration", "P3D")) + end()
        played = play(process(body + flows("s>a a>e b>e")), saving=saving)

        played.run.suspend("afsoning")

        assert played.open == ["a"]
        assert not played.run.step.waits.timers
        assert played.run.step.waits.suspended

    def test_refuses_everything_but_to_go_on_or_to_end(self, saving):
        played = play(process(start() + user("a") + end() + flows("s>a a>e")), saving=saving)
        played.run.suspend("afsoning")
        [task] = played.run.step.waits.tasks

        with pytest.raises(NotWaiting, match="suspended"):
            played.run.act(Complete(task))
        played.run.act(Cancel("flyttet"))

        assert played.ended

    def test_refuses_to_go_on_with_what_goes_on(self, saving):
        played = play(process(start() + user("a") + end() + flows("s>a a>e")), saving=saving)

        with pytest.raises(NotWaiting):
            played.run.act(Resume(""))

    def test_tells_which_deadlines_run_on(self, saving):
        body = start() + asked(deadline="P7D", pausable="false") + end()
        played = play(process(body + flows("s>a a>e")), saving=saving)

        played.run.suspend("afsoning")

        [line] = played.run.step.happened
        assert (line.kind, line.detail["reason"]) == ("case.suspended", "afsoning")
        assert line.detail["runs_on"] == ["a"]


class TestTimers:
    def test_keep_the_time_that_was_left(self, saving):
        played = play(WAIT, saving=saving).wait(days=4)
        played.run.suspend("afsoning")
        played.wait(days=30)

        played.run.resume("løsladt")

        assert played.due("wait") == START + timedelta(days=40)
        assert played.wait(days=6).ended

    def test_do_not_ring_while_the_case_rests(self, saving):
        played = play(WAIT, saving=saving)
        played.run.suspend("afsoning")

        played.wait(days=100)

        assert not played.ended
        assert played.trace == ["s"]

    def test_keep_working_days_as_working_days(self, saving):
        node = catch("wait", props(calendar="working") + timer("Duration", "P4D"))
        played = play(process(start() + node + end() + flows("s>wait wait>e")), saving=saving)
        played.wait(days=1)
        played.run.suspend("ferie")
        played.run.travel(at("2026-01-15T09:00:00+01:00"))

        played.run.resume("tilbage")

        assert played.due("wait") == at("2026-01-20T09:00:00+01:00")

    def test_stay_on_the_date_that_the_diagram_names(self, saving):
        node = catch("wait", timer("Date", "2026-03-01T08:00:00+01:00"))
        played = play(process(start() + node + end() + flows("s>wait wait>e")), saving=saving)
        played.run.suspend("ferie")
        played.wait(days=20)

        played.run.resume("tilbage")

        assert played.due("wait") == at("2026-03-01T08:00:00+01:00")

    def test_ring_at_once_when_their_date_has_passed(self, saving):
        node = catch("wait", timer("Date", "2026-01-10T08:00:00+01:00"))
        played = play(process(start() + node + end() + flows("s>wait wait>e")), saving=saving)
        played.run.suspend("ferie")
        played.wait(days=20)
        played.run.resume("tilbage")

        assert played.wait(seconds=1).ended

    def test_go_on_with_their_cycle(self, saving):
        ring = boundary("b", "a", timer("Cycle", "R3/P7D"), interrupting=False)
        body = start() + user("a", "c") + ring + end("e", "f") + flows("s>a a>e b>c c>f")
        played = play(process(body), saving=saving).wait(days=8)
        played.run.suspend("ferie")
        played.wait(days=10)

        played.run.resume("tilbage")

        assert played.due("b") == START + timedelta(days=24)
        assert played.wait(days=20).open == ["a", "c", "c", "c"]

    def test_of_a_series_with_a_first_date_leave_out_what_passed(self, saving):
        ring = boundary(
            "b", "a", timer("Cycle", "R/2026-01-12T09:00:00+01:00/P7D"), interrupting=False
        )
        body = start() + user("a", "c") + ring + end("e", "f") + flows("s>a a>e b>c c>f")
        played = play(process(body), saving=saving)
        played.run.suspend("ferie")
        played.wait(days=17)

        played.run.resume("tilbage")

        assert played.open == ["a"]
        assert played.due("b") == at("2026-01-26T09:00:00+01:00")

    def test_rest_twice_as_well_as_once(self, saving):
        played = play(WAIT, saving=saving)
        for _ in range(2):
            played.run.suspend("ferie")
            played.wait(days=5)
            played.run.resume("tilbage")
            played.wait(days=1)

        assert played.due("wait") == START + timedelta(days=20)


class TestDeadlines:
    def test_that_may_be_paused_are_paused(self, saving):
        body = start() + asked(deadline="P7D") + end()
        played = play(process(body + flows("s>a a>e")), saving=saving).wait(days=2)
        played.run.suspend("afsoning")
        [paused] = played.run.step.waits.deadlines.values()
        played.wait(days=10)

        played.run.resume("løsladt")

        [deadline] = played.run.step.waits.deadlines.values()
        assert paused.paused_at == START + timedelta(days=2)
        assert deadline.paused_at is None
        assert deadline.due_at == played.due("a") == START + timedelta(days=17)

    def test_that_somebody_paused_stay_paused(self, saving):
        body = start() + asked(deadline="P7D") + end()
        played = play(process(body + flows("s>a a>e")), saving=saving).wait(days=1)
        [deadline] = played.run.step.waits.deadlines
        played.run.act(PauseDeadline(deadline, "partshøring"))
        played.run.suspend("afsoning")
        played.wait(days=10)
        played.run.resume("løsladt")
        played.wait(days=10)

        still = played.run.step.waits.deadlines[deadline].paused_at
        played.run.act(ResumeDeadline(deadline))

        assert still == START + timedelta(days=1)
        assert played.due("a") == START + timedelta(days=27)

    def test_that_nobody_may_pause_are_missed_in_time(self, saving):
        body = start() + asked(deadline="P7D", pausable="false") + end()
        played = play(process(body + flows("s>a a>e")), saving=saving)
        played.run.suspend("afsoning")

        played.wait(days=8)

        assert "deadline.missed" in kinds(played)
        assert played.open == ["a"]
        assert not played.run.step.waits.deadlines

    def test_that_nobody_may_pause_are_not_stretched(self, saving):
        body = start() + asked(deadline="P7D", pausable="false") + end()
        played = play(process(body + flows("s>a a>e")), saving=saving)
        played.run.suspend("afsoning")
        played.wait(days=3)

        played.run.resume("løsladt")

        assert played.due("a") == START + timedelta(days=7)

    def test_warn_in_time_and_move_the_token_later(self, saving):
        warning = boundary(
            "w",
            "a",
            props(follows="a", offset="-P2D") + timer("Duration", "P1D"),
            interrupting=False,
        )
        strict = asked(deadline="P7D", pausable="false")
        body = start() + strict + warning + user("ryk") + end("e", "f")
        played = play(process(body + flows("s>a a>e w>ryk ryk>f")), saving=saving)
        played.run.suspend("afsoning")
        played.wait(days=6)
        warned, open_while_resting = kinds(played), played.open

        played.run.resume("løsladt")

        assert "deadline.warned" in warned
        assert open_while_resting == ["a"]
        assert played.open == ["a", "ryk"]

    def test_let_what_rang_happen_in_the_order_it_rang(self, saving):
        late = boundary(
            "late", "a", props(deadlineFor="a", pausable="false") + timer("Duration", "P5D")
        )
        warning = boundary(
            "w",
            "a",
            props(follows="a", offset="-P2D") + timer("Duration", "P1D"),
            interrupting=False,
        )
        body = start() + user("a", "ryk", "leder") + late + warning + end("e", "f", "g")
        lines = flows("s>a a>e w>ryk ryk>f late>leder leder>g")
        played = play(process(body + lines), saving=saving)
        played.run.suspend("afsoning")
        played.wait(days=9)
        missed = kinds(played)

        played.run.resume("løsladt")

        assert "deadline.missed" in missed
        assert played.open == ["leder", "ryk"]
        assert [e["element"] for e in played.run.trace] == ["s", "w", "late"]

    def test_a_timer_that_runs_on_rings_once(self, saving):
        late = boundary(
            "late", "a", props(deadlineFor="a", pausable="false") + timer("Duration", "P5D")
        )
        body = start() + user("a", "leder") + late + end("e", "g")
        played = play(process(body + flows("s>a a>e late>leder leder>g")), saving=saving)
        [timer_id] = played.run.step.waits.timers
        played.run.suspend("afsoning")
        played.wait(days=9)

        with pytest.raises(NotWaiting):
            played.run.act(Fire(timer_id))


class TestResume:
    def test_delivers_what_was_sent_meanwhile_in_order(self, saving):
        body = start() + catch("m", message("svar")) + catch("n", message("svar")) + end()
        played = play(process(body + flows("s>m m>n n>e")), saving=saving)
        played.run.suspend("ferie")
        played.send("svar", foerst=1).send("svar", foerst=2)
        waiting = played.trace

        played.run.resume("tilbage")

        assert waiting == ["s"]
        assert played.ended
        assert played.data["foerst"] == 2

    def test_does_not_let_a_message_expire_meanwhile(self, saving):
        body = start() + user("a") + catch("m", message("svar")) + end()
        played = play(process(body + flows("s>a a>m m>e")), saving=saving)
        played.send("svar").wait(days=20)
        played.run.suspend("ferie")
        played.wait(days=100)
        played.run.resume("tilbage")

        assert played.wait(days=9).complete("a").ended

    def test_lets_conditions_speak_again(self, saving):
        ring = boundary(
            "b",
            "a",
            "<bpmn:conditionalEventDefinition><bpmn:condition>today() &gt;= "
            'date("2026-02-01")</bpmn:condition></bpmn:conditionalEventDefinition>',
        )
        body = start() + user("a", "c") + ring + end("e", "f") + flows("s>a a>e b>c c>f")
        played = play(process(body), saving=saving)
        played.run.suspend("ferie")
        played.wait(days=60)

        played.run.resume("tilbage")

        assert played.open == ["c"]

    def test_goes_on_inside_sub_processes(self, saving):
        inside = start("t") + catch("wait", timer("Duration", "P10D")) + end("u")
        body = start() + sub("k", inside + flows("t>wait wait>u")) + end() + flows("s>k k>e")
        played = play(process(body), saving=saving)
        played.run.suspend("ferie")
        played.wait(days=15)

        played.run.resume("tilbage")

        assert played.due("wait") == START + timedelta(days=25)
        assert played.wait(days=10).ended
