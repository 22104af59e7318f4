"""Constructs inside, beside and after each other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from processes.engine import BadDiagram, NotWaiting
from processes.engine.commands import (
    Broadcast,
    Cancel,
    FailJob,
    MoveDeadline,
    PauseDeadline,
    ResumeDeadline,
    Retry,
    Start,
)
from tests.processes.engine.notation import (
    boundary,
    catch,
    end,
    error,
    escalation,
    flows,
    gateway,
    message,
    play,
    process,
    props,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)

TWO = ["p", "q"]


def at(text):
    return datetime.fromisoformat(text)


def script(i, body):
    return f'<bpmn:scriptTask id="{i}"><bpmn:script>{body}</bpmn:script></bpmn:scriptTask>'


def job(i):
    return (
        f'<bpmn:serviceTask id="{i}"><bpmn:extensionElements>'
        '<spiffworkflow:serviceTaskOperator id="x/Y"/></bpmn:extensionElements></bpmn:serviceTask>'
    )


def each(condition=""):
    more = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>navne"
        '</bpmn:loopDataInputRef><bpmn:inputDataItem id="i1" name="navn"/>'
        f"{more}</bpmn:multiInstanceLoopCharacteristics>"
    )


def condition(text):
    return (
        f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition>"
        "</bpmn:conditionalEventDefinition>"
    )


def event_start(event, *, interrupting=False, i="es"):
    flag = str(interrupting).lower()
    return f'<bpmn:startEvent id="{i}" isInterrupting="{flag}">{event}</bpmn:startEvent>'


def call(inside=""):
    return f'<bpmn:callActivity id="k" calledElement="kaldt">{inside}</bpmn:callActivity>'


def called(body):
    return process(start("cs") + body, "kaldt")


def retry(case):
    case.run.act(Retry(next(iter(case.run.step.waits.incidents))))
    return case


class TestThrowing:
    def test_is_done_before_what_it_leads_to(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f", "j")
            + throw("t", message("m"))
            + catch("c", message("m"))
            + end()
            + flows("s>f f>t f>c t>j c>j j>e")
        )

        assert play(diagram, saving=saving).trace == ["s", "f", "t", "c", "j", "e"]

    def test_a_signal_waits_for_whoever_is_getting_ready(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f", "j")
            + throw("t", signal("m"))
            + '<bpmn:task id="x"/>'
            + catch("c", signal("m"))
            + end()
            + flows("s>f f>t f>x x>c t>j c>j j>e")
        )

        assert play(diagram, saving=saving).ended

    def test_a_signal_is_not_caught_by_what_comes_after(self, saving):
        diagram = process(
            start() + throw("t", signal("m")) + catch("c", signal("m")) + end()
        ).replace("</bpmn:process>", flows("s>t t>c c>e") + "</bpmn:process>")

        assert not play(diagram, saving=saving).ended

    def test_an_interrupting_escalation_stops_what_would_follow(self, saving):
        body = start("i") + throw("up", escalation("rod")) + script("x", "{x: 1}") + end("ie")
        diagram = process(
            start()
            + sub("u", body + flows("i>up up>x x>ie"))
            + boundary("b", "u", escalation("rod"))
            + user("boss")
            + end()
            + flows("s>u u>e b>boss boss>e")
        )

        case = play(diagram, saving=saving)

        assert case.trace == ["s", "i", "up", "b"]
        assert case.data == {}

    def test_an_event_sub_process_does_not_catch_its_own_escalation(self, saving):
        handler = event_start(escalation("rod")) + end("ee", inside=escalation("rod"))
        body = start("i") + throw("up", escalation("rod")) + user("a") + end("ie")
        diagram = process(
            start()
            + sub(
                "u",
                body + flows("i>up up>a a>ie") + sub("ev", handler + flows("es>ee"), event=True),
            )
            + boundary("b", "u", escalation("rod"), interrupting=False)
            + user("boss")
            + end()
            + flows("s>u u>e b>boss boss>e")
        )

        case = play(diagram, saving=saving)

        assert case.open == ["a", "boss"]
        assert case.trace.count("es") == 1

    def test_goes_on_from_an_inclusive_join(self, saving):
        diagram = process(
            start()
            + gateway("inclusive", "f", "j")
            + user("a", "b")
            + throw("t", message("m"))
            + end()
            + flows("s>f f>a[true] f>b[true] a>j b>j j>t t>e")
        )

        assert play(diagram, saving=saving).complete("a").complete("b").ended

    def test_an_error_passes_through_several_levels(self, saving):
        inner = start("i3") + end("bad", inside=error("X")) + flows("i3>bad")
        middle = start("i2") + sub("u3", inner) + end("e2") + flows("i2>u3 u3>e2")
        diagram = process(
            start()
            + sub("u2", middle)
            + boundary("b", "u2", error("X"), interrupting=False)
            + user("h")
            + end()
            + flows("s>u2 u2>e b>h h>e")
        )

        case = play(diagram, saving=saving)

        assert case.trace == ["s", "i2", "i3", "bad", "b"]
        assert case.open == ["h"]

    def test_a_fault_writes_its_facts_only_where_the_diagram_says(self, saving):
        named = error("X").replace(
            "/>",
            "><bpmn:extensionElements><spiffworkflow:messageVariable>fejl"
            "</spiffworkflow:messageVariable></bpmn:extensionElements></bpmn:errorEventDefinition>",
        )
        for event, data in ((error("X"), {}), (named, {"fejl": {"status": 550}})):
            diagram = process(
                start()
                + job("v")
                + boundary("b", "v", event)
                + user("h")
                + end()
                + flows("s>v v>e b>h h>e")
            )
            case = play(diagram, saving=saving, by_hand=["v"])

            case.run.act(FailJob(next(iter(case.run.step.waits.jobs)), "X", {"status": 550}))

            assert (case.open, case.data) == (["h"], data)


class TestIncidents:
    def test_of_a_completion_condition_keeps_the_other_parts(self, saving):
        task = f'<bpmn:userTask id="a">{each("ukendt > 1").replace("ukendt >", "ukendt &gt;")}'
        diagram = process(start() + task + "</bpmn:userTask>" + user("b") + end())
        diagram = diagram.replace("</bpmn:process>", flows("s>a a>b b>e") + "</bpmn:process>")
        case = play(diagram, saving=saving, navne=TWO)

        case.complete("a")

        assert (case.open, list(case.incidents)) == (["a"], ["a"])
        assert retry(case).open == ["a"]
        assert case.complete("a").open == ["b"]
        assert case.incidents == {}

    def test_of_a_loop_condition_can_be_tried_again(self, saving):
        loop = (
            "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>mere</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics>"
        )
        diagram = process(
            start()
            + gateway("parallel", "f")
            + f'<bpmn:userTask id="a">{loop}</bpmn:userTask>'
            + user("b", "c")
            + end()
            + flows("s>f f>a f>c a>b b>e c>e")
        )
        case = play(diagram, saving=saving).complete("a")

        assert "a" in case.incidents
        assert retry(case.complete("c", mere=False)).open == ["b"]

    def test_of_a_call_s_outputs_keep_the_call(self, saving):
        diagram = process(start() + call(props(out__r="ukendt + 1")) + user("b", "w") + end())
        diagram = diagram.replace(
            "</bpmn:process>",
            gateway("parallel", "f") + flows("s>f f>w f>k k>b b>e w>e") + "</bpmn:process>",
        )
        inside = called(user("c") + end("ce") + flows("cs>c c>ce"))
        case = play(diagram, inside, saving=saving).complete("c")

        assert list(case.incidents) == ["k"]
        assert list(retry(case).incidents) == ["k"]
        case.complete("w", ukendt=1)
        assert retry(case).open == ["b"]
        assert case.data["r"] == 2

    def test_on_the_way_out_leave_the_deadline_running(self, saving):
        task = f'<bpmn:userTask id="a">{props(deadline="P5D")}</bpmn:userTask>'
        diagram = process(start() + task + user("b") + end() + flows("s>a a>b[ukendt = 1] b>e"))
        case = play(diagram, saving=saving).complete("a").wait(days=10)

        assert case.run.step.waits.timers == {}
        assert "deadline.missed" in [h.kind for h in case.run.step.happened]

    def test_stop_a_process_that_calls_itself_without_end(self):
        diagram = process(
            start() + '<bpmn:callActivity id="k" calledElement="p"/>' + end() + flows("s>k k>e")
        )

        case = play(diagram)

        assert "calls itself" in case.incidents["k"]
        assert case.run.engine.act(
            case.run.definition,
            case.run.step.state,
            case.run.step.data,
            Cancel("fejl"),
            now=case.run.now,
        ).ended

    def test_of_a_condition_that_is_not_known_yet_do_not_come(self, saving):
        diagram = process(
            start()
            + user("a", "b")
            + boundary("c", "a", condition("alder &gt; 17"), interrupting=False)
            + script("x", "{alder: null}")
            + end()
            + flows("s>x x>a a>e c>b b>e")
        )
        case = play(diagram, saving=saving)

        assert (case.open, case.incidents) == (["a"], {})


class TestRecursion:
    def test_ends_when_its_data_say_so(self, saving):
        mapping = props(in__n="n - 1", out__sum="sum + 1")
        again = f'<bpmn:callActivity id="k" calledElement="p">{mapping}'
        diagram = process(
            start()
            + gateway("exclusive", "g", default="g_z")
            + again
            + "</bpmn:callActivity>"
            + script("z", "{sum: 0}")
            + end("e", "e2")
            + flows("s>g g>k[n > 0] g>z* k>e z>e2")
        )

        case = play(diagram, saving=saving, n=3)

        assert case.ended
        assert case.data == {"n": 3, "sum": 3}


class TestMultiInstanceOfSubProcesses:
    def diagram(self):
        aside = event_start(message("hej")) + user("x") + end("ee") + flows("es>x x>ee")
        inner = (
            start("i")
            + user("a", "w")
            + boundary("t", "a", timer("Duration", "P1D"), interrupting=False)
            + end("ie", "we")
            + flows("i>a a>ie t>w w>we")
            + sub("ev", aside, event=True)
        )
        return process(
            start()
            + sub("u", inner, loop=each())
            + boundary("b", "u", message("stop"))
            + user("y", "z")
            + end()
            + flows("s>u u>z b>y z>e y>e")
        )

    def test_keeps_every_event_in_its_own_part(self, saving):
        case = play(self.diagram(), saving=saving, navne=TWO).wait(days=2).send("hej")

        tasks = case.run.step.waits.tasks.values()
        assert [(t.element, t.item) for t in tasks] == [
            ("a", 0),
            ("a", 1),
            ("w", 0),
            ("w", 1),
            ("x", 0),
        ]
        assert {t.local["navn"] for t in tasks if t.item == 1} == {"q"}

    def test_is_done_when_every_part_is(self, saving):
        case = play(self.diagram(), saving=saving, navne=TWO).wait(days=2).send("hej")

        for element in ("a", "a", "w", "w"):
            case.complete(element)

        assert case.open == ["x"]
        assert case.complete("x").open == ["z"]

    def test_leaves_nothing_when_it_is_interrupted(self, saving):
        case = play(self.diagram(), saving=saving, navne=TWO).wait(days=2).send("hej").send("stop")

        waits = case.run.step.waits
        assert case.open == ["y"]
        assert (len(waits.instances), waits.subscriptions, waits.timers) == (1, {}, {})
        assert case.complete("y").ended


class TestInterruption:
    def test_of_a_call_takes_branches_jobs_and_timers_with_it(self, saving):
        inside = called(
            gateway("parallel", "f", "j")
            + user("c")
            + job("v")
            + catch("t", timer("Duration", "P1D"))
            + end("ce")
            + flows("cs>f f>c f>v f>t c>j v>j t>j j>ce")
        )
        diagram = process(
            start()
            + call()
            + boundary("m", "k", message("stop"))
            + user("b", "n")
            + end()
            + flows("s>k k>n m>b b>e n>e")
        )
        case = play(diagram, inside, saving=saving, by_hand=["v"])

        before = case.run.step.waits
        case.send("stop")

        assert (len(before.tasks), len(before.jobs), len(before.timers)) == (1, 1, 1)
        assert case.open == ["b"]
        assert case.run.step.waits.jobs == {}
        assert case.run.step.waits.timers == {}

    def test_by_an_event_sub_process_inside_a_call(self, saving):
        handler = event_start(message("stop"), interrupting=True) + user("x") + end("ee")
        inside = called(
            user("c")
            + end("ce")
            + flows("cs>c c>ce")
            + sub("ev", handler + flows("es>x x>ee"), event=True)
        )
        diagram = process(start() + call() + user("n") + end() + flows("s>k k>n n>e"))
        case = play(diagram, inside, saving=saving).send("stop")

        assert case.open == ["x"]
        assert case.complete("x").open == ["n"]

    def test_by_terminate_ends_only_the_sub_process(self, saving):
        inner = (
            start("i")
            + gateway("parallel", "f")
            + user("a", "b")
            + end("stop", inside="<bpmn:terminateEventDefinition/>")
            + end("ie")
            + flows("i>f f>a f>b a>stop b>ie")
        )
        diagram = process(start() + sub("u", inner) + user("z") + end() + flows("s>u u>z z>e"))

        assert play(diagram, saving=saving).complete("a").open == ["z"]


class TestLoops:
    def test_with_an_event_gateway_and_a_receive_task_go_round(self, saving):
        diagram = process(
            start()
            + gateway("exclusive", "m")
            + gateway("exclusive", "n", default="n_m")
            + gateway("eventBased", "g")
            + '<bpmn:receiveTask id="r" messageRef="M_hej"/>'
            + catch("t", timer("Duration", "P1D"))
            + end()
            + flows("s>m m>g g>r g>t r>n t>n n>m* n>e[slut = true]")
        )
        case = play(diagram, saving=saving, slut=False).send("hej").wait(days=3)

        assert case.send("hej", slut=True).ended
        assert (case.trace.count("r"), case.trace.count("t")) == (2, 3)

    def test_with_an_inclusive_join_wait_for_what_an_edge_began(self, saving):
        diagram = process(
            start()
            + gateway("exclusive", "m")
            + gateway("inclusive", "f", "j")
            + gateway("exclusive", "again", default="again_e")
            + user("a", "b", "k")
            + boundary("t", "a", timer("Duration", "P1D"), interrupting=False)
            + end()
            + flows(
                "s>m m>f f>a[true] f>b[true] a>j b>j t>k k>j j>again again>m[rounds < 2] again>e*"
            )
        )
        case = play(diagram, saving=saving, rounds=0).wait(days=1).complete("a").complete("b")

        assert case.open == ["k"]
        assert case.complete("k", rounds=1).open == ["a", "b"]
        assert case.complete("b").complete("a", rounds=2).ended

    def test_of_a_sub_process_count_apart_from_the_items_inside(self, saving):
        twice = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
        inner = start("i") + f'<bpmn:userTask id="a">{each()}</bpmn:userTask>' + end("ie")
        diagram = process(
            start() + sub("u", inner + flows("i>a a>ie"), loop=twice) + end() + flows("s>u u>e")
        )
        case = play(diagram, saving=saving, navne=TWO)

        assert [t.local["loopCounter"] for t in case.run.step.waits.tasks.values()] == [1, 2]
        for _ in range(4):
            case.complete("a")
        assert case.ended


class TestTimers:
    @pytest.mark.parametrize(
        ("cycle", "due", "times"),
        [
            ("R3/2026-01-31T09:00:00+01:00/P1M", "2026-01-31T09:00:00+01:00", 3),
            ("R/2020-01-06T09:00:00+01:00/P7D", "2026-01-05T09:00:00+01:00", 15),
            ("R3/2026-01-04T09:00:00+01:00/P1D", "2026-01-05T09:00:00+01:00", 2),
            ("R3/2020-01-01/P1M", "2020-03-01T00:00:00+01:00", 1),
        ],
    )
    def test_that_name_their_start_skip_what_is_over(self, saving, cycle, due, times):
        diagram = process(
            start()
            + user("a", "b")
            + boundary("t", "a", timer("Cycle", cycle), interrupting=False)
            + end()
            + flows("s>a a>e t>b b>e")
        )
        case = play(diagram, saving=saving)

        assert case.due("t") == at(due)
        assert case.wait(days=100).trace.count("t") == times

    @pytest.mark.parametrize(
        ("kind", "text", "due"),
        [
            ("Date", '=now() + duration("P1D")', "2026-01-06T09:00:00+01:00"),
            ("Date", "=dag", "2026-02-01T00:00:00+01:00"),
            ("Date", '=dag + duration("P1M")', "2026-03-01T00:00:00+01:00"),
            ("Date", '=date and time("2026-02-01T10:00:00")', "2026-02-01T10:00:00+01:00"),
            ("Date", "2020-01-01", "2020-01-01T00:00:00+01:00"),
            ("Duration", "=dag - today()", "2026-02-01T09:00:00+01:00"),
            ("Duration", '=if alder > 17 then "P3D" else "P1D"', "2026-01-08T09:00:00+01:00"),
            ("Cycle", '="R3/P" + string(2) + "D"', "2026-01-07T09:00:00+01:00"),
        ],
    )
    def test_may_be_feel(self, saving, kind, text, due):
        diagram = process(
            start()
            + script("x", '{dag: date("2026-02-01"), alder: 19}')
            + catch("t", timer(kind, text))
            + end()
            + flows("s>x x>t t>e")
        )

        assert play(diagram, saving=saving).due("t") == at(due)

    @pytest.mark.parametrize("text", ["=null", "=ukendt", "om lidt", "=1 + 1"])
    def test_that_are_no_times_are_incidents(self, saving, text):
        diagram = process(start() + catch("t", timer("Duration", text)) + end() + flows("s>t t>e"))

        assert list(play(diagram, saving=saving).incidents) == ["t"]


class TestDeadlines:
    def task(self, **properties):
        one = f'<bpmn:userTask id="a">{props(**properties)}</bpmn:userTask>'
        follower = boundary(
            "f",
            "a",
            props(follows="a", offset="-P2D") + timer("Duration", "P1D"),
            interrupting=False,
        )
        return process(start() + one + follower + user("r") + end() + flows("s>a a>e f>r r>e"))

    def deadline(self, case):
        [deadline] = case.run.step.waits.deadlines.values()
        return deadline

    def test_keep_what_was_left_over_two_pauses(self, saving):
        case = play(self.task(deadline="P10D"), saving=saving)
        due = self.deadline(case).due_at

        for days in (3, 4):
            case.run.act(PauseDeadline(self.deadline(case).id, "pause"))
            case.wait(days=days)
            case.run.act(ResumeDeadline(self.deadline(case).id))

        assert self.deadline(case).due_at == due + timedelta(days=7)
        assert case.due("f") == due + timedelta(days=5)

    def test_are_not_paused_twice(self, saving):
        case = play(self.task(deadline="P10D"), saving=saving)
        case.run.act(PauseDeadline(self.deadline(case).id, "pause"))

        with pytest.raises(NotWaiting):
            case.run.act(PauseDeadline(self.deadline(case).id, "igen"))

    def test_moved_while_paused_sleep_on_and_keep_the_new_time(self, saving):
        case = play(self.task(deadline="P10D"), saving=saving)
        identity = self.deadline(case).id
        case.run.act(PauseDeadline(identity, "pause"))
        case.wait(days=5)

        case.run.act(MoveDeadline(identity, at("2026-03-01T09:00:00+01:00"), "aftale"))
        asleep = case.run.step.waits.timers
        case.wait(days=2)
        case.run.act(ResumeDeadline(identity))

        assert asleep == {}
        assert self.deadline(case).due_at == at("2026-03-03T09:00:00+01:00")

    def test_missed_and_moved_are_open_again(self, saving):
        case = play(self.task(deadline="P2D"), saving=saving).wait(days=3)
        missed = case.run.step.before.deadlines
        identity = next(iter(missed))

        case.run.act(MoveDeadline(identity, at("2026-02-01T09:00:00+01:00"), "aftale"))

        assert self.deadline(case).due_at == at("2026-02-01T09:00:00+01:00")
        assert case.complete("a").run.step.waits.deadlines == {}

    def reminded(self):
        """A reminder beside the whole process, and a task that can come again."""
        warn = props(follows="a", offset="-P1D") + timer("Duration", "P1D")
        inner = event_start(warn) + user("r") + end("ee") + flows("es>r r>ee")
        return process(
            start()
            + gateway("exclusive", "m")
            + f'<bpmn:userTask id="a">{props(deadline="P5D")}</bpmn:userTask>'
            + gateway("exclusive", "g", default="g_b")
            + user("b")
            + end()
            + flows("s>m m>a a>g g>m[igen] g>b* b>e")
            + sub("ev", inner, event=True)
        )

    def test_take_their_reminders_along_when_they_are_met(self, saving):
        case = play(self.reminded(), saving=saving).complete("a", igen=False)

        assert case.run.step.waits.timers == {}
        assert case.wait(days=9).open == ["b"]

    def test_remind_again_in_the_next_round(self, saving):
        case = play(self.reminded(), saving=saving).wait(days=4)

        case.complete("r").complete("a", igen=True)

        assert case.due("es") == at("2026-01-13T09:00:00+01:00")
        assert case.wait(days=4).open == ["a", "r"]

    def test_of_one_item_hand_their_reminder_on_to_the_next(self, saving):
        task = f'<bpmn:userTask id="a">{props(deadline="P10D")}{each()}</bpmn:userTask>'
        half = props(follows="a", offset="50%") + timer("Duration", "P1D")
        diagram = process(
            start()
            + task
            + boundary("h", "a", half, interrupting=False)
            + user("r")
            + end()
            + flows("s>a a>e h>r r>e")
        )
        case = play(diagram, saving=saving, navne=TWO).complete("a")

        [open_] = case.run.step.waits.deadlines.values()
        [follower] = [t for t in case.run.step.waits.timers.values() if t.role == "follower"]
        assert follower.deadline == open_.id
        assert case.wait(days=6).open == ["a", "r"]

    def elsewhere(self):
        red = props(deadlineFor="a") + timer("Duration", "P5D")
        warn = event_start(red) + user("r") + end("ee") + flows("es>r r>ee")
        inner = start("i") + user("a", "b") + end("ie") + flows("i>a a>b b>ie")
        return process(
            start() + sub("u", inner + sub("ev", warn, event=True)) + end() + flows("s>u u>e")
        )

    def test_drawn_elsewhere_are_met_with_their_element(self, saving):
        case = play(self.elsewhere(), saving=saving)
        open_before = [d.element for d in case.run.step.waits.deadlines.values()]

        case.complete("a")

        assert open_before == ["a"]
        assert [h.kind for h in case.run.step.happened].count("deadline.met") == 1
        assert case.wait(days=9).open == ["b"]

    def test_drawn_elsewhere_are_missed_once(self, saving):
        case = play(self.elsewhere(), saving=saving).wait(days=9)

        assert case.open == ["a", "r"]
        assert case.run.step.waits.deadlines == {}

    def test_count_closing_days(self):
        case = play(self.task(deadline="P1D", calendar="working"))
        closed = frozenset({at("2026-01-06T00:00:00+01:00").date()})

        step = case.run.engine.start(
            case.run.definition,
            case.run.step.data,
            Start(),
            now=case.run.now,
            closing_days=closed,
        )

        [deadline] = step.waits.deadlines.values()
        assert deadline.due_at == at("2026-01-07T09:00:00+01:00")


class TestNames:
    def test_may_hold_any_letters_and_spaces(self, saving):
        diagram = process(
            start()
            + script("x", '{ønske: "ja", antal: alder ved start + 1}')
            + gateway("exclusive", "g", default="g_b")
            + user("a", "b")
            + end()
            + flows('s>x x>g g>a[ønske = "ja" and årsag æ > 3] g>b* a>e b>e')
        )

        case = play(diagram, saving=saving, **{"alder ved start": 17, "årsag æ": 4})

        assert (case.open, case.data["antal"]) == (["a"], 18)

    @pytest.mark.parametrize("identity", ["Start", "End", "Root", "root", "data"])
    def test_of_elements_may_be_any(self, saving, identity):
        diagram = process(start(identity) + user("a") + end() + flows(f"{identity}>a a>e"))

        assert play(diagram, saving=saving).complete("a").trace == [identity, "a", "e"]


class TestDates:
    def test_stay_dates_on_every_way(self, saving):
        inside = called(
            gateway("exclusive", "g", default="g_c2")
            + user("c1", "c2")
            + end("ce")
            + flows("cs>g g>c1[dag > today()] g>c2* c1>ce c2>ce")
        )
        body = start("i") + call(props(in__dag="navn", out__sidst="dag")) + end("ie")
        diagram = process(
            start()
            + script("x", '{navne: [date("2026-03-01"), date("2025-03-01")]}')
            + sub("u", body + flows("i>k k>ie"), loop=each())
            + end()
            + flows("s>x x>u u>e")
        )

        case = play(diagram, inside, saving=saving)

        assert case.open == ["c1", "c2"]

    @pytest.mark.parametrize(
        "odd", [{"@feel": 1}, {"@feel": ["nej", "x"]}, {"@feel": ["date", 1]}, {"@feel": [[], ""]}]
    )
    def test_that_a_sender_made_up_are_plain_data(self, saving, odd):
        diagram = process(
            start()
            + catch("m", message("hej"))
            + script("y", "{y: x}")
            + end()
            + flows("s>m m>y y>e")
        )

        case = play(diagram, saving=saving).send("hej", x=odd)

        assert case.ended
        assert case.data == {"x": odd, "y": odd}


class TestOrder:
    def test_of_open_tasks_is_that_of_their_coming(self, saving):
        inner = (
            start("i")
            + gateway("exclusive", "m")
            + user("a", "b")
            + gateway("exclusive", "n", default="n_m")
            + end("ie")
            + flows("i>m m>a a>b b>n n>m* n>ie[false]")
        )
        diagram = process(start() + sub("u", inner, loop=each()) + end() + flows("s>u u>e"))
        case = play(diagram, saving=saving, navne=TWO).complete("a").complete("b")

        assert [t.item for t in case.run.step.waits.tasks.values()] == [1, 0]


class TestTheEnd:
    def test_is_told_when_nothing_had_to_wait(self):
        case = play(process(start() + end() + flows("s>e")))

        assert [h.kind for h in case.run.step.happened][-1] == "case.ended"

    def test_is_told_once(self, saving):
        case = play(process(start() + user("a") + end() + flows("s>a a>e")), saving=saving)
        case.complete("a")

        case.run.act(Broadcast("alle"))

        assert case.run.step.happened == ()


class TestReading:
    @pytest.mark.parametrize(
        "body",
        [
            user("a") + flows("s>a a>nowhere"),
            user("a") + boundary("t", "nope", timer("Duration", "P1D")) + flows("s>a"),
            throw("t", '<bpmn:linkEventDefinition name="A"/>') + flows("s>t"),
            '<bpmn:complexGateway id="a"/>' + flows("s>a"),
            '<bpmn:transaction id="a"/>' + flows("s>a"),
            user("a") + boundary("c", "a", "<bpmn:compensateEventDefinition/>") + flows("s>a"),
            '<bpmn:userTask id="a" isForCompensation="true"/>' + flows("s>a"),
            catch("a", message("x") + timer("Duration", "P1D")) + flows("s>a"),
            '<bpmn:callActivity id="k" calledElement="nej"/>' + flows("s>k"),
        ],
    )
    def test_refuses_what_would_lose_a_token(self, body):
        with pytest.raises(BadDiagram):
            play(process(start() + body))

    def test_follows_a_link_to_an_inclusive_join(self, saving):
        link = '<bpmn:linkEventDefinition name="A"/>'
        diagram = process(
            start()
            + gateway("inclusive", "f", "j")
            + user("a", "b")
            + throw("t", link)
            + catch("c", link)
            + end()
            + flows("s>f f>a[true] f>b[true] a>t c>j b>j j>e")
        )
        case = play(diagram, saving=saving).complete("b")

        assert not case.ended
        assert case.complete("a").trace.count("e") == 1
