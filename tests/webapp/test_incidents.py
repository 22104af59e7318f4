from __future__ import annotations

import pytest
from sqlalchemy import select, text

from models import Incident
from models.errors import CaseStuck
from processes.stuck import TOLD, report_stumble
from tests.webapp import programme
from webapp.incidents import SENTENCES
from webapp.phases import KNOWN

TABS = ("course", "data", "tasks", "deadlines", "history", "diagram")
BY_HAND = "SET LOCAL session_replication_role = replica"
HARMS = [
    "UPDATE \"case\" SET snapshot = 'nonsense'",
    "UPDATE \"case\" SET data = '[1]', authority_data = '\"x\"', data_kinds = '[]'",
    "DELETE FROM definition",
    "UPDATE definition SET bundle = 'nonsense'",
]


def broken(wiring, harm):
    """A case broken by hand that the worker has met, seen by a process that reads it anew."""
    case = programme.begun(wiring)
    with wiring.turn() as turn:
        turn.session.execute(text(BY_HAND))
        turn.session.execute(text(harm))
        report_stumble(turn, case, CaseStuck(case, "snapshot_unreadable", "format"))
    wiring.definitions._known.clear()
    KNOWN.clear()
    return case


@pytest.fixture
def leader(as_, wiring):
    programme.deployed(wiring)
    return as_("leder")


def test_every_code_has_a_sentence_for_people_and_one_for_the_log():
    assert SENTENCES.keys() == TOLD.keys()


@pytest.mark.parametrize("harm", HARMS)
class TestACaseThatCannotBeRead:
    def test_is_on_the_board_with_what_to_do(self, leader, wiring, harm):
        broken(wiring, harm)

        page = leader.get("/board")

        assert page.status_code == 200
        assert "The stored position of the case cannot be read" in page.text
        assert "The whole case" in page.text

    @pytest.mark.parametrize("tab", TABS)
    def test_has_a_page_that_says_so(self, leader, wiring, harm, tab):
        case = broken(wiring, harm)

        page = leader.get(f"/cases/{case}?tab={tab}")

        assert page.status_code == 200
        assert "the case stands still" in page.text

    @pytest.mark.parametrize("place", ["/cases", "/tasks", "/board"])
    def test_does_not_stop_the_lists(self, leader, wiring, harm, place):
        broken(wiring, harm)

        assert leader.get(place).status_code == 200


def test_a_person_who_meets_it_first_is_told_and_so_is_the_leader(leader, as_, wiring):
    case = programme.begun(wiring)
    task = programme.open_task(wiring, case)
    with wiring.turn() as turn:
        turn.session.execute(text("UPDATE \"case\" SET snapshot = 'nonsense'"))

    reply = as_("visitator").post(f"/tasks/{task}/completion", answers='{"grund": "Uro"}')

    assert reply.status_code == 409
    assert "nothing can be done on it now" in reply.text
    with wiring.reading() as session:
        assert session.scalars(select(Incident.code)).all() == ["snapshot_unreadable"]


def test_the_leader_lets_it_go_on_once_it_is_mended(leader, wiring):
    case = programme.begun(wiring)
    with wiring.turn() as turn:
        report_stumble(turn, case, CaseStuck(case, "snapshot_unreadable"))
        incident = turn.session.scalars(select(Incident.id)).one()

    reply = leader.post(f"/board/incidents/{incident}/retry")

    assert reply.status_code == 303
    assert "No step has failed." in leader.get("/board").text
    assert "The case can go on again." in leader.get(f"/cases/{case}?tab=history").text


def test_a_step_that_no_handler_knows_says_what_to_do(leader, wiring):
    case = programme.begun(wiring)
    with wiring.turn() as turn:
        row = Incident(
            id=case,
            case_id=case,
            instance_id=case,
            element="fase",
            name="Fase",
            message="UnknownOperation: No handler is called old/Gone",
            created_at=turn.now,
        )
        turn.session.add(row)

    page = leader.get("/board").text

    assert "The step asks for “old/Gone”" in page
