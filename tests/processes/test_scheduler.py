from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import func, select, text

from models import Case, Event, Heartbeat, UserTask
from processes.check import check
from processes.project import CHANNEL
from processes.scheduler import Worker
from tests import make
from tests.processes.conftest import begun
from tests.processes.test_jobs import ASSIGN
from tests.processes.test_timers import CHAIN

PATIENCE_SECONDS = 60.0


def until(house, question, wanted):
    """Ask until the answer is as wanted, or patience ends."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    answer = None
    while time.monotonic() < give_up:
        with house.reading() as session:
            answer = session.scalar(question)
        if answer == wanted:
            return answer
        time.sleep(0.02)
    return answer


@pytest.fixture
def work(wiring):
    """Starts workers, and stops them after the test."""
    workers = []

    def started(name="w1"):
        worker = Worker(wiring, name, threading.Event())
        worker.start()
        workers.append(worker)
        return worker

    yield started
    for worker in workers:
        worker.close()


OPEN_TASKS = select(func.count()).select_from(UserTask).where(UserTask.state == "open")


class TestWorker:
    def test_runs_jobs_at_once_when_called(self, wiring, work):
        work()
        until(wiring, select(Heartbeat.worker), "w1")
        began = time.monotonic()

        with wiring.turn() as turn:
            make.account(turn.session, "mentor")
            begun(turn, "hold", ASSIGN)

        assert until(wiring, OPEN_TASKS, 1) == 1
        assert time.monotonic() - began < PATIENCE_SECONDS / 2

    def test_fires_what_is_due(self, wiring, work, clock):
        with wiring.turn() as turn:
            begun(turn, "kaede", CHAIN)
        clock.now += timedelta(days=30)

        work()

        assert until(wiring, OPEN_TASKS, 1) == 1

    def test_shares_the_work_with_a_second_worker(self, wiring, work, clock):
        with wiring.turn() as turn:
            for _ in range(10):
                begun(turn, "kaede", CHAIN)
        clock.now += timedelta(days=30)

        work("w1")
        work("w2")

        assert until(wiring, OPEN_TASKS, 10) == 10
        fired = select(func.count()).select_from(Event).where(Event.kind == "timer.fired")
        assert until(wiring, fired, 20) == 20
        assert check(wiring) == []

    def test_outlives_a_lost_connection(self, wiring, work, clock):
        with wiring.turn() as turn:
            begun(turn, "kaede", CHAIN)
        work()
        until(wiring, select(Heartbeat.worker), "w1")
        _cut_all_connections(wiring)

        clock.now += timedelta(days=30)
        with wiring.turn() as turn:
            turn.session.execute(text("SELECT pg_notify(:channel, 'timer')"), {"channel": CHANNEL})

        assert until(wiring, OPEN_TASKS, 1) == 1

    def test_sets_a_broken_timer_aside_and_fires_the_rest(self, wiring, work, clock):
        with wiring.turn() as turn:
            broken = begun(turn, "kaede", CHAIN)
            turn.session.flush()
            turn.session.execute(
                text("UPDATE \"case\" SET snapshot = 'nonsense' WHERE id = :id"), {"id": broken.id}
            )
            begun(turn, "kaede", CHAIN)
        clock.now += timedelta(days=30)

        work()

        assert until(wiring, OPEN_TASKS, 1) == 1
        with wiring.reading() as session:
            assert session.scalars(select(Case.state).distinct()).all() == ["active"]

    def test_stops_when_it_is_told_to(self, work):
        worker = work()

        worker.close()

        assert not any(thread.name == "listener" for thread in threading.enumerate())


def _cut_all_connections(wiring):
    address = wiring.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        cut = connection.execute(
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
        gone = "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = ANY(%s)"
        while not connection.execute(gone, [[pid for pid, _ in cut]]).fetchone()[0]:
            time.sleep(0.01)
