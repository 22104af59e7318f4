from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from models import Case, Event, Incident, UserTask
from tests import diagrams, make
from tests.webapp import programme
from tests.webapp.conftest import read_aloud

STEP_FAILS = {
    "forloeb.bpmn": diagrams.diagram(
        "forloeb",
        diagrams.start(),
        diagrams.user_task("vurder"),
        diagrams.service_task("fase", "case/SetPhase", result="fase", phase="ukendt"),
        diagrams.end(),
        flow="begynd>vurder>fase>slut",
        lanes={"Visitator": "vurder"},
        ownerRole="Koordinator",
    )
}


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring)
    return programme.begun(wiring)


@pytest.fixture
def leader(as_, case_id):
    return as_("leder")


def state_of(rows, case_id):
    rows.expire_all()
    return rows.get_one(Case, case_id).state


def known(rows, case_id, **data):
    rows.get_one(Case, case_id).data = data
    rows.commit()


class TestSuspension:
    def test_lets_the_case_rest_and_says_so_everywhere(self, leader, rows, case_id, wiring):
        leader.post(f"/cases/{case_id}/suspension", reason="Afsoning i to måneder")

        page = leader.get(f"/cases/{case_id}").text
        task = leader.get(f"/tasks/{programme.open_task(wiring, case_id)}").text
        assert state_of(rows, case_id) == "suspended"
        assert "Leder let the case rest: Afsoning i to måneder" in page
        assert "Take it up again" in page
        assert "The case rests" in task
        assert "data-complete" not in task
        assert "at rest" in leader.get("/board").text
        assert "T-01" in leader.get("/cases?state=suspended").text

    def test_is_shown_in_the_inbox_and_takes_no_work(self, as_, leader, case_id, wiring):
        leader.post(f"/cases/{case_id}/suspension", reason="Afsoning")
        visitator = as_("visitator")

        inbox = visitator.get("/tasks?tab=roles").text
        task_id = programme.open_task(wiring, case_id)
        refused = visitator.post(f"/tasks/{task_id}/claim")

        assert "at rest" in inbox
        assert "data-claim" not in inbox
        assert refused.status_code == 409
        assert "A supervisor has to take it up again" in refused.text

    def test_is_over_when_somebody_takes_the_case_up_again(self, leader, rows, case_id):
        leader.post(f"/cases/{case_id}/suspension", reason="Afsoning")

        leader.post(f"/cases/{case_id}/resumption", reason="Løsladt")

        assert state_of(rows, case_id) == "active"
        history = leader.get(f"/cases/{case_id}?tab=history").text
        assert "Leder took the case up again: Løsladt" in history

    def test_needs_a_reason(self, leader, rows, case_id):
        leader.post(f"/cases/{case_id}/suspension", reason="  ")

        assert state_of(rows, case_id) == "active"

    def test_answers_a_second_time_with_a_sentence(self, leader, case_id):
        leader.post(f"/cases/{case_id}/suspension", reason="Afsoning")

        reply = leader.post(f"/cases/{case_id}/suspension", reason="Afsoning")

        assert reply.status_code == 409

    def test_names_the_deadlines_that_run_on(self, leader, rows, wiring):
        strict = programme.FILES["forloeb.bpmn"].replace(
            'name="deadline" value="P7D"/>',
            'name="deadline" value="P7D"/><spiffworkflow:property name="pausable" value="false"/>',
        )
        programme.deployed(wiring, {**programme.FILES, "forloeb.bpmn": strict})
        case_id = programme.begun(wiring, "T-02")

        page = leader.get(f"/cases/{case_id}").text

        assert "These deadlines run on, because the law says so" in page

    def test_is_offered_to_supervisors_alone(self, as_, case_id):
        page = as_("visitator").get(f"/cases/{case_id}").text

        assert "Let the case rest" not in page
        assert "More for supervisors" not in page


class TestCancellation:
    def test_shows_what_will_fall_away(self, leader, case_id):
        page = leader.get(f"/cases/{case_id}").text

        assert "This falls away" in page
        assert "Task: Vurder" in page


class TestCorrections:
    def test_show_old_and_new_and_then_save(self, leader, rows, case_id):
        known(rows, case_id, grund="Uro", tal=3, ja=True)
        form = leader.get(f"/cases/{case_id}/corrections").text
        typed = {"revision": "1", "value-grund": "Vold", "value-tal": "4", "value-ja": "true"}

        diff = leader.post(f"/cases/{case_id}/corrections/preview", **typed).text
        facts = {name: hidden(diff, name) for name in ("changes", "seen", "revision")}
        leader.post(f"/cases/{case_id}/corrections", reason="Tastefejl", **facts)

        rows.expire_all()
        assert "Grund til henvisning" in form
        assert re.search(r"<del>Uro</del>.*<ins>Vold</ins>", diff)
        assert json.loads(facts["changes"]) == {"grund": "Vold", "tal": 4}
        assert rows.get_one(Case, case_id).data == {"grund": "Vold", "tal": 4, "ja": True}
        history = leader.get(f"/cases/{case_id}?tab=history").text
        assert "Leder corrected" in history
        assert "Grund til henvisning: Uro → Vold" in history
        assert "Tal: 3 → 4" in history

    def test_keep_what_was_typed_and_say_what_changed_meanwhile(self, leader, rows, case_id):
        known(rows, case_id, grund="Uro", tal=3)
        facts = {
            "changes": json.dumps({"grund": "Vold"}),
            "seen": json.dumps({"grund": "Ro"}),
            "revision": "0",
        }

        reply = leader.post(f"/cases/{case_id}/corrections", reason="Tastefejl", **facts)

        assert reply.status_code == 409
        assert "Grund til henvisning is now: Uro" in reply.text
        assert 'value="Vold"' in reply.text
        assert rows.get_one(Case, case_id).data["grund"] == "Uro"

    def test_keep_everything_typed_when_one_value_cannot_be_read(self, leader, rows, case_id):
        known(rows, case_id, grund="Uro", tal=3)
        typed = {"revision": "1", "value-grund": "Vold", "value-tal": "mange"}

        page = leader.post(f"/cases/{case_id}/corrections/preview", **typed).text

        assert 'value="Vold"' in page
        assert 'value="mange"' in page

    @pytest.mark.parametrize(
        ("typed", "status", "said"),
        [
            ({"value-tal": "mange"}, 422, "Write a number"),
            ({"value-grund": "310226-0000"}, 422, "may be a CPR number"),
            ({}, 409, "You have not changed anything"),
        ],
    )
    def test_refuse_what_cannot_be_taken(self, leader, rows, case_id, typed, status, said):
        known(rows, case_id, grund="Uro", tal=3)

        reply = leader.post(f"/cases/{case_id}/corrections/preview", revision="1", **typed)

        assert reply.status_code == status
        assert said in reply.text

    def test_are_closed_to_others(self, as_, case_id):
        assert as_("visitator").get(f"/cases/{case_id}/corrections").status_code == 403
        assert as_("mentor").get(f"/cases/{case_id}/corrections").status_code == 404


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1].replace("&#34;", '"').replace("&quot;", '"')


class TestMoves:
    def test_show_what_will_happen_and_then_do_it(self, leader, rows, case_id):
        page = leader.get(f"/cases/{case_id}/moves").text
        position = re.search(r'name="cancel" value="([^"]+)"', page)[1]
        chosen = f"/cases/{case_id}/moves?cancel={position}&create=%7Csamtale"

        preview = leader.get(chosen).text
        leader.post(
            f"/cases/{case_id}/moves",
            cancel=position,
            create="|samtale",
            reason="Stod forkert",
            revision=hidden(preview, "revision"),
        )

        query = select(UserTask.element).where(UserTask.state == "open")
        assert "What will happen" in preview
        assert rows.scalars(query).all() == ["samtale"]
        history = read_aloud(leader.get(f"/cases/{case_id}?tab=history").text)
        assert "Leder moved the case from “Vurder” to “Samtale”: Stod forkert" in history

    def test_say_why_something_is_not_possible(self, leader, case_id):
        page = leader.get(f"/cases/{case_id}/moves?create=%7Cbegynd").text

        assert "nothing can begin at “begynd”" in page
        assert "What will happen" not in page

    def test_say_what_to_choose_when_nothing_is_chosen(self, leader, case_id):
        fresh = leader.get(f"/cases/{case_id}/moves").text
        asked = leader.get(f"/cases/{case_id}/moves?asked=1").text

        said = "where the case shall stand, or both"
        assert said in asked
        assert said not in fresh

    def test_refuse_an_old_page(self, leader, rows, case_id):
        reply = leader.post(
            f"/cases/{case_id}/moves", create="|samtale", reason="Stod forkert", revision="0"
        )

        assert reply.status_code == 409
        assert rows.scalars(select(Event).where(Event.kind == "case.moved")).all() == []

    def test_are_closed_to_others(self, as_, case_id):
        assert as_("visitator").get(f"/cases/{case_id}/moves").status_code == 403
        assert as_("visitator").post(f"/cases/{case_id}/moves", reason="x").status_code == 403


class TestRestarts:
    def test_begin_a_part_anew(self, leader, rows, wiring):
        again = programme.FILES["forloeb.bpmn"].replace(
            '<bpmn:userTask id="samtale" name="Samtale">',
            '<bpmn:userTask id="samtale" name="Samtale">' + diagrams.told({"restartable": "true"}),
        )
        again = again.replace(
            '<bpmn:userTask id="samtale" name="Samtale"/>',
            '<bpmn:userTask id="samtale" name="Samtale">'
            + diagrams.told({"restartable": "true"})
            + "</bpmn:userTask>",
        )
        programme.deployed(wiring, {**programme.FILES, "forloeb.bpmn": again})
        case_id = programme.begun(wiring, "T-03")

        page = leader.get(f"/cases/{case_id}/restarts").text
        leader.post(
            f"/cases/{case_id}/restarts",
            element="samtale",
            reason="Vendt tilbage",
            revision=hidden(page, "revision"),
        )

        query = select(UserTask.element).where(
            UserTask.state == "open", UserTask.case_id == case_id
        )
        assert "What will happen" in page
        assert rows.scalars(query).all() == ["samtale"]
        history = read_aloud(leader.get(f"/cases/{case_id}?tab=history").text)
        assert "Leder began “Samtale” anew: Vendt tilbage" in history

    def test_say_when_the_diagram_offers_none(self, leader, case_id):
        assert "Nothing can be begun anew" in leader.get(f"/cases/{case_id}/restarts").text


class TestSkips:
    @pytest.fixture
    def incident(self, rows, wiring, case_id):
        facts = make._element(rows.get_one(Case, case_id), "fase", "Fase")
        facts |= {"message": "Nede", "created_at": wiring.real_clock()}
        incident = make.add(rows, Incident(**facts))
        rows.commit()
        return incident

    def test_are_offered_beside_another_try(self, leader, case_id, incident):
        page = leader.get(f"/cases/{case_id}").text

        assert f"/cases/incidents/{incident.id}/skips" in page
        assert f"/cases/incidents/{incident.id}/retries" in page

    def test_refuse_a_result_that_cannot_be_read(self, leader, incident):
        path = f"/cases/incidents/{incident.id}/skips"

        reply = leader.post(path, reason="gjort", kind="json", result="{")

        assert reply.status_code == 303
        assert "cannot be read" in leader.get(reply.location).text

    def test_know_no_incident_that_is_not_there(self, leader, case_id):
        path = f"/cases/incidents/{case_id}/skips"

        assert leader.post(path, reason="gjort").status_code == 404


NESTED = "[" * 100_000
"""Deeper than Python reads."""


class TestWhatCannotBeStored:
    @pytest.mark.parametrize(
        ("kind", "result"),
        [("number", "nan"), ("json", "[NaN]"), ("json", NESTED), ("json", '"\\ud800"')],
    )
    def test_is_no_result_of_a_step(self, as_, rows, wiring, kind, result):
        programme.deployed(wiring, STEP_FAILS)
        case_id = programme.begun(wiring)
        task = programme.open_task(wiring, case_id)
        as_("visitator").post(f"/tasks/{task}/completion", answers="{}")
        incident = rows.scalars(select(Incident)).one()

        reply = as_("leder").post(
            f"/cases/incidents/{incident.id}/skips", reason="x", kind=kind, result=result
        )

        rows.refresh(incident)
        assert reply.status_code == 303
        assert incident.state == "open"

    @pytest.mark.parametrize("typed", ["[NaN]", NESTED, '["\\u0000"]'])
    def test_is_no_correction(self, leader, rows, case_id, typed):
        known(rows, case_id, liste=[1])

        page = leader.post(
            f"/cases/{case_id}/corrections/preview", revision="1", **{"value-liste": typed}
        )

        assert page.status_code == 422
        assert "This cannot be read" in page.text


class TestADateThatSomebodyMadeUp:
    @pytest.fixture
    def page(self, leader, rows, case_id):
        case = rows.get_one(Case, case_id)
        case.data = {"dag": "i morgen", "kl": "sent", "tid": "2026-01-01T10:00@Europe/Copenhagen"}
        case.data_kinds = {"/dag": "date", "/kl": "time", "/tid": "date and time"}
        rows.commit()
        return leader.get(f"/cases/{case_id}/corrections")

    def test_is_shown_as_it_is(self, page):
        assert page.status_code == 200
        for text in ("i morgen", "sent", "2026-01-01T10:00@Europe/Copenhagen"):
            assert f'value="{text}"' in page.text
