"""Each element does what BPMN 2.0 says, with and without saving at every wait."""

from __future__ import annotations

from datetime import datetime

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


def script(i, body):
    return f'<bpmn:scriptTask id="{i}"><bpmn:script>{body}</bpmn:script></bpmn:scriptTask>'


class TestExclusiveGateway:
    def diagram(self, order="g>a[x = 1] g>b[x &lt; 9] g>c*"):
        text = order.replace("&lt;", "<")
        return process(
            start()
            + gateway("exclusive", "g", default="g_c")
            + user("a", "b", "c")
            + end()
            + flows(f"s>g {text} a>e b>e c>e")
        )

    def test_takes_the_first_true_flow_in_document_order(self, saving):
        case = play(self.diagram(), saving=saving, x=1)

        assert case.open == ["a"]

    def test_ignores_the_picture_order(self, saving):
        case = play(self.diagram("g>b[x < 9] g>a[x = 1] g>c*"), saving=saving, x=1)

        assert case.open == ["b"]

    def test_takes_the_default_when_nothing_holds(self, saving):
        case = play(self.diagram(), saving=saving, x=10)

        assert case.open == ["c"]

    def test_makes_an_unknown_name_an_incident_and_not_the_default(self, saving):
        case = play(self.diagram(), saving=saving)

        assert case.open == []
        assert "Variable 'x' not found" in case.incidents["g"]

    def test_makes_a_condition_that_is_null_an_incident(self, saving):
        case = play(self.diagram("g>a[x > 1] g>b[x < 9] g>c*"), saving=saving, x=None)

        assert "neither true nor false" in case.incidents["g"]

    def test_does_not_mind_a_later_flow_that_could_not_be_asked(self, saving):
        case = play(self.diagram("g>a[x = 1] g>b[nobody > 1] g>c*"), saving=saving, x=1)

        assert case.open == ["a"]


class TestParallelGateway:
    def diagram(self):
        return process(
            start()
            + gateway("parallel", "f", "j")
            + user("a", "b", "c")
            + end()
            + flows("s>f f>a f>b a>j b>j j>c c>e")
        )

    def test_joins_when_every_branch_has_come(self, saving):
        case = play(self.diagram(), saving=saving)

        case.complete("a")
        waiting = case.open
        case.complete("b")

        assert waiting == ["b"]
        assert case.open == ["c"]

    def test_keeps_what_each_branch_wrote(self, saving):
        case = play(self.diagram(), saving=saving)

        case.complete("b", y=2).complete("a", x=1)

        assert (case.data["x"], case.data["y"]) == (1, 2)

    def test_runs_fifty_forks_in_a_row(self, saving):
        forks = [f"f{i}" for i in range(50)]
        joins = [f"j{i}" for i in range(50)]
        nodes = start() + gateway("parallel", *forks, *joins) + user("a") + end()
        nodes += "".join(f'<bpmn:task id="{x}{i}"/>' for x in "tu" for i in range(50))
        chain = " ".join(
            f"f{i}>t{i} f{i}>u{i} t{i}>j{i} u{i}>j{i} j{i}>{'f' + str(i + 1) if i < 49 else 'a'}"
            for i in range(50)
        )

        case = play(process(nodes + flows(f"s>f0 {chain} a>e")), saving=saving)

        assert case.open == ["a"]


class TestInclusiveGateway:
    def diagram(self):
        return process(
            start()
            + gateway("inclusive", "f", default="f_c")
            + gateway("inclusive", "j")
            + user("a", "b", "c", "d")
            + end()
            + flows("s>f f>a[x > 1] f>b[x > 2] f>c* a>j b>j c>j j>d d>e")
        )

    def test_waits_for_every_branch_it_began(self, saving):
        case = play(self.diagram(), saving=saving, x=3)

        before = case.open
        case.complete("a")
        middle = case.open
        case.complete("b")

        assert before == ["a", "b"]
        assert middle == ["b"]
        assert case.open == ["d"]

    def test_does_not_wait_for_a_branch_that_never_began(self, saving):
        case = play(self.diagram(), saving=saving, x=2)

        assert case.complete("a").open == ["d"]

    def test_waits_in_every_round_of_a_loop(self, saving):
        diagram = process(
            start()
            + gateway("exclusive", "m")
            + gateway("inclusive", "f", "j")
            + gateway("exclusive", "again", default="again_e")
            + user("a", "b")
            + end()
            + flows("s>m m>f f>a[true] f>b[true] a>j b>j j>again again>m[rounds < 3] again>e*")
        )
        case = play(diagram, saving=saving, rounds=0)

        for number in (1, 2, 3):
            case.complete("a", rounds=number)
            assert case.open == ["b"]
            case.complete("b")

        assert case.ended


class TestEventBasedGateway:
    def diagram(self):
        return process(
            start()
            + gateway("eventBased", "g")
            + catch("late", timer("Duration", "P30D"))
            + catch("soon", timer("Duration", "P1D"))
            + catch("letter", message("brev"))
            + user("a", "b", "c")
            + end()
            + flows("s>g g>late g>soon g>letter late>a soon>b letter>c a>e b>e c>e")
        )

    def test_gives_each_timer_its_own_time(self, saving):
        case = play(self.diagram(), saving=saving).wait(days=1)

        assert case.open == ["b"]

    def test_calls_the_others_off(self, saving):
        case = play(self.diagram(), saving=saving).send("brev").wait(days=40)

        assert case.open == ["c"]


class TestBoundaryTimer:
    def test_interrupts_its_task(self, saving):
        diagram = process(
            start()
            + user("a", "b")
            + boundary("t", "a", timer("Duration", "P1M"))
            + end()
            + flows("s>a a>e t>b b>e")
        )
        case = play(diagram, saving=saving, now=datetime.fromisoformat("2026-01-31T09:00:00+01:00"))

        assert case.due("t").isoformat() == "2026-02-28T09:00:00+01:00"
        assert case.wait(days=28).open == ["b"]

    def test_is_off_when_the_task_is_done(self, saving):
        diagram = process(
            start()
            + user("a", "b", "c")
            + boundary("t", "a", timer("Duration", "PT1H"))
            + end()
            + flows("s>a a>c t>b b>e c>e")
        )
        case = play(diagram, saving=saving).complete("a").wait(days=1)

        assert case.open == ["c"]

    def test_fires_again_and_again_when_it_is_a_cycle(self, saving):
        diagram = process(
            start()
            + user("a", "b")
            + boundary("t", "a", timer("Cycle", "R3/P1D"), interrupting=False)
            + end()
            + flows("s>a a>e t>b b>e")
        )
        case = play(diagram, saving=saving).wait(days=10)

        assert case.open == ["a", "b", "b", "b"]

    def test_counts_a_monthly_cycle_from_its_anchor(self, saving):
        diagram = process(
            start()
            + user("a", "b")
            + boundary("t", "a", timer("Cycle", "R/P1M"), interrupting=False)
            + end()
            + flows("s>a a>e t>b b>e")
        )
        case = play(diagram, saving=saving, now=datetime.fromisoformat("2026-01-31T09:00:00+01:00"))

        case.wait(days=30)

        assert case.due("t").isoformat() == "2026-03-31T09:00:00+02:00"


class TestMessages:
    def test_fires_a_non_interrupting_boundary_every_time(self, saving):
        diagram = process(
            start()
            + user("a", "b")
            + boundary("m", "a", message("hej"), interrupting=False)
            + end()
            + flows("s>a a>e m>b b>e")
        )
        case = play(diagram, saving=saving).send("hej", x=1).send("hej", x=2)

        assert case.open == ["a", "b", "b"]
        assert case.data["x"] == 2

    def test_keeps_an_early_message(self, saving):
        diagram = process(
            start() + user("a", "b") + catch("m", message("hej")) + end() + flows("s>a a>m m>b b>e")
        )
        case = play(diagram, saving=saving).send("hej", x=1).complete("a")

        assert case.open == ["b"]
        assert case.data["x"] == 1

    def test_reaches_a_waiting_branch_of_the_same_case(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f")
            + catch("c", message("hej"))
            + throw("t", message("hej"))
            + user("a", "b")
            + end()
            + flows("s>f f>c f>a a>t t>e c>b b>e")
        )
        case = play(diagram, saving=saving).complete("a")

        assert case.open == ["b"]


class TestEventSubProcess:
    def diagram(self, *, interrupting):
        inner = (
            f'<bpmn:startEvent id="es" isInterrupting="{str(interrupting).lower()}">'
            f"{message('dom')}</bpmn:startEvent>" + user("x") + end("ee") + flows("es>x x>ee")
        )
        return process(
            start() + user("a") + end() + flows("s>a a>e") + sub("ev", inner, event=True)
        )

    def test_runs_beside_its_scope_as_often_as_its_event_comes(self, saving):
        case = play(self.diagram(interrupting=False), saving=saving).send("dom").send("dom")

        assert case.open == ["a", "x", "x"]
        assert len(case.run.step.waits.instances) == 3

    def test_keeps_the_case_open_until_it_is_done(self, saving):
        case = play(self.diagram(interrupting=False), saving=saving).send("dom").complete("a")

        assert not case.ended
        assert case.complete("x").ended

    def test_ends_its_scope_when_it_interrupts(self, saving):
        case = play(self.diagram(interrupting=True), saving=saving).send("dom")

        assert case.open == ["x"]
        assert case.complete("x").ended

    def test_leaves_other_cases_of_the_same_definition_alone(self):
        first = play(self.diagram(interrupting=False)).send("dom")

        second = play(self.diagram(interrupting=False))

        assert first.open == ["a", "x"]
        assert second.complete("a").ended

    def test_catches_an_error_of_its_scope(self, saving):
        inner = start("es", error("fejl")) + user("x") + end("ee") + flows("es>x x>ee")
        body = (
            start("is_")
            + user("a")
            + end("bad", inside=error("fejl"))
            + flows("is_>a a>bad")
            + sub("ev", inner, event=True)
        )
        diagram = process(start() + sub("u", body) + user("z") + end() + flows("s>u u>z z>e"))

        case = play(diagram, saving=saving).complete("a")

        assert case.open == ["x"]
        assert case.complete("x").open == ["z"]


class TestErrors:
    def diagram(self, code):
        body = start("i") + user("a") + end("bad", inside=error(code)) + flows("i>a a>bad")
        return process(
            start()
            + sub("u", body)
            + boundary("b", "u", error("fejl"))
            + user("ok", "caught")
            + end()
            + flows("s>u u>ok b>caught ok>e caught>e")
        )

    def test_reach_the_boundary_of_their_code(self, saving):
        case = play(self.diagram("fejl"), saving=saving).complete("a")

        assert case.open == ["caught"]

    def test_are_an_incident_when_nothing_catches_them(self, saving):
        case = play(self.diagram("andet"), saving=saving).complete("a")

        assert case.open == []
        assert "andet" in case.incidents["bad"]


class TestEscalation:
    def test_leaves_the_activity_running_when_the_boundary_does_not_interrupt(self, saving):
        body = (
            start("i")
            + throw("up", escalation("rod"))
            + user("a")
            + end("ie")
            + flows("i>up up>a a>ie")
        )
        diagram = process(
            start()
            + sub("u", body)
            + boundary("b", "u", escalation("rod"), interrupting=False)
            + user("boss")
            + end()
            + flows("s>u u>e b>boss boss>e")
        )

        case = play(diagram, saving=saving)

        assert case.open == ["a", "boss"]


class TestSignals:
    def test_reach_everything_that_waits(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f")
            + catch("c1", signal("alle"))
            + catch("c2", signal("alle"))
            + user("a", "b", "go")
            + throw("t", signal("alle"))
            + end()
            + flows("s>f f>c1 f>c2 f>go go>t t>e c1>a c2>b a>e b>e")
        )

        case = play(diagram, saving=saving).complete("go")

        assert case.open == ["a", "b"]


class TestTerminate:
    def test_ends_everything_in_its_scope(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f")
            + user("a", "b")
            + end("stop", inside="<bpmn:terminateEventDefinition/>")
            + end()
            + flows("s>f f>a f>b a>stop b>e")
        )

        assert play(diagram, saving=saving).complete("a").ended


class TestConditionalEvent:
    def test_occurs_when_another_branch_makes_it_true(self, saving):
        condition = (
            "<bpmn:conditionalEventDefinition><bpmn:condition>klar = true</bpmn:condition>"
            "</bpmn:conditionalEventDefinition>"
        )
        diagram = process(
            start()
            + gateway("parallel", "f")
            + catch("c", condition)
            + user("a", "b")
            + end()
            + flows("s>f f>c f>a a>e c>b b>e")
        )
        case = play(diagram, saving=saving, klar=False)

        assert case.open == ["a"]
        assert case.complete("a", klar=True).open == ["b"]


class TestLink:
    def test_goes_on_at_the_link_of_the_same_name(self, saving):
        link = '<bpmn:linkEventDefinition name="A"/>'
        diagram = process(
            start() + throw("t", link) + catch("c", link) + user("a") + end() + flows("s>t c>a a>e")
        )

        assert play(diagram, saving=saving).open == ["a"]


class TestMultiInstance:
    def loop(self, more="", *, sequential=False):
        return (
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
            "<bpmn:loopDataInputRef>navne</bpmn:loopDataInputRef>"
            "<bpmn:loopDataOutputRef>svar</bpmn:loopDataOutputRef>"
            '<bpmn:inputDataItem id="i1" name="navn"/><bpmn:outputDataItem id="o1" name="ja"/>'
            f"{more}</bpmn:multiInstanceLoopCharacteristics>"
        )

    def diagram(self, more="", *, sequential=False):
        task = f'<bpmn:userTask id="a">{self.loop(more, sequential=sequential)}</bpmn:userTask>'
        return process(start() + task + user("b") + end() + flows("s>a a>b b>e"))

    def test_opens_one_part_for_each_item_and_collects_in_their_order(self, saving):
        case = play(self.diagram(), saving=saving, navne=["x", "y"])

        locals_ = [t.local["navn"] for t in case.run.step.waits.tasks.values()]
        case.run.complete("a", {"ja": 2}, item=2)
        case.run.complete("a", {"ja": 1}, item=1)

        assert locals_ == ["x", "y"]
        assert case.open == ["b"]
        assert case.data["svar"] == [1, 2]
        assert "ja" not in case.data

    def test_opens_one_at_a_time_when_sequential(self, saving):
        case = play(self.diagram(sequential=True), saving=saving, navne=["x", "y"])

        first = case.open
        case.complete("a", ja=1)

        assert first == ["a"]
        assert case.open == ["a"]
        assert case.complete("a", ja=2).data["svar"] == [1, 2]

    def test_stops_when_its_completion_condition_holds(self, saving):
        more = "<bpmn:completionCondition>numberOfCompletedInstances = 1</bpmn:completionCondition>"
        case = play(self.diagram(more), saving=saving, navne=["x", "y", "z"])

        assert case.complete("a", ja=1).open == ["b"]

    def test_is_done_at_once_with_an_empty_list(self, saving):
        assert play(self.diagram(), saving=saving, navne=[]).open == ["b"]

    def test_survives_five_hundred_items(self, saving):
        case = play(self.diagram(), saving=saving, navne=list(range(500)))

        assert len(case.open) == 500


class TestStandardLoop:
    def test_repeats_while_its_condition_holds(self, saving):
        loop = (
            "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>mere = true"
            "</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
        )
        task = f'<bpmn:userTask id="a">{loop}</bpmn:userTask>'
        diagram = process(start() + task + user("b") + end() + flows("s>a a>b b>e"))
        case = play(diagram, saving=saving)

        assert case.complete("a", mere=True).open == ["a"]
        assert case.complete("a", mere=False).open == ["b"]


class TestCallActivity:
    def called(self, properties=""):
        return process(
            start("cs") + user("c") + end("ce") + flows("cs>c c>ce"), "kaldt", properties
        )

    def caller(self, inside=""):
        call = f'<bpmn:callActivity id="k" calledElement="kaldt">{inside}</bpmn:callActivity>'
        return process(start() + call + user("b") + end() + flows("s>k k>b b>e"))

    def test_shares_the_data_without_mappings(self, saving):
        case = play(self.caller(), self.called(), saving=saving).complete("c", x=1)

        assert case.open == ["b"]
        assert case.data["x"] == 1

    def test_has_variables_of_its_own_with_mappings(self, saving):
        inside = props(in__n="alder + 1", out__resultat="x * 2")
        case = play(self.caller(inside), self.called(), saving=saving, alder=1)

        local = next(iter(case.run.step.waits.tasks.values())).local
        case.complete("c", x=5)

        assert local == {"n": 2}
        assert case.data["resultat"] == 10
        assert "x" not in case.data

    def test_binds_the_called_lanes_to_roles(self, saving):
        lanes = (
            '<bpmn:laneSet id="l"><bpmn:lane id="l1" name="Ansvarlig">'
            "<bpmn:flowNodeRef>c</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
        )
        called = process(lanes + start("cs") + user("c") + end("ce") + flows("cs>c c>ce"), "kaldt")
        case = play(self.caller(props(lane__Ansvarlig="Mentor")), called, saving=saving)

        assert next(iter(case.run.step.waits.tasks.values())).role == "Mentor"


class TestFlowsOfActivities:
    def test_send_a_token_along_each(self, saving):
        diagram = process(
            start() + user("a", "b", "c") + end() + flows("s>a a>b a>c[x > 1] b>e c>e")
        )

        assert play(diagram, saving=saving, x=2).complete("a").open == ["b", "c"]

    def test_let_each_arriving_token_run_the_task(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f")
            + user("a")
            + end()
            + flows("s>f f>a f>e a>e")
            + '<bpmn:sequenceFlow id="again" sourceRef="f" targetRef="a"/>'
        )

        assert play(diagram, saving=saving).open == ["a", "a"]


class TestScriptTask:
    def test_writes_its_entries(self, saving):
        diagram = process(
            start() + script("x", "{a: 1, b: a + 1}") + user("u") + end() + flows("s>x x>u u>e")
        )

        case = play(diagram, saving=saving)

        assert (case.data["a"], case.data["b"]) == (1, 2)

    def test_keeps_dates_as_dates(self, saving):
        diagram = process(
            start()
            + script("x", '{d: date("2026-01-31") + duration("P1M")}')
            + gateway("exclusive", "g", default="g_b")
            + user("a", "b")
            + end()
            + flows('s>x x>g g>a[d < date("2026-03-01")] g>b* a>e b>e')
        )

        case = play(diagram, saving=saving)

        assert case.data["d"] == "2026-02-28"
        assert case.open == ["a"]


class TestEndlessLoop:
    def test_becomes_an_incident(self):
        diagram = process(
            start()
            + gateway("exclusive", "g", "h")
            + '<bpmn:task id="a"/>'
            + end()
            + flows("s>g g>a a>h h>g[true] h>e[false]")
        )

        case = play(diagram)

        assert "endless" in next(iter(case.incidents.values()))
