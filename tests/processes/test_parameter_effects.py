"""What reads a setting, and which days another value moves."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from models.calendar import CalendarError
from processes.engine import load_definition
from processes.parameter_effects import shifts, uses_of
from tests.processes.engine.notation import (
    boundary,
    definitions,
    end,
    flows,
    process,
    props,
    start,
    timer,
)
from tests.programme_files import parameter, programme

MONDAY = datetime.fromisoformat("2026-03-30T09:00:00+02:00")
"""The week in which Maundy Thursday is 2 April."""


def compiled(*parameters):
    call = '<bpmn:callActivity id="kald" name="Kald" calledElement="delt"/>'
    plan = props(deadline="=plan_frist", calendar="working")
    plan = f'<bpmn:userTask id="plan" name="Læg plan">{plan}</bpmn:userTask>'
    remind = boundary("paamind", "plan", timer("Duration", ""), interrupting=False)
    remind = remind.replace(
        "<bpmn:timerEventDefinition",
        props(follows="plan", offset="=foer") + "<bpmn:timerEventDefinition",
        1,
    )
    length = boundary(
        "slut_tid", "kursus", timer("Duration", "=if forlaenget = true then ekstra else laengde")
    )
    rhythm = boundary("moede_tid", "kursus", timer("Cycle", "=rytme"), interrupting=False)
    main = process(
        start()
        + call
        + f'<bpmn:userTask id="kursus" name="kursus">{props(form="antal")}</bpmn:userTask>'
        + length
        + rhythm
        + end("e", "e2", "e3")
        + flows("s>kald kald>kursus kursus>e slut_tid>e2 moede_tid>e3")
    )
    part = process(
        start("ds") + plan + remind + end("de", "de2") + flows("ds>plan plan>de paamind>de2"),
        "delt",
    )
    form = '{"components": [{"type": "number", "key": "antal", "validate": {"max": "=loft"}}]}'
    files = {"p.bpmn": definitions(main, part), "p.programme.json": programme(*parameters)}
    files["antal.form.json"] = form
    return load_definition("p", files)


@pytest.fixture(scope="module")
def definition():
    return compiled(
        parameter("plan_frist", value="P3D"),
        parameter("foer", value="-P1D"),
        parameter("ekstra", value="P1M"),
        parameter("laengde", value="P4M"),
        parameter("rytme", kind="cycle", value="R/P14D"),
        parameter("ulaest", value="P1D"),
        parameter("loft", kind="number", value=5),
    )


def moved(definition, closing_days=frozenset(), **new):
    found = shifts(definition, new, MONDAY, closing_days)
    return {s.use.element: (s.old.at.date(), s.new.at.date()) for s in found}


def test_a_setting_knows_the_elements_that_read_it(definition):
    uses = uses_of(definition)

    assert [(u.process, u.element, u.calendar) for u in uses["plan_frist"]] == [
        ("delt", "plan", "working")
    ]
    assert [(u.element, u.host) for u in uses["ekstra"]] == [("slut_tid", "kursus")]
    assert uses["ulaest"] == []
    assert [(u.element, u.calendar) for u in uses["loft"]] == [("kursus", None)]


def test_a_deadline_moves_with_its_calendar_and_shows_its_arithmetic(definition):
    [shift] = [
        one
        for one in shifts(definition, {"plan_frist": "P5D"}, MONDAY, frozenset())
        if one.use.element == "plan"
    ]

    assert (shift.old.at.date(), shift.new.at.date()) == (date(2026, 4, 7), date(2026, 4, 9))
    assert "5 arbejdsdage" in shift.new.lines[0].da
    assert shift.parameters == ("plan_frist",)


def test_what_follows_a_deadline_moves_with_it(definition):
    assert moved(definition, plan_frist="P5D") == {
        "plan": (date(2026, 4, 7), date(2026, 4, 9)),
        "paamind": (date(2026, 4, 6), date(2026, 4, 8)),
    }


def test_closing_days_of_the_house_count_here_too(definition):
    closed = frozenset({date(2026, 4, 8)})

    assert moved(definition, closed, plan_frist="P5D")["plan"] == (
        date(2026, 4, 7),
        date(2026, 4, 10),
    )


@pytest.mark.parametrize(
    ("new", "days"),
    [
        ({"laengde": "P6M"}, {"slut_tid": (date(2026, 7, 30), date(2026, 9, 30))}),
        ({"ekstra": "P2M"}, {"slut_tid": (date(2026, 4, 30), date(2026, 5, 30))}),
        ({"rytme": "R/P7D"}, {"moede_tid": (date(2026, 4, 13), date(2026, 4, 6))}),
        ({"foer": "-P2D"}, {"paamind": (date(2026, 4, 6), date(2026, 4, 5))}),
        ({"ulaest": "P9D"}, {}),
        ({"plan_frist": "P3D"}, {}),
    ],
)
def test_each_kind_of_timer_moves(definition, new, days):
    assert moved(definition, **new) == days


def test_a_setting_that_a_call_hands_on_moves_what_the_called_process_times():
    handed = props(in__plan_frist="handleplan_frist")
    call = f'<bpmn:callActivity id="kald" calledElement="delt">{handed}</bpmn:callActivity>'
    plan = f'<bpmn:userTask id="plan">{props(deadline="=plan_frist")}</bpmn:userTask>'
    main = process(start() + call + end() + flows("s>kald kald>e"))
    part = process(start("ds") + plan + end("de") + flows("ds>plan plan>de"), "delt")
    own = programme(parameter("handleplan_frist", value="P3D"))
    files = {"p.bpmn": definitions(main, part), "p.programme.json": own}
    compiled = load_definition("p", files)

    uses = uses_of(compiled)["handleplan_frist"]

    assert [(use.element, use.calendar) for use in uses] == [("kald", None), ("plan", "local")]
    assert moved(compiled, handleplan_frist="P5D") == {"plan": (date(2026, 4, 2), date(2026, 4, 4))}


def test_a_length_that_the_calendar_cannot_count_is_said(definition):
    with pytest.raises(CalendarError):
        shifts(definition, {"plan_frist": "P1M"}, MONDAY, frozenset())
