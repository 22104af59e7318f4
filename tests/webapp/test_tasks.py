from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import AccessLog, Case, ConfidentialNote, UserTask
from tests import make
from tests.conftest import NOON
from tests.webapp import programme
from tests.webapp.conftest import read_aloud


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring)
    return programme.begun(wiring)


@pytest.fixture
def task_id(wiring, case_id):
    return programme.open_task(wiring, case_id)


@pytest.fixture
def visitator(as_, case_id):
    """The account that began the case."""
    return as_("visitator")


class TestInbox:
    def test_teaches_somebody_without_tasks(self, as_):
        page = as_("mentor").get("/tasks").text

        assert "You hold no tasks" in page

    def test_shows_what_waits_for_my_roles(self, as_, rows):
        make.user_task(rows, name="Hold samtale", role="Mentor", due_at=NOON)
        rows.commit()

        page = as_("mentor").get("/tasks?tab=roles").text

        assert "Hold samtale" in page
        assert "T-01" in page

    def test_hides_other_roles_and_other_units(self, as_, rows):
        make.unit(rows, "odense")
        make.user_task(rows, name="Visitér", role="Visitator")
        make.user_task(rows, make.case(rows, unit_id="odense"), name="I Odense", role="Mentor")
        rows.commit()

        page = as_("mentor").get("/tasks?tab=roles").text

        assert "Visitér" not in page
        assert "I Odense" not in page

    def test_puts_the_overdue_under_their_own_line(self, as_, rows):
        make.user_task(rows, name="For sent", due_at=NOON - timedelta(days=2))
        make.user_task(rows, name="I god tid", due_at=NOON + timedelta(days=30))
        rows.commit()

        page = as_("mentor").get("/tasks?tab=roles").text

        assert "1 task is overdue." in page
        assert page.index("Overdue</th>") < page.index("For sent") < page.index("Coming up</th>")

    def test_filters_by_what_the_address_says(self, as_, rows):
        make.user_task(rows, name="For sent", due_at=NOON - timedelta(days=2))
        make.user_task(rows, name="I god tid", due_at=NOON + timedelta(days=30))
        rows.commit()

        page = as_("mentor").get("/tasks?tab=roles&due=overdue").text

        assert "For sent" in page
        assert "I god tid" not in page

    def test_keeps_to_my_own_youths_where_the_team_is_chosen(self, as_, rows):
        case = make.case(rows)
        make.team_member(rows, case, make.account(rows, "mentor2", "Mentor"))
        make.user_task(rows, case, name="Den andens unge")
        rows.commit()

        page = as_("mentor").get("/tasks?tab=roles").text

        assert "Den andens unge" not in page

    def test_shows_what_my_team_does(self, as_, rows):
        case = make.case(rows)
        mentor = make.account(rows, "mentor")
        make.team_member(rows, case, mentor)
        make.user_task(rows, case, name="Lederens del", role="Leder")
        rows.commit()

        page = as_("mentor").get("/tasks?tab=team").text

        assert "Lederens del" in page

    def test_answers_304_while_nothing_has_changed(self, as_, rows):
        make.user_task(rows, name="Hold samtale", role="Mentor")
        rows.commit()
        mentor = as_("mentor")
        first = mentor.get("/tasks/rows?tab=roles")

        again = mentor.get(
            "/tasks/rows?tab=roles", headers={"If-None-Match": first.headers["ETag"]}
        )

        assert again.status_code == 304
        assert first.text.lstrip().startswith("<tr")


class TestTaskPage:
    def test_holds_the_form_the_deadline_and_its_arithmetic(self, visitator, task_id):
        page = visitator.get(f"/tasks/{task_id}").text

        assert "Grund til henvisning" in page
        assert "31 January 2026 + 7 days = 7 February 2026" in page

    def test_is_hidden_from_strangers(self, as_, task_id):
        reply = as_("fremmed", "Mentor").get(f"/tasks/{task_id}")

        assert reply.status_code == 404
        assert "T-01" not in reply.text

    def test_shows_the_leader_who_must_act_without_the_form(self, as_, task_id):
        page = read_aloud(as_("leder").get(f"/tasks/{task_id}").text)

        assert "waits for the role Visitator" in page
        assert 'id="completion"' not in page

    def test_leaves_a_line_in_the_access_log(self, visitator, task_id, case_id, wiring):
        visitator.get(f"/tasks/{task_id}")

        with wiring.reading() as reading:
            look = reading.scalars(select(AccessLog)).one()
        assert (look.case_id, look.action) == (case_id, "tasks.show")


class TestClaim:
    def test_gives_the_task_to_the_first_who_asks(self, visitator, task_id, wiring):
        reply = visitator.post(f"/tasks/{task_id}/claim")

        assert reply.status_code == 303
        with wiring.reading() as reading:
            assert reading.get_one(UserTask, task_id).assignee == "visitator"

    def test_tells_the_second_who_was_first(self, as_, visitator, task_id):
        visitator.post(f"/tasks/{task_id}/claim")

        reply = as_("visitator2", "Visitator").post(f"/tasks/{task_id}/claim")

        assert reply.status_code == 409
        assert "Visitator has taken this task" in reply.text

    def test_can_be_taken_back(self, visitator, task_id, wiring):
        visitator.post(f"/tasks/{task_id}/claim")

        visitator.post(f"/tasks/{task_id}/release")

        with wiring.reading() as reading:
            assert reading.get_one(UserTask, task_id).assignee is None

    def test_lets_a_leader_give_the_task_to_somebody(self, as_, rows, task_id, wiring):
        make.account(rows, "visitator2", "Visitator")
        rows.commit()
        leader = as_("leder")
        assert "Visitator2" in leader.get(f"/tasks/{task_id}").text

        leader.post(f"/tasks/{task_id}/assignment", to="visitator2")

        with wiring.reading() as reading:
            assert reading.get_one(UserTask, task_id).assignee == "visitator2"


class TestCompletion:
    def test_moves_the_case_on_and_says_what_comes(self, visitator, task_id, case_id, wiring):
        answers = json.dumps({"grund": "Uro på gaden"})

        reply = visitator.post(f"/tasks/{task_id}/completion", answers=answers)
        page = visitator.get(reply.location).text

        assert reply.status_code == 303
        assert "You completed this task today" in page
        assert "the case waits for a date or a message" in page
        with wiring.reading() as reading:
            assert reading.get_one(Case, case_id).data["grund"] == "Uro på gaden"

    def test_leaves_a_line_in_the_access_log(self, visitator, task_id, case_id, wiring):
        visitator.post(f"/tasks/{task_id}/completion", answers='{"grund": "Uro på gaden"}')

        with wiring.reading() as reading:
            look = reading.scalars(select(AccessLog)).one()
        assert (look.case_id, look.action) == (case_id, "tasks.complete")

    def test_shows_mistakes_at_the_fields_and_keeps_what_was_typed(self, visitator, task_id):
        answers = json.dumps({"skole": "Vejgaard"})

        reply = visitator.post(f"/tasks/{task_id}/completion", answers=answers)

        assert reply.status_code == 422
        assert '<script type="application/json" id="form-errors">{"grund": [' in reply.text
        assert '<script type="application/json" id="form-data">{"skole": "Vejgaard"}' in reply.text

    def test_refuses_answers_that_are_no_object(self, visitator, task_id):
        reply = visitator.post(f"/tasks/{task_id}/completion", answers="[1")

        assert reply.status_code == 422

    def test_keeps_the_text_of_whoever_comes_second(self, as_, visitator, task_id):
        answers = json.dumps({"grund": "Den første"})
        visitator.post(f"/tasks/{task_id}/completion", answers=answers)

        second = json.dumps({"grund": "Den anden"})
        reply = as_("visitator2", "Visitator").post(f"/tasks/{task_id}/completion", answers=second)

        assert reply.status_code == 409
        assert "Visitator completed this task on" in reply.text
        assert "Grund til henvisning" in reply.text
        assert "Den anden" in reply.text

    def test_is_refused_to_roles_that_only_look_on(self, as_, task_id):
        reply = as_("leder").post(f"/tasks/{task_id}/completion", answers='{"grund": "x"}')

        assert reply.status_code == 403

    def test_does_not_exist_for_strangers(self, as_, task_id):
        reply = as_("fremmed", "Mentor").post(f"/tasks/{task_id}/completion", answers="{}")

        assert reply.status_code == 404

    def test_keeps_the_answers_of_the_room_out_of_the_case(self, wiring, as_):
        form = json.loads(programme.FORM) | {"compartment": "C"}
        files = programme.FILES | {"vurdering.form.json": json.dumps(form)}
        programme.deployed(wiring, files)
        case_id = programme.begun(wiring)
        task_id = programme.open_task(wiring, case_id)

        as_("visitator").post(
            f"/tasks/{task_id}/completion", answers='{"grund": "Fortroligt"}', purpose="Vurdering"
        )

        with wiring.reading() as reading:
            assert "grund" not in reading.get_one(Case, case_id).data
            note = reading.scalars(select(ConfidentialNote)).one()
        assert (note.answers["grund"], note.purpose) == ("Fortroligt", "Vurdering")
