from __future__ import annotations

import pytest
from sqlalchemy import select

from models import AccessLog, Case, UserTask
from tests.conftest import NOON
from tests.webapp import programme
from tests.webapp.conftest import read_aloud


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring)
    return programme.begun(wiring)


@pytest.fixture
def visitator(as_, case_id):
    return as_("visitator")


class TestCaseList:
    def test_shows_the_cases_of_my_unit(self, visitator):
        page = visitator.get("/cases").text

        assert "T-01" in page
        assert "calm" in page

    def test_hides_the_cases_of_others(self, as_, case_id):
        page = as_("mentor").get("/cases").text

        assert "T-01" not in page
        assert "No cases here yet" in page

    @pytest.mark.parametrize("q", ["T-01", "t-0", "1"])
    def test_finds_a_case_by_reference_or_number(self, visitator, q):
        page = visitator.get(f"/cases?q={q}")

        assert page.status_code == 302 or "T-01" in page.text

    def test_leads_straight_to_a_number(self, visitator, case_id):
        assert visitator.get("/cases?q=1").location == f"/cases/{case_id}"

    def test_says_when_nothing_is_found(self, visitator):
        assert "No case found" in visitator.get("/cases?q=T-99").text

    def test_leaves_closed_cases_to_their_filter(self, visitator, rows, case_id):
        rows.get_one(Case, case_id).state = "completed"
        rows.commit()

        assert "T-01" not in visitator.get("/cases").text
        assert "T-01" in visitator.get("/cases?state=completed").text


class TestReferral:
    def test_opens_a_case_and_leads_to_it(self, visitator, wiring):
        reply = visitator.post("/cases", definition="forloeb", reference="T-02", unit="aalborg")

        assert reply.status_code == 303
        assert "T-02" in visitator.get(reply.location).text

    def test_opens_one_case_however_often_it_is_sent(self, visitator, wiring):
        fields = {"definition": "forloeb", "reference": "T-02", "idempotency_key": "én gang"}

        first = visitator.post("/cases", **fields)
        second = visitator.post("/cases", **fields)

        assert first.location == second.location

    @pytest.mark.parametrize("reference", ["", "0101011234", "010101-1234", "x" * 41])
    def test_refuses_a_reference_that_is_none_or_too_much(self, visitator, reference):
        reply = visitator.post("/cases", definition="forloeb", reference=reference)

        assert reply.status_code == 422
        assert 'href="#reference"' in reply.text

    def test_says_that_the_reference_is_taken(self, visitator):
        reply = visitator.post("/cases", definition="forloeb", reference="T-01")

        assert reply.status_code == 409
        assert "An open case has the reference T-01 already." in reply.text

    def test_is_not_open_to_office_roles(self, as_, case_id):
        board = as_("styregruppe", "Styregruppe")

        assert board.get("/cases/new").status_code == 403
        assert board.post("/cases", definition="forloeb", reference="T-9").status_code == 403


class TestCasePage:
    @pytest.mark.parametrize("tab", ["course", "data", "tasks", "deadlines", "history", "diagram"])
    def test_has_every_tab(self, visitator, case_id, tab):
        reply = visitator.get(f"/cases/{case_id}?tab={tab}")

        assert reply.status_code == 200
        assert "Case T-01" in reply.text

    def test_shows_the_phases_of_the_programme(self, visitator, case_id):
        page = visitator.get(f"/cases/{case_id}").text

        assert '<li class="phases__ahead">Start</li>' in read_aloud(page)

    def test_tells_the_history_in_sentences(self, visitator, case_id):
        page = visitator.get(f"/cases/{case_id}?tab=history").text

        assert "Visitator opened the case." in page

    def test_marks_the_present_place_in_the_diagram(self, visitator, case_id):
        page = visitator.get(f"/cases/{case_id}?tab=diagram").text

        row = page[page.index('<tr data-element="vurder">') :]
        assert "in progress" in row[: row.index("</tr>")]

    def test_names_data_by_the_labels_of_the_forms(self, visitator, rows, case_id):
        rows.get_one(Case, case_id).data = {"grund": "Uro", "andet": True}
        rows.commit()

        page = read_aloud(visitator.get(f"/cases/{case_id}?tab=data").text)

        assert '<th scope="row">Grund til henvisning</th><td>Uro</td>' in page
        assert '<th scope="row">Andet</th><td>yes</td>' in page

    def test_keeps_the_authority_case_to_those_who_may_see_it(self, as_, rows, case_id):
        rows.get_one(Case, case_id).authority_data = {"paragraf": "BL § 32"}
        rows.commit()

        assert "BL § 32" in as_("leder").get(f"/cases/{case_id}?tab=data").text
        assert "BL § 32" not in as_("visitator").get(f"/cases/{case_id}?tab=data").text

    def test_is_hidden_from_strangers_like_one_that_does_not_exist(self, as_, case_id):
        mentor = as_("mentor")

        hidden = mentor.get(f"/cases/{case_id}")
        missing = mentor.get("/cases/00000000-0000-0000-0000-000000000000")

        assert hidden.status_code == missing.status_code == 404
        assert hidden.text == missing.text

    def test_leaves_a_line_in_the_access_log(self, visitator, case_id, wiring):
        visitator.get(f"/cases/{case_id}?purpose=tilsyn")

        with wiring.reading() as reading:
            look = reading.scalars(select(AccessLog)).one()
        assert (look.action, look.purpose, look.at) == ("cases.show", "tilsyn", NOON)


class TestCancellation:
    def test_ends_the_case_with_its_tasks(self, as_, case_id, wiring):
        as_("leder").post(f"/cases/{case_id}/cancellation", reason="Flyttet til udlandet")

        with wiring.reading() as reading:
            assert reading.get_one(Case, case_id).state == "cancelled"
            assert reading.scalars(select(UserTask.state)).all() == ["cancelled"]

    def test_asks_for_a_reason(self, as_, case_id, wiring):
        as_("leder").post(f"/cases/{case_id}/cancellation", reason=" ")

        with wiring.reading() as reading:
            assert reading.get_one(Case, case_id).state == "active"

    def test_is_refused_to_staff(self, visitator, case_id):
        reply = visitator.post(f"/cases/{case_id}/cancellation", reason="Fordi")

        assert reply.status_code == 403


class TestEscaping:
    def test_shows_what_people_type_as_text(self, visitator, rows, case_id):
        rows.get_one(Case, case_id).data = {"grund": "<script>alert(1)</script>"}
        rows.commit()

        page = visitator.get(f"/cases/{case_id}?tab=data").text

        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
