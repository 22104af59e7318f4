from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Deadline, DeadlineChange, Timer
from models.errors import DeadlineNotFound, DeadlineNotPausable, NotAllowed
from processes.access import person_of
from processes.deadline_moves import move_deadline, pause_deadline, resume_deadline
from processes.timers import fire_due_timer
from processes.user_tasks import complete_user_task
from tests import make
from tests.processes.conftest import FILES, begun

DAY = timedelta(days=1)


@pytest.fixture
def deadline(turn, visitator):
    begun(turn, by=visitator)
    return turn.session.scalars(select(Deadline)).one()


def armed(turn):
    return turn.session.scalars(select(Timer).where(Timer.state == "armed")).all()


class TestMoveDeadline:
    def test_moves_the_timer_along_and_keeps_the_reason(self, turn, deadline, leader):
        move_deadline(turn, deadline.id, turn.now + DAY * 10, "ferie", leader)

        assert deadline.due_at == turn.now + DAY * 10
        assert deadline.original_due_at == turn.now + DAY * 7
        assert [timer.due_at for timer in armed(turn)] == [turn.now + DAY * 10]
        change = turn.session.scalars(select(DeadlineChange)).one()
        assert (change.kind, change.reason, change.by) == ("moved", "ferie", "leder")
        assert (change.old_due, change.new_due) == (turn.now + DAY * 7, turn.now + DAY * 10)

    def test_gives_a_missed_one_a_second_chance(self, turn, later, deadline, leader):
        start = turn.now
        fire_due_timer(later(start + DAY * 8))

        move_deadline(later(start + DAY * 8), deadline.id, start + DAY * 20, "aftalt", leader)

        assert (deadline.state, deadline.closed_at) == ("open", None)
        assert [timer.due_at for timer in armed(turn)] == [start + DAY * 20]

    def test_refuses_one_that_is_met(self, turn, deadline, leader, visitator):
        complete_user_task(turn, deadline.task_id, {"grund": "x"}, visitator)

        with pytest.raises(DeadlineNotFound):
            move_deadline(turn, deadline.id, turn.now + DAY * 10, "ferie", leader)

    def test_refuses_somebody_without_the_right(self, turn, deadline, visitator):
        with pytest.raises(NotAllowed):
            move_deadline(turn, deadline.id, turn.now + DAY * 10, "ferie", visitator)

    def test_hides_it_from_strangers(self, turn, deadline):
        far = person_of(make.account(turn.session, "leder2", "Leder", unit_id="odense"))

        with pytest.raises(DeadlineNotFound):
            move_deadline(turn, deadline.id, turn.now + DAY * 10, "ferie", far)


class TestPauseDeadline:
    def test_disarms_the_timer_and_keeps_the_time_that_is_left(self, turn, later, deadline, leader):
        start = turn.now
        pause_deadline(later(start + DAY * 2), deadline.id, "afsoning", leader)
        off_watch = armed(turn)

        resume_deadline(later(start + DAY * 30), deadline.id, leader)

        assert off_watch == []
        assert [timer.due_at for timer in armed(turn)] == [start + DAY * 35]
        kinds = turn.session.scalars(select(DeadlineChange.kind).order_by(DeadlineChange.at)).all()
        assert kinds == ["paused", "resumed"]

    def test_refuses_one_that_the_law_keeps_running(self, turn, visitator, leader):
        strict = FILES["forloeb.bpmn"].replace(
            'name="deadline" value="P7D"/>',
            'name="deadline" value="P7D"/><spiffworkflow:property name="pausable" value="false"/>',
        )
        begun(turn, files={**FILES, "forloeb.bpmn": strict}, by=visitator)
        deadline = turn.session.scalars(select(Deadline)).one()

        with pytest.raises(DeadlineNotPausable):
            pause_deadline(turn, deadline.id, "ferie", leader)
