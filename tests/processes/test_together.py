"""Two people at once: real transactions on real connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from models import Case, Event, Message, UserTask
from models.errors import AlreadyClaimed, AlreadyCompleted, Refused
from processes.access import person_of
from processes.check import check
from processes.messages import receive_message
from processes.starts import fire_due_start
from processes.user_tasks import claim_user_task, complete_user_task
from tests import make
from tests.processes.conftest import begun, deployed
from tests.processes.test_messages import VERDICT
from tests.processes.test_starts import by_message, by_time

PEOPLE = 4
GOOD = {"grund": "ung i risiko"}


def at_once(wiring, *commands):
    """Run the commands in turns of their own at the same time; a refusal is an answer."""
    gate = Barrier(len(commands))

    def run(command):
        with wiring.turn() as turn:
            gate.wait()
            try:
                return command(turn)
            except Refused as refusal:
                turn.session.rollback()
                return refusal

    with ThreadPoolExecutor(len(commands)) as threads:
        return list(threads.map(run, commands))


@pytest.fixture
def people(wiring):
    with wiring.turn() as turn:
        names = [f"visitator{n}" for n in range(PEOPLE)]
        return [person_of(make.account(turn.session, name, "Visitator")) for name in names]


@pytest.fixture
def task_id(wiring, people):
    with wiring.turn() as turn:
        begun(turn, by=people[0])
        return turn.session.scalars(select(UserTask.id)).one()


def test_one_of_many_completes_a_task_and_the_others_hear_who(wiring, people, task_id):
    answers = at_once(
        wiring,
        *(lambda turn, who=who: complete_user_task(turn, task_id, GOOD, who).id for who in people),
    )

    refused = [answer for answer in answers if isinstance(answer, AlreadyCompleted)]
    assert len(refused) == PEOPLE - 1
    with wiring.reading() as session:
        winner = session.scalars(select(UserTask.completed_by).where(UserTask.id == task_id)).one()
        assert {refusal.by for refusal in refused} == {winner}
    assert check(wiring) == []


def test_one_of_many_claims_a_task(wiring, people, task_id):
    answers = at_once(
        wiring,
        *(lambda turn, who=who: claim_user_task(turn, task_id, who).id for who in people),
    )

    assert sum(isinstance(answer, AlreadyClaimed) for answer in answers) == PEOPLE - 1
    with wiring.reading() as session:
        claims = select(func.count()).select_from(Event).where(Event.kind == "task.assigned")
        assert session.scalar(claims) == 1


def test_a_message_sent_twice_at_once_arrives_once(wiring):
    with wiring.turn() as turn:
        case = begun(turn, "dom", VERDICT)
        case_id = case.id

    def send(turn):
        return receive_message(turn, "m1", "dom_afsagt", case_id, payload={"udfald": "betinget"})

    answers = at_once(wiring, send, send, send)

    assert sorted(answers) == ["delivered", "duplicate", "duplicate"]
    with wiring.reading() as session:
        assert session.scalars(select(Message.state)).all() == ["delivered"]
        assert session.get(Case, case_id).data == {"udfald": "betinget"}


class TestWhatBeginsACase:
    def test_is_one_case_when_two_workers_look_at_a_start_timer(self, wiring):
        with wiring.turn() as turn:
            make.unit(turn.session)
            deployed(turn, by_time("P1D", "timeDuration"))

        def fire(turn):
            return fire_due_start(replace(turn, now=turn.now + timedelta(days=2)))

        answers = at_once(wiring, fire, fire, fire)

        assert sorted(answers) == [False, False, True]
        assert self.cases(wiring) == 1
        assert check(wiring) == []

    def test_is_one_case_when_two_messages_name_one_person(self, wiring):
        with wiring.turn() as turn:
            make.unit(turn.session)
            deployed(turn, by_message())
        senders = [
            lambda turn, id_=id_: receive_message(turn, id_, "henvisning", correlation="T-07")
            for id_ in ("m1", "m2", "m3")
        ]

        answers = at_once(wiring, *senders)

        assert sorted(answers) == ["delivered", "waiting", "waiting"]
        assert self.cases(wiring) == 1
        assert check(wiring) == []

    def test_is_no_case_of_two_versions_when_one_is_deployed_meanwhile(self, wiring):
        with wiring.turn() as turn:
            make.unit(turn.session)
            deployed(turn, by_time("P1D", "timeDuration"))

        def fire(turn):
            return fire_due_start(replace(turn, now=turn.now + timedelta(days=2)))

        def renew(turn):
            return bool(deployed(turn, by_time("P1D", "timeDuration", task="ny")))

        at_once(wiring, fire, renew)
        at_once(wiring, fire)

        assert self.cases(wiring) == 1
        assert check(wiring) == []

    def cases(self, wiring):
        with wiring.reading() as session:
            return session.scalar(select(func.count()).select_from(Case))
