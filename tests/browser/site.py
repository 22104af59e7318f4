"""The application as it is served: `vejviser all` with a home, a port and a database of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from tests.conftest import RUN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BOOT_SECONDS = 600
END_SECONDS = 30


@contextmanager
def demo_site(*, cases: bool = True) -> Iterator[str]:
    """The address of a demonstration of its own that is gone afterwards."""
    with demo_home(cases=cases) as (_, address):
        yield address


@contextmanager
def demo_home(*, cases: bool = True) -> Iterator[tuple[Path, str]]:
    """The same with its home, for what an operator does beside it.

    Without the made-up cases time passes quicker.
    """
    home = Path(tempfile.mkdtemp(prefix="vejviser-site-"))
    subprocess.run(["cp", "-a", f"{_set_up_once(cases=cases)}/.", str(home)], check=True)
    try:
        with _serving(home, cases=cases) as address:
            yield home, address
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _set_up_once(*, cases: bool) -> Path:
    """The home of a demonstration at rest: the first to ask in a test run begins its cases."""
    home = Path(os.environ[RUN_FOLDER]) / ("demonstration" if cases else "empty-demonstration")
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            begun = home.with_suffix(".begun")
            begun.mkdir(mode=0o755)
            with _serving(begun, cases=cases):
                pass
            _wait_until_at_rest(begun)
            begun.rename(home)
    return home


@contextmanager
def _serving(home: Path, *, cases: bool) -> Iterator[str]:
    address = f"http://127.0.0.1:{_free_port()}"
    with (home / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "all"],
            cwd=ROOT,
            env={**os.environ, **_settings(home, address), "VEJVISER_DEMO_CASES": str(int(cases))},
            stdout=out,
            stderr=out,
        )
    try:
        _wait_until_ready(address, process, home / "out")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(END_SECONDS)


def operate(home: Path, *words: str) -> None:
    """Run one command of the command line on the demonstration's database."""
    command = [sys.executable, "-m", "webapp.cli", *words]
    env = {**os.environ, **_settings(home, "http://127.0.0.1:0")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _settings(home: Path, address: str) -> dict[str, str]:
    return {
        "VEJVISER_HOME": str(home),
        "VEJVISER_DEMO": "1",
        "PORT": address.rpartition(":")[2],
        "DATABASE_URL": "",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], out: Path) -> None:
    give_up = time.monotonic() + BOOT_SECONDS
    while not _is_ready(address):
        assert process.poll() is None, out.read_text()
        assert time.monotonic() < give_up, out.read_text()
        time.sleep(0.05)


def _wait_until_at_rest(home: Path) -> None:
    """PostgreSQL ends by itself once nobody uses it; only then its files are whole."""
    give_up = time.monotonic() + END_SECONDS
    while list(home.rglob("postmaster.pid")):
        assert time.monotonic() < give_up, "PostgreSQL did not end."
        time.sleep(0.05)


def _is_ready(address: str) -> bool:
    try:
        with urlopen(f"{address}/readyz", timeout=10) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False
