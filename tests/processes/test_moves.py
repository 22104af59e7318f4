from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Case, Deadline, Event, Incident, Job, ProcessInstance, Timer, UserTask
from models.errors import (
    CaseNotActive,
    CaseNotFound,
    CaseSuspended,
    CprNumber,
    DuplicateReference,
    NotAllowed,
    NotPossible,
    StaleRevision,
)
from processes.access import person_of
from processes.cases import cancel_case
from processes.check import check_case
from processes.moves import (
    Relocation,
    case_to_move,
    case_to_restart,
    move_case,
    preview_move,
    preview_restart,
    restart_part,
    standing_of,
)
from processes.suspension import suspend_case
from processes.user_tasks import complete_user_task
from tests import diagrams, make
from tests.processes.conftest import begun

DAY = timedelta(days=1)
FOLLOWED = {
    "fulgt.bpmn": diagrams.diagram(
        "fulgt",
        diagrams.start(),
        diagrams.user_task("vurder"),
        '<bpmn:subProcess id="foelg_op" name="Følg op">'
        + diagrams.told({"restartable": "true"})
        + diagrams.start("om")
        + diagrams.user_task("ring", deadline="P14D")
        + diagrams.end("ringet")
        + '<bpmn:sequenceFlow id="i1" sourceRef="om" targetRef="ring"/>'
        '<bpmn:sequenceFlow id="i2" sourceRef="ring" targetRef="ringet"/></bpmn:subProcess>',
        diagrams.end(),
        flow="begynd>vurder>foelg_op>slut",
        lanes={"Visitator": "vurder ring"},
    )
}


@pytest.fixture
def case(turn, visitator):
    return begun(turn, by=visitator)


def relocation_to(turn, case, leader, *elements):
    """Everything goes, and these come in the case's own process."""
    standing = standing_of(turn, case_to_move(turn, case.id, leader))
    return Relocation([p.id for p in standing.positions], [("", element) for element in elements])


def findings(turn, case):
    return list(check_case(turn, case.id))


def open_elements(turn, case):
    query = select(UserTask.element).where(UserTask.case_id == case.id, UserTask.state == "open")
    return turn.session.scalars(query).all()


def lines(turn, case, kind):
    query = select(Event).where(Event.case_id == case.id, Event.kind == kind)
    return turn.session.scalars(query.order_by(Event.number)).all()


class TestMoveCase:
    def test_cancels_and_creates_in_one_turn(self, turn, case, leader):
        there = relocation_to(turn, case, leader, "samtale")

        move_case(turn, case.id, there, "sprunget over ved en fejl", leader)

        [line] = lines(turn, case, "case.moved")
        assert open_elements(turn, case) == ["samtale"]
        assert (line.actor, line.detail["reason"]) == ("leder", "sprunget over ved en fejl")
        assert [one["element"] for one in line.detail["created"]] == ["samtale"]
        assert turn.session.scalars(select(Timer.state)).all() == ["cancelled"]
        assert turn.session.scalars(select(Deadline.state)).all() == ["cancelled"]
        assert findings(turn, case) == []

    def test_asks_for_the_job_it_comes_to(self, turn, case, leader):
        move_case(turn, case.id, relocation_to(turn, case, leader, "fase"), "fejl", leader)

        assert turn.session.scalars(select(Job)).one().state == "queued"
        assert findings(turn, case) == []

    def test_refuses_a_view_that_is_older_than_the_case(self, turn, case, leader):
        there = relocation_to(turn, case, leader, "samtale")
        revision = case.revision
        move_case(turn, case.id, there, "fejl", leader, revision)

        with pytest.raises(StaleRevision):
            move_case(turn, case.id, there, "fejl", leader, revision)

        assert open_elements(turn, case) == ["samtale"]

    def test_refuses_positions_that_are_gone(self, turn, case, leader):
        there = relocation_to(turn, case, leader, "samtale")
        move_case(turn, case.id, there, "fejl", leader)

        with pytest.raises(NotPossible, match="gone"):
            move_case(turn, case.id, there, "fejl", leader)

    def test_refuses_what_would_end_the_case(self, turn, case, leader):
        with pytest.raises(NotPossible, match="ends"):
            move_case(turn, case.id, relocation_to(turn, case, leader), "fejl", leader)

        assert open_elements(turn, case) == ["vurder"]

    def test_refuses_everybody_but_supervisors(self, turn, case, visitator, leader):
        there = relocation_to(turn, case, leader, "samtale")
        coordinator = person_of(make.account(turn.session, "koordinator"))
        far = person_of(make.account(turn.session, "leder2", "Leder", unit_id="odense"))

        for person, refusal in (
            (visitator, NotAllowed),
            (coordinator, NotAllowed),
            (far, CaseNotFound),
        ):
            with pytest.raises(refusal):
                move_case(turn, case.id, there, "fejl", person)

    def test_refuses_a_cpr_number_in_the_reason(self, turn, case, leader):
        there = relocation_to(turn, case, leader, "samtale")

        with pytest.raises(CprNumber):
            move_case(turn, case.id, there, "310226-0000", leader)

    def test_refuses_a_case_that_rests_or_is_over(self, turn, case, leader):
        there = relocation_to(turn, case, leader, "samtale")
        suspend_case(turn, case.id, "ferie", leader)
        with pytest.raises(CaseSuspended):
            move_case(turn, case.id, there, "fejl", leader)

        cancel_case(turn, case.id, "flyttet", leader)
        with pytest.raises(CaseNotActive):
            move_case(turn, case.id, there, "fejl", leader)


class TestPreviewMove:
    def test_shows_what_would_be_and_writes_nothing(self, turn, case, leader):
        revision = case.revision
        locked = case_to_move(turn, case.id, leader)
        there = relocation_to(turn, case, leader, "samtale")

        shown = preview_move(turn, locked, there)

        assert [task.element for task in shown.step.waits.tasks.values()] == ["samtale"]
        assert open_elements(turn, case) == ["vurder"]
        assert turn.session.get(Case, case.id).revision == revision

    def test_refuses_what_the_move_would_refuse(self, turn, case, leader):
        locked = case_to_move(turn, case.id, leader)

        with pytest.raises(NotPossible):
            preview_move(turn, locked, Relocation([], [("", "begynd")]))


@pytest.fixture
def followed(turn, visitator):
    return begun(turn, "fulgt", FOLLOWED, by=visitator, reference="T-09")


def finish(turn, case, by):
    for element in ("vurder", "ring"):
        query = select(UserTask).where(UserTask.case_id == case.id, UserTask.element == element)
        complete_user_task(turn, turn.session.scalars(query).one().id, {}, by)


class TestRestartPart:
    def test_begins_it_in_place_of_where_the_case_is(self, turn, followed, leader):
        restart_part(turn, followed.id, "foelg_op", "vendt tilbage", leader)

        assert open_elements(turn, followed) == ["ring"]
        assert lines(turn, followed, "case.restarted")[0].actor == "leder"
        assert findings(turn, followed) == []

    def test_reopens_a_closed_case_and_keeps_its_history(
        self, turn, later, followed, visitator, leader
    ):
        finish(turn, followed, visitator)
        before = len(lines(turn, followed, "element.completed"))
        start = turn.now

        restart_part(later(start + DAY * 90), followed.id, "foelg_op", "vendt tilbage", leader)

        turn.session.expire_all()
        case = turn.session.get(Case, followed.id)
        due = select(Deadline.due_at).where(Deadline.state == "open")
        assert (case.state, case.ended_at) == ("active", None)
        assert open_elements(turn, followed) == ["ring"]
        assert turn.session.scalars(due).one() == start + DAY * 104
        assert len(lines(turn, followed, "element.completed")) > before
        assert turn.session.scalars(
            select(ProcessInstance.ended_at).where(ProcessInstance.parent_id.is_(None))
        ).all() == [None]
        assert findings(turn, followed) == []

    def test_lets_the_case_be_closed_again(self, turn, followed, visitator, leader):
        finish(turn, followed, visitator)
        restart_part(turn, followed.id, "foelg_op", "vendt tilbage", leader)
        query = select(UserTask).where(UserTask.state == "open")

        complete_user_task(turn, turn.session.scalars(query).one().id, {}, visitator)

        turn.session.expire_all()
        assert turn.session.get(Case, followed.id).state == "completed"
        assert findings(turn, followed) == []

    def test_refuses_a_second_open_case_of_the_same_reference(
        self, turn, followed, visitator, leader
    ):
        finish(turn, followed, visitator)
        begun(turn, "fulgt", FOLLOWED, by=visitator, reference="T-09")

        with pytest.raises(DuplicateReference):
            restart_part(turn, followed.id, "foelg_op", "vendt tilbage", leader)

    def test_refuses_a_case_that_was_ended_early(self, turn, followed, leader):
        cancel_case(turn, followed.id, "flyttet", leader)

        with pytest.raises(CaseNotActive):
            restart_part(turn, followed.id, "foelg_op", "vendt tilbage", leader)

    def test_refuses_twice_from_the_same_page(self, turn, followed, leader):
        revision = followed.revision
        restart_part(turn, followed.id, "foelg_op", "vendt tilbage", leader, revision)

        with pytest.raises(StaleRevision):
            restart_part(turn, followed.id, "foelg_op", "vendt tilbage", leader, revision)

    def test_refuses_what_the_diagram_does_not_offer(self, turn, followed, leader):
        with pytest.raises(NotPossible, match="no_restart"):
            restart_part(turn, followed.id, "vurder", "fejl", leader)

    def test_refuses_everybody_but_supervisors(self, turn, followed, visitator):
        with pytest.raises(NotAllowed):
            restart_part(turn, followed.id, "foelg_op", "fejl", visitator)

    def test_can_be_looked_at_first(self, turn, followed, leader):
        shown = preview_restart(turn, case_to_restart(turn, followed.id, leader), "foelg_op")

        assert [task.element for task in shown.step.waits.tasks.values()] == ["ring"]
        assert open_elements(turn, followed) == ["vurder"]


class TestStandingOf:
    def test_knows_positions_places_and_what_can_be_begun_anew(self, turn, followed, leader):
        standing = standing_of(turn, case_to_move(turn, followed.id, leader))

        assert [one.element for one in standing.positions] == ["vurder"]
        assert {one.element for one in standing.places} == {"vurder", "foelg_op", "slut"}
        assert [one.element for one in standing.restartable] == ["foelg_op"]
        assert turn.session.scalars(select(Incident)).all() == []
