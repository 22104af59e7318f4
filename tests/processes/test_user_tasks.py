from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from models import ConfidentialNote, Deadline, Event, UserTask
from models.errors import (
    AlreadyClaimed,
    AlreadyCompleted,
    CaseNotActive,
    InvalidAnswers,
    NotAllowed,
    TaskNotFound,
)
from processes.access import person_of
from processes.cases import cancel_case, start_case
from processes.user_tasks import (
    assign_user_task,
    claim_user_task,
    complete_user_task,
    release_user_task,
)
from tests import diagrams, make
from tests.processes.conftest import SECRET, deployed

GOOD = {"grund": "ung i risiko"}


@pytest.fixture
def case(turn, visitator):
    deployed(turn)
    return start_case(turn, "forloeb", "T-01", {"alder": 19}, "aalborg", visitator)


@pytest.fixture
def task(turn, case):
    return turn.session.scalars(select(UserTask).where(UserTask.state == "open")).one()


class TestCompleteUserTask:
    def test_moves_the_case_on(self, turn, case, task, visitator):
        after = complete_user_task(turn, task.id, GOOD, visitator)

        assert (after.id, after.data.values["grund"]) == (case.id, "ung i risiko")
        assert (task.state, task.completed_by) == ("completed", "visitator")

    def test_meets_the_deadline(self, turn, task, visitator):
        complete_user_task(turn, task.id, GOOD, visitator)

        assert turn.session.scalars(select(Deadline)).one().state == "met"

    def test_writes_who_did_what_into_the_history(self, turn, case, task, visitator):
        complete_user_task(turn, task.id, GOOD, visitator)

        events = turn.session.scalars(select(Event).order_by(Event.number)).all()
        [done] = [e for e in events if e.kind == "element.completed" and e.element == "vurder"]
        assert (done.actor, done.at) == ("visitator", turn.now)
        assert [event.number for event in events] == list(range(1, len(events) + 1))

    def test_refuses_wrong_answers_by_field(self, turn, task, visitator):
        with pytest.raises(InvalidAnswers) as refusal:
            complete_user_task(turn, task.id, {"grund": ""}, visitator)

        assert list(refusal.value.errors) == ["grund"]
        assert task.state == "open"

    def test_refuses_a_second_completion_with_who_and_when(self, turn, task, visitator):
        complete_user_task(turn, task.id, GOOD, visitator)
        other = person_of(make.account(turn.session, "visitator2", "Visitator"))

        with pytest.raises(AlreadyCompleted, match="visitator") as refusal:
            complete_user_task(turn, task.id, GOOD, other)

        assert (refusal.value.by, refusal.value.at) == ("visitator", turn.now)

    def test_refuses_a_task_that_somebody_else_holds(self, turn, task, visitator):
        other = person_of(make.account(turn.session, "visitator2", "Visitator"))
        claim_user_task(turn, task.id, other)

        with pytest.raises(AlreadyClaimed, match="visitator2"):
            complete_user_task(turn, task.id, GOOD, visitator)

    def test_hides_the_task_from_somebody_who_may_not_see_the_case(self, turn, task, mentor):
        with pytest.raises(TaskNotFound):
            complete_user_task(turn, task.id, GOOD, mentor)

    def test_tells_somebody_who_sees_the_case_that_it_is_not_theirs(self, turn, task, leader):
        with pytest.raises(NotAllowed):
            complete_user_task(turn, task.id, GOOD, leader)

    def test_knows_no_role_from_another_unit(self, turn, task):
        far = person_of(make.account(turn.session, "visitator3", "Visitator", unit_id="odense"))

        with pytest.raises(TaskNotFound):
            complete_user_task(turn, task.id, GOOD, far)

    def test_does_not_know_an_unknown_task(self, turn, case, visitator):
        with pytest.raises(TaskNotFound):
            complete_user_task(turn, uuid4(), GOOD, visitator)

    def test_keeps_confidential_answers_out_of_the_case(self, turn):
        ssp = person_of(make.account(turn.session, "ssp", "SSP-konsulent"))
        files = {
            "rum.bpmn": diagrams.diagram(
                "rum",
                diagrams.start(),
                diagrams.user_task("noter", form="fortroligt"),
                diagrams.end(),
                flow="begynd>noter>slut",
                lanes={"SSP-konsulent": "noter"},
            ),
            "fortroligt.form.json": SECRET,
        }
        deployed(turn, files)
        begun = start_case(turn, "rum", "", {}, "aalborg", ssp)
        task = turn.session.scalars(select(UserTask)).one()

        after = complete_user_task(turn, task.id, {"oplysning": "hemmeligt"}, ssp, "SSP-møde")

        note = turn.session.scalars(select(ConfidentialNote)).one()
        assert (note.answers, note.purpose) == ({"oplysning": "hemmeligt"}, "SSP-møde")
        assert note.review_at == turn.now + timedelta(days=365)
        told = json.dumps([event.detail for event in turn.session.scalars(select(Event))])
        assert "hemmeligt" not in told + json.dumps(after.data.values)
        assert (after.id, after.state) == (begun.id, "completed")

    def test_keeps_no_confidential_note_without_its_purpose(self, turn):
        ssp = person_of(make.account(turn.session, "ssp", "SSP-konsulent"))
        note = diagrams.user_task("noter", form="fortroligt")
        lanes = {"SSP-konsulent": "noter"}
        rum = diagrams.diagram(
            "rum", diagrams.start(), note, diagrams.end(), flow="begynd>noter>slut", lanes=lanes
        )
        deployed(turn, {"rum.bpmn": rum, "fortroligt.form.json": SECRET})
        start_case(turn, "rum", "", {}, "aalborg", ssp)
        task = turn.session.scalars(select(UserTask)).one()

        with pytest.raises(InvalidAnswers) as refused:
            complete_user_task(turn, task.id, {"oplysning": "hemmeligt"}, ssp, " ")

        assert list(refused.value.errors) == ["purpose"]

    def test_refuses_a_task_of_a_case_that_is_over(self, turn, case, task, visitator, leader):
        cancel_case(turn, case.id, "flyttet", leader)

        with pytest.raises((TaskNotFound, CaseNotActive)):
            complete_user_task(turn, task.id, GOOD, visitator)

        assert task.state == "cancelled"


class TestClaim:
    def test_makes_the_task_mine(self, turn, task, visitator):
        claim_user_task(turn, task.id, visitator)

        assert task.assignee == "visitator"

    def test_changes_nothing_the_second_time(self, turn, case, task, visitator):
        claim_user_task(turn, task.id, visitator)
        lines = turn.session.scalars(select(Event)).all()

        claim_user_task(turn, task.id, visitator)

        assert turn.session.scalars(select(Event)).all() == lines

    def test_refuses_a_second_claimant(self, turn, task, visitator):
        claim_user_task(turn, task.id, visitator)
        other = person_of(make.account(turn.session, "visitator2", "Visitator"))

        with pytest.raises(AlreadyClaimed):
            claim_user_task(turn, task.id, other)

        assert task.assignee == "visitator"

    def test_leaves_a_line_in_the_history(self, turn, task, visitator):
        claim_user_task(turn, task.id, visitator)

        newest = turn.session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).one()
        assert (newest.kind, newest.actor) == ("task.assigned", "visitator")


class TestRelease:
    def test_hands_the_task_back(self, turn, task, visitator):
        claim_user_task(turn, task.id, visitator)

        release_user_task(turn, task.id, visitator)

        assert task.assignee is None

    def test_refuses_what_a_colleague_holds(self, turn, task, visitator):
        other = person_of(make.account(turn.session, "visitator2", "Visitator"))
        claim_user_task(turn, task.id, other)

        with pytest.raises(AlreadyClaimed):
            release_user_task(turn, task.id, visitator)

    def test_lets_the_leader_free_it(self, turn, task, visitator, leader):
        claim_user_task(turn, task.id, visitator)

        release_user_task(turn, task.id, leader)

        assert task.assignee is None


class TestAssign:
    def test_hands_the_task_to_a_colleague_even_from_another(self, turn, task, visitator, leader):
        make.account(turn.session, "visitator2", "Visitator")
        claim_user_task(turn, task.id, visitator)

        assign_user_task(turn, task.id, "visitator2", leader)

        assert task.assignee == "visitator2"

    def test_refuses_somebody_who_could_not_do_it(self, turn, task, leader, mentor):
        with pytest.raises(NotAllowed, match="mentor"):
            assign_user_task(turn, task.id, "mentor", leader)

    def test_refuses_a_colleague_without_the_right(self, turn, task, visitator):
        make.account(turn.session, "visitator2", "Visitator")

        with pytest.raises(NotAllowed):
            assign_user_task(turn, task.id, "visitator2", visitator)


class TestMentorTask:
    def test_goes_to_the_team_s_mentor_alone(self, turn, mentor):
        case = make.case(turn.session)
        row = make.user_task(turn.session, case)
        make.team_member(turn.session, case, make.account(turn.session, "mentor2", "Mentor"))

        with pytest.raises(TaskNotFound):
            claim_user_task(turn, row.id, mentor)

    def test_is_anybody_s_while_the_case_has_no_mentor(self, turn, mentor):
        row = make.user_task(turn.session)

        claim_user_task(turn, row.id, mentor)

        assert row.assignee == "mentor"


def test_a_later_turn_may_complete(turn, later, task, visitator):
    after = complete_user_task(later(turn.now + timedelta(days=1)), task.id, GOOD, visitator)

    assert task.completed_at == replace(turn, now=turn.now + timedelta(days=1)).now
    assert after.phase is None
