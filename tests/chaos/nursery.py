"""Starts the application's processes by forking one that has everything imported.

What runs in them is what `vejviser web` and `vejviser worker` run; only the seconds of importing
are saved, two hundred times. A line in asks for a process, a line out tells its number.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta

LEASE = timedelta(seconds=10)
HEARTBEAT_SECONDS = 2
"""Shorter than in earnest, so that a run is not spent waiting for a dead worker's leases."""


def main() -> None:
    """Fork for every line until there are no more."""
    import webapp.commands.serve
    import webapp.commands.work  # noqa: F401
    from handlers import HANDLERS
    from processes import jobs, scheduler
    from tests.chaos.effect import effect
    from webapp.cli import main as vejviser

    HANDLERS["chaos/Effect"] = effect
    jobs.LEASE, scheduler.HEARTBEAT_SECONDS = LEASE, HEARTBEAT_SECONDS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(line.split(), vejviser)
        print(child, flush=True)  # noqa: T201 - the answer


def _become(arguments: list[str], vejviser) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.argv = ["vejviser", *arguments]
    try:
        vejviser()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
