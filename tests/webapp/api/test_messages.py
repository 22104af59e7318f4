from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from models import Message
from tests import make
from tests.processes.conftest import deployed
from tests.processes.test_starts import by_message


@pytest.fixture
def waiting(visitator):
    """A case that waits for the verdict."""

    def bring(reference: str = "T-01") -> str:
        case = visitator.start(reference=reference)
        return visitator.complete(case["tasks"][0], grund="x")["id"]

    return bring


def verdict(id_: str = "m-1", **more):
    return {"id": id_, "name": "dom_afsagt", **more}


class TestSend:
    def test_delivers_to_the_case_and_only_once(self, visitator, waiting):
        case = waiting()
        body = verdict(case=case, payload={"udfald": "ubetinget"})

        replies = [visitator.post("/messages", body) for _ in range(2)]

        assert [reply.status_code for reply in replies] == [202, 202]
        assert [reply.get_json() for reply in replies] == [
            {"state": "delivered"},
            {"state": "duplicate"},
        ]
        now = visitator.get(f"/cases/{case}").get_json()
        assert now["data"] == {"grund": "x", "udfald": "ubetinget"}
        assert [task["element"] for task in now["tasks"]] == ["samtale"]

    def test_finds_the_case_by_its_reference(self, visitator, waiting):
        waiting("T-01")
        waiting("T-02")

        reply = visitator.post("/messages", verdict(correlation="T-02"))

        assert reply.get_json() == {"state": "delivered"}

    def test_keeps_what_comes_too_early(self, visitator):
        case = visitator.start()

        early = visitator.post(
            "/messages", verdict(case=case["id"], payload={"udfald": "frifundet"})
        )
        later = visitator.complete(case["tasks"][0], grund="x")

        assert early.get_json() == {"state": "waiting"}
        assert later["data"]["udfald"] == "frifundet"

    def test_keeps_the_ids_of_two_senders_apart(self, visitator, leader, waiting):
        one, other = waiting("T-01"), waiting("T-02")

        visitator.post("/messages", verdict(case=one))
        reply = leader.post("/messages", verdict(case=other))

        assert reply.get_json() == {"state": "delivered"}

    def test_refuses_to_choose_between_cases(self, visitator, waiting):
        waiting("T-01")
        waiting("T-02")

        reply = visitator.post("/messages", verdict())

        assert reply.status_code == 409
        assert reply.get_json()["code"] == "ambiguous_message"

    def test_refuses_a_name_that_no_diagram_knows(self, visitator):
        reply = visitator.post("/messages", {"id": "m-1", "name": "dom"})

        assert reply.status_code == 422
        assert reply.get_json()["code"] == "unknown_message"

    def test_knows_no_case_that_is_not_there(self, visitator):
        assert visitator.post("/messages", verdict(case=str(uuid4()))).status_code == 404

    def test_is_open_to_a_machine_that_sees_no_cases(self, token_of, visitator, waiting):
        police = token_of("politi", "Politi", scopes=["message"], unit_id="thisted")
        case = waiting()

        assert police.post("/messages", verdict(case=case)).status_code == 202
        assert police.get(f"/cases/{case}").status_code == 403

    def test_keeps_a_person_of_another_unit_out(self, as_, waiting):
        case = waiting()
        stranger = as_("fremmed", "Leder", unit_id="thisted")

        named = stranger.send("POST", "/api/v1/messages", verdict(case=case))
        found = stranger.send("POST", "/api/v1/messages", verdict(correlation="T-01"))

        assert (named.status_code, found.status_code) == (404, 403)

    def test_leaves_the_case_alone_when_it_refuses(self, as_, visitator, waiting):
        case = waiting()
        as_("fremmed", "Leder", unit_id="thisted").send(
            "POST", "/api/v1/messages", verdict(correlation="T-01")
        )

        assert visitator.get(f"/cases/{case}").get_json()["tasks"] == []


class TestAMessageThatWaits:
    @pytest.fixture
    def resting(self, leader, waiting):
        """A case in aalborg that rests, so that a message for it waits."""
        case = waiting("T-01")
        leader.post(f"/cases/{case}/suspension", {"reason": "ferie"})
        return case

    def test_comes_to_no_case_of_another_unit(self, as_, leader, resting):
        stranger = as_("fremmed", "Mentor", unit_id="thisted")

        reply = stranger.send(
            "POST", "/api/v1/messages", verdict(correlation="T-01", payload={"udfald": "x"})
        )
        leader.post(f"/cases/{resting}/resumption", {"reason": "tilbage"})

        assert reply.status_code == 403
        assert "udfald" not in leader.get(f"/cases/{resting}").get_json()["data"]

    def test_is_left_by_a_token_made_for_messages(self, token_of, leader, resting):
        sender = token_of("domstol", "Leder", scopes=["message"], unit_id="thisted")

        reply = sender.post("/messages", verdict(correlation="T-01", payload={"udfald": "x"}))
        leader.post(f"/cases/{resting}/resumption", {"reason": "tilbage"})

        assert reply.get_json() == {"state": "waiting"}
        assert leader.get(f"/cases/{resting}").get_json()["data"]["udfald"] == "x"


class TestSendingWhatBeginsACase:
    @pytest.fixture
    def begins(self, wiring):
        """A process that begins with a message."""
        with wiring.turn() as turn:
            make.unit(turn.session)
            deployed(turn, by_message())

    def send(self, caller, id_="h-1", **more):
        return caller.post("/messages", {"id": id_, "name": "henvisning", **more})

    def test_begins_it_once_for_whoever_sent_it(self, visitator, begins):
        replies = [self.send(visitator, correlation="T-77").get_json() for _ in range(2)]

        [case] = visitator.get("/cases", reference="T-77").get_json()["items"]
        assert [reply["state"] for reply in replies] == ["delivered", "duplicate"]
        assert (case["definition"], case["state"]) == ("modtag", "active")

    def test_refuses_a_reference_that_is_a_persons_number(self, visitator, begins):
        reply = self.send(visitator, correlation="010100-1234")

        assert reply.status_code == 422


class TestACprNumber:
    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"payload": {"udfald": "dom over 010100-1234"}}, "udfald"),
            ({"payload": {"parter": [{"nr": "0101001234"}]}}, "parter"),
            ({"payload": {"parter": {"010100-1234": True}}}, "parter"),
            ({"payload": {"correlation": "x"}, "correlation": "010100-1234"}, "correlation"),
        ],
    )
    def test_enters_no_case_by_message(self, visitator, rows, told, field):
        reply = visitator.post("/messages", verdict(**told))

        assert reply.status_code == 422
        assert list(reply.get_json()["errors"]) == [field]
        assert rows.scalars(select(Message)).all() == []

    def test_is_not_repeated_where_it_stands_for_a_name(self, visitator):
        reply = visitator.post("/messages", verdict(payload={"010100-1234": 1}))

        assert (reply.status_code, reply.get_json()["code"]) == (422, "cpr_number")
        assert "010100" not in reply.text

    def test_is_not_seen_in_the_id_of_another_system(self, visitator):
        told = {"sag": "aa010100-1234-4abc-8def-0123456789ab"}

        reply = visitator.post("/messages", verdict(payload=told))

        assert reply.status_code == 202
