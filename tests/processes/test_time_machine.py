from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models import Case, Event, UserTask
from processes import time_machine
from processes.check import check
from tests import make
from tests.processes.conftest import begun, deployed
from tests.processes.test_jobs import ASSIGN
from tests.processes.test_starts import by_time
from tests.processes.test_timers import CHAIN
from webapp.bootstrap import Config, Wiring

DAY = timedelta(days=1)


@pytest.fixture
def house(database, clock, home):
    """A wiring in demo mode."""
    house = Wiring(Config(home=home, secret_key="key", demo=True), database, real_clock=clock)
    yield house
    house.close()


class TestTravel:
    def test_stops_at_every_due_instant(self, house):
        with house.turn() as turn:
            begun(turn, "kaede", CHAIN)
        start, stops = house.now(), []

        shown = time_machine.travel(house, start + DAY * 30, stops.append)

        assert stops == [start + DAY, start + DAY * 3]
        assert shown == house.now() == start + DAY * 30
        with house.reading() as session:
            assert session.scalars(select(UserTask.created_at)).one() == start + DAY * 3
            fired = select(Event).where(Event.kind == "timer.fired").order_by(Event.at)
            assert [event.at for event in session.scalars(fired)] == stops

    def test_never_goes_backward(self, house):
        time_machine.travel(house, house.now() + DAY)
        shown = house.now()

        assert time_machine.travel(house, shown - DAY) == shown

    def test_lets_jobs_finish(self, house):
        with house.turn() as turn:
            make.account(turn.session, "mentor")
            begun(turn, "hold", ASSIGN)

        time_machine.travel(house, house.now() + DAY)

        with house.reading() as session:
            assert session.scalars(select(UserTask.assignee)).one() == "mentor"
            assert session.scalars(select(Case.phase)).one() == "Start"

    def test_knows_what_comes_next(self, house):
        with house.turn() as turn:
            begun(turn, "kaede", CHAIN)

        assert time_machine.next_due(house) == house.now() + DAY


def test_the_clock_starts_at_the_real_time(house):
    assert house.now() == datetime(2026, 1, 31, 12, tzinfo=UTC)

    def test_begins_the_cases_that_time_begins(self, house):
        with house.turn() as turn:
            make.unit(turn.session)
            deployed(turn, by_time("R2/P7D"))
        start, stops = house.now(), []

        time_machine.travel(house, start + DAY * 30, stops.append)

        assert stops == [start + DAY * 7, start + DAY * 14]
        with house.reading() as session:
            assert session.scalars(select(UserTask.created_at)).all() == stops
        assert check(house) == []
