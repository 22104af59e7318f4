from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from models import Message, Subscription, UserTask
from models.errors import AmbiguousMessage, CaseNotActive, CaseNotFound, UnknownMessage
from processes.access import OPERATOR, person_of
from processes.cases import cancel_case
from processes.messages import deliver_waiting_message, expire_messages, receive_message
from processes.user_tasks import complete_user_task
from tests import diagrams, make
from tests.processes.conftest import begun

VERDICT = {
    "dom.bpmn": diagrams.diagram(
        "dom",
        diagrams.start(),
        diagrams.message_catch("afvent", "dom_afsagt"),
        diagrams.user_task("laes"),
        diagrams.end(),
        flow="begynd>afvent>laes>slut",
        lanes={"Visitator": "laes"},
        beside=diagrams.message("dom_afsagt"),
    )
}
CORRELATED = {
    "sag.bpmn": diagrams.diagram(
        "sag",
        diagrams.start(),
        diagrams.message_catch("afvent", "dom_afsagt", correlation="journalnummer"),
        diagrams.user_task("laes"),
        diagrams.end(),
        flow="begynd>afvent>laes>slut",
        beside=diagrams.message("dom_afsagt"),
    )
}
LATER = {
    "senere.bpmn": diagrams.diagram(
        "senere",
        diagrams.start(),
        diagrams.user_task("klar"),
        diagrams.message_catch("afvent", "dom_afsagt"),
        diagrams.user_task("laes"),
        diagrams.end(),
        flow="begynd>klar>afvent>laes>slut",
        lanes={"Visitator": "klar laes"},
        beside=diagrams.message("dom_afsagt"),
    )
}
HEARD = {
    "lytter.bpmn": diagrams.diagram(
        "lytter",
        diagrams.start(),
        '<bpmn:intermediateCatchEvent id="hoer"><bpmn:signalEventDefinition id="h"'
        ' signalRef="alarm"/></bpmn:intermediateCatchEvent>',
        diagrams.user_task("laes"),
        diagrams.end(),
        flow="begynd>hoer>laes>slut",
        lanes={"Visitator": "laes"},
        beside='<bpmn:signal id="alarm" name="alarm"/>',
    )
}
CALLER = {
    "raaber.bpmn": diagrams.diagram(
        "raaber",
        diagrams.start(),
        '<bpmn:intermediateThrowEvent id="raab"><bpmn:signalEventDefinition id="r"'
        ' signalRef="alarm"/></bpmn:intermediateThrowEvent>',
        diagrams.end(),
        flow="begynd>raab>slut",
        lanes={"Visitator": "raab"},
        beside='<bpmn:signal id="alarm" name="alarm"/>',
    )
}
SENDER = {
    "afsender.bpmn": diagrams.diagram(
        "afsender",
        diagrams.start(),
        diagrams.message_throw("giv_besked", "dom_afsagt", correlation='"J-1"'),
        diagrams.end(),
        flow="begynd>giv_besked>slut",
        beside=diagrams.message("dom_afsagt"),
    )
}


def state_of(turn, sender_id):
    return turn.session.scalar(select(Message.state).where(Message.sender_id == sender_id))


class TestReceiveMessage:
    def test_delivers_to_the_case_it_names(self, turn):
        case = begun(turn, "dom", VERDICT)

        answer = receive_message(turn, "m1", "dom_afsagt", case.id, payload={"udfald": "betinget"})

        assert answer == "delivered"
        assert case.data == {"udfald": "betinget"}
        assert turn.session.scalars(select(UserTask)).one().element == "laes"
        assert state_of(turn, "m1") == "delivered"
        assert turn.session.scalars(select(Subscription.state)).all() == ["closed"]

    def test_answers_a_second_copy_without_delivering_it(self, turn):
        case = begun(turn, "dom", VERDICT)
        receive_message(turn, "m1", "dom_afsagt", case.id, payload={"udfald": "betinget"})

        answer = receive_message(turn, "m1", "dom_afsagt", case.id, payload={"udfald": "frifundet"})

        assert answer == "duplicate"
        assert case.data == {"udfald": "betinget"}

    def test_matches_the_correlation_of_the_wait(self, turn):
        case = begun(turn, "sag", CORRELATED, journalnummer="J-1")
        begun(turn, "sag", CORRELATED, journalnummer="J-2")

        answer = receive_message(turn, "m1", "dom_afsagt", correlation="J-1", payload={"nu": True})

        assert answer == "delivered"
        assert case.data["nu"] is True

    @pytest.mark.parametrize("fact", ["id", "number", "reference"])
    def test_knows_a_case_by_what_people_call_it(self, turn, fact):
        case = begun(turn, "dom", VERDICT, reference="T-06")

        correlation = str(getattr(case, fact))

        assert receive_message(turn, "m1", "dom_afsagt", correlation=correlation) == "delivered"

    def test_refuses_to_choose_among_cases(self, turn):
        begun(turn, "sag", CORRELATED, journalnummer="J-1")
        begun(turn, "sag", CORRELATED, journalnummer="J-1")

        with pytest.raises(AmbiguousMessage) as refusal:
            receive_message(turn, "m1", "dom_afsagt", correlation="J-1")

        assert refusal.value.cases == 2

    def test_refuses_a_name_that_no_diagram_waits_for(self, turn):
        begun(turn, "dom", VERDICT)

        with pytest.raises(UnknownMessage):
            receive_message(turn, "m1", "ukendt")

    def test_refuses_a_case_that_is_not_there(self, turn):
        begun(turn, "dom", VERDICT)

        with pytest.raises(CaseNotFound):
            receive_message(turn, "m1", "dom_afsagt", uuid4())

    def test_refuses_a_case_that_is_over(self, turn):
        case = begun(turn, "dom", VERDICT)
        cancel_case(turn, case.id, "flyttet", person_of(make.account(turn.session, "leder")))

        with pytest.raises(CaseNotActive):
            receive_message(turn, "m1", "dom_afsagt", case.id)

    def test_keeps_an_early_one_until_the_case_waits(self, turn):
        case = begun(turn, "senere", LATER)
        early = receive_message(turn, "m1", "dom_afsagt", case.id, payload={"udfald": "betinget"})
        [task] = turn.session.scalars(select(UserTask)).all()

        complete_user_task(turn, task.id, {}, _visitator(turn))

        assert early == "waiting"
        assert state_of(turn, "m1") == "delivered"
        assert case.data == {"udfald": "betinget"}

    def test_delivers_early_ones_oldest_first(self, turn, later):
        case = begun(turn, "senere", LATER)
        receive_message(turn, "m1", "dom_afsagt", case.id, payload={"udfald": "en"})
        after = later(turn.now + timedelta(hours=1))
        receive_message(after, "m2", "dom_afsagt", case.id, payload={"udfald": "to"})
        [task] = turn.session.scalars(select(UserTask)).all()

        complete_user_task(turn, task.id, {}, _visitator(turn))

        assert case.data == {"udfald": "en"}
        assert (state_of(turn, "m1"), state_of(turn, "m2")) == ("delivered", "waiting")


class TestDeliverWaitingMessage:
    def test_brings_what_one_case_sends_to_another(self, turn):
        case = begun(turn, "sag", CORRELATED, journalnummer="J-1")
        sender = begun(turn, "afsender", SENDER)

        assert deliver_waiting_message(turn) is not None

        assert sender.state == "completed"
        tasks = turn.session.scalars(select(UserTask)).all()
        assert [(task.case_id, task.element) for task in tasks] == [(case.id, "laes")]

    def test_brings_a_signal_to_every_case_that_waits_for_it(self, turn):
        waiting = [begun(turn, "lytter", HEARD), begun(turn, "lytter", HEARD)]
        begun(turn, "raaber", CALLER)

        delivered = [deliver_waiting_message(turn) for _ in range(3)]

        assert [message is not None for message in delivered] == [True, True, False]
        tasks = turn.session.scalars(select(UserTask.case_id)).all()
        assert sorted(tasks) == sorted(case.id for case in waiting)

    def test_finds_nothing_when_nobody_waits(self, turn):
        begun(turn, "afsender", SENDER)

        assert deliver_waiting_message(turn) is None


class TestExpireMessages:
    def test_gives_up_after_a_month(self, turn, later):
        case = begun(turn, "senere", LATER)
        receive_message(turn, "m1", "dom_afsagt", case.id)

        assert expire_messages(later(turn.now + timedelta(days=29))) == 0
        assert expire_messages(later(turn.now + timedelta(days=30))) == 1

        assert state_of(turn, "m1") == "expired"


def _visitator(turn):
    from models import Account

    return person_of(turn.session.scalars(select(Account).where(Account.name == "visitator")).one())


def test_the_operator_stands_outside_every_unit(turn):
    assert not any(unit for _, unit in OPERATOR.roles)
    assert turn.session.scalar(text("SELECT 1")) == 1
