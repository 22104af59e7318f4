"""The commands of Vejviser as processes of their own, on the measurement's database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.bench.ground import Ground

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 240


@contextmanager
def command(*words: str, **environ: str) -> Iterator[psutil.Process]:
    """One run of `vejviser`, ended as a service manager would end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", *words],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def environment(ground: Ground) -> Mapping[str, str]:
    """What a command needs to work on the ground's database."""
    return {
        "DATABASE_URL": ground.url.render_as_string(hide_password=False),
        "VEJVISER_HOME": str(ground.home),
        "SECRET_KEY": "key of the bench",
        "VEJVISER_DEMO": "0",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> None:
    """Return as soon as the page answers 200.

    Raises:
        TimeoutError: it does not.
    """
    patience = time.monotonic() + PATIENCE_SECONDS
    while not _answers(port, path):
        if time.monotonic() > patience:
            raise TimeoutError(path)
        time.sleep(0.01)


def _answers(port: int, path: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def cpu_seconds(process: psutil.Process) -> float:
    """CPU time of a process and its children so far."""
    family = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


class Browser:
    """One connection that is kept, one session, no scripts."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port)
        self.cookie = ""

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path, b"")

    def post(self, path: str, body: bytes) -> tuple[int, str]:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.cookie = cookie.partition(";")[0]
        return answer.status, text
