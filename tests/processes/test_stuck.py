"""Cases that cannot be moved, met by the worker's own loop: the others go on."""

from __future__ import annotations

import threading
import time
import zlib
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

import handlers
from models import Account, Case, Event, Incident, Job, Message, Timer, UserTask
from models.errors import CaseStuck
from processes import messages, timers
from processes.access import person_of
from processes.check import check
from processes.incidents import retry_incident
from processes.messages import receive_message
from processes.stuck import LONGEST_PAUSE, look_at_oldest_stuck, report_stumble
from processes.user_tasks import complete_user_task
from tests import diagrams, make
from tests.processes.conftest import begun
from tests.processes.test_scheduler import until, work  # noqa: F401 - a fixture
from tests.processes.test_timers import CHAIN

COURSE = {
    "gang.bpmn": diagrams.diagram(
        "gang",
        diagrams.start(),
        diagrams.parallel("del"),
        diagrams.timer("vent", "P1D"),
        diagrams.user_task("efter"),
        diagrams.message_catch("afvent", "dom"),
        diagrams.user_task("laes"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Start"'),
        diagrams.user_task("ring"),
        diagrams.parallel("saml"),
        diagrams.end(),
        flow="begynd>del>vent>efter>saml>slut; del>afvent>laes>saml; del>fase>ring>saml",
        lanes={"Visitator": "efter laes ring"},
        beside=diagrams.message("dom"),
    )
}
ALL_DONE = {"efter", "laes", "ring"}
NEWER = "\\x" + zlib.compress(b'{"format": 99, "scopes": []}').hex()
SET_SNAPSHOT = "UPDATE \"case\" SET snapshot = '{}' WHERE id = :id"
HARMS = {
    "snapshot_unreadable": SET_SNAPSHOT.format("nonsense"),
    "snapshot_newer": SET_SNAPSHOT.format(NEWER),
    "data_unreadable": "UPDATE \"case\" SET data = '[1, 2]' WHERE id = :id",
    "definition_missing": 'UPDATE "case" SET definition_id = gen_random_uuid() WHERE id = :id',
}
BY_HAND = "SET LOCAL session_replication_role = replica"


def broken_and_whole(wiring, harm, files=COURSE, key="gang"):
    """Two cases that wait for the same things, the first of them broken by hand."""
    with wiring.turn() as turn:
        broken, whole = (begun(turn, key, files).id for _ in range(2))
        turn.session.execute(text(BY_HAND))
        turn.session.execute(text(harm), {"id": broken})
    return broken, whole


def send(wiring, *cases):
    """A message to each case, kept as one that crossed with the opening of the wait."""
    with wiring.turn() as turn:
        for case in cases:
            row = Message(
                sender_id=f"m-{case}",
                name="dom",
                case_id=case,
                received_at=turn.now,
                expires_at=turn.now + timedelta(days=30),
            )
            turn.session.add(row)


def incidents_of(wiring, case):
    with wiring.reading() as session:
        query = select(Incident).where(Incident.case_id == case, Incident.state == "open")
        return session.scalars(query).all()


def open_tasks(case):
    return (
        select(func.count())
        .select_from(UserTask)
        .where(UserTask.case_id == case, UserTask.state == "open")
    )


@pytest.mark.parametrize(("code", "harm"), HARMS.items())
class TestACaseThatCannotBeRead:
    def test_gets_an_incident_while_the_others_go_on(self, wiring, work, clock, code, harm):  # noqa: F811
        broken, whole = broken_and_whole(wiring, harm)
        send(wiring, broken, whole)
        clock.now += timedelta(days=2)

        work()

        assert until(wiring, open_tasks(whole), len(ALL_DONE)) == len(ALL_DONE)
        count = select(func.count()).select_from(Incident).where(Incident.case_id == broken)
        assert until(wiring, count, 1) == 1
        [incident] = incidents_of(wiring, broken)
        assert incident.code == code
        with wiring.reading() as session:
            assert session.scalars(select(Incident.case_id).distinct()).all() == [broken]

    def test_is_not_tried_over_and_over(self, wiring, work, clock, monkeypatch, code, harm):  # noqa: F811
        tries = Counter()
        stumble = "processes.work.report_stumble"
        monkeypatch.setattr(
            stumble,
            lambda turn, case, *more: tries.update([case]) or report_stumble(turn, case, *more),
        )
        broken, _ = broken_and_whole(wiring, harm)
        send(wiring, broken)
        clock.now += timedelta(days=2)
        worker = work()
        stuck = select(Case.stuck_until.is_not(None)).where(Case.id == broken)
        assert until(wiring, stuck, True) is True  # noqa: FBT003 - what the database answers

        looks = 20
        for _ in range(looks):
            worker.wake()
            with wiring.turn() as turn:
                other = begun(turn, "kaede", CHAIN).id
            clock.now += timedelta(days=4)
            worker.wake()
            assert until(wiring, open_tasks(other), 1) == 1

        assert tries[broken] < looks / 2, "each loop may meet it once before it is set aside"
        with wiring.reading() as session:
            told = select(Event.kind).where(Event.case_id == broken, Event.kind == "case.stuck")
            assert session.scalars(told).all() == ["case.stuck"]

    def test_refuses_a_person_with_a_reason(self, wiring, code, harm):
        broken, _ = broken_and_whole(wiring, harm, CHAIN_OF_TASKS, "opgaver")
        with wiring.reading() as session:
            task = session.scalars(select(UserTask.id).where(UserTask.case_id == broken)).one()
            who = person_of(session.scalars(select(Account)).one())

        with pytest.raises(CaseStuck) as refused, wiring.turn() as turn:
            complete_user_task(turn, task, {}, who)

        assert refused.value.why == code


CHAIN_OF_TASKS = {
    "opgaver.bpmn": diagrams.diagram(
        "opgaver",
        diagrams.start(),
        diagrams.user_task("en"),
        diagrams.user_task("to"),
        diagrams.end(),
        flow="begynd>en>to>slut",
        lanes={"Visitator": "en to"},
    )
}


@pytest.fixture
def stuck(wiring):
    """A case whose snapshot is damaged and kept, and who may retry."""
    with wiring.turn() as turn:
        case = begun(turn, "gang", COURSE).id
        leader = person_of(make.account(turn.session, "leder"))
        turn.session.execute(text('CREATE TABLE kept AS SELECT snapshot FROM "case"'))
        turn.session.execute(text("UPDATE \"case\" SET snapshot = 'nonsense'"))
    return case, leader


def mend(wiring):
    with wiring.turn() as turn:
        turn.session.execute(text('UPDATE "case" SET snapshot = (SELECT snapshot FROM kept)'))


def be_due(wiring):
    """Let the pause of every stuck case be over."""
    with wiring.turn() as turn:
        turn.session.execute(text("UPDATE \"case\" SET stuck_until = now() - interval '1 s'"))


class TestAStuckCase:
    def test_goes_on_by_itself_once_it_can_be_read(self, wiring, work, clock, stuck):  # noqa: F811
        case, _ = stuck
        send(wiring, case)
        clock.now += timedelta(days=2)
        worker = work()
        held = select(Case.stuck_until.is_not(None)).where(Case.id == case)
        assert until(wiring, held, True) is True  # noqa: FBT003 - what the database answers
        with wiring.reading() as session:
            assert session.scalars(select(Message.state)).all() == ["waiting"]

        mend(wiring)
        be_due(wiring)
        worker.wake()

        assert until(wiring, open_tasks(case), len(ALL_DONE)) == len(ALL_DONE)
        assert incidents_of(wiring, case) == []
        assert check(wiring) == []

    def test_waits_longer_each_time(self, wiring, stuck):
        case, _ = stuck
        pauses = []
        for _ in range(9):
            with wiring.turn() as turn:
                report_stumble(turn, case, CaseStuck(case, "snapshot_unreadable"))
            with wiring.reading() as session:
                left = text('SELECT round(extract(epoch FROM stuck_until - now())) FROM "case"')
                pauses.append(session.scalar(left))

        assert 50 < pauses[0] <= 60
        assert pauses == sorted(pauses)
        assert pauses[-1] <= LONGEST_PAUSE.total_seconds()

    def test_stays_stuck_when_it_is_looked_at_too_early(self, wiring, stuck):
        case, _ = stuck
        with wiring.turn() as turn:
            report_stumble(turn, case, CaseStuck(case, "snapshot_unreadable"))
        be_due(wiring)

        with wiring.turn() as turn:
            assert look_at_oldest_stuck(turn) is True
            assert look_at_oldest_stuck(turn) is False

        assert [incident.code for incident in incidents_of(wiring, case)] == ["snapshot_unreadable"]

    def test_is_let_go_by_a_person_once_it_can_be_read(self, wiring, stuck):
        case, leader = stuck
        with wiring.turn() as turn:
            report_stumble(turn, case, CaseStuck(case, "snapshot_unreadable"))
        [incident] = incidents_of(wiring, case)

        with pytest.raises(CaseStuck), wiring.turn() as turn:
            retry_incident(turn, incident.id, leader)
        mend(wiring)
        with wiring.turn() as turn:
            retry_incident(turn, incident.id, leader)

        assert incidents_of(wiring, case) == []
        with wiring.reading() as session:
            row = session.get(Case, case)
            assert (row.stuck_until, row.stumbles) == (None, 0)
            by = session.scalars(select(Incident.resolved_by)).one()
        assert by == "leder"

    def test_takes_no_message_but_keeps_it(self, wiring, stuck):
        case, _ = stuck
        with wiring.turn() as turn:
            report_stumble(turn, case, CaseStuck(case, "snapshot_unreadable"))

        with wiring.turn() as turn:
            assert receive_message(turn, "m1", "dom", case) == "waiting"


class TestAHandlerThatVanished:
    def test_is_an_incident_at_its_step_while_the_others_go_on(
        self,
        wiring,
        work,  # noqa: F811
        monkeypatch,
    ):
        broken, whole = broken_and_whole(
            wiring,
            "UPDATE job SET operation = 'old/Gone' WHERE case_id = :id",
        )

        work()

        assert until(wiring, open_tasks(whole), 1) == 1
        failed = select(func.count()).select_from(Incident).where(Incident.case_id == broken)
        assert until(wiring, failed, 1) == 1
        [incident] = incidents_of(wiring, broken)
        assert (incident.element, incident.code) == ("fase", None)
        assert "old/Gone" in incident.message

    def test_can_be_tried_again_once_it_is_back(self, wiring, work, monkeypatch):  # noqa: F811
        known = dict(handlers.HANDLERS)
        with wiring.turn() as turn:
            case = begun(turn, "gang", COURSE).id
            leader = person_of(make.account(turn.session, "leder"))
        monkeypatch.setattr(handlers, "HANDLERS", {})
        worker = work()
        failed = select(func.count()).select_from(Incident).where(Incident.case_id == case)
        assert until(wiring, failed, 1) == 1

        monkeypatch.setattr(handlers, "HANDLERS", known)
        with wiring.turn() as turn:
            retry_incident(turn, incidents_of(wiring, case)[0].id, leader)
        worker.wake()

        assert until(wiring, open_tasks(case), 1) == 1
        assert incidents_of(wiring, case) == []


class TestAFailureThatNobodyPlanned:
    def test_of_a_timer_leaves_the_rest_of_its_case_to_go_on(
        self,
        wiring,
        work,  # noqa: F811
        clock,
        monkeypatch,
    ):
        advance = timers.advance

        def fail(turn, case, command, *more, **told):
            {}["a secret of the case"]

        monkeypatch.setattr(timers, "advance", fail)
        with wiring.turn() as turn:
            case = begun(turn, "gang", COURSE).id
        send(wiring, case)
        clock.now += timedelta(days=2)
        worker = work()

        assert until(wiring, open_tasks(case), 2) == 2
        failed = select(func.count()).select_from(Incident).where(Incident.case_id == case)
        assert until(wiring, failed, 1) == 1
        with wiring.reading() as session:
            [incident] = session.scalars(select(Incident))
            assert (incident.code, incident.element) == ("unexpected", "vent")
            assert "secret" not in incident.message
            assert session.scalars(select(Timer.lease_until)).one() is not None

        monkeypatch.setattr(timers, "advance", advance)
        with wiring.turn() as turn:
            turn.session.execute(text("UPDATE timer SET lease_until = NULL"))
        worker.wake()

        assert until(wiring, open_tasks(case), 3) == 3
        assert incidents_of(wiring, case) == []

    def test_of_a_message_keeps_the_message(self, wiring, work, monkeypatch):  # noqa: F811
        deliver = messages.deliver

        def fail(*told):
            raise ZeroDivisionError

        monkeypatch.setattr(messages, "deliver", fail)
        with wiring.turn() as turn:
            case = begun(turn, "gang", COURSE).id
        send(wiring, case)
        worker = work()
        failed = select(func.count()).select_from(Incident).where(Incident.case_id == case)
        assert until(wiring, failed, 1) == 1

        monkeypatch.setattr(messages, "deliver", deliver)
        with wiring.turn() as turn:
            turn.session.execute(text("UPDATE message SET lease_until = NULL"))
        worker.wake()

        assert until(wiring, select(Message.state), "delivered") == "delivered"

    def test_of_a_signal_stops_no_other_message(self, wiring, work):  # noqa: F811
        broken, whole = broken_and_whole(wiring, HARMS["snapshot_unreadable"])
        with wiring.turn() as turn:
            row = Message(
                sender_id="signal:x",
                name="brand",
                case_id=broken,
                received_at=turn.now - timedelta(hours=1),
                expires_at=turn.now + timedelta(days=30),
            )
            turn.session.add(row)
        send(wiring, whole)

        work()

        arrived = select(Message.state).where(Message.case_id == whole)
        assert until(wiring, arrived, "delivered") == "delivered"

    def test_of_an_early_message_does_not_undo_what_a_person_did(self, wiring, monkeypatch):
        from processes import advance

        with wiring.turn() as turn:
            case = begun(turn, "foerst", FIRST).id
            who = person_of(turn.session.scalars(select(Account)).one())
            receive_message(turn, "m1", "dom", case)
            task = turn.session.scalars(select(UserTask.id)).one()

        def fail(*told):
            raise ZeroDivisionError

        monkeypatch.setattr(advance, "deliver", fail)
        with wiring.turn() as turn:
            complete_user_task(turn, task, {}, who)

        with wiring.reading() as session:
            assert session.scalars(select(UserTask.state)).all() == ["completed"]
            assert session.scalars(select(Message.state)).all() == ["waiting"]
        assert check(wiring) == []


FIRST = {
    "foerst.bpmn": diagrams.diagram(
        "foerst",
        diagrams.start(),
        diagrams.user_task("en"),
        diagrams.message_catch("afvent", "dom"),
        diagrams.end(),
        flow="begynd>en>afvent>slut",
        lanes={"Visitator": "en"},
        beside=diagrams.message("dom"),
    )
}


class TestAnOutcomeThatTheCaseCannotTake:
    def test_is_kept_and_the_handler_not_called_again(self, wiring, work, monkeypatch):  # noqa: F811
        calls = []
        known = handlers.HANDLERS["case/SetPhase"]

        def counted(parameters, context, ports):
            calls.append(context.key)
            with wiring.turn() as turn:
                turn.session.execute(text('CREATE TABLE kept AS SELECT snapshot FROM "case"'))
                turn.session.execute(text("UPDATE \"case\" SET snapshot = 'nonsense'"))
            return known(parameters, context, ports)

        with wiring.turn() as turn:
            case = begun(turn, "gang", COURSE).id
        monkeypatch.setitem(handlers.HANDLERS, "case/SetPhase", counted)
        worker = work()
        kept = select(Job.outcome.is_not(None))
        assert until(wiring, kept, True) is True  # noqa: FBT003 - what the database answers
        failed = select(func.count()).select_from(Incident)
        assert until(wiring, failed, 1) == 1

        mend(wiring)
        be_due(wiring)
        worker.wake()

        assert until(wiring, open_tasks(case), 1) == 1
        assert len(calls) == 1
        with wiring.reading() as session:
            assert session.get(Case, case).phase == "Start"
        assert check(wiring) == []


class TestAHandlerThatKillsItsWorker:
    def test_is_given_up_after_so_many_attempts(self, wiring, work):  # noqa: F811
        with wiring.turn() as turn:
            begun(turn, "gang", COURSE)
            turn.session.execute(text("UPDATE job SET attempts = 8"))

        work()

        failed = select(func.count()).select_from(Incident)
        assert until(wiring, failed, 1) == 1
        with wiring.reading() as session:
            assert "No worker lived" in session.scalars(select(Incident.message)).one()


class TestALongHandler:
    def test_keeps_its_lease_while_its_worker_lives(self, wiring, work, monkeypatch):  # noqa: F811
        monkeypatch.setattr("processes.scheduler.HEARTBEAT_SECONDS", 0.05)
        gate, calls = threading.Event(), []
        known = handlers.HANDLERS["case/SetPhase"]

        def slow(parameters, context, ports):
            calls.append(context.key)
            gate.wait(30)
            return known(parameters, context, ports)

        with wiring.turn() as turn:
            begun(turn, "gang", COURSE)
        monkeypatch.setitem(handlers.HANDLERS, "case/SetPhase", slow)
        work("w1")
        while not calls:
            time.sleep(0.01)
        with wiring.reading() as session:
            first = session.scalars(select(Job.lease_until)).one()
        renewed = select(Job.lease_until > first)
        assert until(wiring, renewed, True) is True  # noqa: FBT003 - what the database answers

        gate.set()

        assert until(wiring, select(Job.state), "done") == "done"
        assert len(calls) == 1
