from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models import Deadline, Event, Timer, UserTask
from processes.timers import fire_due_timer, first_due
from tests import diagrams
from tests.processes.conftest import begun

DAY = timedelta(days=1)
CHAIN = {
    "kaede.bpmn": diagrams.diagram(
        "kaede",
        diagrams.start(),
        diagrams.timer("foerst", "P1D"),
        diagrams.timer("saa", "P2D"),
        diagrams.user_task("sidst"),
        diagrams.end(),
        flow="begynd>foerst>saa>sidst>slut",
    )
}


def drain(turn):
    fired = 0
    while fire_due_timer(turn):
        fired += 1
    return fired


class TestFireDueTimer:
    def test_is_never_early(self, turn, later):
        begun(turn, "kaede", CHAIN)

        assert fire_due_timer(later(turn.now + DAY - timedelta(seconds=1))) is False

    def test_fires_on_the_second(self, turn, later):
        begun(turn, "kaede", CHAIN)

        assert fire_due_timer(later(turn.now + DAY)) is True

    def test_fires_once(self, turn, later):
        begun(turn, "kaede", CHAIN)
        now = later(turn.now + DAY)

        assert (fire_due_timer(now), fire_due_timer(now)) == (True, False)

    def test_counts_what_follows_a_late_timer_from_its_due_time(self, turn, later):
        begun(turn, "kaede", CHAIN)
        start = turn.now

        fire_due_timer(later(start + DAY * 2))

        armed = turn.session.scalars(select(Timer).where(Timer.state == "armed")).one()
        assert armed.due_at == start + DAY * 3

    def test_tells_both_times_in_the_history(self, turn, later):
        begun(turn, "kaede", CHAIN)
        start = turn.now

        fire_due_timer(later(start + DAY * 2))

        event = turn.session.scalars(select(Event).where(Event.kind == "timer.fired")).one()
        assert event.at == start + DAY
        assert event.detail["fired_at"] == (start + DAY * 2).isoformat()

    def test_catches_up_in_due_order(self, turn, later):
        begun(turn, "kaede", CHAIN)
        begun(turn, "kaede", CHAIN)
        start = turn.now

        assert drain(later(start + DAY * 30)) == 4

        query = select(Event.at).where(Event.kind == "timer.fired").order_by(Event.at)
        assert list(turn.session.scalars(query)) == [start + DAY] * 2 + [start + DAY * 3] * 2
        assert len(turn.session.scalars(select(UserTask)).all()) == 2

    def test_leaves_a_timer_alone_that_was_set_aside(self, turn, later):
        begun(turn, "kaede", CHAIN)
        turn.session.execute(text("UPDATE timer SET lease_until = now() + interval '1 hour'"))

        assert fire_due_timer(later(turn.now + DAY)) is False

    def test_marks_a_deadline_missed_and_tells_the_supervisor(self, turn, later):
        begun(turn)
        start = turn.now

        fire_due_timer(later(start + DAY * 8))

        missed = turn.session.scalars(select(Deadline)).one()
        assert (missed.state, missed.due_at) == ("missed", start + DAY * 7)
        kinds = turn.session.scalars(select(Event.kind)).all()
        assert "deadline.escalated" in kinds
        assert turn.session.scalars(select(UserTask)).one().state == "open"


class TestFirstDue:
    def test_is_the_next_armed_timer(self, turn):
        begun(turn, "kaede", CHAIN)

        assert first_due(turn) == turn.now + DAY

    def test_is_nothing_when_nothing_is_armed(self, turn):
        assert first_due(turn) is None


@pytest.mark.parametrize("other", ["cancelled", "completed"])
def test_a_case_that_does_not_run_fires_nothing(turn, later, other):
    begun(turn, "kaede", CHAIN)
    turn.session.execute(text('UPDATE "case" SET state = :state'), {"state": other})

    assert fire_due_timer(later(turn.now + DAY)) is False
