"""`vejviser worker`, and the worker's loop that `vejviser all` runs beside the pages."""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING

import click

from processes import scheduler
from webapp.commands.opened import opened
from webapp.commands.talk import talk

if TYPE_CHECKING:
    from types import FrameType

    from webapp.bootstrap import Wiring

PAUSE_SECONDS = 1.0
log = logging.getLogger(__name__)


@click.command()
def worker() -> None:
    """Run what is due: timers, jobs and messages."""
    talk()
    stop = threading.Event()

    def finish(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    with opened() as wiring:
        WorkLoop(wiring, stop).run()


class WorkLoop:
    """Runs the scheduler until `stop` is set, in this thread or in one of its own."""

    def __init__(self, wiring: Wiring, stop: threading.Event | None = None) -> None:
        self._wiring = wiring
        self._stop = stop or threading.Event()
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)

    def run(self) -> None:
        """Work; after a failure, such as a database that is away, pause and go on."""
        while not self._stop.is_set():
            try:
                scheduler.run(self._wiring, self._stop)
            except Exception:
                log.exception("The worker stumbled and starts again")
                self._stop.wait(PAUSE_SECONDS)

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread.start()

    def stop(self, patience_seconds: float = 10.0) -> None:
        """Let the thread, if it ever began, finish the turn it is in."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(patience_seconds)
