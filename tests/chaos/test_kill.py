"""The short form of the kill test: three kills; `python -m tests.chaos` does twenty."""

from __future__ import annotations

from tests.chaos.run import run
from webapp.bootstrap import Wiring


def test_nothing_is_lost_or_done_twice_by_a_kill(database, home):
    from webapp.bootstrap import Config

    wiring = Wiring(Config(home=home, secret_key="key of a test"), database)
    try:
        report = run(wiring, home, kills=3, seed=1)
    finally:
        wiring.close()

    assert report.ok, report
