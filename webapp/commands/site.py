"""The web server: gunicorn with threads, and for `all` the worker's loop in the same process."""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication

from models import schema
from webapp.app import create_app
from webapp.commands.work import WorkLoop
from webapp.demo import begin_vignettes, set_up_demo

if TYPE_CHECKING:
    from flask import Flask

    from webapp.bootstrap import Wiring

THREADS = 16
BOOT_SECONDS = 120
GRACE_SECONDS = 10
SET_PARENT_DEATH_SIGNAL = 1


class Site(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One site on one wiring; connections and V8 are made after the fork."""

    def __init__(self, wiring: Wiring, *, workers: int, with_worker: bool) -> None:
        self._wiring = wiring
        self._workers = workers
        self._loop = WorkLoop(wiring) if with_worker else None
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what it needs to know."""
        for name, value in self._settings().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, in a process that has just been forked."""
        if self._wiring.server is not None or self._loop is not None:
            schema.upgrade(self._wiring.database)
        if self._loop is not None and self._wiring.config.demo:
            set_up_demo(self._wiring)
            if self._wiring.config.demo_cases:
                begin_vignettes(self._wiring)
        app = create_app(self._wiring)
        if self._loop is not None:
            self._loop.start()
        return app

    def _settings(self) -> dict[str, Any]:
        config = self._wiring.config
        return {
            "bind": f"{config.host}:{config.port}",
            "workers": self._workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": BOOT_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "proc_name": "vejviser",
            "control_socket_disable": True,
            "forwarded_allow_ips": "*" if config.secure_cookies else "127.0.0.1,::1",
            "post_fork": _die_with_parent,
            "post_worker_init": self._begin,
            "worker_exit": lambda _, __: self._finish(),
        }

    def _begin(self, worker: Any) -> None:
        gc.freeze()  # what is loaded by now stays: no collection need look at it again
        if worker.age == 1:
            click.echo(f"Vejviser: http://localhost:{self._wiring.config.port}")

    def _finish(self) -> None:
        if self._loop is not None:
            self._loop.stop(GRACE_SECONDS)
        self._wiring.database.dispose()
        self._wiring.feel.close()


def _die_with_parent(_arbiter: object, _worker: object) -> None:
    """Let a killed server leave nobody behind that holds its port (elsewhere gunicorn looks)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
