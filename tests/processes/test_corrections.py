from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models import Case, Event, UserTask
from models.errors import (
    CaseNotFound,
    CaseSuspended,
    CprNumber,
    InvalidAnswers,
    NotAllowed,
    NotPossible,
    StaleRevision,
)
from processes.access import person_of
from processes.check import check_case
from processes.corrections import correct_data
from processes.suspension import suspend_case
from processes.user_tasks import complete_user_task
from tests import diagrams, make
from tests.processes.conftest import begun


def form(compartment, *components):
    fields = [{"type": "textfield", "label": c["key"], **c} for c in components]
    return json.dumps({"type": "default", "compartment": compartment, "components": fields})


FILES = {
    "sag.bpmn": diagrams.diagram(
        "sag",
        diagrams.start(),
        diagrams.user_task("myndighed", form="a.form.json"),
        diagrams.user_task("vurder", form="b.form.json"),
        diagrams.end(),
        flow="begynd>myndighed>vurder>slut",
        lanes={"Leder": "myndighed", "Visitator": "vurder"},
    ),
    "a.form.json": form("A", {"key": "afgoerelse"}),
    "b.form.json": form(
        "B",
        {"type": "number", "key": "alder", "validate": {"min": 10, "max": 30, "required": True}},
        {"type": "datetime", "subtype": "date", "key": "moede", "dateLabel": "Møde"},
        {"key": "note", "conditional": {"hide": "=alder > 1"}},
    ),
    "c.form.json": form("C", {"key": "fortroligt"}),
}


@pytest.fixture
def case(turn, leader):
    case = begun(turn, "sag", FILES, alder=17, moede="2026-02-01", tal=[1, 2])
    task = turn.session.scalars(select(UserTask)).one()
    complete_user_task(turn, task.id, {"afgoerelse": "ja"}, leader)
    return case


def fresh(turn, case):
    turn.session.expire_all()
    return turn.session.get(Case, case.id)


def told(turn):
    return turn.session.scalars(select(Event).where(Event.kind == "data.corrected")).all()


class TestCorrectData:
    def test_changes_what_the_case_knows_and_tells_old_and_new(self, turn, case, leader):
        correct_data(turn, case.id, {"alder": 18}, "tastefejl", leader)

        [line] = told(turn)
        assert fresh(turn, case).data["alder"] == 18
        assert line.actor == "leder"
        assert line.detail["changes"] == {"alder": {"from": 17, "to": 18}}
        assert list(check_case(turn, case.id)) == []

    def test_keeps_each_compartment_apart(self, turn, case, leader):
        correct_data(turn, case.id, {"alder": 18, "afgoerelse": "nej"}, "fejl", leader)

        now = fresh(turn, case)
        assert now.authority_data == {"afgoerelse": "nej"}
        assert "afgoerelse" not in now.data
        assert {line.detail["compartment"] for line in told(turn)} == {"A", "B"}

    def test_leaves_dates_dates(self, turn, case, leader):
        correct_data(turn, case.id, {"moede": "2026-03-01"}, "flyttet", leader)

        assert fresh(turn, case).data_kinds["/moede"] == "date"

    def test_takes_what_no_form_asks_for_if_the_case_knows_it(self, turn, case, leader):
        correct_data(turn, case.id, {"tal": [3]}, "fejl", leader)

        assert fresh(turn, case).data["tal"] == [3]

    def test_takes_null_for_not_known(self, turn, case, leader):
        correct_data(turn, case.id, {"alder": None}, "ukendt", leader)

        assert fresh(turn, case).data["alder"] is None

    def test_adds_what_a_form_asks_for_where_it_belongs(self, turn, case, leader):
        correct_data(turn, case.id, {"note": "husk"}, "manglede", leader)

        assert fresh(turn, case).data["note"] == "husk"

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"alder": 99}, "alder"),
            ({"alder": "sytten"}, "alder"),
            ({"moede": "i morgen"}, "moede"),
            ({"ukendt": 1}, "ukendt"),
            ({"fortroligt": "x"}, "fortroligt"),
            ({"note": "310226-0000"}, "note"),
        ],
    )
    def test_refuses_what_does_not_fit_and_says_where(self, turn, case, leader, values, field):
        with pytest.raises(InvalidAnswers) as refused:
            correct_data(turn, case.id, {"tal": [4], **values}, "fejl", leader)

        assert list(refused.value.errors) == [field]
        assert fresh(turn, case).data["tal"] == [1, 2]

    def test_refuses_a_cpr_number_in_the_reason(self, turn, case, leader):
        with pytest.raises(CprNumber):
            correct_data(turn, case.id, {"alder": 18}, "310226-0000", leader)

    def test_refuses_a_view_that_is_older_than_the_case(self, turn, case, leader):
        revision = case.revision
        correct_data(turn, case.id, {"alder": 18}, "fejl", leader, revision)

        with pytest.raises(StaleRevision):
            correct_data(turn, case.id, {"alder": 19}, "fejl", leader, revision)

        assert fresh(turn, case).data["alder"] == 18

    def test_refuses_to_change_nothing(self, turn, case, leader):
        with pytest.raises(NotPossible):
            correct_data(turn, case.id, {"alder": 17}, "fejl", leader)

        assert told(turn) == []

    def test_refuses_a_case_that_rests(self, turn, case, leader):
        suspend_case(turn, case.id, "ferie", leader)

        with pytest.raises(CaseSuspended):
            correct_data(turn, case.id, {"alder": 18}, "fejl", leader)

    def test_refuses_everybody_but_supervisors(self, turn, case):
        visitator = person_of(make.account(turn.session, "visitator2", "Visitator"))
        far = person_of(make.account(turn.session, "leder2", "Leder", unit_id="odense"))

        for person, refusal in ((visitator, NotAllowed), (far, CaseNotFound)):
            with pytest.raises(refusal):
                correct_data(turn, case.id, {"alder": 18}, "fejl", person)
