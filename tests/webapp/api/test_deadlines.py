from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import update

from models import Deadline


@pytest.fixture
def deadline(visitator, leader):
    visitator.start()
    [found] = leader.get("/deadlines").get_json()["items"]
    return found


class TestIndex:
    def test_lists_what_is_due_before_a_moment(self, leader, deadline):
        def found(**query):
            return len(leader.get("/deadlines", **query).get_json()["items"])

        assert found(before="2026-02-07T13:00:01+01:00") == 1
        assert found(before="2026-02-07T13:00:00+01:00") == 0
        assert found(state="met") == 0
        assert found(state="all") == 1

    def test_shows_nothing_of_cases_that_are_not_the_callers(self, mentor, deadline):
        assert mentor.get("/deadlines").get_json() == {"items": [], "next": None}


class TestMove:
    def test_gives_a_deadline_another_due_time(self, leader, deadline):
        body = {"due_at": "2026-03-02T09:00:00+01:00", "reason": "sygdom"}

        reply = leader.post(f"/deadlines/{deadline['id']}/moves", body)

        assert reply.status_code == 200
        moved = reply.get_json()
        assert moved["due_at"] == "2026-03-02T09:00:00+01:00"
        assert moved["original_due_at"] == deadline["due_at"]

    def test_needs_a_reason_and_an_offset(self, leader, deadline):
        body = {"due_at": "2026-03-02T09:00:00", "reason": " "}

        reply = leader.post(f"/deadlines/{deadline['id']}/moves", body)

        assert reply.status_code == 422
        assert reply.get_json()["errors"] == {
            "due_at": ["Needs an offset, such as 2026-01-31T09:00:00+01:00."],
            "reason": ["Must not be empty."],
        }

    def test_is_for_leaders_and_coordinators(self, visitator, mentor, deadline):
        body = {"due_at": "2026-03-02T09:00:00+01:00", "reason": "sygdom"}
        path = f"/deadlines/{deadline['id']}/moves"

        assert visitator.post(path, body).status_code == 403
        assert mentor.post(path, body).status_code == 404

    def test_knows_no_deadline_that_is_not_there(self, leader):
        body = {"due_at": "2026-03-02T09:00:00+01:00", "reason": "sygdom"}

        assert leader.post(f"/deadlines/{uuid4()}/moves", body).status_code == 404


class TestPause:
    def test_stops_the_clock_until_it_is_resumed(self, leader, clock, deadline):
        paused = leader.post(f"/deadlines/{deadline['id']}/pauses", {"reason": "ferie"})
        clock.now = clock.now.replace(month=2, day=2)
        resumed = leader.post(f"/deadlines/{deadline['id']}/resumption")

        assert paused.get_json()["paused_at"] == "2026-01-31T13:00:00+01:00"
        assert resumed.get_json()["paused_at"] is None
        assert resumed.get_json()["due_at"] == "2026-02-09T13:00:00+01:00"

    def test_refuses_what_the_law_keeps_running(self, leader, rows, deadline):
        rows.execute(update(Deadline).values(pausable=False, legal_basis="STFBL § 17"))
        rows.commit()

        reply = leader.post(f"/deadlines/{deadline['id']}/pauses", {"reason": "ferie"})

        assert reply.status_code == 409
        assert "STFBL § 17" in reply.get_json()["message"]
