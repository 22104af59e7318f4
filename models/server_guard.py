"""Runs the embedded PostgreSQL for as long as some process uses it; see `models.server`.

A program of its own (`python -I server_guard.py FOLDER DATA UID GID COMMAND…`), so that it
survives a kill of the process that started it, and puts the server away in its place.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import psutil

LOOK_SECONDS = 0.1
QUICK_DEATH_SECONDS = 5.0
QUICK_DEATHS = 5
SET_PARENT_DEATH_SIGNAL = 1


def main(folder: Path, data: Path, uid: int, gid: int, command: list[str]) -> int:
    """Run the server, again if it dies, until nobody holds the lock `users`."""
    with (
        (folder / "guard").open("a") as guard,
        (folder / "users").open("a") as users,
        (folder / "log").open("ab") as log,
    ):
        if not try_lock(guard):
            return 0
        account = {} if uid == os.geteuid() else {"user": uid, "group": gid, "extra_groups": []}
        deaths = 0
        while deaths < QUICK_DEATHS:
            stop_leftover(data)
            started = time.monotonic()
            server = start(command, log, account)
            if run_while_used(server, users):
                return stop(server)
            quick = time.monotonic() - started < QUICK_DEATH_SECONDS
            deaths = deaths + 1 if quick else 0
            time.sleep(LOOK_SECONDS * 3 * deaths)
    return 1


def start(command: list[str], log: IO[bytes], account: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The server's process, writing to `log`."""
    return subprocess.Popen(  # noqa: S603  the command comes from `models.server`
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        preexec_fn=die_with_parent,  # noqa: PLW1509  this program has one thread
        **account,
    )


def run_while_used(server: subprocess.Popen[bytes], users: IO[str]) -> bool:
    """True when the last user has gone, False when the server has died before."""
    while not try_lock(users):
        if server.poll() is not None:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def stop(server: subprocess.Popen[bytes]) -> int:
    """Stop the server in order, without waiting for connections left open."""
    server.send_signal(signal.SIGINT)
    server.wait()
    return 0


def stop_leftover(data: Path) -> None:
    """Stop a server that lost its guard, and forget one whose number another process has now."""
    notice = data / "postmaster.pid"
    try:
        leftover = psutil.Process(int(notice.read_text().splitlines()[0]))
        if Path(leftover.cwd()) == data:
            leftover.send_signal(signal.SIGINT)
            leftover.wait()
        else:
            notice.unlink()
    except psutil.AccessDenied:
        notice.unlink()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return


def die_with_parent() -> None:
    """Have the kernel stop the server if this guard is killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGINT)


def try_lock(file: IO[str]) -> bool:
    """Whether the exclusive lock could be had at once."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(
        main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
    )
