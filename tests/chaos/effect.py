"""An effect outside of the house, presented with the job's key; what comes of it is up to there."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from handlers import HANDLERS
from handlers.contract import Done, Words, handler, parameter
from handlers.errors import Fault, TryAgain
from handlers.reads import Line

RECORDER = "CHAOS_RECORDER"
"""The environment's variable with the recorder's address."""

PATIENCE_SECONDS = 15.0
SLOW_SECONDS = 1.0


class Crashed(Exception):
    """A failure that nobody planned."""


@dataclass(frozen=True)
class Asked:
    """What to do out there."""

    what: str = parameter(Line(), Words("Hvad", "What"))


@handler(
    "chaos/Effect",
    takes=Asked,
    label=Words("Uro", "Chaos"),
    about=Words("Gør noget udenfor.", "Does something outside."),
    faults=("CHAOS",),
)
def effect(asked, job, _ports) -> Done:
    """Do it once a key, and in between be slow, refuse, break or die."""
    answer = _present(job.key, job.case_reference, asked.what)
    if answer == "slow":
        time.sleep(SLOW_SECONDS)
    elif answer == "again":
        raise TryAgain(timedelta(milliseconds=100), "busy")
    elif answer == "fault":
        raise Fault("CHAOS")
    elif answer == "break":
        raise Crashed
    elif answer == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return Done({"receipt": job.key})


def _present(key: str, case: str, what: str) -> str:
    body = json.dumps({"key": key, "case": case, "what": what}).encode()
    request = urllib.request.Request(os.environ[RECORDER], data=body, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310
            return str(json.load(reply)["do"])
    except OSError as away:
        raise TryAgain(timedelta(seconds=1), "away") from away


@contextmanager
def known():
    """The operation is there for as long as this lasts."""
    HANDLERS["chaos/Effect"] = effect
    try:
        yield
    finally:
        del HANDLERS["chaos/Effect"]
