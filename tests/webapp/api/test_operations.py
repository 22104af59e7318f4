from __future__ import annotations

import pytest
from sqlalchemy import select

from models import AccessLog, Case


@pytest.fixture
def case(visitator):
    return visitator.start()


def position_of(leader, case):
    return leader.get(f"/cases/{case['id']}/position").get_json()


class TestSuspend:
    def test_lets_a_case_rest_and_takes_it_up_again(self, leader, visitator, case):
        rests = leader.post(f"/cases/{case['id']}/suspension", {"reason": "ferie"})
        task = case["tasks"][0]["id"]
        refused = visitator.send("PUT", f"/tasks/{task}/assignee", json={"user": "visitator"})
        again = leader.post(f"/cases/{case['id']}/suspension", {"reason": "ferie"})
        goes_on = leader.post(f"/cases/{case['id']}/resumption", {"reason": "tilbage"})
        twice = leader.post(f"/cases/{case['id']}/resumption", {"reason": "tilbage"})

        assert rests.get_json()["state"] == "suspended"
        assert [one["id"] for one in rests.get_json()["tasks"]] == [task]
        assert (refused.status_code, refused.get_json()["code"]) == (409, "case_suspended")
        assert (again.status_code, twice.status_code) == (409, 409)
        assert goes_on.get_json()["state"] == "active"

    def test_needs_a_reason(self, leader, case):
        assert leader.post(f"/cases/{case['id']}/suspension", {"reason": " "}).status_code == 422

    def test_is_for_supervisors(self, visitator, mentor, case):
        path = f"/cases/{case['id']}/suspension"

        assert visitator.post(path, {"reason": "ferie"}).status_code == 403
        assert mentor.post(path, {"reason": "ferie"}).status_code == 404


class TestCancel:
    def test_ends_the_case(self, leader, case):
        reply = leader.post(f"/cases/{case['id']}/cancellation", {"reason": "flyttet"})

        assert reply.get_json()["state"] == "cancelled"
        assert (
            leader.post(f"/cases/{case['id']}/cancellation", {"reason": "flyttet"}).status_code
            == 409
        )


class TestCorrect:
    def test_changes_what_the_case_knows(self, leader, rows, case):
        rows.get(Case, case["id"]).data = {"grund": "x"}
        rows.commit()
        body = {"values": {"grund": "y"}, "reason": "tastefejl", "revision": 1}

        reply = leader.post(f"/cases/{case['id']}/corrections", body)
        again = leader.post(f"/cases/{case['id']}/corrections", body)

        assert reply.get_json()["data"]["grund"] == "y"
        assert (again.status_code, again.get_json()["code"]) == (409, "stale_revision")

    def test_says_which_key_cannot_be_taken(self, leader, case):
        body = {"values": {"ukendt": 1}, "reason": "tastefejl"}

        reply = leader.post(f"/cases/{case['id']}/corrections", body)

        assert reply.status_code == 422
        assert reply.get_json()["errors"] == {"ukendt": ["The case knows nothing by this name."]}


class TestMove:
    def test_shows_first_and_does_then(self, leader, case):
        standing = position_of(leader, case)
        body = {
            "cancel": [one["id"] for one in standing["positions"]],
            "create": [{"element": "samtale"}],
        }
        path = f"/cases/{case['id']}/moves"

        shown = leader.post(f"{path}/preview", body).get_json()
        moved = leader.post(path, {**body, "reason": "fejl", "revision": shown["revision"]})
        again = leader.post(path, {**body, "reason": "fejl", "revision": shown["revision"]})

        assert ("tasks", "vurder") in [(one["kind"], one["element"]) for one in shown["cancelled"]]
        assert [one["element"] for one in shown["created"]] == ["samtale"]
        assert [one["element"] for one in moved.get_json()["tasks"]] == ["samtale"]
        assert again.status_code == 409

    def test_says_why_it_is_not_possible(self, leader, case):
        reply = leader.post(
            f"/cases/{case['id']}/moves", {"create": [{"element": "begynd"}], "reason": "fejl"}
        )

        assert (reply.status_code, reply.get_json()["code"]) == (409, "not_possible")
        assert "begynd" in reply.get_json()["message"]

    def test_is_for_supervisors(self, visitator, case):
        assert visitator.get(f"/cases/{case['id']}/position").status_code == 403


class TestRestart:
    def test_refuses_what_the_diagram_does_not_offer(self, leader, case):
        body = {"element": "vurder", "reason": "vendt tilbage"}

        reply = leader.post(f"/cases/{case['id']}/restarts", body)
        shown = leader.post(f"/cases/{case['id']}/restarts/preview", {"element": "vurder"})

        assert (reply.status_code, shown.status_code) == (409, 409)
        assert "begun anew" in reply.get_json()["message"]


def test_events_tell_old_and_new_only_to_those_who_see_the_compartment(
    leader, visitator, rows, case
):
    found = rows.scalars(select(Case)).one()
    found.authority_data = {"grund": "x"}
    rows.commit()
    leader.post(
        f"/cases/{case['id']}/corrections", {"values": {"grund": "hemmeligt"}, "reason": "fejl"}
    )

    def told(caller):
        return caller.get(f"/cases/{case['id']}/events").text

    assert "hemmeligt" in told(leader)
    assert "hemmeligt" not in told(visitator)


class TestLookingAtAPosition:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "position", None),
            ("POST", "moves/preview", {"create": [{"element": "samtale"}]}),
        ],
    )
    def test_leaves_a_line_in_the_access_log(self, leader, rows, case, method, path, body):
        reply = leader.send(method, f"/cases/{case['id']}/{path}", json=body)

        actions = rows.scalars(select(AccessLog.action)).all()
        assert reply.status_code == 200
        assert any(action.startswith("api_operations.") for action in actions)
