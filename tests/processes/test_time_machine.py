from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from models import Account, Case, Event, UserTask
from processes import time_machine
from processes.access import person_of
from processes.check import check
from processes.user_tasks import complete_user_task
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


class TestCheck:
    def test_finds_nothing_on_a_case_that_runs(self, house):
        with house.turn() as turn:
            case = begun(turn, alder=19)
            account = turn.session.scalars(select(Account)).one()
        assert check(house) == []

        with house.turn() as turn:
            [task] = turn.session.scalars(select(UserTask))
            complete_user_task(turn, task.id, {"grund": "x"}, person_of(account))
        assert check(house) == []

        time_machine.travel(house, house.now() + DAY * 20)
        assert check(house) == []
        with house.reading() as session:
            assert session.get(Case, case.id).phase == "Start"

    @pytest.mark.parametrize(
        ("harm", "found"),
        [
            ("UPDATE user_task SET state = 'cancelled'", "has no row"),
            ("UPDATE timer SET due_at = due_at + interval '1 day'", "is due"),
            ("UPDATE timer SET state = 'cancelled'", "0 armed due timers"),
            ('UPDATE "case" SET last_event = 99', "the case counts 99"),
            ("UPDATE timer SET lease_until = now() + interval '2 days'", "held by"),
            ("UPDATE timer SET state='fired', fired_at = due_at - interval '1 s'", "before"),
        ],
    )
    def test_finds_what_somebody_broke(self, house, harm, found):
        with house.turn() as turn:
            begun(turn)
            turn.session.execute(text(harm))

        assert any(found in finding for finding in check(house))


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
