"""What a supervisor does to a running case: skip, correct, move, begin anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.engine import NotPossible, NotWaiting
from processes.engine.commands import Correct, Move, Restart, Skip
from processes.engine.step import CaseData
from tests.processes.engine.notation import (
    ENGINE,
    START,
    boundary,
    catch,
    end,
    flows,
    gateway,
    message,
    play,
    process,
    props,
    start,
    sub,
    timer,
    user,
)

TWO = process(start() + user("a", "b") + end() + flows("s>a a>b b>e"))
FORK = process(
    start()
    + gateway("parallel", "split", "join")
    + user("a", "b", "c")
    + end()
    + flows("s>split split>a split>b a>join b>join join>c c>e")
)
INSIDE = process(
    start()
    + sub("k", start("t") + user("x", "y") + end("u") + flows("t>x x>y y>u"))
    + user("a")
    + end()
    + flows("s>k k>a a>e")
)


def standing(played):
    return ENGINE.standing(played.run.definition, played.run.step.state)


def position(played, element):
    [found] = [p for p in standing(played).positions if p.element == element]
    return found.id


def move(played, cancel=(), create=(), reason="fejl"):
    ids = tuple(position(played, element) for element in cancel)
    where = tuple((c, "") if isinstance(c, str) else (c[0], position(played, c[1])) for c in create)
    played.run.act(Move(ids, tuple((scope, element) for element, scope in where), reason))
    return played


def preview(played, cancel=(), create=()):
    run = played.run
    command = Move(
        tuple(position(played, element) for element in cancel),
        tuple(("", element) for element in create),
        "fejl",
    )
    return ENGINE.preview(run.definition, run.step.state, run.step.data, command, now=run.now)


def lines(played, kind):
    return [line for line in played.run.step.happened if line.kind == kind]


def failing(inside, element="a", **more):
    """An element that fails, a task after it."""
    body = start() + inside + user("b") + end() + flows(f"s>{element} {element}>b b>e")
    return play(process(body), **more)


SCRIPT = '<bpmn:scriptTask id="a"><bpmn:script>{x: 1 + nothing}</bpmn:script></bpmn:scriptTask>'
SERVICE = (
    '<bpmn:serviceTask id="a" name="Send"><bpmn:extensionElements>'
    '<spiffworkflow:serviceTaskOperator id="no/Such" resultVariable="svar">'
    "<spiffworkflow:parameters/></spiffworkflow:serviceTaskOperator>"
    "</bpmn:extensionElements></bpmn:serviceTask>"
)


def skip(played, result=None, **kinds):
    [incident] = played.run.step.waits.incidents
    played.run.act(Skip(incident, "gjort i hånden", result, kinds))
    return played


class TestSkip:
    def test_goes_on_after_a_failed_job_with_the_result_given(self, saving):
        played = skip(failing(SERVICE, saving=saving), {"nr": 7})

        assert played.open == ["b"]
        assert played.data["svar"] == {"nr": 7}
        assert not played.incidents

    def test_keeps_dates_as_dates(self, saving):
        body = start() + SERVICE + gateway("exclusive", "g", default="g_b") + user("b", "c")
        ways = 's>a a>g g>b* g>c[svar > date("2026-01-01")] b>e c>e'
        played = play(process(body + end() + flows(ways)), saving=saving)

        skip(played, "2026-03-01", **{"": "date"})

        assert played.open == ["c"]

    def test_says_who_is_told_what_their_result_is_called(self, saving):
        played = failing(SERVICE, saving=saving)
        [incident] = played.run.step.waits.incidents

        assert standing(played).results == {incident: "svar"}

    def test_goes_on_after_any_activity_that_cannot_begin(self, saving):
        played = skip(failing(SCRIPT, saving=saving))

        assert played.open == ["b"]
        assert lines(played, "incident.skipped")[0].detail["reason"] == "gjort i hånden"

    def test_takes_the_default_where_no_condition_could_be_asked(self, saving):
        body = start() + gateway("exclusive", "g", default="g_b") + user("b", "c")
        ways = flows("s>g g>b* g>c[nothing > 1] b>e c>e")
        played = play(process(body + end() + ways), saving=saving)

        assert skip(played).open == ["b"]

    def test_refuses_where_nothing_says_where_to_go(self, saving):
        body = start() + gateway("exclusive", "g") + user("b", "c")
        ways = flows("s>g g>b[nothing = 1] g>c[nothing > 1] b>e c>e")
        played = play(process(body + end() + ways), saving=saving)

        with pytest.raises(NotPossible) as refused:
            skip(played)

        assert refused.value.why == "no_default"

    def test_lets_an_activity_go_on_without_an_event_that_cannot_be_watched(self, saving):
        ring = boundary("w", "a", timer("Duration", "=nothing.at"))
        body = start() + user("a", "b") + ring + end("e", "f") + flows("s>a a>e w>b b>f")
        played = play(process(body), saving=saving)

        skip(played)

        assert (played.open, played.incidents) == (["a"], {})

    def test_counts_the_part_of_a_list_as_done(self, saving):
        loop = (
            '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
            "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
            "</bpmn:multiInstanceLoopCharacteristics>"
        )
        inside = SCRIPT.replace("<bpmn:script>", f"{loop}<bpmn:script>")
        played = failing(inside, saving=saving)

        skip(skip(played))

        assert played.open == ["b"]

    def test_ends_a_token_whose_error_nobody_catches(self, saving):
        thrown = end("x", inside='<bpmn:errorEventDefinition errorRef="E_nej"/>')
        body = start() + gateway("parallel", "g") + user("a") + thrown + end()
        played = play(process(body + flows("s>g g>a g>x a>e")), saving=saving)

        skip(played)

        assert (played.open, played.incidents) == (["a"], {})

    def test_refuses_an_incident_that_is_solved(self, saving):
        played = failing(SCRIPT, saving=saving)
        [incident] = played.run.step.waits.incidents
        skip(played)

        with pytest.raises(NotWaiting):
            played.run.act(Skip(incident, "igen"))


class TestCorrect:
    def test_writes_and_tells_old_and_new(self, saving):
        played = play(TWO, saving=saving, alder=17)

        played.run.act(Correct({"alder": 18}, "tastefejl"))

        [line] = lines(played, "data.corrected")
        assert played.data["alder"] == 18
        assert line.detail["changes"] == {"alder": {"from": 17, "to": 18}}
        assert (line.detail["reason"], line.detail["compartment"]) == ("tastefejl", "B")
        assert played.open == ["a"]

    def test_leaves_a_key_in_its_compartment_and_tells_each_apart(self, saving):
        played = play(TWO, saving=saving)
        run = played.run
        run.step = ENGINE.act(
            run.definition,
            run.step.state,
            CaseData({"a": 1, "b": 2}, authority=frozenset({"a"})),
            Correct({"a": 3, "b": 4}, "fejl"),
            now=run.now,
        )

        told = {line.detail["compartment"]: line.detail["changes"] for line in run.step.happened}
        assert run.step.data.authority == {"a"}
        assert told == {"A": {"a": {"from": 1, "to": 3}}, "B": {"b": {"from": 2, "to": 4}}}

    def test_wakes_what_waits_for_such_a_change(self, saving):
        ring = boundary(
            "w",
            "a",
            "<bpmn:conditionalEventDefinition><bpmn:condition>alder &gt; 17</bpmn:condition>"
            "</bpmn:conditionalEventDefinition>",
        )
        body = start() + user("a", "b") + ring + end("e", "f") + flows("s>a a>e w>b b>f")
        played = play(process(body), saving=saving, alder=17)

        played.run.act(Correct({"alder": 18}, "tastefejl"))

        assert played.open == ["b"]

    def test_keeps_dates_as_dates(self, saving):
        body = start() + user("a") + gateway("exclusive", "g", default="g_b") + user("b", "c")
        ways = 's>a a>g g>b* g>c[dag > date("2026-01-01")] b>e c>e'
        played = play(process(body + end() + flows(ways)), saving=saving)
        played.run.act(Correct({"dag": "2026-02-01"}, "manglede", {"/dag": "date"}))

        assert played.complete("a").open == ["c"]


class TestMove:
    def test_takes_tokens_away_and_puts_new_ones_elsewhere(self, saving):
        played = move(play(TWO, saving=saving), ["a"], ["b"])

        [line] = lines(played, "case.moved")
        assert played.open == ["b"]
        assert line.detail == {
            "reason": "fejl",
            "cancelled": [{"element": "a", "name": "a"}],
            "created": [{"element": "b", "name": "b"}],
        }
        assert played.complete("b").ended

    def test_takes_timers_and_deadlines_on_the_edge_along(self, saving):
        ring = boundary("w", "a", timer("Duration", "P3D"))
        task = f'<bpmn:userTask id="a">{props(deadline="P7D")}</bpmn:userTask>'
        body = start() + task + user("b") + ring + end("e", "f") + flows("s>a a>e w>b b>f")
        played = move(play(process(body), saving=saving), ["a"], ["b"])

        assert not played.run.step.waits.timers
        assert not played.run.step.waits.deadlines

    def test_enters_a_sub_process_at_its_start(self, saving):
        played = play(INSIDE, saving=saving).complete("x").complete("y")

        assert move(played, ["a"], ["k"]).open == ["x"]

    def test_puts_a_token_inside_a_sub_process_that_is_open(self, saving):
        played = move(play(INSIDE, saving=saving), ["x"], [("y", "k")])

        assert played.open == ["y"]
        assert played.complete("y").open == ["a"]

    def test_leaves_a_sub_process_for_the_scope_around_it(self, saving):
        played = move(play(INSIDE, saving=saving), ["x"], ["a"])

        assert played.open == ["a"]
        assert [p.element for p in standing(played).positions] == ["a"]

    def test_only_adds_where_nothing_is_taken_away(self, saving):
        assert move(play(TWO, saving=saving), [], ["b"]).open == ["a", "b"]

    def test_takes_all_events_of_a_gateway_as_one(self, saving):
        body = (
            start()
            + gateway("eventBased", "g")
            + catch("m", message("svar"))
            + catch("w", timer("Duration", "P1D"))
            + user("a")
            + end()
            + flows("s>g g>m g>w m>a w>a a>e")
        )
        played = move(play(process(body), saving=saving), ["m"], ["a"])

        assert played.open == ["a"]
        assert not played.run.step.waits.timers

    def test_solves_incidents(self, saving):
        played = move(failing(SCRIPT, saving=saving), ["a"], ["b"])

        assert (played.open, played.incidents) == (["b"], {})

    @pytest.mark.parametrize(
        ("cancel", "create", "why"),
        [
            (["a"], [], "ends"),
            ([], [], "nothing"),
            ([], ["s"], "no_place"),
            ([], ["?"], "no_place"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, saving, cancel, create, why):
        played = play(TWO, saving=saving)

        with pytest.raises(NotPossible) as refused:
            move(played, cancel, create)

        assert refused.value.why == why

    def test_refuses_a_join(self, saving):
        with pytest.raises(NotPossible):
            move(play(FORK, saving=saving), ["a"], ["join"])

    def test_refuses_a_place_inside_what_it_takes_away(self, saving):
        played = play(INSIDE, saving=saving)

        with pytest.raises(NotPossible) as refused:
            move(played, ["k"], [("y", "k")])

        assert refused.value.why == "closed"

    def test_refuses_a_position_that_is_gone(self, saving):
        played = play(TWO, saving=saving)
        old = position(played, "a")
        played.complete("a")

        with pytest.raises(NotWaiting):
            played.run.act(Move((old,), (("", "b"),), "fejl"))

    def test_refuses_to_empty_one_of_several(self, saving):
        loop = (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
            "</bpmn:multiInstanceLoopCharacteristics>"
        )
        inside = start("t") + user("x") + end("u") + flows("t>x x>u")
        body = start() + sub("k", inside, loop=loop) + user("a") + end()
        played = play(process(body + flows("s>k k>a a>e")), saving=saving)
        first = next(p.id for p in standing(played).positions if p.element == "x")

        with pytest.raises(NotPossible) as refused:
            played.run.act(Move((first,), (("", "a"),), "fejl"))

        assert refused.value.why == "part"
        assert move(played, ["k"], ["a"]).open == ["a"]

    def test_lets_an_event_sub_process_end(self, saving):
        inside = start("t", message("alarm")) + user("x") + end("u") + flows("t>x x>u")
        beside = inside.replace(
            '<bpmn:startEvent id="t">', '<bpmn:startEvent id="t" isInterrupting="false">'
        )
        body = start() + user("a") + end() + sub("k", beside, event=True) + flows("s>a a>e")
        played = play(process(body), saving=saving).send("alarm")

        assert move(played, ["x"], []).open == ["a"]
        assert len(played.run.step.waits.instances) == 1


class TestPreview:
    def test_leaves_the_case_where_it_is(self):
        played = play(TWO)

        shown = preview(played, ["a"], ["b"])

        assert [t.element for t in shown.step.waits.tasks.values()] == ["b"]
        assert played.complete("a").open == ["b"]

    def test_warns_of_a_join_that_would_wait_for_ever(self):
        played = play(FORK).complete("a")

        shown = preview(played, ["b"], ["c"])

        assert shown.in_vain == ("join",)

    def test_warns_of_nothing_where_the_join_is_still_reached(self):
        played = play(FORK).complete("a")

        assert preview(played, [], ["c"]).in_vain == ()
        assert preview(play(FORK), ["a", "b"], ["c"]).in_vain == ()


AGAIN = process(
    start()
    + user("a")
    + sub("k", start("t") + user("x") + end("u") + flows("t>x x>u")).replace(
        '<bpmn:subProcess id="k">', f'<bpmn:subProcess id="k">{props(restartable="true")}'
    )
    + user("luk")
    + end()
    + flows("s>a a>k k>luk luk>e")
)


class TestRestart:
    def test_begins_in_place_of_where_the_case_is(self, saving):
        played = play(AGAIN, saving=saving)

        played.run.act(Restart("k", "vendt tilbage"))

        assert played.open == ["x"]
        assert lines(played, "case.restarted")[0].detail["reason"] == "vendt tilbage"

    def test_begins_anew_what_is_under_way(self, saving):
        played = play(AGAIN, saving=saving).complete("a")

        played.run.act(Restart("k", "vendt tilbage"))

        assert played.open == ["x"]
        assert played.complete("x").open == ["luk"]

    def test_reopens_a_case_that_has_ended(self, saving):
        played = play(AGAIN, saving=saving).complete("a").complete("x").complete("luk")
        main = played.run.step.before.instances

        played.run.act(Restart("k", "vendt tilbage"))

        assert lines(played, "case.reopened")
        assert (played.open, played.ended) == (["x"], False)
        assert played.run.step.waits.instances.keys() == main.keys()
        assert played.complete("x").complete("luk").ended

    def test_listens_again_for_what_may_happen_beside(self, saving):
        beside = sub(
            "n",
            start("v", message("alarm")).replace(">", ' isInterrupting="false">', 1)
            + user("hjaelp")
            + end("w")
            + flows("v>hjaelp hjaelp>w"),
            event=True,
        )
        body = AGAIN.replace("</bpmn:process>", f"{beside}</bpmn:process>")
        played = play(body, saving=saving).complete("a").complete("x").complete("luk")
        played.run.act(Restart("k", "vendt tilbage"))

        assert played.send("alarm").open == ["hjaelp", "x"]

    def test_counts_deadlines_from_now(self, saving):
        body = AGAIN.replace(
            '<bpmn:userTask id="x" name="x"/>',
            f'<bpmn:userTask id="x">{props(deadline="P7D")}</bpmn:userTask>',
        )
        played = play(body, saving=saving).complete("a").complete("x").complete("luk")
        played.wait(days=100)

        played.run.act(Restart("k", "vendt tilbage"))

        assert played.due("x") == START + timedelta(days=107)

    def test_refuses_what_the_diagram_does_not_offer(self, saving):
        played = play(AGAIN, saving=saving)

        with pytest.raises(NotPossible):
            played.run.act(Restart("luk", "fejl"))

        assert [place.element for place in standing(played).restartable] == ["k"]
