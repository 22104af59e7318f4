"""What the linter says of a programme's own file beside its diagram."""

from __future__ import annotations

import pytest

from processes.engine.programme_sayings import SAYINGS
from processes.engine.statutes import STATUTES
from processes.lint import lint
from tests.processes.engine.notation import FEEL, definitions, end, flows, process, props, start
from tests.processes.test_statutes import LAW
from tests.programme_files import parameter, programme

KEY = "p.programme.json"


def diagram(**properties):
    settings = {"deadline": "=plan_frist", **properties}
    task = f'<bpmn:userTask id="plan" name="Læg plan">{props(**settings)}</bpmn:userTask>'
    return definitions(process(start() + task + end() + flows("s>plan plan>e")))


def caller(called):
    call = f'<bpmn:callActivity id="k" calledElement="{called}"/>'
    return definitions(process(start() + call + end() + flows("s>k k>e")))


def found(files, **options):
    """Rule, element and severity of what is said of the settings, or of unknown names."""
    return [
        (problem.rule, problem.element, problem.severity)
        for problem in lint(files, FEEL, **options)
        if problem.rule in {*SAYINGS, "unknown-name", "kind-unfit"}
    ]


def test_a_setting_that_is_declared_is_no_unknown_name():
    files = {"p.bpmn": diagram(), KEY: programme(parameter())}

    assert found(files) == []
    assert found({"p.bpmn": diagram()}) == [("unknown-name", "plan", "warning")]


def test_a_setting_that_nothing_reads_is_a_warning():
    files = {"p.bpmn": diagram(), KEY: programme(parameter(), parameter("glemt"))}

    assert found(files) == [("programme-unread", "glemt", "warning")]


def test_a_value_that_the_diagram_has_too_is_a_warning():
    own = process(start() + end() + flows("s>e"), properties=props(parameter__plan_frist="P7D"))
    files = {"p.bpmn": definitions(own), KEY: programme(parameter())}

    assert ("programme-shadows", "plan_frist", "warning") in found(files)
    assert ("programme-shadows", "plan_frist", "warning") not in found(
        {**files, "p.bpmn": diagram()}
    )


def test_what_only_an_uncalled_process_reads_is_not_read():
    other = diagram().replace('id="p"', 'id="anden"')
    files = {"p.bpmn": caller("delt"), "anden.bpmn": other, KEY: programme(parameter())}
    shared = {"delt.bpmn": diagram().replace('id="p"', 'id="delt"')}

    assert ("programme-unread", "plan_frist", "warning") in found(files)
    assert ("programme-unread", "plan_frist", "warning") not in found(files, deployed=shared)


@pytest.mark.parametrize("reader", ["loft.dmn", "f.form.json"])
def test_what_a_table_or_form_reads_is_read(reader):
    files = {"p.bpmn": diagram(), KEY: programme(parameter(), parameter("loft", kind="money"))}
    files[KEY] = programme(parameter(), parameter("loft", kind="money", value=5))

    assert found(files, deployed={reader: '{"max": "=loft"}'}) == []


def test_a_setting_of_another_kind_than_its_place_asks_for_is_an_error():
    files = {"p.bpmn": diagram(), KEY: programme(parameter(kind="number", value=14))}

    assert found(files) == [("kind-unfit", "plan", "error")]


@pytest.mark.parametrize("calendar", ["working", "weekday"])
def test_months_cannot_be_counted_in_working_days(calendar):
    files = {"p.bpmn": diagram(calendar=calendar), KEY: programme(parameter(value="P1M"))}

    assert found(files) == [("programme-uncountable", "plan_frist", "error")]
    assert found(files | {KEY: programme(parameter(value="P20D"))}) == []


@pytest.mark.parametrize("place", ["p", "delt"])
def test_a_time_that_the_law_does_not_allow_is_an_error_also_of_a_called_part(place):
    named = {f"{place}.bpmn": diagram(statute="L1").replace('id="p"', f'id="{place}"')}
    files = {"p.bpmn": caller("delt"), STATUTES: LAW, **named}

    assert found(files | {KEY: programme(parameter(value="PT48H"))}) == [
        ("programme-unlawful", "plan_frist", "error")
    ]
    assert found(files | {KEY: programme(parameter(value="PT12H"))}) == []


def test_a_file_without_its_process_is_a_warning():
    files = {"p.bpmn": diagram(deadline="P3D"), "q.programme.json": programme()}

    assert found(files) == [("programme-stray", None, "warning")]


def test_a_broken_file_is_found_where_it_breaks():
    files = {"p.bpmn": diagram(deadline="P3D"), KEY: '{\n  "name": ,\n}'}

    [problem] = [one for one in lint(files, FEEL) if one.file == KEY]

    assert (problem.rule, problem.line, problem.column) == ("programme-not-json", 2, 11)


def test_files_that_are_not_being_changed_are_looked_up_and_not_judged():
    known = {KEY: programme(parameter(), parameter("glemt"))}

    assert found({"p.bpmn": diagram()}, deployed=known) == []
