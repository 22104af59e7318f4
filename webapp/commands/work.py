"""The worker's loop under supervision: whatever stops it, it begins again."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from processes import scheduler

if TYPE_CHECKING:
    from webapp.bootstrap import Wiring

PAUSE_SECONDS = 1.0
log = logging.getLogger(__name__)


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
        """Let the thread finish the turn it is in."""
        self._stop.set()
        self._thread.join(patience_seconds)
