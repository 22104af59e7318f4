"""The worker's loop: when to look for what is due.

PostgreSQL's rows decide what is due; APScheduler and NOTIFY only say when to look. Several
workers may run, one may die at any point, and the database may come and go.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from models.errors import DatabaseDown
from processes import migration_turns, work
from processes.jobs import LONGEST_RUN, renew_leases, seconds_to_next_job
from processes.messages import expire_messages
from processes.project import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from processes.house import House

LOOK_SECONDS = 10
"""How often to look when nobody calls and nothing is known to be due."""

HEARTBEAT_SECONDS = 5
FORGET_WORKERS = timedelta(days=1)
JOB_LANES = 3
"""Jobs run at the same time in one worker, so that one slow mail server does not stop all."""

RECONNECT_SECONDS = 1.0
LISTEN_SECONDS = 1.0
SHORTEST_WAIT = timedelta(milliseconds=100)

log = logging.getLogger(__name__)


class _Pool(BasePoolExecutor):  # type: ignore[misc] # APScheduler has no types
    """APScheduler's executor on a pool that the worker itself closes."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        super().__init__(pool)


def run(house: House, stop: threading.Event) -> None:
    """Work until `stop` is set; the turns that are under way are finished first."""
    worker = Worker(house, f"{socket.gethostname()}:{os.getpid()}", stop)
    worker.start()
    try:
        stop.wait()
    finally:
        worker.close()


@dataclass
class Worker:
    """One worker process: its scheduler, and the thread that listens."""

    house: House
    name: str
    stop: threading.Event

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(2 * (JOB_LANES + 3), thread_name_prefix="look")
        executors = {"default": _Pool(self._pool)}
        defaults = {"coalesce": True, "max_instances": 2, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(
            executors=executors, job_defaults=defaults, timezone=UTC
        )
        self._listener = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._connected = True
        self._calls: dict[str, threading.Event] = {}
        self._in_hand: work.InHand = {}

    def start(self) -> None:
        """Begin to look, to listen and to show signs of life."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._every(HEARTBEAT_SECONDS, "heartbeat", self._beat)
        self._every(LOOK_SECONDS, "timers", self._timers)
        self._every(LOOK_SECONDS, "moves", self._moves)
        for lane in range(JOB_LANES):
            self._every(LOOK_SECONDS, f"jobs-{lane}", partial(self._jobs, lane))
        self._scheduler.start()
        self._listener.start()

    def close(self) -> None:
        """Wait for what is under way, then go.

        The scheduler must not do the waiting: it holds the lock that a look needs to name its
        next time, and both would wait for ever.
        """
        self.stop.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._pool.shutdown(wait=True)
        self._listener.join()

    def wake(self) -> None:
        """Look at once."""
        for name in self._calls.keys() - {"heartbeat"}:
            self._look_at(name, datetime.now(UTC))

    def _every(self, seconds: int, name: str, look: Callable[[], None]) -> None:
        now = datetime.now(UTC)
        guarded = self._guarded(name, look)
        self._scheduler.add_job(guarded, "interval", seconds=seconds, id=name, next_run_time=now)

    def _guarded(self, name: str, look: Callable[[], None]) -> Callable[[], None]:
        """A look that outlives its own failures, and looks again if called meanwhile."""
        called, busy = self._calls.setdefault(name, threading.Event()), threading.Lock()

        def guarded() -> None:
            called.set()
            while called.is_set() and self._going():
                if not busy.acquire(blocking=False):
                    return  # whoever is at it sees the call
                try:
                    called.clear()
                    look()
                    self._connected = True
                except Exception as error:  # noqa: BLE001 - the loop must go on; the log tells
                    self._complain(error)
                finally:
                    busy.release()

        return guarded

    def _complain(self, error: Exception) -> None:
        """One line for an outage, however long it lasts; everything about anything else."""
        if not isinstance(error, (DatabaseDown, psycopg.OperationalError)):
            log.error("The worker stumbled", exc_info=error)
        elif self._connected:
            log.warning("The database is away; the worker goes on when it is back")
            self._connected = False

    def _going(self) -> bool:
        return not self.stop.is_set()

    def _timers(self) -> None:
        work.fire_timers(self.house, self._going)
        work.deliver_messages(self.house, self._going)
        work.look_at_stuck_cases(self.house, self._going)
        with self.house.turn() as turn:
            expire_messages(turn)
            due = work.next_due(turn)
            wait = due - turn.now if due else None
        if wait is not None and wait < timedelta(seconds=LOOK_SECONDS):
            self._look_at("timers", datetime.now(UTC) + max(wait, SHORTEST_WAIT))

    def _moves(self) -> None:
        migration_turns.carry_on(self.house, self._going)

    def _jobs(self, lane: int) -> None:
        work.run_jobs(self.house, self.name, self._going, self._in_hand)
        with self.house.turn() as turn:
            seconds = seconds_to_next_job(turn)
        if seconds is not None and seconds < LOOK_SECONDS:
            wait = max(timedelta(seconds=seconds), SHORTEST_WAIT)
            self._look_at(f"jobs-{lane}", datetime.now(UTC) + wait)

    def _beat(self) -> None:
        with self.house.turn() as turn:
            turn.session.execute(
                text(
                    "INSERT INTO heartbeat (worker, at) VALUES (:worker, now())"
                    " ON CONFLICT (worker) DO UPDATE SET at = now()"
                ),
                {"worker": self.name},
            )
            turn.session.execute(
                text("DELETE FROM heartbeat WHERE at < now() - make_interval(secs => :old)"),
                {"old": FORGET_WORKERS.total_seconds()},
            )
            renew_leases(turn, self.name, self._still_at_work())

    def _still_at_work(self) -> list[UUID]:
        """The jobs whose handlers may still be waited for."""
        oldest = time.monotonic() - LONGEST_RUN.total_seconds()
        return [job for job, since in list(self._in_hand.items()) if since > oldest]

    def _look_at(self, name: str, when: datetime) -> None:
        """Have the next look at `when`, unless one comes sooner or the worker is going."""
        if not self._going():
            return
        with suppress(JobLookupError):
            job = self._scheduler.get_job(name)
            if job is not None and (job.next_run_time is None or job.next_run_time > when):
                self._scheduler.modify_job(name, next_run_time=when)

    def _listen(self) -> None:
        while self._going():
            try:
                self._hear()
            except psycopg.OperationalError as error:
                self._complain(error)
                self.stop.wait(RECONNECT_SECONDS)

    def _hear(self) -> None:
        address = self.house.url.set(drivername="postgresql")
        with psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self.wake()
            while self._going():
                for _ in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                    self.wake()
