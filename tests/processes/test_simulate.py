"""Scenarios: the format, what a step may do, what the report says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from processes.engine import BadDiagram
from processes.scenario import BadScenario, read_scenario
from processes.scenario_report import broken_bundle
from processes.simulate import simulate_file
from tests.processes.engine.notation import (
    ENGINE,
    boundary,
    catch,
    definitions,
    end,
    flows,
    gateway,
    message,
    process,
    props,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)

HEAD = "process: p\nstart: 2026-01-31T09:00:00+01:00\n"
LINE = process(start() + user("a", "b") + end() + flows("s>a a>b b>e"))
FORM = {
    "type": "default",
    "components": [
        {"type": "number", "key": "alder", "validate": {"required": True, "min": 15}},
        {"type": "datetime", "subtype": "date", "key": "dag", "dateLabel": "Dag"},
    ],
}


def job(i="v", operation="x/Y"):
    return (
        f'<bpmn:serviceTask id="{i}"><bpmn:extensionElements>'
        f'<spiffworkflow:serviceTaskOperator id="{operation}" resultVariable="svar"/>'
        "</bpmn:extensionElements></bpmn:serviceTask>"
    )


def repeated(inside, tag="userTask", i="a"):
    return (
        f'<bpmn:{tag} id="{i}"><bpmn:multiInstanceLoopCharacteristics>'
        "<bpmn:loopDataInputRef>navne</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="i1" name="navn"/><bpmn:loopDataOutputRef>svar'
        '</bpmn:loopDataOutputRef><bpmn:outputDataItem id="o1" name="ja"/>'
        f"</bpmn:multiInstanceLoopCharacteristics>{inside}</bpmn:{tag}>"
    )


def with_lane(role, element):
    return (
        f'<bpmn:laneSet id="l"><bpmn:lane id="l1" name="{role}">'
        f"<bpmn:flowNodeRef>{element}</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )


@pytest.fixture
def run(tmp_path):
    """Play a scenario's steps with one diagram beside it."""

    def play(diagram, steps, head=HEAD, **files):
        (tmp_path / "p.bpmn").write_text(definitions(diagram), encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
        path = tmp_path / "forloeb.yaml"
        path.write_text(head + "steps:\n" + steps, encoding="utf-8")
        return simulate_file(path, ENGINE)

    return play


def reasons(report):
    return " | ".join(failure["reason"] for failure in report["failures"])


class TestYaml:
    def read(self, data):
        return read_scenario(f"{HEAD}data: {data}").data

    def test_has_the_types_of_json_only(self):
        data = self.read(
            "{a: no, b: 2026-01-31, c: 1, d: 1.5, e: true, f: null, g: ~, h: 010, i: yes, "
            "j: 12:30, k: '1', l: -2, m: 1e3, n: [], o: {}, p: 0x1A, q: 1_000, r: .5, s: True}"
        )

        assert data == {
            "a": "no",
            "b": "2026-01-31",
            "c": 1,
            "d": 1.5,
            "e": True,
            "f": None,
            "g": None,
            "h": "010",
            "i": "yes",
            "j": "12:30",
            "k": "1",
            "l": -2,
            "m": 1000.0,
            "n": [],
            "o": {},
            "p": "0x1A",
            "q": "1_000",
            "r": ".5",
            "s": "True",
        }

    def test_keeps_its_keys_as_text(self):
        assert self.read("{1: a, no: b, true: c}") == {"1": "a", "no": "b", "true": "c"}

    @pytest.mark.parametrize(
        "data",
        [
            "{a: !!binary aGVq}",
            "{a: !!timestamp 2026-01-31}",
            "{a: !!python/object/apply:os.getcwd []}",
            "{a: 1, a: 2}",
            "{a: 1e999}",
            "{a: " + "9" * 5000 + "}",
            "&x [*x]",
            "{? [a] : b}",
            "{a: " + "[" * 2000 + "]" * 2000 + "}",
            "{a: [",
        ],
    )
    def test_refuses_everything_else_with_a_sentence(self, data):
        with pytest.raises(BadScenario):
            self.read(data)

    def test_refuses_aliases_that_multiply(self):
        bomb = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))

        with pytest.raises(BadScenario, match="too large"):
            read_scenario(f"{HEAD}a0: &a0 [1]\n{bomb}")


class TestFormat:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "must have the keys"),
            ("- a", "must have the keys"),
            ("start: 2026-01-31", "process"),
            ("process: p", "start"),
            ("process: p\nstart: i morgen", "start"),
            (HEAD + "steps: {complete: a}", "list"),
            (HEAD + "steps: [a]", "step 1"),
            (HEAD + "steps: [{}]", "exactly one of"),
            (HEAD + "steps: [{complete: a, travel: P1D}]", "exactly one of"),
            (HEAD + "steps: [{complete: a, vith: {}}]", "unknown keys"),
            (HEAD + "steps: [{complete: [a]}]", "must be a text"),
            (HEAD + "steps: [{complete: a, with: 1}]", "mapping"),
            (HEAD + "steps: [{complete: a, item: to}]", "whole number"),
            (HEAD + "steps: [{until: snart}]", "until"),
            (HEAD + "steps: [{expect: {opgaver: []}}]", "may hold"),
            (HEAD + "steps: [{expect: {tasks: a}}]", "list of element ids"),
            (HEAD + "steps: [{expect: {ended: no}}]", "true or false"),
            (HEAD + "steps: [{expect: {trace: [1]}}]", "list of element ids"),
            (HEAD + "steps: [{expect: {data: [1]}}]", "mapping"),
            (HEAD + "steps: [{expect: {timers: {t: snart}}}]", "timers.t"),
            (HEAD + "data: [1]", "data"),
            (HEAD + "file: [p.bpmn]", "file"),
            (HEAD + "closing_days: [jul]", "closing_days"),
        ],
    )
    def test_says_what_to_write(self, text, says):
        with pytest.raises(BadScenario, match=says):
            read_scenario(text)

    def test_takes_a_day_and_a_time_without_zone_as_copenhagen(self):
        found = read_scenario("process: p\nstart: 2026-07-01")

        assert found.start.isoformat() == "2026-07-01T00:00:00+02:00"


class TestSteps:
    def test_complete_the_oldest_open_task_and_write_its_answers(self, run):
        report = run(LINE, "- complete: a\n  with: {x: 1, dag: 2026-02-01}\n")

        assert report["ok"], report
        assert report["data"] == {"x": 1, "dag": "2026-02-01"}
        assert [task["element"] for task in report["open_tasks"]] == ["b"]

    def test_expect_the_completed_elements_in_order(self, run):
        report = run(LINE, "- complete: a\n- expect: {trace: [s, a]}\n- expect: {trace: [a, s]}\n")

        assert [failure["step"] for failure in report["failures"]] == [3]
        assert reasons(report) == "the trace should be ['a', 's'] and is ['s', 'a']"

    def test_fail_when_no_such_task_is_open(self, run):
        report = run(LINE, "- complete: b\n- complete: a\n")

        assert not report["ok"]
        assert "no task 'b' is open; open now: a" in reasons(report)
        assert [task["element"] for task in report["open_tasks"]] == ["a"]
        assert report["failures"][0]["step"] == 1

    def test_check_the_role_when_it_is_given(self, run):
        diagram = LINE.replace(">", ">" + with_lane("Mentor", "a"), 1)

        assert run(diagram, "- complete: a\n  role: Mentor\n")["ok"]
        assert "Mentor" in reasons(run(diagram, "- complete: a\n  role: Visitator\n"))

    def test_take_one_of_several_by_item(self, run):
        diagram = process(start() + repeated("") + end() + flows("s>a a>e"))
        steps = (
            "- complete: a\n  item: 2\n  with: {ja: to}\n- complete: a\n  with: {ja: en}\n"
            "- expect: {data: {svar: [en, to]}, ended: true}\n"
        )

        assert run(diagram, steps, HEAD + "data: {navne: [x, y]}\n")["ok"]

    def test_take_one_of_several_inside_a_repeated_sub_process(self, run):
        inner = start("i") + user("t") + end("ie") + flows("i>t t>ie")
        diagram = process(start() + repeated(inner, "subProcess") + end() + flows("s>a a>e"))
        steps = "- complete: t\n  item: 2\n  with: {ja: to}\n- expect: {tasks: [t]}\n"
        more = "- complete: t\n  with: {ja: en}\n- expect: {data: {svar: [en, to]}}\n"

        assert run(diagram, steps + more, HEAD + "data: {navne: [x, y]}\n")["ok"]

    def test_take_one_of_several_tokens_at_one_task(self, run):
        diagram = process(
            start()
            + gateway("parallel", "f")
            + user("a")
            + end()
            + flows("s>f f>a a>e")
            + '<bpmn:sequenceFlow id="again" sourceRef="f" targetRef="a"/>'
        )

        assert run(diagram, "- complete: a\n  item: 2\n- complete: a\n")["ended"]
        assert "no task" in reasons(run(diagram, "- complete: a\n  item: 3\n"))

    def test_fire_timers_in_due_order_each_at_its_own_time(self, run):
        diagram = process(
            start()
            + gateway("parallel", "f", "j")
            + catch("late", timer("Duration", "P2M"))
            + catch("soon", timer("Duration", "P1M"))
            + end()
            + flows("s>f f>late f>soon late>j soon>j j>e")
        )

        report = run(diagram, "- travel: P1Y\n")

        fired = [
            (e["element"], e["at"]) for e in report["trace"] if e["element"] in {"late", "soon"}
        ]
        assert fired == [
            ("soon", "2026-02-28T09:00:00+01:00"),
            ("late", "2026-03-31T09:00:00+02:00"),
        ]
        assert report["ended_at"] == "2026-03-31T09:00:00+02:00"

    def test_travel_until_an_instant(self, run):
        diagram = process(start() + catch("t", timer("Date", "2026-02-01T10:00:00")) + end())
        diagram = diagram.replace("</bpmn:process>", flows("s>t t>e") + "</bpmn:process>")

        assert not run(diagram, "- until: 2026-02-01T09:59:59+01:00\n")["ended"]
        assert run(diagram, "- until: 2026-02-01T10:00:00+01:00\n")["ended"]

    @pytest.mark.parametrize(
        "step", ["travel: -P1D", "travel: 4 mdr", "until: 2025-01-01", "travel: P101Y"]
    )
    def test_do_not_go_backward_or_nowhere(self, run, step):
        report = run(LINE, f"- {step}\n")

        assert not report["ok"]
        assert report["failures"][0]["reason"]

    def test_stop_at_a_timer_that_never_ends(self, run):
        diagram = process(
            start()
            + user("a")
            + boundary("t", "a", timer("Cycle", "R/PT1S"), interrupting=False)
            + end("e", "f")
            + flows("s>a a>e t>f")
        )

        assert "timers fire" in reasons(run(diagram, "- travel: P1D\n"))

    def test_run_a_real_handler_and_keep_its_result(self, run):
        operation = (
            '<bpmn:serviceTask id="v"><bpmn:extensionElements>'
            '<spiffworkflow:serviceTaskOperator id="x/Unknown"/></bpmn:extensionElements>'
            "</bpmn:serviceTask>"
        )
        diagram = process(start() + operation + end() + flows("s>v v>e"))

        report = run(diagram, "- expect: {tasks: []}\n")

        assert not report["ok"]
        assert "x/Unknown" in reasons(report)
        assert report["incidents"][0]["element"] == "v"

    def test_settle_a_job_with_a_result_or_a_fault(self, run):
        fault = '<bpmn:errorEventDefinition errorRef="E_NEJ"/>'
        diagram = process(
            start()
            + job()
            + boundary("b", "v", fault)
            + user("fin", "fejl")
            + end()
            + flows("s>v v>fin b>fejl fin>e fejl>e")
        )

        good = run(diagram, "- job: v\n  result: {n: 2}\n- expect: {tasks: [fin]}\n")
        bad = run(diagram, "- job: v\n  fault: NEJ\n- expect: {tasks: [fejl]}\n")

        assert (good["ok"], good["data"]) == (True, {"svar": {"n": 2}})
        assert (bad["ok"], bad["data"]) == (True, {})
        assert "no job of 'v'" in reasons(run(LINE, "- job: v\n"))

    def test_run_the_handler_again_once_no_step_speaks_of_the_job(self, run):
        diagram = process(
            start()
            + gateway("exclusive", "m", "x", default="x_e")
            + job()
            + user("a")
            + end()
            + flows("s>m m>v v>a a>x x>m[svar = 1] x>e*")
        )

        report = run(diagram, "- job: v\n  result: 1\n- complete: a\n")

        assert [i["element"] for i in report["incidents"]] == ["v"]

    def test_broadcast_a_signal(self, run):
        diagram = process(
            start()
            + gateway("parallel", "f")
            + catch("c1", signal("alle"))
            + catch("c2", signal("alle"))
            + end()
            + flows("s>f f>c1 f>c2 c1>e c2>e")
        )

        report = run(diagram, "- signal: alle\n  with: {x: 1}\n")

        assert (report["ended"], report["data"]) == (True, {"x": 1})
        assert "signal" in reasons(run(diagram, "- signal: ingen\n"))


class TestSupervision:
    def test_keeps_jobs_and_messages_until_the_case_goes_on(self, run):
        body = start() + job() + catch("m", message("svar")) + user("a") + end()
        diagram = process(body + flows("s>v v>m m>a a>e"))

        report = run(
            diagram,
            "  - suspend: ferie\n"
            "  - job: v\n    result: 1\n"
            "  - message: svar\n    with: {ja: true}\n"
            "  - expect: {tasks: []}\n"
            "  - travel: P90D\n"
            "  - resume: tilbage\n"
            "  - expect: {tasks: [a], data: {svar: 1, ja: true}}\n",
        )

        assert report["failures"] == []

    def test_skips_corrects_and_moves(self, run):
        script = (
            '<bpmn:scriptTask id="x"><bpmn:script>{y: 1 + nothing}</bpmn:script></bpmn:scriptTask>'
        )
        diagram = process(start() + script + user("a", "b") + end() + flows("s>x x>a a>b b>e"))

        report = run(
            diagram,
            "  - skip: x\n"
            "  - expect: {tasks: [a]}\n"
            "  - correct: glemt\n    with: {y: 2}\n"
            "  - move: b\n    from: a\n"
            "  - expect: {tasks: [b], data: {y: 2}}\n",
        )

        assert report["failures"] == []

    def test_begins_a_part_of_an_ended_case_anew(self, run):
        inside = props(restartable="true") + start("t") + user("a") + end("u") + flows("t>a a>u")
        diagram = process(start() + sub("k", inside) + end() + flows("s>k k>e"))

        report = run(
            diagram,
            "  - complete: a\n"
            "  - expect: {ended: true}\n"
            "  - restart: k\n"
            "  - expect: {ended: false, tasks: [a]}\n",
        )

        assert (report["failures"], report["ended"]) == ([], False)

    @pytest.mark.parametrize(
        ("step", "says"),
        [
            ("skip: a", "'a' has not failed"),
            ("move: b\n    from: b", "does not stand at 'b'"),
            ("move: nowhere", "no token can be put at 'nowhere'"),
            ("restart: a", "no_restart"),
            ("resume: nu", "being resumed"),
        ],
    )
    def test_says_what_cannot_be_done(self, run, step, says):
        assert says in reasons(run(LINE, f"  - {step}\n"))


class TestMessages:
    diagram = process(
        start() + user("a") + catch("m", message("hej")) + end() + flows("s>a a>m m>e")
    )

    def test_are_kept_for_thirty_days(self, run):
        early = "- message: hej\n  with: {{x: 1}}\n- travel: {}\n- complete: a\n"

        assert run(self.diagram, early.format("P30D"))["ended"]
        assert not run(self.diagram, early.format("P31D"))["ended"]

    def test_are_refused_when_no_diagram_knows_them(self, run):
        assert "farvel" in reasons(run(self.diagram, "- message: farvel\n"))

    def test_write_their_payload_under_the_variable_the_diagram_names(self, run):
        named = (
            '<bpmn:messageEventDefinition messageRef="M_hej"><bpmn:extensionElements>'
            "<spiffworkflow:messageVariable>brev</spiffworkflow:messageVariable>"
            "</bpmn:extensionElements></bpmn:messageEventDefinition>"
        )
        diagram = process(start() + catch("m", named) + end() + flows("s>m m>e"))

        assert run(diagram, "- message: hej\n  with: {x: 1}\n")["data"] == {"brev": {"x": 1}}

    def test_reach_one_receiver_the_oldest_first(self, run):
        inner = start("i") + user("a") + catch("c1", message("hej")) + end("ie")
        diagram = process(
            start()
            + gateway("parallel", "f")
            + sub("u", inner + flows("i>a a>c1 c1>ie"))
            + user("w")
            + catch("c2", message("hej"))
            + end()
            + flows("s>f f>u f>w w>c2 u>e c2>e")
        )
        steps = "- complete: a\n- complete: w\n- message: hej\n"

        caught = [e["element"] for e in run(diagram, steps)["trace"] if e["element"][0] == "c"]

        assert caught == ["c1"]

    def test_find_the_catcher_of_their_correlation(self, run):
        inner = start("i") + catch("c", props(correlation="navn") + message("hej")) + end("ie")
        diagram = process(
            start() + repeated(inner + flows("i>c c>ie"), "subProcess") + end() + flows("s>a a>e")
        )
        head = HEAD + "data: {navne: [x, y]}\n"
        step = "- message: hej\n  correlation: {}\n  with: {{ja: 1}}\n"

        assert run(diagram, step.format("y") + step.format("x"), head)["ended"]
        assert not run(diagram, step.format("y") + step.format("y"), head)["ended"]

    def test_thrown_early_are_caught_late(self, run):
        diagram = process(
            start() + throw("t", message("hej")) + user("a") + catch("m", message("hej")) + end()
        )
        diagram = diagram.replace("</bpmn:process>", flows("s>t t>a a>m m>e") + "</bpmn:process>")

        assert run(diagram, "- complete: a\n")["ended"]


class TestForms:
    diagram = process(
        start()
        + f'<bpmn:userTask id="a">{props(form="f1")}</bpmn:userTask>'
        + gateway("exclusive", "g", default="g_c")
        + user("b", "c")
        + end()
        + flows('s>a a>g g>b[dag < date("2026-03-01")] g>c* b>e c>e')
    )

    def test_check_the_answers(self, run):
        files = {"f1__form__json": json.dumps(FORM)}

        report = run(self.diagram, "- complete: a\n  with: {alder: 12}\n", **files)

        assert "alder" in reasons(report)
        assert [task["element"] for task in report["open_tasks"]] == ["a"]

    def test_let_feel_compare_their_dates(self, run):
        files = {"f1__form__json": json.dumps(FORM)}
        steps = "- complete: a\n  with: {alder: 19, dag: 2026-02-01}\n- expect: {tasks: [b]}\n"

        assert run(self.diagram, steps, **files)["ok"]

    def test_are_missed_when_they_are_not_there(self, run):
        assert "f1.form.json" in reasons(run(self.diagram, "- complete: a\n"))

    def test_say_so_when_they_cannot_be_read(self, run):
        with pytest.raises(BadDiagram, match="not-a-form"):
            run(self.diagram, "", f1__form__json="{")

    def test_store_answers_under_the_variable_the_diagram_names(self, run):
        task = (
            '<bpmn:userTask id="a"><bpmn:extensionElements><spiffworkflow:variableName>svar'
            "</spiffworkflow:variableName></bpmn:extensionElements></bpmn:userTask>"
        )
        diagram = process(start() + task + end() + flows("s>a a>e"))

        assert run(diagram, "- complete: a\n  with: {x: 1}\n")["data"] == {"svar": {"x": 1}}


class TestExpect:
    @pytest.mark.parametrize(
        "expected",
        [
            "{tasks: [a, b]}",
            "{tasks: []}",
            "{data: {x: true}}",
            "{data: {x: '1'}}",
            "{data: {y: {z: [1, 2, 3]}}}",
            "{data: {y: {z: [1, 2], w: null}}}",
            "{data: {u: 0}}",
            "{ended: true}",
            "{incidents: [a]}",
            "{timers: {a: 2026-01-31}}",
            "{deadlines: {a: 2026-01-31}}",
        ],
    )
    def test_fails_when_something_differs(self, run, expected):
        head = HEAD + "data: {x: 1, y: {z: [1, 2]}, u: false}\n"

        report = run(LINE, f"- expect: {expected}\n", head)

        assert not report["ok"]
        assert report["failures"]

    def test_names_only_what_it_cares_for(self, run):
        head = HEAD + "data: {x: 1, y: {z: [1, 2]}, u: false}\n"
        expected = "{tasks: [a], ended: false, data: {x: 1.0, y: {z: [1, 2]}, nothing: null}}"

        assert run(LINE, f"- expect: {expected}\n", head)["ok"]

    def test_does_not_stop_the_run(self, run):
        report = run(LINE, "- expect: {tasks: []}\n- complete: a\n")

        assert [task["element"] for task in report["open_tasks"]] == ["b"]


class TestReport:
    def test_has_the_shape_of_the_contract(self, run):
        diagram = process(
            start()
            + f'<bpmn:userTask id="a">{props(deadline="P5D")}</bpmn:userTask>'
            + boundary("t", "a", timer("Duration", "P1M"), interrupting=False)
            + end()
            + flows("s>a a>e t>e")
        )

        report = run(diagram, "")

        assert report["open_tasks"] == [
            {"element": "a", "role": None, "due_at": "2026-02-05T09:00:00+01:00"}
        ]
        assert report["timers"] == [{"element": "t", "due_at": "2026-02-28T09:00:00+01:00"}]
        assert report["trace"] == [
            {"at": "2026-01-31T09:00:00+01:00", "kind": "startEvent", "element": "s"}
        ]
        assert (report["ok"], report["ended"], report["ended_at"]) == (True, False, None)
        assert report["failures"] == []
        assert json.loads(json.dumps(report)) == report

    def test_traces_every_completed_node_once_an_occurrence(self, run):
        inner = start("i") + user("t") + end("ie") + flows("i>t t>ie")
        diagram = process(
            start()
            + gateway("parallel", "f", "j")
            + sub("u", inner)
            + throw("m", message("hej"))
            + catch("c", message("hej"))
            + repeated("")
            + end()
            + flows("s>f f>u f>m f>c u>j m>j c>j j>a a>e")
        )
        steps = "- complete: t\n- complete: a\n- complete: a\n"

        report = run(diagram, steps, HEAD + "data: {navne: [x, y]}\n")

        elements = [entry["element"] for entry in report["trace"]]
        assert elements == ["s", "f", "i", "m", "c", "t", "ie", "u", "j", "a", "a", "e"]
        assert report["trace"][1]["kind"] == "parallelGateway"

    def test_takes_an_incident_as_a_failure_unless_it_was_expected(self, run):
        diagram = process(
            start() + gateway("exclusive", "g") + end() + flows("s>g g>e[ukendt = 1]")
        )

        assert not run(diagram, "")["ok"]
        assert run(diagram, "- expect: {incidents: [g]}\n")["ok"]

    def test_of_a_broken_bundle_has_the_same_keys(self, run):
        broken = broken_bundle(BadDiagram([]))

        assert broken.keys() == run(LINE, "").keys()


class TestFiles:
    def test_may_hold_several_processes(self, tmp_path):
        other = process(start("cs") + user("c") + end("ce") + flows("cs>c c>ce"), "kaldt")
        caller = process(
            start() + '<bpmn:callActivity id="k" calledElement="kaldt"/>' + end() + flows("s>k k>e")
        )
        (tmp_path / "alt.bpmn").write_text(definitions(other, caller), encoding="utf-8")
        path = tmp_path / "x.yaml"
        path.write_text(HEAD + "steps: [{complete: c}]", encoding="utf-8")

        assert simulate_file(path, ENGINE)["ended"]

    def test_are_found_above_scenarios_and_among_the_shared_parts(self, tmp_path):
        other = process(start("cs") + user("c") + end("ce") + flows("cs>c c>ce"), "kaldt")
        own = other.replace('id="c"', 'id="egen"').replace("_c", "_egen")
        own = process(start("cs") + user("egen") + end("ce") + flows("cs>egen egen>ce"), "kaldt")
        caller = process(
            start() + '<bpmn:callActivity id="k" calledElement="kaldt"/>' + end() + flows("s>k k>e")
        )
        for folder in ("faelles", "en/scenarios"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "en/p.bpmn").write_text(definitions(caller), encoding="utf-8")
        (tmp_path / "faelles/kaldt.bpmn").write_text(definitions(other), encoding="utf-8")
        path = tmp_path / "en/scenarios/x.yaml"
        path.write_text(HEAD + "steps: [{expect: {tasks: [c]}}]", encoding="utf-8")

        shared = simulate_file(path, ENGINE)
        (tmp_path / "en/min.bpmn").write_text(definitions(own), encoding="utf-8")
        mine = simulate_file(path, ENGINE)

        assert shared["ok"], shared
        assert [task["element"] for task in mine["open_tasks"]] == ["egen"]

    def test_that_are_broken_beside_it_are_none_of_its_business(self, run):
        files = {"andet__bpmn": "<nej", "andet__dmn": "<p", "andet__form__json": "{"}

        assert run(LINE, "- complete: a\n", **files)["ok"]

    def test_may_be_in_any_letters(self, run, tmp_path):
        (tmp_path / "gammel.bpmn").write_bytes("<æøå".encode("latin-1"))

        assert run(LINE, "- complete: a\n")["ok"]

    def test_are_read_from_the_one_the_scenario_names(self, run, tmp_path):
        (tmp_path / "a.bpmn").write_text(definitions(process(start() + end())), encoding="utf-8")

        report = run(LINE, "- complete: a\n", HEAD + "file: p.bpmn\n")

        assert report["ok"]

    @pytest.mark.parametrize(
        ("head", "error"),
        [
            (HEAD + "file: nej.bpmn\n", BadScenario),
            (HEAD.replace(": p\n", ": nej\n"), BadDiagram),
        ],
    )
    def test_are_missed_when_they_are_not_there(self, run, head, error):
        with pytest.raises(error, match="nej"):
            run(LINE, "", head)

    def test_that_cannot_be_read_say_why(self, tmp_path):
        (tmp_path / "p.bpmn").write_text('<bpmn:process id="p">', encoding="utf-8")
        path = tmp_path / "x.yaml"
        path.write_text(HEAD, encoding="utf-8")

        with pytest.raises(BadDiagram, match="not-xml"):
            simulate_file(path, ENGINE)

    def test_without_a_start_fail_and_do_not_crash(self, run):
        report = run(process(""), "- complete: a\n")

        assert "start event" in reasons(report)


class TestCommand:
    @pytest.mark.parametrize(
        ("scenario", "status"),
        [
            (HEAD + "steps: [{complete: a}]", 0),
            (HEAD + "steps: [{complete: nej}]", 1),
            ("process: nej\nstart: 2026-01-31", 1),
            ("[", 1),
        ],
    )
    def test_prints_json_and_exits_with_the_outcome(self, tmp_path, scenario, status):
        (tmp_path / "p.bpmn").write_text(definitions(LINE), encoding="utf-8")
        (tmp_path / "x.yaml").write_text(scenario, encoding="utf-8")
        command = [sys.executable, "-m", "webapp.cli", "simulate", str(tmp_path / "x.yaml")]

        done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)

        report = json.loads(done.stdout)
        assert done.returncode == status, done.stderr
        assert report["ok"] is (status == 0)
        assert bool(report["failures"]) is (status == 1)
