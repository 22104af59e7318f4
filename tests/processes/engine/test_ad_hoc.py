"""Ad hoc sub-processes: people choose what is done next, with and without saving."""

from __future__ import annotations

import pytest

from processes.engine import BadDiagram, NotWaiting
from processes.engine.commands import Complete, Retry
from processes.rehearsal import CannotDo
from tests.processes.engine.notation import (
    boundary,
    end,
    flows,
    gateway,
    play,
    process,
    props,
    start,
    sub,
    timer,
    user,
)

TWO = user("a", "b")
EACH = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
    "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
)


def ad_hoc(body=TWO, condition="", i="ad", inside="", **attributes):
    """An ad hoc sub-process."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    ends = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return f'<bpmn:adHocSubProcess id="{i}"{given}>{inside}{body}{ends}</bpmn:adHocSubProcess>'


def around(ad, more="", way="s>ad ad>c c>e"):
    return process(start() + ad + user("c") + end() + more + flows(way))


def choose(case, what, element="ad"):
    return case.complete(element, valg=what)


def asked(case):
    """Role to what it may choose."""
    return {
        task.role: [
            each["value"] for each in case.run.definition.form(task.form)["components"][0]["values"]
        ]
        for task in case.run.step.waits.tasks.values()
        if task.element == "ad"
    }


def lanes(**members):
    drawn = "".join(
        f'<bpmn:lane id="L_{role}" name="{role}">'
        + "".join(f"<bpmn:flowNodeRef>{i}</bpmn:flowNodeRef>" for i in ids.split())
        + "</bpmn:lane>"
        for role, ids in members.items()
    )
    return f'<bpmn:laneSet id="ls">{drawn}</bpmn:laneSet>'


class TestAnAdHocSubProcess:
    def test_asks_what_to_do(self, saving):
        case = play(around(ad_hoc()), saving=saving)

        assert case.open == ["ad"]
        assert asked(case) == {None: ["a", "b", "faerdig"]}

    def test_opens_what_is_chosen_and_asks_again(self, saving):
        case = choose(play(around(ad_hoc()), saving=saving), "b")

        assert case.open == ["ad", "b"]
        assert choose(case, "a").open == ["a", "ad", "b"]

    def test_does_an_activity_as_often_as_it_is_chosen(self, saving):
        case = choose(play(around(ad_hoc()), saving=saving), "a").complete("a")

        choose(case, "a").complete("a")

        assert case.trace == ["s", "a", "a"]
        assert case.open == ["ad"]

    def test_ends_when_somebody_says_so(self, saving):
        case = choose(play(around(ad_hoc()), saving=saving), "a").complete("a")

        choose(case, "faerdig")

        assert case.open == ["c"]
        assert case.trace == ["s", "a", "ad"]
        assert case.complete("c").ended

    def test_calls_off_what_is_under_way_when_it_ends(self, saving):
        case = choose(play(around(ad_hoc()), saving=saving), "a")

        assert choose(case, "faerdig").open == ["c"]

    def test_waits_for_what_is_under_way_if_drawn_so(self, saving):
        patient = ad_hoc(cancelRemainingInstances="false")
        case = choose(choose(play(around(patient), saving=saving), "a"), "faerdig")
        still_open = case.open

        case.complete("a")

        assert still_open == ["a"]
        assert case.open == ["c"]

    def test_asks_only_between_activities_if_they_come_in_a_row(self, saving):
        case = choose(play(around(ad_hoc(ordering="Sequential")), saving=saving), "a")
        meanwhile = case.open

        case.complete("a")

        assert meanwhile == ["a"]
        assert case.open == ["ad"]

    def test_follows_the_flows_inside(self, saving):
        body = TWO + gateway("exclusive", "g") + user("d") + flows("a>g g>d")
        case = choose(play(around(ad_hoc(body)), saving=saving), "a").complete("a")

        assert case.open == ["ad", "d"]
        assert asked(case) == {None: ["a", "b", "faerdig"]}

    def test_never_stores_the_choice_as_case_data(self, saving):
        case = choose(play(around(ad_hoc()), saving=saving), "a")

        assert case.data == {}

    def test_tells_the_history_what_was_chosen(self, saving):
        case = choose(play(around(ad_hoc()), saving=saving), "a")

        [line] = [h for h in case.run.step.happened if h.kind == "activity.chosen"]
        assert (line.element, line.detail["activity"]) == ("ad", "a")

    def test_refuses_what_is_not_offered(self, saving):
        case = play(around(ad_hoc()), saving=saving)
        [task] = case.run.step.waits.tasks

        with pytest.raises(NotWaiting, match="activity c"):
            case.run.act(Complete(task, {"valg": "c"}))

    def test_takes_a_choice_once(self, saving):
        case = play(around(ad_hoc()), saving=saving)
        [task] = case.run.step.waits.tasks
        case.run.act(Complete(task, {"valg": "a"}))

        with pytest.raises(NotWaiting):
            case.run.act(Complete(task, {"valg": "a"}))

    def test_may_be_repeated(self, saving):
        case = play(around(ad_hoc(inside=EACH)), saving=saving)

        choose(case, "faerdig")
        between = case.open
        choose(case, "faerdig")

        assert between == ["ad"]
        assert case.open == ["c"]

    def test_may_hold_another(self, saving):
        inner = ad_hoc(user("x"), i="indre")
        case = choose(play(around(ad_hoc(TWO + inner)), saving=saving), "indre")

        choose(case, "x", "indre").complete("x")
        choose(case, "faerdig", "indre")

        assert case.open == ["ad"]
        assert choose(case, "faerdig").open == ["c"]

    def test_goes_on_around_an_incident_inside(self, saving):
        broken = '<bpmn:scriptTask id="x"><bpmn:script>1</bpmn:script></bpmn:scriptTask>'
        case = choose(play(around(ad_hoc(TWO + broken)), saving=saving), "x")

        assert list(case.incidents) == ["x"]
        assert choose(case, "a").open == ["a", "ad"]


class TestItsCondition:
    def test_ends_it_after_the_activity_that_fulfils_it(self, saving):
        case = play(around(ad_hoc(condition="nok = true")), saving=saving, nok=None)
        choose(case, "a")

        case.complete("a", nok=True)

        assert case.open == ["c"]

    def test_is_not_asked_before_something_was_done(self, saving):
        case = play(around(ad_hoc(condition="true")), saving=saving)
        asked = case.open

        choose(case, "a").complete("a")

        assert asked == ["ad"]
        assert case.open == ["c"]

    def test_leaves_no_way_to_stop_by_hand(self, saving):
        case = play(around(ad_hoc(condition="nok = true")), saving=saving, nok=None)

        with pytest.raises(Exception, match="valg"):
            choose(case, "faerdig")

    def test_ends_it_when_the_data_come_from_elsewhere(self, saving):
        diagram = process(
            start()
            + gateway("parallel", "f", "j")
            + user("andet")
            + ad_hoc(condition="nok = true")
            + end()
            + flows("s>f f>andet f>ad andet>j ad>j j>e")
        )
        case = choose(play(diagram, saving=saving, nok=None), "a").complete("a")

        case.complete("andet", nok=True)

        assert case.ended

    def test_that_is_no_condition_is_an_incident_until_the_next_activity(self, saving):
        case = play(around(ad_hoc(condition="nok")), saving=saving, nok=None)
        choose(case, "a").complete("a", nok="ja")
        stuck = dict(case.incidents)

        choose(case, "b").complete("b", nok=True)

        assert "neither true nor false" in stuck["ad"]
        assert case.open == ["c"]

    def test_that_failed_is_asked_again_by_a_retry(self, saving):
        case = play(around(ad_hoc(condition="nok")), saving=saving, nok=None)
        choose(case, "a").complete("a", nok="ja")
        [incident] = case.run.step.waits.incidents

        case.run.act(Retry(incident))

        assert list(case.incidents) == ["ad"]
        assert case.open == ["ad"]


class TestItsEdge:
    def test_interrupts_it_with_everything_inside(self, saving):
        edge = boundary("t", "ad", timer("Duration", "P3D")) + user("r")
        case = play(around(ad_hoc(), edge, "s>ad ad>c c>e t>r r>e"), saving=saving)
        choose(case, "a").wait(days=4)

        assert case.open == ["r"]
        assert case.complete("r").ended

    def test_may_ring_beside_it(self, saving):
        late = boundary("t", "ad", timer("Duration", "P3D"), interrupting=False) + user("r")
        case = play(around(ad_hoc(), late, "s>ad ad>c c>e t>r r>e"), saving=saving)
        case.wait(days=4)

        assert choose(case, "a").open == ["a", "ad", "r"]

    def test_shows_its_deadline_on_the_question(self, saving):
        due = props(deadlineFor="ad") + timer("Duration", "P3D")
        late = boundary("t", "ad", due, interrupting=False)
        case = play(around(ad_hoc(), late, "s>ad ad>c c>e t>e"), saving=saving)
        choose(case, "a")

        [asked] = [t for t in case.run.step.waits.tasks.values() if t.element == "ad"]
        [deadline] = case.run.step.waits.deadlines.values()
        assert asked.due_at == deadline.due_at

    def test_stays_when_another_event_starts_inside(self, saving):
        inner = (
            '<bpmn:startEvent id="es" isInterrupting="false">'
            + timer("Duration", "P1D")
            + "</bpmn:startEvent>"
            + user("x")
            + end("ee")
            + flows("es>x x>ee")
        )
        body = TWO + sub("ev", inner, event=True)
        case = play(around(ad_hoc(body)), saving=saving).wait(days=2)

        assert case.open == ["ad", "x"]
        assert choose(case, "faerdig").open == ["c"]


class TestItsRoles:
    def diagram(self, condition=""):
        drawn = lanes(Mentor="ad a", Underviser="b", Leder="c")
        return process(
            drawn
            + start()
            + ad_hoc(condition=condition)
            + user("c")
            + end()
            + flows("s>ad ad>c c>e")
        )

    def test_are_asked_for_their_own_activities(self, saving):
        case = play(self.diagram(), saving=saving)

        assert asked(case) == {"Mentor": ["a", "faerdig"], "Underviser": ["b"]}

    def test_choose_beside_each_other(self, saving):
        case = play(self.diagram(), saving=saving)

        case.run.complete("ad", {"valg": "b"}, role="Underviser")

        assert case.open == ["ad", "ad", "b"]

    def test_are_asked_no_more_when_the_sub_process_is_done(self, saving):
        case = play(self.diagram(), saving=saving)

        case.run.complete("ad", {"valg": "faerdig"}, role="Mentor")

        assert case.open == ["c"]

    def test_are_checked_when_a_scenario_names_them(self, saving):
        case = play(self.diagram(), saving=saving)

        with pytest.raises(CannotDo, match="Leder"):
            case.run.complete("ad", {"valg": "b"}, role="Leder")


class TestReading:
    @pytest.mark.parametrize(
        "body",
        [
            "",
            TWO + start("x") + flows("x>a"),
            TWO + gateway("parallel", "x") + flows("x>a x>b"),
            user("faerdig"),
        ],
    )
    def test_refuses_what_nobody_could_choose(self, body):
        with pytest.raises(BadDiagram, match="adHoc"):
            play(around(ad_hoc(body)))
