"""The served application: a web process and two workers, any of which may be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
CALL_SECONDS = 10.0
PAUSE_SECONDS = 0.05
PROCESSES = {"web": "web", "worker 1": "worker", "worker 2": "worker"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """One address; the processes behind it come and go."""

    environ: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    pids: dict[str, int] = field(default_factory=dict)
    died: Counter[str] = field(default_factory=Counter)
    """Deaths that nobody outside ordered."""

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._out = self.log.open("ab")
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=ROOT,
            env={**os.environ, **self.environ, "PORT": str(self.port), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._out,
            text=True,
        )
        try:
            self.restart_dead()
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.pids):
            self.kill(name)
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.close()
        self._nursery.wait(START_SECONDS)
        self._nursery.stdout.close()
        self._out.close()

    def kill(self, name: str) -> None:
        """Every process of it, without a word."""
        with self._lock:
            pid = self.pids.pop(name, None)
            if pid is not None:
                _kill_group(pid)

    def restart_dead(self) -> None:
        """Start whatever does not run, as a supervisor of services would."""
        for name, command in PROCESSES.items():
            with self._lock:
                pid = self.pids.get(name)
                if pid is not None and _lives(pid):
                    continue
                if pid is not None:
                    self.died[name] += 1
                    _kill_group(pid)
                self.pids[name] = self._fork(command)

    def call(
        self, token: str, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON of one call.

        Raises:
            OSError, HTTPException, ValueError: nobody answered, or not to the end.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read() or b"null")

    def _fork(self, command: str) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{command}\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def _wait_until_ready(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if time.monotonic() > give_up:
                raise TimeoutError(self.log.read_text()[-4000:])
            time.sleep(PAUSE_SECONDS)

    def _is_ready(self) -> bool:
        try:
            return self.call("", "GET", "/readyz")[0] == 200
        except (OSError, ValueError):
            return False


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
