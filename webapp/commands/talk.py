"""What a process that keeps running says on standard error."""

from __future__ import annotations

import logging


def talk() -> None:
    """One line an event, with the time; libraries speak up only when something is wrong."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for ours in ("handlers", "processes", "webapp"):
        logging.getLogger(ours).setLevel(logging.INFO)
