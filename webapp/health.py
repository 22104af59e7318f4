"""Whether Vejviser lives, whether it is ready to work, and how much waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from models import schema
from models.deadline import Deadline
from models.errors import DatabaseDown
from models.heartbeat import Heartbeat
from models.incident import Incident
from models.job import Job
from models.timer import Timer
from models.user_task import UserTask
from webapp.current import wiring

if TYPE_CHECKING:
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

bp = Blueprint("health", __name__)

SILENT = timedelta(seconds=30)
"""A worker that has not shown itself for so long counts as gone."""


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(alive=True)


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Database, migrations and scheduler, each true or false; 503 unless all are true."""
    parts = {"database": False, "migrations": False, "scheduler": False}
    try:
        with wiring().reading() as reading:
            parts["database"] = True
            parts["migrations"] = schema.is_current(reading.connection())
            parts["scheduler"] = _scheduler_beats(reading)
    except DatabaseDown:
        pass
    return jsonify(ready=all(parts.values()), **parts), 200 if all(parts.values()) else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """What waits and how late it is, in the text format of Prometheus."""
    registry = CollectorRegistry()
    now = wiring().now()
    with wiring().reading() as reading:
        for name, (help_, value) in _measured(reading, now).items():
            Gauge(f"vejviser_{name}", help_, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _scheduler_beats(reading: Session) -> bool:
    newest = reading.scalar(select(func.max(Heartbeat.at)))
    return newest is not None and wiring().real_clock() - newest < SILENT


def _measured(reading: Session, now: datetime) -> dict[str, tuple[str, float]]:
    late = reading.scalar(select(func.min(Timer.due_at)).where(Timer.state == "armed"))
    lag = max((now - late).total_seconds(), 0.0) if late else 0.0
    return {
        "open_tasks": ("Open user tasks", _count(reading, UserTask.state == "open")),
        "overdue_deadlines": (
            "Open deadlines that are past their due time",
            _count(reading, Deadline.closed_at.is_(None) & (Deadline.due_at < now)),
        ),
        "armed_timers": ("Timers that wait", _count(reading, Timer.state == "armed")),
        "timer_lag_seconds": ("How late the oldest armed timer is", lag),
        "queued_jobs": ("Jobs that wait", _count(reading, Job.state == "queued")),
        "open_incidents": (
            "Incidents that wait",
            _count(reading, Incident.state == "open"),
        ),
    }


def _count(reading: Session, condition: object) -> int:
    return reading.scalar(select(func.count()).where(condition)) or 0  # type: ignore[arg-type]
