"""What an event thrown inside leaves undone, how far an end reaches, who catches what."""

from __future__ import annotations

import pytest

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

TERMINATE = "<bpmn:terminateEventDefinition/>"
THREE_TIMES = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)


def script(i, body):
    return f'<bpmn:scriptTask id="{i}"><bpmn:script>{body}</bpmn:script></bpmn:scriptTask>'


def call(i="k", inside=""):
    return f'<bpmn:callActivity id="{i}" calledElement="q">{inside}</bpmn:callActivity>'


def event_start(trigger, *, interrupting=True):
    flag = str(interrupting).lower()
    return f'<bpmn:startEvent id="es" isInterrupting="{flag}">{trigger}</bpmn:startEvent>'


def inner(thrown, *more):
    """A sub-process that throws and then has an automatic task to do."""
    body = start("i") + thrown + script("x", "{gjort: true}") + end("ie")
    return sub("u", body + flows("i>t t>x x>ie") + "".join(more))


class TestThrowingOutOfASubProcess:
    @pytest.mark.parametrize("kind", [signal, escalation])
    def test_leaves_the_automatic_tasks_after_it_undone(self, saving, kind):
        diagram = process(
            start()
            + inner(throw("t", kind("stop")))
            + boundary("b", "u", kind("stop"))
            + user("r")
            + end()
            + flows("s>u u>e b>r r>e")
        )

        case = play(diagram, saving=saving)

        assert (case.open, case.data) == (["r"], {})
        assert "x" not in case.trace

    @pytest.mark.parametrize("kind", [signal, escalation])
    def test_goes_on_beside_what_does_not_interrupt(self, saving, kind):
        diagram = process(
            start()
            + inner(throw("t", kind("stop")))
            + boundary("b", "u", kind("stop"), interrupting=False)
            + user("r")
            + end()
            + flows("s>u u>e b>r r>e")
        )

        case = play(diagram, saving=saving)

        assert (case.open, case.data) == (["r"], {"gjort": True})

    @pytest.mark.parametrize("kind", [signal, escalation])
    def test_ends_the_scope_of_an_interrupting_event_sub_process(self, saving, kind):
        listener = event_start(kind("stop")) + user("r") + end("ee") + flows("es>r r>ee")
        diagram = process(
            start()
            + throw("t", kind("stop"))
            + script("x", "{gjort: true}")
            + end()
            + flows("s>t t>x x>e")
            + sub("ev", listener, event=True)
        )

        case = play(diagram, saving=saving)

        assert (case.open, case.data) == (["r"], {})
        assert case.complete("r").ended

    def test_of_an_escalation_nobody_catches_goes_on(self, saving):
        diagram = process(start() + inner(throw("t", escalation("op"))) + end() + flows("s>u u>e"))

        case = play(diagram, saving=saving)

        assert (case.ended, case.data, case.incidents) == (True, {"gjort": True}, {})

    def test_of_an_error_nobody_catches_is_an_incident(self, saving):
        body = start("i") + end("ie", inside=error("fejl")) + flows("i>ie")
        diagram = process(
            start()
            + gateway("parallel", "f")
            + sub("u", body)
            + user("a")
            + end()
            + flows("s>f f>u f>a u>e a>e")
        )
        case = play(diagram, saving=saving)

        case.complete("a")

        assert list(case.incidents) == ["ie"]
        assert not case.ended

    def test_of_an_error_reaches_the_caller(self, saving):
        called = process(
            start("cs")
            + sub("cu", start("i") + end("ie", inside=error("fejl")) + flows("i>ie"))
            + end("ce")
            + flows("cs>cu cu>ce"),
            "q",
        )
        diagram = process(
            start()
            + call(inside=props(in__x="1"))
            + boundary("b", "k", error("fejl"))
            + user("r")
            + end()
            + flows("s>k k>e b>r r>e")
        )

        case = play(diagram, called, saving=saving)

        assert (case.open, case.incidents) == (["r"], {})

    def test_of_one_part_ends_all_of_them(self, saving):
        body = (
            start("i")
            + user("a")
            + gateway("exclusive", "g", default="g_ie")
            + end("ie")
            + end("bad", inside=error("fejl"))
            + flows("i>a a>g g>bad[slemt] g>ie*")
        )
        diagram = process(
            start()
            + sub("u", body, loop=THREE_TIMES)
            + boundary("b", "u", error("fejl"))
            + user("r")
            + end()
            + flows("s>u u>e b>r r>e")
        )
        case = play(diagram, saving=saving, slemt=False).complete("a")

        assert case.open == ["a", "a"]
        assert case.complete("a", slemt=True).open == ["r"]

    def test_by_an_event_sub_process_goes_past_its_own_start(self, saving):
        again = event_start(error("fejl")) + end("ee", inside=error("fejl")) + flows("es>ee")
        body = start("i") + end("ie", inside=error("fejl")) + flows("i>ie")
        diagram = process(
            start()
            + sub("u", body + sub("ev", again, event=True))
            + boundary("b", "u", error("fejl"))
            + user("r")
            + end()
            + flows("s>u u>e b>r r>e")
        )

        assert play(diagram, saving=saving).open == ["r"]


class TestTerminating:
    def nested(self, begin=""):
        return (
            (begin or start("i"))
            + gateway("parallel", "f")
            + user("a", "b")
            + end("ie", inside=TERMINATE)
            + end("ie2")
            + flows("i>f f>a f>b a>ie b>ie2")
        )

    def test_a_sub_process_leaves_what_is_around_it(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f0")
            + sub("u", self.nested())
            + user("c", "d")
            + end()
            + flows("s>f0 f0>u f0>c u>d d>e c>e")
        )
        case = play(diagram, saving=saving)

        case.complete("a")

        assert case.open == ["c", "d"]

    def test_a_called_process_leaves_the_caller(self, saving):
        called = process(
            start("cs")
            + gateway("parallel", "f")
            + user("a", "b")
            + end("ce", inside=TERMINATE)
            + flows("cs>f f>a f>b a>ce b>ce"),
            "q",
        )
        diagram = process(start() + call() + user("c") + end() + flows("s>k k>c c>e"))

        assert play(diagram, called, saving=saving).complete("a").open == ["c"]

    def test_an_event_sub_process_leaves_the_scope_it_is_in(self, saving):
        begin = event_start(timer("Duration", "P1D"), interrupting=False)
        body = self.nested(begin.replace('"es"', '"i"'))
        diagram = process(
            start() + user("c") + end() + flows("s>c c>e") + sub("ev", body, event=True)
        )
        case = play(diagram, saving=saving).wait(days=2)
        rung = case.open

        case.complete("a")

        assert rung == ["a", "b", "c"]
        assert case.open == ["c"]

    def test_the_process_ends_what_it_called(self, saving):
        called = process(start("cs") + user("a") + end("ce") + flows("cs>a a>ce"), "q")
        diagram = process(
            start()
            + gateway("parallel", "f")
            + call()
            + boundary("t", "k", timer("Duration", "P3D"), interrupting=False)
            + user("b", "r")
            + end()
            + end("stop", inside=TERMINATE)
            + flows("s>f f>k f>b b>stop k>e t>r r>e")
        )
        case = play(diagram, called, saving=saving).complete("b")

        assert case.ended
        assert case.run.step.waits.timers == {}


class TestAnEventGateway:
    def awaited(self):
        return (
            gateway("eventBased", "g")
            + catch("t1", timer("Duration", "P1D"))
            + catch("t2", timer("Duration", "P3D"))
            + catch("m1", message("hej"))
            + catch("m2", message("dav"))
            + catch("si", signal("alarm"))
        )

    def test_takes_the_first_of_several_timers_messages_and_signals(self, saving):
        diagram = process(
            start()
            + self.awaited()
            + user("a", "b", "c")
            + end()
            + flows("s>g g>t2 g>t1 g>m1 g>m2 g>si t1>a t2>b m1>c m2>c si>c a>e b>e c>e")
        )

        early = play(diagram, saving=saving).wait(days=9)
        told = play(diagram, saving=saving).send("dav").wait(days=9)

        assert early.trace == ["s", "g", "t1"]
        assert (told.open, told.run.step.waits.timers) == (["c"], {})

    def test_waits_anew_in_each_round(self, saving):
        diagram = process(
            start()
            + gateway("exclusive", "m")
            + self.awaited()
            + user("a")
            + end()
            + flows("s>m m>g g>t1 g>t2 g>m1 g>m2 g>si t1>m t2>e m1>a m2>a si>a a>e")
        )
        case = play(diagram, saving=saving).wait(days=5)

        assert case.trace.count("t1") == 5
        assert case.send("hej").complete("a").ended

    def test_of_each_part_waits_for_itself(self, saving):
        body = start("i") + self.awaited() + user("a") + end("ie")
        body += flows("i>g g>t1 g>t2 g>m1 g>m2 g>si t1>ie t2>ie m1>a m2>a si>a a>ie")
        diagram = process(
            start() + sub("u", body, loop=THREE_TIMES) + user("c") + end() + flows("s>u u>c c>e")
        )
        case = play(diagram, saving=saving).send("hej")
        one = case.open

        case.wait(days=2)

        assert one == ["a"]
        assert case.open == ["a"]
        assert case.complete("a").open == ["c"]

    def test_gives_a_signal_to_every_part(self, saving):
        body = start("i") + self.awaited() + user("a") + end("ie")
        body += flows("i>g g>t1 g>t2 g>m1 g>m2 g>si t1>ie t2>ie m1>a m2>a si>a a>ie")
        diagram = process(start() + sub("u", body, loop=THREE_TIMES) + end() + flows("s>u u>e"))
        case = play(diagram, saving=saving)

        case.run.signal("alarm", {})

        assert case.open == ["a", "a", "a"]


class TestARepeatedTimer:
    def test_that_interrupts_rings_once(self, saving):
        diagram = process(
            start()
            + user("a")
            + boundary("t", "a", timer("Cycle", "R3/P1D"))
            + user("r")
            + end()
            + flows("s>a a>e t>r r>e")
        )

        case = play(diagram, saving=saving).wait(days=9)

        assert case.open == ["r"]
        assert case.trace.count("t") == 1


class TestLanes:
    def test_of_lanes_the_innermost_says_who(self, saving):
        lanes = (
            '<bpmn:laneSet id="ls"><bpmn:lane id="L1" name="Afdeling"><bpmn:flowNodeRef>a'
            "</bpmn:flowNodeRef><bpmn:flowNodeRef>u</bpmn:flowNodeRef><bpmn:childLaneSet>"
            '<bpmn:lane id="L2" name="Mentor"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
            "</bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
        )
        own = (
            '<bpmn:laneSet id="li"><bpmn:lane id="L3" name="Underviser"><bpmn:flowNodeRef>x'
            "</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
        )
        body = own + start("i") + user("x", "y") + end("ie") + flows("i>x i>y x>ie y>ie")
        diagram = process(
            lanes + start() + user("a") + sub("u", body) + end() + flows("s>a s>u a>e u>e")
        )

        case = play(diagram, saving=saving)

        roles = {task.element: task.role for task in case.run.step.waits.tasks.values()}
        assert roles == {"a": "Mentor", "x": "Underviser", "y": "Afdeling"}


class TestAnInclusiveJoinInALoop:
    def diagram(self):
        return process(
            start()
            + gateway("exclusive", "m")
            + gateway("inclusive", "f", "j")
            + user("a", "b", "c")
            + gateway("exclusive", "x", default="x_e")
            + end()
            + flows("s>m m>f f>a[va] f>b[vb] f>c[vc] a>j b>j c>j j>x x>m[igen] x>e*")
        )

    def test_waits_in_every_round_for_exactly_what_was_sent(self, saving):
        case = play(self.diagram(), saving=saving, va=True, vb=True, vc=False, igen=True)
        for round_ in range(4):
            assert case.open == ["a", "b"], round_
            case.complete("a")
            assert case.open == ["b"], round_
            case.complete("b")

        case.complete("b").complete("a", igen=False)

        assert case.ended
        assert case.trace.count("j") == 5

    def test_waits_for_a_branch_that_goes_round_inside(self, saving):
        diagram = process(
            start()
            + gateway("inclusive", "f", "j")
            + gateway("exclusive", "m")
            + user("a", "b")
            + gateway("exclusive", "x", default="x_j")
            + end()
            + flows("s>f f>m[true] f>b[true] m>a a>x x>m[igen] x>j* b>j j>e")
        )
        case = play(diagram, saving=saving, igen=True).complete("b")

        for _ in range(3):
            case.complete("a")
            assert case.open == ["a"]

        assert case.complete("a", igen=False).trace.count("j") == 1
        assert case.ended
