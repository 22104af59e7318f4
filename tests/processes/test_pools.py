"""Pools that talk to each other: what one throws begins or moves on a case of the other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Case, Message, UserTask
from processes.access import OPERATOR, person_of
from processes.cases import start_case
from processes.check import check_case
from processes.deploy import deploy
from processes.messages import deliver_waiting_message, receive_message
from processes.user_tasks import complete_user_task
from tests import make
from tests.processes.engine.notation import (
    catch,
    definitions,
    end,
    flows,
    message,
    play_files,
    process,
    props,
    start,
    throw,
    user,
)

OWNER = props(ownerRole="Visitator")
ASKS = (
    start()
    + throw("spoerg", message("spoergsmaal"))
    + catch("svar", message("svar"))
    + user("laes")
    + end()
    + flows("s>spoerg spoerg>svar svar>laes laes>e")
)
ANSWERS = (
    start("s2", message("spoergsmaal"))
    + user("taenk")
    + end("e2", inside=message("svar"))
    + flows("s2>taenk taenk>e2")
)
TOGETHER = (
    '<bpmn:collaboration id="c"><bpmn:participant id="P1" name="Spørger" processRef="p"/>'
    '<bpmn:participant id="P2" name="Svarer" processRef="q"/>'
    '<bpmn:participant id="P3" name="Politiet"/>'
    '<bpmn:messageFlow id="f1" sourceRef="spoerg" targetRef="s2"/>'
    '<bpmn:messageFlow id="f2" sourceRef="e2" targetRef="svar"/>'
    '<bpmn:messageFlow id="f3" sourceRef="P3" targetRef="P1"/></bpmn:collaboration>'
)
FILES = {
    "pools.bpmn": definitions(
        TOGETHER, process(ASKS, properties=OWNER), process(ANSWERS, "q", OWNER)
    )
}


def deliver_all(turn):
    while deliver_waiting_message(turn):
        pass
    turn.session.expire_all()


def tasks(turn):
    """Element of each open task to its row."""
    turn.session.expire_all()
    rows = turn.session.scalars(select(UserTask).where(UserTask.state == "open"))
    return {row.element: row for row in rows}


@pytest.fixture
def visitator(turn):
    person = person_of(make.account(turn.session, "visitator"))
    deploy(turn, FILES, "", OPERATOR)
    return person


class TestInTheDatabase:
    @pytest.mark.parametrize("reference", ["T-01", ""])
    def test_a_throw_begins_a_case_of_the_other_and_its_end_answers(
        self, turn, visitator, reference
    ):
        asked = start_case(turn, "p", reference, {}, "aalborg", visitator)
        deliver_all(turn)
        waiting = tasks(turn)

        complete_user_task(turn, waiting["taenk"].id, {}, visitator)
        deliver_all(turn)

        [other] = turn.session.scalars(select(Case).where(Case.id != asked.id))
        assert list(waiting) == ["taenk"]
        assert other.reference == (reference or str(asked.id))
        assert other.state == "completed"
        assert tasks(turn)["laes"].case_id == asked.id
        assert {*check_case(turn, asked.id), *check_case(turn, other.id)} == set()

    def test_two_conversations_do_not_mix(self, turn, visitator):
        cases = [start_case(turn, "p", f"T-0{n}", {}, "aalborg", visitator) for n in (1, 2)]
        deliver_all(turn)
        open_ = turn.session.scalars(select(UserTask).where(UserTask.element == "taenk")).all()
        second = next(task for task in open_ if task.case.reference == "T-02")

        complete_user_task(turn, second.id, {}, visitator)
        deliver_all(turn)

        assert tasks(turn)["laes"].case_id == cases[1].id

    def test_an_answer_from_outside_reaches_the_same_wait(self, turn, visitator):
        case = start_case(turn, "p", "T-01", {}, "aalborg", visitator)

        receive_message(turn, "m1", "svar", correlation="T-01")

        assert tasks(turn)["laes"].case_id == case.id

    def test_what_the_own_case_waits_for_stays_there(self, turn, visitator):
        start_case(turn, "p", "T-01", {}, "aalborg", visitator)
        deliver_all(turn)

        states = turn.session.scalars(select(Message.state)).all()

        assert states == ["delivered"]
        assert len(turn.session.scalars(select(Case)).all()) == 2


class TestInAScenario:
    def test_plays_the_pool_it_names_and_shows_what_was_sent(self, saving):
        case = play_files(FILES, saving=saving)

        assert [sent["message"] for sent in case.run.sent] == ["spoergsmaal"]
        assert case.send("svar").open == ["laes"]

    def test_plays_the_other_pool_too(self, saving):
        case = play_files(FILES, key="q", saving=saving).send("spoergsmaal", x=1)

        assert case.complete("taenk").ended
        assert [sent["message"] for sent in case.run.sent] == ["svar"]


@pytest.fixture(params=[True, False], ids=["saved", "live"])
def saving(request):
    return request.param
