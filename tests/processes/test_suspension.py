from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from handlers.adapters.recorded import recorded_ports
from handlers.contract import (
    AssignTeamMember,
    Done,
    RegisterOutcome,
    ReleaseTeamMember,
    SetPhase,
)
from handlers.errors import TryAgain
from models import (
    Case,
    Deadline,
    DeadlineChange,
    Event,
    Incident,
    Job,
    Message,
    Subscription,
    Timer,
    UserTask,
)
from models.errors import (
    AmbiguousMessage,
    CaseNotActive,
    CaseNotFound,
    CaseNotSuspended,
    CaseSuspended,
    CprNumber,
    NotAllowed,
)
from processes.access import person_of
from processes.cases import cancel_case
from processes.check import check_case
from processes.deadline_moves import move_deadline
from processes.jobs import claim_job, finish_job, run_job
from processes.messages import deliver_waiting_message, expire_messages, receive_message
from processes.outcomes import Broken, Faulted, PutOff, packed, unpacked
from processes.suspension import resume_case, suspend_case
from processes.timers import fire_due_timer, first_due
from processes.user_tasks import claim_user_task, complete_user_task
from tests import diagrams, make
from tests.processes.conftest import begun
from tests.processes.test_jobs import LETTER, Letters
from tests.processes.test_messages import CORRELATED, HEARD, LATER, VERDICT

DAY = timedelta(days=1)
STRICT = {
    "streng.bpmn": diagrams.diagram(
        "streng",
        diagrams.start(),
        diagrams.user_task("vurder", deadline="P7D", pausable="false", legalBasis="BL § 136"),
        diagrams.end(),
        flow="begynd>vurder>slut",
        lanes={"Visitator": "vurder"},
    )
}
BOTH = {
    "begge.bpmn": diagrams.diagram(
        "begge",
        diagrams.start(),
        diagrams.message_catch("en", "dom_afsagt"),
        diagrams.message_catch("to", "dom_afsagt"),
        diagrams.user_task("laes"),
        diagrams.end(),
        flow="begynd>en>to>laes>slut",
        lanes={"Visitator": "laes"},
        beside=diagrams.message("dom_afsagt"),
    )
}


@pytest.fixture
def case(turn, visitator):
    return begun(turn, by=visitator)


def rest(turn, case, leader, reason="afsoning"):
    return suspend_case(turn, case.id, reason, leader)


def go_on(turn, case, leader, reason="løsladt"):
    return resume_case(turn, case.id, reason, leader)


def findings(turn, case):
    return list(check_case(turn, case.id))


def happened(turn, case, *kinds):
    query = select(Event).where(Event.case_id == case.id, Event.kind.in_(kinds))
    return turn.session.scalars(query.order_by(Event.number)).all()


def one(turn, what, **facts):
    return turn.session.scalars(select(what).filter_by(**facts)).one()


class TestSuspendCase:
    def test_keeps_the_reason_and_who_gave_it(self, turn, case, leader):
        rest(turn, case, leader)

        [line] = happened(turn, case, "case.suspended")
        assert turn.session.get(Case, case.id).state == "suspended"
        assert (line.actor, line.detail["reason"]) == ("leder", "afsoning")

    def test_leaves_rows_that_say_what_the_snapshot_says(self, turn, case, leader):
        rest(turn, case, leader)

        assert findings(turn, case) == []
        assert one(turn, UserTask).state == "open"
        assert one(turn, Timer).state == "cancelled"

    def test_refuses_to_claim_and_to_complete(self, turn, case, leader, visitator):
        task = one(turn, UserTask)
        rest(turn, case, leader)

        with pytest.raises(CaseSuspended):
            claim_user_task(turn, task.id, visitator)
        with pytest.raises(CaseSuspended):
            complete_user_task(turn, task.id, {"grund": "x"}, visitator)

        assert one(turn, UserTask).assignee is None

    def test_refuses_to_move_a_deadline(self, turn, case, leader):
        rest(turn, case, leader)

        with pytest.raises(CaseSuspended):
            move_deadline(turn, one(turn, Deadline).id, turn.now + DAY, "ferie", leader)

    def test_refuses_a_second_time(self, turn, case, leader):
        rest(turn, case, leader)

        with pytest.raises(CaseSuspended):
            rest(turn, case, leader)

        assert len(happened(turn, case, "case.suspended")) == 1

    def test_refuses_a_case_that_is_over(self, turn, case, leader):
        cancel_case(turn, case.id, "flyttet", leader)

        with pytest.raises(CaseNotActive):
            rest(turn, case, leader)

    def test_refuses_everybody_but_supervisors(self, turn, case, visitator):
        coordinator = person_of(make.account(turn.session, "koordinator"))

        for person in (visitator, coordinator):
            with pytest.raises(NotAllowed):
                rest(turn, case, person)

    def test_hides_the_case_from_strangers(self, turn, case):
        far = person_of(make.account(turn.session, "leder2", "Leder", unit_id="odense"))

        with pytest.raises(CaseNotFound):
            rest(turn, case, far)

    def test_refuses_a_cpr_number_in_the_reason(self, turn, case, leader):
        with pytest.raises(CprNumber):
            rest(turn, case, leader, "010203-1234")

    def test_lets_the_case_be_ended(self, turn, case, leader):
        rest(turn, case, leader)

        cancel_case(turn, case.id, "flyttet", leader)

        assert turn.session.get(Case, case.id).state == "cancelled"
        assert findings(turn, case) == []

    def test_tells_at_the_deadline_who_stopped_it_and_started_it(self, turn, later, case, leader):
        start = turn.now
        rest(later(start + DAY), case, leader)
        go_on(later(start + DAY * 11), case, leader)

        changes = turn.session.scalars(select(DeadlineChange).order_by(DeadlineChange.at)).all()
        assert [(change.kind, change.reason) for change in changes] == [
            ("paused", "afsoning"),
            ("resumed", "løsladt"),
        ]
        assert one(turn, Deadline).due_at == one(turn, Timer).due_at == start + DAY * 17


class TestDeadlinesThatRunOn:
    def test_keep_their_timer_and_are_missed_in_time(self, turn, later, visitator, leader):
        case = begun(turn, "streng", STRICT, by=visitator)
        start = turn.now
        rest(turn, case, leader)
        due = first_due(turn)

        fired = fire_due_timer(later(start + DAY * 8))

        assert (due, fired) == (start + DAY * 7, True)
        assert one(turn, Deadline).state == "missed"
        assert happened(turn, case, "deadline.escalated")
        assert findings(turn, case) == []

    def test_are_due_as_before_when_the_case_goes_on(self, turn, later, visitator, leader):
        case = begun(turn, "streng", STRICT, by=visitator)
        start = turn.now
        rest(turn, case, leader)

        go_on(later(start + DAY * 5), case, leader)

        assert one(turn, Deadline).due_at == one(turn, Timer).due_at == start + DAY * 7
        assert findings(turn, case) == []


class TestTimersOfSuspendedCases:
    def test_do_not_fire(self, turn, later, case, leader):
        start = turn.now
        rest(turn, case, leader)

        assert not fire_due_timer(later(start + DAY * 100))
        assert first_due(turn) is None


class TestResumeCase:
    def test_refuses_a_case_that_does_not_rest(self, turn, case, leader):
        with pytest.raises(CaseNotSuspended):
            go_on(turn, case, leader)

    def test_refuses_a_second_time(self, turn, case, leader):
        rest(turn, case, leader)
        go_on(turn, case, leader)

        with pytest.raises(CaseNotSuspended):
            go_on(turn, case, leader)

        assert len(happened(turn, case, "case.resumed")) == 1

    def test_refuses_everybody_but_supervisors(self, turn, case, leader, visitator):
        rest(turn, case, leader)

        with pytest.raises(NotAllowed):
            go_on(turn, case, visitator)

    def test_opens_the_tasks_again(self, turn, case, leader, visitator):
        rest(turn, case, leader)
        go_on(turn, case, leader)

        complete_user_task(turn, one(turn, UserTask).id, {"grund": "x"}, visitator)

        assert one(turn, Job).state == "queued"
        assert findings(turn, case) == []


class TestMessagesForSuspendedCases:
    def test_wait_and_are_delivered_in_order(self, turn, visitator, leader):
        case = begun(turn, "begge", BOTH, by=visitator)
        rest(turn, case, leader)
        for number in (1, 2):
            receive_message(turn, f"m{number}", "dom_afsagt", case.id, payload={"nr": number})
        early = deliver_waiting_message(turn)

        go_on(turn, case, leader)

        assert not early
        assert turn.session.get(Case, case.id).data["nr"] == 2
        assert one(turn, UserTask).element == "laes"
        assert set(turn.session.scalars(select(Message.state))) == {"delivered"}
        assert findings(turn, case) == []

    def test_do_not_expire_unseen(self, turn, later, visitator, leader):
        case = begun(turn, "senere", LATER, by=visitator)
        start = turn.now
        receive_message(turn, "m1", "dom_afsagt", case.id)
        rest(later(start + DAY * 20), case, leader)

        expired = expire_messages(later(start + DAY * 200))
        go_on(later(start + DAY * 200), case, leader)

        assert expired == 0
        assert one(turn, Message).expires_at == start + DAY * 210

    def test_that_came_meanwhile_have_their_full_time_left(self, turn, later, visitator, leader):
        case = begun(turn, "senere", LATER, by=visitator)
        start = turn.now
        rest(turn, case, leader)
        receive_message(later(start + DAY * 90), "m1", "dom_afsagt", case.id)

        go_on(later(start + DAY * 200), case, leader)

        assert one(turn, Message).expires_at == start + DAY * 230

    def test_that_name_it_by_correlation_wait_too(self, turn, visitator, leader):
        case = begun(turn, "sag", CORRELATED, by=visitator, journalnummer="J-1")
        rest(turn, case, leader)

        state = receive_message(turn, "m1", "dom_afsagt", correlation="J-1")
        go_on(turn, case, leader)

        assert state == "waiting"
        assert one(turn, Message).state == "delivered"

    def test_do_not_go_to_another_case_that_waits_for_the_same(self, turn, visitator, leader):
        case = begun(turn, "sag", CORRELATED, by=visitator, journalnummer="J-1")
        begun(turn, "sag", CORRELATED, by=visitator, journalnummer="J-1")
        rest(turn, case, leader)

        with pytest.raises(AmbiguousMessage):
            receive_message(turn, "m1", "dom_afsagt", correlation="J-1")

    def test_of_others_expire_as_ever(self, turn, later, visitator, leader):
        rest(turn, begun(turn, "senere", LATER, by=visitator), leader)
        other = begun(turn, "senere", LATER, by=visitator)
        receive_message(turn, "m1", "dom_afsagt", other.id)

        assert expire_messages(later(turn.now + DAY * 31)) == 1

    def test_signals_wait_like_messages(self, turn, visitator, leader):
        case = begun(turn, "lytter", HEARD, by=visitator)
        rest(turn, case, leader)
        turn.session.execute(
            text(
                "INSERT INTO message (id, sender_id, name, case_id, payload, state, received_at,"
                " expires_at) SELECT gen_random_uuid(), 'signal:x', s.name, s.case_id, '{}',"
                " 'waiting', :now, :now + interval '30 days' FROM subscription s"
                " WHERE s.case_id = :case"
            ),
            {"case": case.id, "now": turn.now},
        )
        early = deliver_waiting_message(turn)

        go_on(turn, case, leader)

        assert not early
        assert one(turn, UserTask).element == "laes"

    def test_open_waits_stay_open(self, turn, visitator, leader):
        case = begun(turn, "dom", VERDICT, by=visitator)

        rest(turn, case, leader)

        assert one(turn, Subscription).state == "open"


@pytest.fixture
def letters():
    return Letters()


@pytest.fixture
def ports(letters):
    return replace(recorded_ports(), mail=letters)


class TestJobsOfSuspendedCases:
    def test_are_not_claimed(self, turn, leader):
        case = begun(turn, "brev", LETTER)
        rest(turn, case, leader)

        assert claim_job(turn, "w1") is None
        assert findings(turn, case) == []

    def test_that_were_running_are_finished_once_when_it_goes_on(
        self, turn, leader, ports, letters
    ):
        case = begun(turn, "brev", LETTER)
        job = claim_job(turn, "w1")
        rest(turn, case, leader)
        finish_job(turn, job, run_job(job, ports))
        kept = findings(turn, case), one(turn, Job).state, claim_job(turn, "w1")
        go_on(turn, case, leader)

        again = claim_job(turn, "w2")
        finish_job(turn, again, run_job(again, ports))

        assert kept == ([], "queued", None)
        assert len(letters.sent) == 1
        assert one(turn, UserTask).element == "laes"
        assert happened(turn, case, "job.kept")

    def test_keep_the_first_of_two_outcomes(self, turn, leader):
        case = begun(turn, "brev", LETTER)
        job = claim_job(turn, "w1")
        rest(turn, case, leader)

        finish_job(turn, job, Done({"message_id": "1"}))
        finish_job(turn, job, Done({"message_id": "2"}))
        go_on(turn, case, leader)
        again = claim_job(turn, "w2")
        finish_job(turn, again, run_job(again, None))

        assert turn.session.get(Case, case.id).data["kvittering"] == {"message_id": "1"}

    def test_that_gave_up_become_incidents_when_it_goes_on(self, turn, leader, ports, letters):
        case = begun(turn, "brev", LETTER)
        turn.session.execute(text("UPDATE job SET attempts = 7"))
        job = claim_job(turn, "w1")
        letters.refusal = TryAgain(timedelta(seconds=1), "optaget")
        rest(turn, case, leader)
        finish_job(turn, job, run_job(job, ports))
        go_on(turn, case, leader)

        again = claim_job(turn, "w2")
        finish_job(turn, again, run_job(again, ports))

        assert "optaget" in one(turn, Incident).message


class TestPackedOutcome:
    @pytest.mark.parametrize(
        "outcome",
        [
            Done(
                {"dato": "2026-01-01"},
                (
                    SetPhase("Start"),
                    AssignTeamMember("Mentor", "bo"),
                    ReleaseTeamMember("Mentor"),
                    RegisterOutcome("ok"),
                ),
                {"/dato": "date"},
            ),
            Done(None),
            Faulted("NEJ", {"hvorfor": 1}),
            Broken("ValueError: oh"),
        ],
    )
    def test_is_the_same_when_unpacked(self, outcome):
        assert unpacked(packed(outcome)) == outcome

    def test_is_nothing_for_nothing(self):
        assert unpacked(None) is None
        assert PutOff.later("x").reason == "x"
