"""`vejviser web`, `worker` and `all`: the processes that keep running."""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING

import click

from webapp.bootstrap import Config, open_wiring
from webapp.commands.opened import opened
from webapp.commands.site import Site
from webapp.commands.work import WorkLoop

if TYPE_CHECKING:
    from types import FrameType


@click.command()
@click.option("--workers", default=1, show_default=True, help="Processes that answer requests.")
def web(workers: int) -> None:
    """Serve the pages and the API; timers and jobs need a worker beside it."""
    _serve(workers=workers)


@click.command("all")
def everything() -> None:
    """Serve the pages and the API, and run timers and jobs too."""
    _serve(workers=1, with_worker=True)


@click.command()
def worker() -> None:
    """Run what is due: timers, jobs and messages."""
    _log()
    stop = threading.Event()

    def finish(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    with opened() as wiring:
        WorkLoop(wiring, stop).run()


def _serve(*, workers: int, with_worker: bool = False) -> None:
    _log()
    config = Config.from_environ()
    wiring = open_wiring(config)
    try:
        Site(wiring, workers=workers, with_worker=with_worker).run()
    finally:
        wiring.close()


def _log() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
