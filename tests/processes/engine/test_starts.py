"""Start events with triggers: what begins a case, and a case that waits to begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from processes.engine import BadDiagram, NotWaiting, load_definition
from processes.engine.commands import Start
from processes.engine.step import CaseData
from tests.processes.engine.notation import (
    ENGINE,
    START,
    definitions,
    end,
    error,
    flows,
    gateway,
    message,
    play,
    process,
    props,
    signal,
    start,
    sub,
    timer,
    user,
)

THREE = (
    start("sm", message("hej"))
    + start("st", timer("Duration", "P3D"))
    + start("ss", signal("alarm"))
    + user("m", "t", "s")
    + end()
    + flows("sm>m st>t ss>s m>e t>e s>e")
)


def of(body, key="p"):
    return load_definition(key, {"p.bpmn": definitions(process(body))})


def one(trigger, way="s>a a>e"):
    return start("s", trigger) + user("a") + end() + flows(way)


class TestACaseWithoutAPlainStart:
    def test_waits_at_every_start_event(self, saving):
        case = play(process(THREE), saving=saving)

        waits = case.run.step.waits
        assert case.trace == []
        assert sorted(s.element for s in waits.subscriptions.values()) == ["sm", "ss"]
        assert case.due("st") == START + timedelta(days=3)

    def test_begins_with_the_message_and_calls_the_others_off(self, saving):
        case = play(process(THREE), saving=saving).send("hej", x=1)

        assert (case.open, case.data, case.trace) == (["m"], {"x": 1}, ["sm"])
        assert case.run.step.waits.timers == {}
        assert case.wait(days=9).open == ["m"]

    def test_begins_when_the_time_comes(self, saving):
        case = play(process(THREE), saving=saving).wait(days=4)

        assert case.open == ["t"]
        assert case.complete("t").ended

    def test_begins_with_a_signal(self, saving):
        case = play(process(THREE), saving=saving)

        case.run.signal("alarm", {})

        assert case.open == ["s"]

    def test_begins_once_with_a_timer_that_repeats(self, saving):
        case = play(process(one(timer("Cycle", "R/P1D"))), saving=saving).wait(days=5)

        assert case.open == ["a"]
        assert case.trace == ["s"]

    def test_begins_at_the_plain_start_if_there_is_one(self, saving):
        case = play(process(start("n") + user("x") + flows("n>x x>e") + THREE), saving=saving)

        assert case.open == ["x"]
        assert case.run.step.waits.subscriptions == {}

    def test_joins_what_several_starts_lead_to(self, saving):
        body = (
            start("s1", message("a"))
            + start("s2", message("b"))
            + gateway("exclusive", "g")
            + user("u")
            + end()
            + flows("s1>g s2>g g>u u>e")
        )
        case = play(process(body), saving=saving).send("b")

        assert case.complete("u").trace == ["s2", "g", "u", "e"]


class TestStart:
    def begin(self, event, **payload):
        return ENGINE.start(of(THREE), CaseData(), Start(event=event, payload=payload), now=START)

    def test_begins_where_it_is_told_to(self):
        step = self.begin("sm", x=1)

        assert [t.element for t in step.waits.tasks.values()] == ["m"]
        assert step.data.values == {"x": 1}
        assert step.waits.subscriptions == {}

    def test_refuses_an_event_that_is_not_there(self):
        with pytest.raises(NotWaiting, match="nowhere"):
            self.begin("nowhere")


class TestListening:
    def test_names_what_begins_a_case(self):
        found = {s.element: s for s in ENGINE.listen(of(THREE), now=START)}

        assert (found["sm"].kind, found["sm"].event) == ("message", "hej")
        assert (found["ss"].kind, found["ss"].event) == ("signal", "alarm")
        assert found["st"].due_at == START + timedelta(days=3)

    def test_counts_in_the_calendar_of_the_event(self):
        friday = datetime.fromisoformat("2026-01-09T09:00:00+01:00")
        trigger = props(calendar="working") + timer("Duration", "P1D")

        [found] = ENGINE.listen(of(one(trigger)), now=friday)

        assert found.due_at == datetime.fromisoformat("2026-01-12T09:00:00+01:00")

    def test_reads_the_process_s_own_settings(self):
        body = props(parameter__ventetid="P2D") + one(timer("Duration", "=ventetid"))

        [found] = ENGINE.listen(of(body), now=START)

        assert found.due_at == START + timedelta(days=2)

    def test_goes_on_to_the_next_occurrence_and_stops_after_the_last(self):
        definition = of(one(timer("Cycle", "R2/P1D")))
        [first] = ENGINE.listen(definition, now=START)

        second = ENGINE.listen_on(definition, first, now=START)

        assert second == replace(first, due_at=START + timedelta(days=2), timer=second.timer)
        assert ENGINE.listen_on(definition, second, now=START) is None

    @pytest.mark.parametrize("text", ["=alder", "en dag", "=null"])
    def test_refuses_a_time_that_only_a_case_could_tell(self, text):
        with pytest.raises(BadDiagram, match="start-time"):
            ENGINE.listen(of(one(timer("Duration", text))), now=START)


class TestReading:
    @pytest.mark.parametrize(
        "body",
        [
            one(
                "<bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition>"
                "</bpmn:conditionalEventDefinition>"
            ),
            one(error("x")),
            start() + sub("u", one(message("x"))) + flows("s>u"),
        ],
        ids=["condition", "error", "sub-process"],
    )
    def test_refuses_what_could_never_begin(self, body):
        with pytest.raises(BadDiagram, match="start event"):
            of(body)

    def test_refuses_to_call_a_process_that_only_events_begin(self):
        caller = process(
            start() + '<bpmn:callActivity id="k" calledElement="q"/>' + end() + flows("s>k k>e")
        )
        called = process(one(message("x")), "q")

        with pytest.raises(BadDiagram, match="called-without-start"):
            load_definition("p", {"p.bpmn": definitions(caller, called)})
