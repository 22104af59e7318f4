from __future__ import annotations

from datetime import timedelta

from models import Heartbeat
from tests import make
from tests.conftest import NOON


class TestHealth:
    def test_is_alive_without_a_database(self, visitor, wiring):
        assert visitor.get("/healthz").status_code == 200

    def test_is_ready_when_a_worker_has_shown_itself(self, visitor, rows):
        rows.add(Heartbeat(worker="arbejder", at=NOON))
        rows.commit()

        reply = visitor.get("/readyz")

        assert reply.status_code == 200
        assert reply.get_json()["ready"] is True

    def test_is_not_ready_when_the_worker_has_gone_silent(self, visitor, rows):
        rows.add(Heartbeat(worker="arbejder", at=NOON - timedelta(minutes=5)))
        rows.commit()

        reply = visitor.get("/readyz")

        assert reply.status_code == 503
        assert reply.get_json()["scheduler"] is False
        assert reply.get_json()["migrations"] is True


class TestMetrics:
    def test_measure_what_waits_and_how_late_it_is(self, visitor, rows):
        make.user_task(rows)
        make.deadline(rows, due_at=NOON - timedelta(days=1))
        make.timer(rows, due_at=NOON - timedelta(seconds=90))
        make.job(rows)
        rows.commit()

        lines = visitor.get("/metrics").text.splitlines()

        assert "vejviser_open_tasks 1.0" in lines
        assert "vejviser_overdue_deadlines 1.0" in lines
        assert "vejviser_timer_lag_seconds 90.0" in lines
        assert "vejviser_queued_jobs 1.0" in lines
        assert "vejviser_open_incidents 0.0" in lines
