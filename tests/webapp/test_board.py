from __future__ import annotations

from datetime import timedelta

import pytest

from models import Incident
from tests import make
from tests.conftest import NOON


@pytest.fixture
def leader(as_):
    return as_("leder")


class TestBoard:
    def test_lists_the_overdue_first(self, leader, rows):
        for reference, days in (("T-01", 40), ("T-02", -3), ("T-03", 5)):
            case = make.case(rows, reference=reference, phase="Parat")
            make.deadline(rows, case, due_at=NOON + timedelta(days=days))
        rows.commit()

        page = leader.get("/board").text

        found = [page.index(f'">{reference}</a>') for reference in ("T-02", "T-03", "T-01")]
        assert found == sorted(found)
        assert "1 case has an overdue deadline." in page

    def test_counts_the_working_days_that_are_left(self, leader, rows):
        make.deadline(rows, make.case(rows), due_at=NOON + timedelta(days=9))
        rows.commit()

        assert "6 working days left" in leader.get("/board").text

    def test_draws_a_mark_for_each_deadline_of_eight_weeks(self, leader, rows):
        case = make.case(rows)
        for days in (-2, 20, 90):
            make.deadline(rows, case, due_at=NOON + timedelta(days=days))
        rows.commit()

        page = leader.get("/board").text

        assert page.count('class="mark mark--') == 2

    @pytest.mark.parametrize(
        ("asked", "shown"), [("level=missed", "T-01"), ("phase=Klar", "T-02"), ("week=1", "T-02")]
    )
    def test_filters_the_list_by_what_was_chosen(self, leader, rows, asked, shown):
        first = make.case(rows, reference="T-01", phase="Parat")
        make.deadline(rows, first, due_at=NOON - timedelta(days=1))
        second = make.case(rows, reference="T-02", phase="Klar")
        make.deadline(rows, second, due_at=NOON + timedelta(days=10))
        rows.commit()

        page = leader.get(f"/board?{asked}").text
        rows_shown = page[page.index('id="cases"') :]

        other = {"T-01": "T-02", "T-02": "T-01"}[shown]
        assert f'">{shown}</a>' in rows_shown
        assert f'">{other}</a>' not in rows_shown

    def test_shows_what_was_escalated_until_it_is_done(self, leader, rows):
        late = make.deadline(rows, state="missed", name="Læg ugeskema", due_at=NOON)
        done = make.deadline(rows, late.case, state="missed", name="Ring op", due_at=NOON)
        done.closed_at = NOON
        rows.commit()

        page = leader.get("/board").text

        assert "T-01: Læg ugeskema" in page
        assert "T-01: Ring op" not in page

    def test_counts_open_and_overdue_tasks_as_links(self, leader, rows):
        make.user_task(rows, name="For sent", due_at=NOON - timedelta(days=1))
        make.user_task(rows, name="I god tid", due_at=NOON + timedelta(days=1))
        rows.commit()

        page = leader.get("/board").text

        assert "/board/tasks?role=Mentor&amp;due=overdue" in page
        behind = leader.get("/board/tasks?role=Mentor&due=overdue").text
        assert "For sent" in behind
        assert "I god tid" not in behind

    def test_leaves_other_units_out(self, leader, rows):
        make.unit(rows, "odense")
        make.case(rows, reference="O-77", unit_id="odense")
        rows.commit()

        assert "O-77" not in leader.get("/board").text

    def test_gives_the_steering_group_counts_without_persons(self, as_, rows):
        make.user_task(rows)
        rows.commit()

        page = as_("styregruppe", "Styregruppe").get("/board").text

        assert "Mentor" in page
        assert "T-01" not in page

    def test_is_closed_to_staff(self, as_):
        mentor = as_("mentor")

        assert mentor.get("/board").status_code == 403
        assert mentor.get("/board/tasks").status_code == 403

    def test_says_when_a_deadline_lacks_its_timer(self, leader, rows):
        make.deadline(rows)
        rows.commit()

        assert "1 of 1 deadlines that run have no armed timer" in leader.get("/board").text


class TestIncidents:
    @pytest.fixture
    def incident(self, rows):
        case = make.case(rows)
        facts = make._element(case, "send_brev", "Send brev")
        row = make.add(rows, Incident(**facts, message="Serveren svarer ikke", created_at=NOON))
        rows.commit()
        return row

    def test_are_shown_with_what_went_wrong(self, leader, incident):
        page = leader.get("/board").text

        assert "Send brev" in page
        assert "Serveren svarer ikke" in page

    def test_cannot_be_retried_by_strangers(self, as_, incident):
        reply = as_("mentor").post(f"/board/incidents/{incident.id}/retry")

        assert reply.status_code == 404

    def test_are_unknown_when_somebody_has_solved_them(self, leader, incident, rows):
        incident.state = "resolved"
        rows.commit()

        assert leader.post(f"/board/incidents/{incident.id}/retry").status_code == 404
