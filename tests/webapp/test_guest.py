"""Somebody invited to one case sees it while it asks for them, on every page, and not after."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Account
from processes.work import run_jobs
from tests import diagrams, make
from tests.webapp import programme

ROLE = "Rusmiddelrådgiver"
GONE, SEEN, SENT_ON = 404, 200, 303
FILES = {
    "moede.bpmn": diagrams.diagram(
        "moede",
        diagrams.start(),
        diagrams.service_task("luk_ind", "team/Assign", role=f'"{ROLE}"'),
        diagrams.user_task("giv_raad", assign="team"),
        diagrams.service_task("luk_ud", "team/Release", role=f'"{ROLE}"'),
        diagrams.user_task("hold_moede"),
        diagrams.end(),
        flow="begynd>luk_ind>giv_raad>luk_ud>hold_moede>slut",
        lanes={ROLE: "giv_raad", "Koordinator": "luk_ind luk_ud hold_moede"},
        ownerRole="Koordinator",
    )
}


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring, FILES)
    with wiring.turn() as turn:
        make.account(turn.session, "ane", ROLE)
    case_id = programme.begun(wiring, key="moede")
    run_jobs(wiring, "w1")
    return case_id


@pytest.fixture
def guest(as_, case_id):
    return as_("ane")


def places(case_id, task_id):
    return [f"/cases/{case_id}", f"/cases/{case_id}?tab=history", f"/tasks/{task_id}"]


class TestGuest:
    def test_sees_the_case_that_asks_for_advice(self, wiring, guest, case_id):
        task_id = programme.open_task(wiring, case_id)

        seen = [guest.get(place).status_code for place in places(case_id, task_id)]

        assert seen == [SEEN, SEEN, SEEN]

    def test_sees_no_other_case_of_the_role(self, wiring, as_, guest, case_id):
        with wiring.turn() as turn:
            ane = turn.session.scalars(select(Account).where(Account.name == "ane")).one()
            ane.active = False
            make.account(turn.session, "bo", ROLE)
        other = programme.begun(wiring, "T-02", key="moede")
        run_jobs(wiring, "w1")
        with wiring.turn() as turn:
            turn.session.scalars(select(Account).where(Account.name == "ane")).one().active = True

        task_id = programme.open_task(wiring, other)

        assert {guest.get(place).status_code for place in places(other, task_id)} == {GONE}
        assert "T-02" not in guest.get("/tasks?tab=roles").text
        assert "T-02" not in guest.get("/cases").text
        assert as_("bo").get(f"/cases/{other}").status_code == SEEN

    def test_is_out_of_the_case_with_the_answer(self, wiring, guest, case_id):
        task_id = programme.open_task(wiring, case_id)

        reply = guest.post(f"/tasks/{task_id}/completion", answers="{}")

        assert reply.status_code == SENT_ON
        assert reply.location.endswith("/tasks")
        assert "your part in the case is over" in guest.get("/tasks").text
        assert {guest.get(place).status_code for place in places(case_id, task_id)} == {GONE}
        assert "T-01" not in guest.get("/cases").text

    def test_may_begin_no_case(self, guest):
        assert guest.get("/cases/new").status_code != SEEN
