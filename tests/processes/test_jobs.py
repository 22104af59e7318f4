from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from handlers.adapters.recorded import recorded_ports
from handlers.contract import Done
from handlers.errors import Fault, TryAgain
from handlers.ports import Holder
from models import Case, Event, Incident, Job, TeamMember, UserTask
from models.errors import CprNumber, IncidentNotFound, InvalidAnswers, NotAllowed
from processes.access import person_of
from processes.cases import cancel_case
from processes.check import check_case
from processes.incidents import retry_incident, skip_incident
from processes.jobs import (
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    Broken,
    Faulted,
    PutOff,
    back_off,
    claim_job,
    finish_job,
    run_job,
)
from processes.user_tasks import complete_user_task
from tests import diagrams, make
from tests.processes.conftest import begun

LETTER = {
    "brev.bpmn": diagrams.diagram(
        "brev",
        diagrams.start(),
        diagrams.service_task(
            "send", "mail/Send", "kvittering", to='"a@example.org"', subject='"Svar"', body='"Hej"'
        ),
        diagrams.user_task("laes"),
        diagrams.end(),
        '<bpmn:boundaryEvent id="afvist" attachedToRef="send">'
        '<bpmn:errorEventDefinition id="afvist_fejl" errorRef="MAIL_REFUSED"/>'
        "</bpmn:boundaryEvent>",
        diagrams.user_task("ring"),
        flow="begynd>send>laes>slut; afvist>ring>slut",
        lanes={"Visitator": "laes ring"},
        beside='<bpmn:error id="MAIL_REFUSED" name="Afvist" errorCode="MAIL_REFUSED"/>',
    )
}
ASSIGN = {
    "hold.bpmn": diagrams.diagram(
        "hold",
        diagrams.start(),
        diagrams.service_task("tilknyt", "team/Assign", role='"Mentor"'),
        diagrams.service_task("fase", "case/SetPhase", phase='"Start"'),
        diagrams.service_task(
            "udfald", "case/RegisterOutcome", code='"gennemfoert"', criterion='"begyndt"'
        ),
        diagrams.user_task("samtale", assign="team"),
        diagrams.service_task("slip", "team/Release", role='"Mentor"'),
        diagrams.end(),
        flow="begynd>tilknyt>fase>udfald>samtale>slip>slut",
        lanes={"Mentor": "samtale"},
    )
}


@dataclass
class Letters:
    """A mail port that keeps what it is given, or refuses as told."""

    sender: str = "vejviser@example.org"
    refusal: Exception | None = None
    sent: list = field(default_factory=list)

    def send(self, message):
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(message)


@dataclass
class Staff:
    """Knows one mentor."""

    def holders(self, role, unit):
        return [Holder("mentor", 0)]


@pytest.fixture
def letters():
    return Letters()


@pytest.fixture
def ports(letters):
    return replace(recorded_ports(), mail=letters, staff=Staff())


def work(turn, ports):
    """Claim, run and finish until nothing is queued."""
    while (job := claim_job(turn, "w1")) is not None:
        finish_job(turn, job, run_job(job, ports))


class TestClaimJob:
    def test_leases_the_job_to_one_worker(self, turn):
        begun(turn, "brev", LETTER)

        first, second = claim_job(turn, "w1"), claim_job(turn, "w2")

        assert (first.operation, first.attempt) == ("mail/Send", 1)
        assert second is None

    def test_takes_over_when_the_lease_is_over(self, turn):
        begun(turn, "brev", LETTER)
        first = claim_job(turn, "w1")
        turn.session.execute(text("UPDATE job SET lease_until = now() - interval '1 second'"))

        again = claim_job(turn, "w2")

        assert (again.id, again.attempt) == (first.id, 2)
        assert again.context.key == first.context.key

    def test_tells_the_handler_about_the_case(self, turn):
        case = begun(turn, "brev", LETTER, reference="T-07", navn="Bo Berg")

        context = claim_job(turn, "w1").context

        assert (context.case_id, context.case_reference) == (str(case.id), "T-07")
        assert "Berg" in context.private


class TestFinishJob:
    def test_stores_the_result_and_goes_on(self, turn, ports, letters):
        case = begun(turn, "brev", LETTER)

        work(turn, ports)

        assert case.data["kvittering"]["message_id"] == letters.sent[0]["Message-ID"]
        assert turn.session.scalars(select(UserTask)).one().element == "laes"
        assert turn.session.scalars(select(Job)).one().state == "done"

    def test_applies_what_the_handler_asked_for_together_with_the_result(self, turn, ports):
        make.account(turn.session, "mentor")
        case = begun(turn, "hold", ASSIGN)

        work(turn, ports)

        assert turn.session.get(Case, case.id).phase == "Start"
        assert turn.session.scalars(select(TeamMember.role)).all() == ["Mentor"]
        assert turn.session.scalars(select(UserTask)).one().assignee == "mentor"
        outcome = turn.session.scalars(
            select(Event).where(Event.kind == "outcome.registered")
        ).one()
        assert outcome.detail == {"code": "gennemfoert", "criterion": "begyndt", "note": ""}

    def test_puts_one_in_the_place_of_another(self, turn, ports):
        case = begun(turn, "hold", ASSIGN)
        make.account(turn.session, "mentor")
        other = make.account(turn.session, "mentor2", "Mentor")
        make.team_member(turn.session, turn.session.get(Case, case.id), other)

        work(turn, ports)

        member = turn.session.scalars(select(TeamMember)).one()
        assert member.account.name == "mentor"

    def test_takes_somebody_out_of_the_team_again(self, turn, ports):
        mentor = make.account(turn.session, "mentor")
        case = begun(turn, "hold", ASSIGN)
        work(turn, ports)
        task = turn.session.scalars(select(UserTask)).one()

        complete_user_task(turn, task.id, {}, person_of(mentor))
        work(turn, ports)

        assert turn.session.scalars(select(TeamMember)).all() == []
        assert turn.session.get(Case, case.id).state == "completed"
        told = select(Event.detail).where(Event.kind == "team.released")
        assert turn.session.scalars(told).one() == {"role": "Mentor"}

    def test_waits_longer_after_each_try(self, turn, ports, letters):
        begun(turn, "brev", LETTER)
        letters.refusal = TryAgain(timedelta(seconds=1), "optaget")

        work(turn, ports)

        job = turn.session.scalars(select(Job)).one()
        real_now = turn.session.scalar(text("SELECT now()"))
        assert (job.state, job.attempts, job.error) == ("queued", 1, "optaget")
        assert job.due_at > real_now
        assert job.lease_until is None

    def test_gives_up_at_last(self, turn, ports, letters):
        begun(turn, "brev", LETTER)
        letters.refusal = TryAgain(timedelta(seconds=1), "optaget")
        turn.session.execute(text("UPDATE job SET attempts = :n"), {"n": MOST_ATTEMPTS - 1})

        work(turn, ports)

        incident = turn.session.scalars(select(Incident)).one()
        assert "optaget" in incident.message
        assert turn.session.scalars(select(Job)).one().state == "failed"

    def test_takes_the_way_that_catches_the_fault(self, turn, ports, letters):
        begun(turn, "brev", LETTER)
        letters.refusal = Fault("MAIL_REFUSED", address="a@example.org")

        work(turn, ports)

        assert turn.session.scalars(select(UserTask)).one().element == "ring"

    def test_makes_anything_else_an_incident(self, turn, ports, letters):
        begun(turn, "brev", LETTER)
        letters.refusal = ZeroDivisionError("oh")

        work(turn, ports)

        incident = turn.session.scalars(select(Incident)).one()
        assert (incident.element, incident.message) == ("send", "ZeroDivisionError: oh")

    def test_writes_nothing_for_a_case_that_was_cancelled_meanwhile(self, turn, ports, letters):
        case = begun(turn, "brev", LETTER)
        job = claim_job(turn, "w1")
        outcome = run_job(job, ports)
        cancel_case(turn, case.id, "flyttet", person_of(make.account(turn.session, "leder")))
        revision = case.revision

        finish_job(turn, job, outcome)

        turn.session.expire_all()
        assert (case.revision, case.data) == (revision, {})
        newest = turn.session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).one()
        assert newest.kind == "job.too_late"
        assert turn.session.scalars(select(Job)).one().state == "cancelled"

    def test_counts_an_outcome_once(self, turn, ports):
        begun(turn, "brev", LETTER)
        job = claim_job(turn, "w1")
        finish_job(turn, job, Done({"message_id": "1"}))

        finish_job(turn, job, Done({"message_id": "2"}))

        assert len(turn.session.scalars(select(UserTask)).all()) == 1


class TestRetryIncident:
    def test_runs_the_element_again(self, turn, ports, letters):
        begun(turn, "brev", LETTER)
        letters.refusal = ZeroDivisionError("oh")
        work(turn, ports)
        letters.refusal = None
        incident = turn.session.scalars(select(Incident)).one()

        retry_incident(turn, incident.id, person_of(make.account(turn.session, "leder")))
        work(turn, ports)

        assert (incident.state, incident.resolved_by) == ("resolved", "leder")
        assert turn.session.scalars(select(UserTask)).one().element == "laes"


@pytest.fixture
def incident(turn, ports, letters):
    begun(turn, "brev", LETTER)
    letters.refusal = ZeroDivisionError("oh")
    work(turn, ports)
    return turn.session.scalars(select(Incident)).one()


class TestSkipIncident:
    def test_goes_on_with_the_result_that_somebody_gives(self, turn, incident, letters):
        leader = person_of(make.account(turn.session, "leder"))

        skip_incident(turn, incident.id, "sendt med posten", leader, {"message_id": "brev 7"})

        case = turn.session.get(Case, incident.case_id)
        line = turn.session.scalars(select(Event).where(Event.kind == "incident.skipped")).one()
        assert case.data["kvittering"] == {"message_id": "brev 7"}
        assert turn.session.scalars(select(UserTask)).one().element == "laes"
        assert (incident.state, incident.resolved_by) == ("resolved", "leder")
        assert (line.actor, line.detail["reason"]) == ("leder", "sendt med posten")
        assert letters.sent == []
        assert list(check_case(turn, case.id)) == []

    def test_refuses_a_second_time(self, turn, incident):
        leader = person_of(make.account(turn.session, "leder"))
        skip_incident(turn, incident.id, "sendt med posten", leader)

        with pytest.raises(IncidentNotFound):
            skip_incident(turn, incident.id, "sendt med posten", leader)

    def test_keeps_a_date_a_date(self, turn, incident):
        leader = person_of(make.account(turn.session, "leder"))

        skip_incident(turn, incident.id, "sendt med posten", leader, "2026-02-01")

        assert turn.session.get(Case, incident.case_id).data_kinds == {"/kvittering": "date"}

    def test_is_for_supervisors(self, turn, incident):
        coordinator = person_of(make.account(turn.session, "koordinator"))
        admin = person_of(make.account(turn.session, "admin", "Systemadministrator"))
        far = person_of(make.account(turn.session, "leder2", "Leder", unit_id="odense"))

        for person, refusal in (
            (coordinator, NotAllowed),
            (admin, NotAllowed),
            (far, IncidentNotFound),
        ):
            with pytest.raises(refusal):
                skip_incident(turn, incident.id, "nej", person)

    def test_takes_no_cpr_number(self, turn, incident):
        leader = person_of(make.account(turn.session, "leder"))

        with pytest.raises(CprNumber):
            skip_incident(turn, incident.id, "310226-0000", leader)
        with pytest.raises(InvalidAnswers):
            skip_incident(turn, incident.id, "sendt", leader, "310226-0000")


class TestRunJob:
    @pytest.mark.parametrize(
        ("failure", "kind"),
        [
            (Fault("NEJ"), Faulted),
            (TryAgain(timedelta(seconds=1), "vent"), PutOff),
            (ValueError("oh"), Broken),
        ],
    )
    def test_turns_every_failure_into_an_outcome(self, turn, ports, letters, failure, kind):
        begun(turn, "brev", LETTER)
        letters.refusal = failure

        assert isinstance(run_job(claim_job(turn, "w1"), ports), kind)


class TestBackOff:
    def test_doubles_up_to_an_hour(self):
        pauses = [back_off(attempt) for attempt in range(1, 30)]

        assert timedelta(seconds=1.5) <= pauses[0] <= timedelta(seconds=2)
        assert timedelta(seconds=12) <= pauses[3] <= timedelta(seconds=16)
        assert max(pauses) <= LONGEST_PAUSE
