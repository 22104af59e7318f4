"""Does `vejviser all` serve, restart, and leave nothing behind however it ends?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from models import server

ROOT = Path(__file__).parent.parent.parent
BOOT_SECONDS = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """One run of `vejviser all` on a home and a port."""

    def __init__(self, home: Path, port: int, *words: str) -> None:
        environ = {
            **os.environ,
            "VEJVISER_HOME": str(home),
            "PORT": str(port),
            "VEJVISER_DEMO": "1",
            "VEJVISER_DEMO_CASES": "0",
            "DATABASE_URL": "",
        }
        self.home, self.port = home, port
        with (home / "out").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", *(words or ("all",))],
                cwd=ROOT,
                env=environ,
                stdout=out,
                stderr=out,
            )

    def status(self, path: str) -> int:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status
        except OSError as error:  # refused, or still busy starting
            return getattr(error, "code", 0)

    def wait_for(self, path: str, status: int = 200) -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        while self.status(path) != status:
            assert self.process.poll() is None, (self.home / "out").read_text()
            assert time.monotonic() < deadline, (self.home / "out").read_text()
            time.sleep(0.05)

    def everybody(self) -> list[psutil.Process]:
        """Its process, its children, and the database server."""
        me = psutil.Process(self.process.pid)
        notice = self.home / "postgres" / server.VERSION / "postmaster.pid"
        return [
            me,
            *me.children(recursive=True),
            psutil.Process(int(notice.read_text().split()[0])),
        ]

    def finish(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


@contextmanager
def served(home: Path, port: int):
    run = Served(home, port)
    try:
        run.wait_for("/readyz")
        yield run
    finally:
        if run.process.poll() is None:
            run.finish(signal.SIGTERM)


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=15)
    assert alive == []


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


class TestAll:
    def test_ends_in_order_and_starts_again(self, home, port):
        with served(home, port) as first:
            everybody = first.everybody()
            assert first.finish(signal.SIGTERM) == 0
        wait_until_gone(everybody)

        with served(home, port) as second:
            assert second.status("/sign-in") == 200

    def test_leaves_nothing_behind_when_killed(self, home, port):
        with served(home, port) as run:
            everybody = run.everybody()

            run.finish(signal.SIGKILL)

        wait_until_gone(everybody)
        with served(home, port) as again:
            assert again.status("/sign-in") == 200

    def test_goes_on_when_its_serving_process_is_killed(self, home, port):
        with served(home, port) as run:
            [child] = [
                child
                for child in psutil.Process(run.process.pid).children()
                if "server_guard" not in " ".join(child.cmdline())
            ]

            child.kill()
            wait_until_gone([child])

            run.wait_for("/readyz")

    def test_goes_on_when_its_database_is_killed(self, home, port):
        with served(home, port) as run:
            run.everybody()[-1].kill()

            run.wait_for("/readyz")

            assert run.status("/sign-in") == 200
