"""`vejviser web` and `all`: the processes that answer requests."""

from __future__ import annotations

import click

from webapp.bootstrap import Config, open_wiring
from webapp.commands.site import Site
from webapp.commands.talk import talk


@click.command()
@click.option("--workers", default=1, show_default=True, help="Processes that answer requests.")
def web(workers: int) -> None:
    """Serve the pages and the API; timers and jobs need a worker beside it."""
    _serve(workers=workers)


@click.command("all")
def everything() -> None:
    """Serve the pages and the API, and run timers and jobs too."""
    _serve(workers=1, with_worker=True)


def _serve(*, workers: int, with_worker: bool = False) -> None:
    talk()
    config = Config.from_environ()
    wiring = open_wiring(config)
    try:
        Site(wiring, workers=workers, with_worker=with_worker).run()
    finally:
        wiring.close()
