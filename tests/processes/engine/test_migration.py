"""What moving a case to another version of its diagram keeps, changes and refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.engine import load_definition
from processes.engine.commands import (
    Complete,
    FinishJob,
    Fire,
    MoveDeadline,
    PauseDeadline,
    Resume,
    ResumeDeadline,
    Retry,
    Start,
    Suspend,
)
from processes.engine.placement import Directions
from processes.engine.reasons import REASONS, sentence
from processes.engine.step import CaseData
from tests.processes.engine.notation import (
    ENGINE,
    START,
    boundary,
    catch,
    definitions,
    end,
    flows,
    gateway,
    message,
    process,
    props,
    start,
    sub,
    timer,
    user,
)
from tests.programme_files import parameter, programme

ONE = (start() + user("a", "b") + end(), "s>a a>b b>e")


def version(nodes, ways, *others, properties=""):
    """A version of the process `p`."""
    text = definitions(process(nodes + flows(ways), properties=properties), *others)
    return load_definition("p", {"p.bpmn": text})


class Moving:
    """A case that can be moved about."""

    def __init__(self, definition, **data):
        self.definition = definition
        self.now = START
        self.step = ENGINE.start(definition, CaseData(data), Start(), now=START)

    def complete(self, element, **answers):
        [task, *_] = [t for t in self.step.waits.tasks.values() if t.element == element]
        return self.do(Complete(task.id, answers))

    def fire(self):
        due = min(self.step.waits.timers.values(), key=lambda t: t.due_at)
        self.now = max(self.now, due.due_at)
        return self.do(Fire(due.id))

    def do(self, command):
        self.step = ENGINE.act(
            self.definition, self.step.state, self.step.data, command, now=self.now
        )
        return self

    def wait(self, **delta):
        self.now += timedelta(**delta)
        return self

    def to(self, definition, renames=None, cancels=(), tokens=None):
        """Move; the report."""
        done = ENGINE.migrate(
            self.definition,
            definition,
            self.step.state,
            self.step.data,
            Directions(renames or {}, frozenset(cancels), tokens or {}),
            now=self.now,
        )
        if done.step is not None:
            self.step, self.definition = done.step, definition
            waits = ENGINE.waits(definition, self.step.state, self.step.data)
            assert waits == self.step.waits
        return done.report

    @property
    def open(self):
        return sorted(t.element for t in self.step.waits.tasks.values())

    def due(self, element):
        [one] = [t for t in self.step.waits.timers.values() if t.element == element]
        return one.due_at

    @property
    def deadline(self):
        [one] = self.step.waits.deadlines.values()
        return one


def reasons(report):
    return [(refusal.element, refusal.reason) for refusal in report.refused]


def moved(*args, **kwargs):
    return Moving(version(*args, **kwargs))


class TestTokens:
    def test_the_same_diagram_changes_nothing(self):
        case = moved(*ONE)
        before = case.step

        report = case.to(version(*ONE))

        assert case.step.state == before.state
        assert case.step.waits == before.waits
        assert case.step.happened == ()
        assert [work.element for work in report.kept] == ["a"]

    def test_goes_on_in_the_new_diagram(self):
        case = moved(*ONE)

        case.to(version(start() + user("a", "ny", "b") + end(), "s>a a>ny ny>b b>e"))

        assert case.complete("a").open == ["ny"]

    def test_refuses_a_live_element_that_is_gone(self):
        case = moved(*ONE)

        report = case.to(version(start() + user("b") + end(), "s>b b>e"))

        assert reasons(report) == [("a", "removed")]
        assert case.open == ["a"]

    def test_an_element_that_is_gone_and_not_live_is_no_matter(self):
        case = moved(*ONE)

        case.to(version(start() + user("a") + end(), "s>a a>e"))

        assert case.complete("a").step.ended

    def test_follows_the_rename_table(self):
        case = moved(*ONE)
        [task] = case.step.waits.tasks

        report = case.to(version(start() + user("x", "b") + end(), "s>x x>b b>e"), {"a": "x"})

        assert report.renamed == {task: ("a", "x")}
        assert list(case.step.waits.tasks) == [task]
        assert case.complete("x").open == ["b"]

    def test_a_rename_may_name_its_scope(self):
        inside = start("s1") + user("a") + end("e1") + flows("s1>a a>e1")
        ways = "s>f f>a f>u u>j a>j j>e"
        nodes = start() + gateway("parallel", "f", "j") + user("a") + end()
        case = moved(nodes + sub("u", inside), ways)
        other = start("s1") + user("c") + end("e1") + flows("s1>c c>e1")

        case.to(version(nodes + sub("u", other), ways), {"p/u/a": "c"})

        assert case.open == ["a", "c"]

    def test_refuses_another_kind_of_element(self):
        case = moved(*ONE)

        report = case.to(
            version(start() + catch("a", timer("Duration", "P1D")) + user("b") + end(), ONE[1])
        )

        assert reasons(report) == [("a", "kind_changed")]

    def test_refuses_to_go_inside_a_sub_process(self):
        case = moved(*ONE)
        inside = start("s1") + user("a") + end("e1") + flows("s1>a a>e1")

        report = case.to(version(start() + sub("u", inside) + end(), "s>u u>e"))

        assert reasons(report) == [("a", "moved")]
        assert report.refused[0].facts == {"scope": "u"}

    def test_keeps_a_task_with_its_new_lane_role_and_form(self):
        case = moved(*ONE)
        form = (
            f'<bpmn:userTask id="a" name="Ny">{props(form="svar", priority="80")}</bpmn:userTask>'
        )
        [before] = case.step.waits.tasks.values()

        case.to(version(start() + form + user("b") + end(), ONE[1]))

        [task] = case.step.waits.tasks.values()
        assert (task.id, task.created_at) == (before.id, before.created_at)
        assert (task.name, task.form, task.priority) == ("Ny", "svar.form.json", 80)

    def test_cancels_what_it_is_told_to(self):
        nodes = start() + gateway("parallel", "f") + user("a", "b") + end("e1", "e2")
        case = moved(nodes, "s>f f>a f>b a>e1 b>e2")

        report = case.to(version(start() + user("a") + end("e1"), "s>a a>e1"), cancels=["b"])

        assert [(work.kind, work.element) for work in report.cancelled] == [("task", "b")]
        assert ("element.cancelled", "b") in [(h.kind, h.element) for h in case.step.happened]
        assert case.complete("a").step.ended

    def test_refuses_to_cancel_the_last_thing_to_do(self):
        case = moved(*ONE)

        report = case.to(version(start() + user("b") + end(), "s>b b>e"), cancels=["a"])

        assert reasons(report) == [("a", "nothing_left")]


class TestScopes:
    INSIDE = start("s1") + user("a", "b") + end("e1") + flows("s1>a a>b b>e1")

    def test_a_task_inside_a_sub_process_goes_on(self):
        case = moved(start() + sub("u", self.INSIDE) + end(), "s>u u>e")
        inside = start("s1") + user("a", "c") + end("e1") + flows("s1>a a>c c>e1")

        case.to(version(start() + sub("u", inside) + user("d") + end(), "s>u u>d d>e"))

        assert case.complete("a").open == ["c"]
        assert case.complete("c").open == ["d"]

    def test_the_inside_follows_a_renamed_sub_process(self):
        case = moved(start() + sub("u", self.INSIDE) + end(), "s>u u>e")

        case.to(version(start() + sub("v", self.INSIDE) + end(), "s>v v>e"), {"u": "v"})

        assert case.complete("a").complete("b").step.ended

    def test_cancelling_a_sub_process_cancels_its_inside(self):
        nodes = start() + gateway("parallel", "f") + user("x") + end("e0")
        case = moved(nodes + sub("u", self.INSIDE), "s>f f>x f>u x>e0")

        report = case.to(version(start() + user("x") + end("e0"), "s>x x>e0"), cancels=["u"])

        assert [work.element for work in report.cancelled] == ["a"]
        assert case.complete("x").step.ended

    def test_a_called_process_may_be_another(self):
        def caller(called, process_id, *names):
            ways = ">".join(names)
            body = start("s1") + user(*names) + end("e1") + flows(f"s1>{names[0]} {ways} ")
            body += flows(f"{names[-1]}>e1") if len(names) > 1 else flows(f"{names[0]}>e1")
            call = f'<bpmn:callActivity id="k" calledElement="{called}"/>'
            return version(start() + call + end(), "s>k k>e", process(body, process_id))

        case = Moving(caller("q", "q", "a"))

        case.to(caller("r", "r", "a", "b"))

        assert case.complete("a").open == ["b"]

    def test_refuses_a_call_whose_variables_change_sides(self):
        def caller(mapping):
            body = start("s1") + user("a") + end("e1") + flows("s1>a a>e1")
            call = f'<bpmn:callActivity id="k" calledElement="q">{mapping}</bpmn:callActivity>'
            return version(start() + call + end(), "s>k k>e", process(body, "q"))

        case = Moving(caller(""))

        assert reasons(case.to(caller(props(in__x="1")))) == [("k", "call_variables")]

    def test_a_new_input_is_handed_in(self):
        def caller(**mapping):
            body = start("s1") + user("a") + end("e1") + flows("s1>a a>e1")
            call = f'<bpmn:callActivity id="k" calledElement="q">{props(**mapping)}'
            call += "</bpmn:callActivity>"
            return version(start() + call + end(), "s>k k>e", process(body, "q"))

        case = Moving(caller(in__x="1"))

        case.to(caller(in__x="2", in__y="3"))

        [task] = case.step.waits.tasks.values()
        assert task.local == {"x": 1, "y": 3}


class TestRepetitions:
    @staticmethod
    def each(kind="false", item="navn"):
        return version(
            start() + '<bpmn:userTask id="a"><bpmn:multiInstanceLoopCharacteristics '
            f'isSequential="{kind}"><bpmn:loopDataInputRef>navne</bpmn:loopDataInputRef>'
            f'<bpmn:inputDataItem id="i" name="{item}"/>'
            "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>" + user("b") + end(),
            "s>a a>b b>e",
        )

    def test_the_parts_go_on(self):
        case = Moving(self.each(), navne=["x", "y"])
        case.complete("a")

        case.to(self.each(item="person"))

        [task] = case.step.waits.tasks.values()
        assert task.local == {"loopCounter": 2, "person": "y"}
        assert case.complete("a").open == ["b"]

    def test_refuses_another_order(self):
        case = Moving(self.each("true"), navne=["x", "y"])

        assert ("a", "loop_changed") in reasons(case.to(self.each("false")))

    def test_refuses_to_begin_or_end_repeating(self):
        case = Moving(self.each(), navne=["x", "y"])

        assert reasons(case.to(version(*ONE))) == [("a", "kind_changed")]


class TestJoins:
    WAYS = "s>f f>a f>b a>j b>j j>e"
    NODES = start() + gateway("parallel", "f", "j") + user("a", "b") + end()

    def test_a_branch_that_waits_still_counts(self):
        case = moved(self.NODES, self.WAYS).complete("a")

        case.to(version(self.NODES + user("c"), "s>f f>a f>b a>j b>c c>j j>e"))

        assert case.complete("b").complete("c").step.ended

    def test_a_new_arrow_from_the_same_element_counts_for_the_old_one(self):
        case = moved(self.NODES, self.WAYS).complete("a")
        text = definitions(process(self.NODES + flows(self.WAYS)))
        other = load_definition("p", {"p.bpmn": text.replace('id="a_j"', 'id="ny"')})

        case.to(other)

        assert case.complete("b").step.ended

    def test_refuses_when_the_arrow_is_gone(self):
        case = moved(self.NODES, self.WAYS).complete("a")
        other = version(self.NODES + user("c"), "s>f f>a f>b a>c c>j b>j j>e")

        report = case.to(other)

        assert reasons(report) == [("j", "flow_gone")]
        assert reasons(case.to(other, {"a_j": "c_j"})) == []
        assert case.complete("b").step.ended

    def test_refuses_a_join_that_would_wait_for_ever(self):
        case = moved(self.NODES, self.WAYS)

        report = case.to(version(self.NODES + user("c"), "s>f f>a f>b f>c a>j b>j c>j j>e"))

        assert reasons(report) == [("j", "join_starves")]

    def test_a_third_branch_is_fine_before_the_split(self):
        nodes = self.NODES + user("x")
        case = moved(nodes, self.WAYS.replace("s>f", "s>x x>f"))

        case.to(version(nodes + user("c"), "s>x x>f f>a f>b f>c a>j b>j c>j j>e"))

        assert case.complete("x").open == ["a", "b", "c"]

    def test_joins_when_the_branch_it_waited_for_is_gone(self):
        nodes = self.NODES + user("c")
        case = moved(nodes, "s>f f>a f>b f>c a>j b>j c>j j>e").complete("a").complete("b")

        case.to(version(self.NODES, self.WAYS), cancels=["c"])

        assert case.step.ended

    def test_an_inclusive_join_looks_again(self):
        def either(nodes, ways):
            gates = gateway("inclusive", "f", default="f_a") + gateway("inclusive", "j")
            return version(start() + gates + nodes + end(), ways)

        case = Moving(either(user("a", "b"), "s>f f>a* f>b[true] a>j b>j j>e")).complete("b")
        assert case.open == []

        nodes = user("a", "b", "x")
        report = case.to(either(nodes, "s>f f>a* f>b[true] a>j b>x x>j j>e"))

        assert reasons(report) == []


class TestEdges:
    def edged(self, *events, body=None):
        return version(
            start() + (body or user("a")) + "".join(events) + user("r") + end("e", "re"),
            "s>a a>e "
            + " ".join(f"{i}>r" for i in ("t", "m") if any(f'"{i}"' in e for e in events))
            + (" r>re" if events else ""),
        )

    @staticmethod
    def reminder(text="P5D", i="t", kind="Duration", host="a", **flags):
        return boundary(i, host, timer(kind, text), interrupting=False, **flags)

    def test_a_new_timer_counts_from_the_start_of_the_task(self):
        case = Moving(self.edged()).wait(days=3)

        case.to(self.edged(self.reminder("P5D")))

        assert case.due("t") == START + timedelta(days=5)

    def test_a_new_timer_that_is_over_fires_next(self):
        case = Moving(self.edged()).wait(days=9)

        case.to(self.edged(self.reminder("P5D")))

        assert case.fire().open == ["a", "r"]
        assert case.now == START + timedelta(days=9)

    def test_a_timer_that_stays_keeps_its_time(self):
        case = Moving(self.edged(self.reminder())).wait(days=1)
        before = case.step.waits

        case.to(self.edged(self.reminder()))

        assert case.step.waits == before

    def test_a_new_duration_counts_from_the_start(self):
        case = Moving(self.edged(self.reminder("P5D"))).wait(days=1)

        report = case.to(self.edged(self.reminder("P9D")))

        assert case.due("t") == START + timedelta(days=9)
        assert [(shift.old, shift.new) for shift in report.timers] == [
            (START + timedelta(days=5), START + timedelta(days=9))
        ]

    def test_a_parameter_of_the_programme_is_a_duration_too(self):
        def ruled(days):
            edge = self.reminder("=frist")
            nodes = start() + user("a") + edge + user("r") + end("e", "re")
            parameter = props(parameter__frist=days)
            return version(nodes, "s>a a>e t>r r>re", properties=parameter)

        case = Moving(ruled("P5D"))

        case.to(ruled("P8D"))

        assert case.due("t") == START + timedelta(days=8)

    def test_a_setting_in_the_programmes_own_file_is_a_duration_too(self):
        def ruled(days):
            nodes = start() + user("a") + self.reminder("=frist") + user("r") + end("e", "re")
            files = {
                "p.bpmn": definitions(process(nodes + flows("s>a a>e t>r r>re"))),
                "p.programme.json": programme(parameter("frist", value=days)),
            }
            return load_definition("p", files)

        case = Moving(ruled("P5D"))

        case.to(ruled("P8D"))

        assert case.due("t") == START + timedelta(days=8)

    def test_an_event_that_is_gone_is_off(self):
        case = Moving(self.edged(self.reminder()))

        report = case.to(self.edged())

        assert [(work.kind, work.element) for work in report.cancelled] == [("timer", "t")]
        assert case.step.waits.timers == {}

    def test_an_event_that_rang_does_not_ring_again_when_it_comes_back(self):
        first = self.edged(self.reminder())
        case = Moving(first).fire()
        assert case.open == ["a", "r"]
        case.complete("r")

        case.to(self.edged())
        case.to(first)

        assert case.step.waits.timers == {}

    def test_an_event_that_comes_back_is_the_same(self):
        first = self.edged(self.reminder())
        case = Moving(first)
        before = case.step.waits

        case.wait(days=1).to(self.edged())
        case.to(first)

        assert case.step.waits == before

    def test_an_event_on_another_activity_is_another(self):
        nodes = start() + gateway("parallel", "f") + user("a", "b", "r") + end("e1", "e2", "e3")
        ways = "s>f f>a f>b a>e1 b>e2 t>r r>e3"
        case = moved(nodes + self.reminder(host="a"), ways)
        [(old, _)] = case.step.waits.timers.items()

        case.to(version(nodes + self.reminder(host="b"), ways))

        [new] = case.step.waits.timers
        assert new != old
        assert case.complete("a").step.waits.timers

    def test_a_message_instead_of_a_timer_is_a_new_event(self):
        case = Moving(self.edged(self.reminder()))

        case.to(self.edged(boundary("t", "a", message("hej"), interrupting=False)))

        assert case.step.waits.timers == {}
        assert [s.name for s in case.step.waits.subscriptions.values()] == ["hej"]

    def test_a_cycle_goes_on_after_what_it_has_fired(self):
        case = Moving(self.edged(self.reminder("R/P7D", kind="Cycle"))).fire().wait(days=2)

        case.to(self.edged(self.reminder("R/P2D", kind="Cycle")))

        assert case.due("t") == START + timedelta(days=8)

    def test_refuses_a_time_that_cannot_be_worked_out(self):
        case = Moving(self.edged())

        report = case.to(self.edged(self.reminder("=ukendt(")))

        assert reasons(report) == [("t", "unclear")]

    def test_an_activity_with_an_inside_has_an_edge_too(self):
        inside = start("s1") + user("x") + end("e1") + flows("s1>x x>e1")
        case = Moving(self.edged(body=sub("a", inside))).wait(days=2)

        case.to(self.edged(self.reminder("P3D"), body=sub("a", inside)))

        assert case.due("t") == START + timedelta(days=3)


class TestDeadlines:
    @staticmethod
    def due_in(text, *edges, **told):
        properties = props(deadline=text, **told) if text else ""
        task = f'<bpmn:userTask id="a">{properties}</bpmn:userTask>'
        nodes = start() + task + "".join(edges) + user("r") + end("e", "re")
        return version(nodes, "s>a a>e" + (" t>r r>re" if edges else ""))

    def test_a_new_duration_counts_from_the_original_start(self):
        case = Moving(self.due_in("P5D")).wait(days=3)
        before = case.deadline

        report = case.to(self.due_in("P10D", legalBasis="§ 155"))

        assert case.deadline.id == before.id
        assert case.deadline.due_at == START + timedelta(days=10)
        assert case.deadline.original_due_at == case.deadline.due_at
        assert case.deadline.started_at == before.started_at
        assert (case.deadline.duration, case.deadline.legal_basis) == ("P10D", "§ 155")
        [shift] = report.deadlines
        assert (shift.old, shift.new) == (before.due_at, case.deadline.due_at)

    def test_there_and_back_is_the_same_deadline(self):
        case = Moving(self.due_in("P5D")).wait(days=1)
        before = case.step.waits

        case.to(self.due_in("P10D"))
        case.to(self.due_in("P5D"))

        assert case.step.waits == before

    def test_another_calendar_counts_too(self):
        case = Moving(self.due_in("P5D"))

        case.to(self.due_in("P5D", calendar="working"))

        assert case.deadline.due_at == START + timedelta(days=7)

    def test_another_legal_basis_leaves_the_day(self):
        case = Moving(self.due_in("P5D")).wait(days=1)

        case.to(self.due_in("P5D", legalBasis="§ 50", pausable="false"))

        assert case.deadline.due_at == START + timedelta(days=5)
        assert (case.deadline.legal_basis, case.deadline.pausable) == ("§ 50", False)

    def test_a_day_that_somebody_set_stands(self):
        case = Moving(self.due_in("P5D"))
        day = START + timedelta(days=30)
        case.do(MoveDeadline(case.deadline.id, day, "ferie"))

        case.to(self.due_in("P10D"))

        assert case.deadline.due_at == day
        assert case.deadline.original_due_at == START + timedelta(days=10)
        assert "flyttet" in case.deadline.arithmetic[-1]["da"]

    def test_pauses_come_on_top(self):
        case = Moving(self.due_in("P5D"))
        case.do(PauseDeadline(case.deadline.id, "syg")).wait(days=4)
        case.do(ResumeDeadline(case.deadline.id))

        case.to(self.due_in("P10D"))

        assert case.deadline.due_at == START + timedelta(days=14)

    def test_a_paused_deadline_stays_paused(self):
        case = Moving(self.due_in("P5D"))
        case.do(PauseDeadline(case.deadline.id, "syg")).wait(days=4)

        case.to(self.due_in("P10D"))

        assert case.deadline.paused_at == START
        assert case.step.waits.timers == {}
        case.do(ResumeDeadline(case.deadline.id))
        assert case.deadline.due_at == START + timedelta(days=14)

    def test_more_time_opens_a_missed_deadline_again(self):
        case = Moving(self.due_in("P5D")).fire()
        assert case.step.waits.deadlines == {}

        case.to(self.due_in("P10D"))

        assert case.deadline.due_at == START + timedelta(days=10)

    def test_a_missed_deadline_is_not_missed_again_by_going_back(self):
        case = Moving(self.due_in("P5D")).fire()
        before = case.step.waits

        case.to(self.due_in("P10D"))
        case.to(self.due_in("P5D"))

        assert case.step.waits == before

    def test_less_time_makes_it_due_at_once(self):
        case = Moving(self.due_in("P5D")).wait(days=3)

        case.to(self.due_in("P2D"))

        assert case.fire().step.waits.deadlines == {}
        assert [h.kind for h in case.step.happened if "deadline" in h.kind] == ["deadline.missed"]

    def test_a_deadline_begins_and_ends_with_its_version(self):
        case = Moving(self.due_in("")).wait(days=1)

        case.to(self.due_in("P5D"))
        assert case.deadline.due_at == START + timedelta(days=5)

        case.to(self.due_in(""))
        assert case.step.waits.deadlines == {}
        assert case.step.waits.timers == {}

    def test_what_follows_goes_along(self):
        told = props(follows="a", offset="-P1D")
        edge = boundary("t", "a", told + timer("Duration", "P0D"), interrupting=False)
        case = Moving(self.due_in("P5D", edge))

        case.to(self.due_in("P10D", edge))

        assert case.due("t") == START + timedelta(days=9)
        nearer = edge.replace("-P1D", "-P3D")
        case.to(self.due_in("P10D", nearer))
        assert case.due("t") == START + timedelta(days=7)

    def test_a_new_follower_of_a_paused_deadline_sleeps(self):
        told = props(follows="a", offset="-P1D")
        edge = boundary("t", "a", told + timer("Duration", "P0D"), interrupting=False)
        case = Moving(self.due_in("P5D"))
        case.do(PauseDeadline(case.deadline.id, "syg")).wait(days=4)

        case.to(self.due_in("P5D", edge))

        assert case.step.waits.timers == {}
        case.do(ResumeDeadline(case.deadline.id))
        assert case.due("t") == START + timedelta(days=8)

    def test_a_timer_drawn_for_a_renamed_task_still_keeps_its_deadline(self):
        def drawn(name):
            told = props(deadlineFor=name)
            edge = boundary("t", name, told + timer("Duration", "P5D"), interrupting=False)
            return version(
                start() + user(name, "r") + edge + end("e", "re"), f"s>{name} {name}>e t>r r>re"
            )

        case = Moving(drawn("a"))
        before = case.deadline

        case.wait(days=1).to(drawn("x"), {"a": "x"})

        assert (case.deadline.id, case.deadline.due_at) == (before.id, before.due_at)
        assert case.deadline.element == "x"


class TestEventSubProcesses:
    INSIDE = user("i") + end("ie") + flows("is>i i>ie")

    def version(self, event="", *, interrupting=False, inside=INSIDE):
        nodes = start() + user("a") + end()
        if event:
            flag = str(interrupting).lower()
            begin = f'<bpmn:startEvent id="is" isInterrupting="{flag}">{event}</bpmn:startEvent>'
            nodes += sub("ev", begin + inside, event=True)
        return version(nodes, "s>a a>e")

    def test_a_new_one_counts_from_the_start_of_its_scope(self):
        case = Moving(self.version()).wait(days=2)

        case.to(self.version(timer("Duration", "P5D")))

        assert case.due("is") == START + timedelta(days=5)
        assert case.fire().open == ["a", "i"]

    def test_one_that_is_gone_is_off(self):
        case = Moving(self.version(message("hej")))

        case.to(self.version())

        assert case.step.waits.subscriptions == {}

    def test_one_that_rang_does_not_ring_again_when_it_comes_back(self):
        case = Moving(self.version(timer("Duration", "P5D"))).fire().complete("i")

        case.to(self.version())
        case.to(self.version(timer("Duration", "P5D")))

        assert case.step.waits.timers == {}

    def test_an_occurrence_goes_on(self):
        case = Moving(self.version(timer("Duration", "P5D"))).fire()
        inside = user("i", "k") + end("ie") + flows("is>i i>k k>ie")

        case.to(self.version(timer("Duration", "P5D"), inside=inside))

        assert case.complete("i").open == ["a", "k"]

    def test_refuses_to_lose_an_occurrence(self):
        case = Moving(self.version(timer("Duration", "P5D"))).fire()

        assert reasons(case.to(self.version())) == [("ev", "removed")]

    def test_a_scope_that_was_taken_over_gets_no_new_ones(self):
        case = Moving(self.version(timer("Duration", "P5D"), interrupting=True)).fire()
        begin = f'<bpmn:startEvent id="is2">{message("hej")}</bpmn:startEvent>'
        more = user("i2") + end("ie2") + flows("is2>i2 i2>ie2")
        first = f'<bpmn:startEvent id="is">{timer("Duration", "P5D")}</bpmn:startEvent>'
        nodes = start() + user("a") + end() + sub("ev", first + self.INSIDE, event=True)

        case.to(version(nodes + sub("ev2", begin + more, event=True), "s>a a>e"))

        assert case.open == ["i"]
        assert case.step.waits.subscriptions == {}


class TestEventBasedGateways:
    @staticmethod
    def choice(**events):
        nodes = "".join(catch(name, inside) for name, inside in events.items())
        ways = " ".join(f"g>{name} {name}>b" for name in events)
        gates = gateway("eventBased", "g")
        return version(start() + gates + nodes + user("b") + end(), f"s>g {ways} b>e")

    def test_a_new_event_counts_from_the_gateway(self):
        case = Moving(self.choice(m=message("hej"), t=timer("Duration", "P9D"))).wait(days=1)

        case.to(
            self.choice(m=message("hej"), t=timer("Duration", "P9D"), u=timer("Duration", "P3D"))
        )

        assert case.due("u") == START + timedelta(days=3)
        assert case.fire().open == ["b"]
        assert case.step.waits.timers == {}
        assert case.step.waits.subscriptions == {}

    def test_an_event_that_is_gone_is_off(self):
        case = Moving(self.choice(m=message("hej"), t=timer("Duration", "P9D")))

        case.to(self.choice(t=timer("Duration", "P9D")))

        assert case.step.waits.subscriptions == {}
        assert case.fire().open == ["b"]

    def test_refuses_when_nothing_is_left_to_wait_for(self):
        case = Moving(self.choice(m=message("hej"), t=timer("Duration", "P9D")))

        report = case.to(self.choice(x=message("hej"), y=timer("Duration", "P9D")))

        assert sorted(reasons(report)) == [("m", "removed"), ("t", "removed")]


class TestJobs:
    @staticmethod
    def job(operation, element="a"):
        task = (
            f'<bpmn:serviceTask id="{element}"><bpmn:extensionElements>'
            f'<spiffworkflow:serviceTaskOperator id="{operation}" resultVariable="x">'
            "<spiffworkflow:parameters/></spiffworkflow:serviceTaskOperator>"
            "</bpmn:extensionElements></bpmn:serviceTask>"
        )
        return version(start() + task + user("b") + end(), f"s>{element} {element}>b b>e")

    def test_a_job_that_is_out_comes_back_to_its_new_element(self):
        case = Moving(self.job("x/Y"))
        [job] = case.step.waits.jobs

        case.to(self.job("x/Y", "z"), {"a": "z"})
        case.do(FinishJob(job, 7))

        assert case.open == ["b"]
        assert case.step.data.values == {"x": 7}

    def test_refuses_another_operation_while_a_job_is_out(self):
        case = Moving(self.job("x/Y"))

        assert reasons(case.to(self.job("x/Z"))) == [("a", "job_asked")]


class TestIncidents:
    def test_an_element_that_failed_on_its_way_in_may_become_another_kind(self):
        script = '<bpmn:scriptTask id="a"><bpmn:script>ukendt</bpmn:script></bpmn:scriptTask>'
        case = moved(start() + script + user("b") + end(), ONE[1])
        [incident] = case.step.waits.incidents

        case.to(version(*ONE))

        assert list(case.step.waits.incidents) == [incident]
        assert case.do(Retry(incident)).open == ["a"]
        assert case.complete("a").open == ["b"]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_a_sentence(reason):
    facts = {"scope": "U", "flow": "f", "error": "!"}

    assert sentence(reason, facts, danish=True) != sentence(reason, facts, danish=False)


class TestCasesAtRest:
    def test_keep_resting(self):
        case = Moving(TestDeadlines.due_in("P5D")).wait(days=2)
        case.do(Suspend("flytter")).wait(days=3)

        case.to(TestDeadlines.due_in("P10D"))

        assert case.step.waits.suspended
        assert case.step.waits.timers == {}
        case.do(Resume("tilbage"))
        assert case.deadline.due_at == START + timedelta(days=13)

    def test_a_new_timer_rests_since_the_case_does(self):
        edges = TestEdges()
        case = Moving(edges.edged()).wait(days=2)
        case.do(Suspend("flytter")).wait(days=3)

        case.to(edges.edged(edges.reminder("P5D")))

        assert case.step.waits.timers == {}
        case.do(Resume("tilbage"))
        assert case.due("t") == START + timedelta(days=8)

    def test_are_not_moved_where_they_would_go_on(self):
        nodes = TestJoins.NODES + user("c")
        case = moved(nodes, "s>f f>a f>b f>c a>j b>j c>j j>e").complete("a").complete("b")
        case.do(Suspend("flytter"))

        report = case.to(version(TestJoins.NODES, TestJoins.WAYS), cancels=["c"])

        assert reasons(report) == [("j", "rests")]


class TestAdHocSubProcesses:
    @staticmethod
    def version(*names):
        inside = user(*names)
        ad_hoc = f'<bpmn:adHocSubProcess id="v">{inside}</bpmn:adHocSubProcess>'
        return version(start() + ad_hoc + end(), "s>v v>e")

    def test_offer_what_the_new_version_has(self):
        case = Moving(self.version("a", "b"))
        case.complete("v", valg="a")

        case.to(self.version("a", "c"))

        assert case.open == ["a", "v"]
        assert case.complete("v", valg="c").open == ["a", "c", "v"]

    def test_go_on_with_what_was_chosen(self):
        case = Moving(self.version("a", "b"))
        case.complete("v", valg="a")

        assert reasons(case.to(self.version("b"))) == [("a", "removed")]
