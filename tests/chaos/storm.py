"""What a storm does: kills, outages, cut commits, and a clock that jumps."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from tests.chaos.site import PROCESSES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from models.server import EmbeddedServer
    from tests.chaos.door import Door
    from tests.chaos.site import Site
    from webapp.bootstrap import Wiring

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 1.6
"""Seconds between two blows."""

MOST_SECONDS_FORWARD = 86400
MOST_SECONDS_BACK = 3 * 3600

STEP_CLOCK = """
INSERT INTO clock (id, offset_seconds) VALUES (1, greatest(:seconds, 0))
    ON CONFLICT (id) DO UPDATE
   SET offset_seconds = greatest(clock.offset_seconds + :seconds, 0)
"""
"""Backward too, which no door of the product does: as if somebody set a server's clock back."""

CUT = """
SELECT count(pg_terminate_backend(pid)) FROM (
    SELECT pid FROM pg_stat_activity
     WHERE application_name = 'vejviser' AND pid <> pg_backend_pid()
     ORDER BY random() LIMIT 3) chosen
"""


@dataclass
class Storm:
    """Strikes one application; everything it does is counted."""

    site: Site
    door: Door
    server: EmbeddedServer
    wiring: Wiring
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def rage(self, kills: int, others: int) -> None:
        """So many kills, and each other blow so many times, in any order."""
        blows: list[Callable[[], None]] = [self.kill] * kills
        rest = [self.stop_fast, self.stop_at_once, self.cut_connections, self.step_back]
        twice = [self.lose_commit, self.lose_answer, self.step_forward]
        blows += rest * others + twice * (2 * others)
        self.chance.shuffle(blows)
        for blow in blows:
            time.sleep(self.chance.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))
            blow()
            self.site.restart_dead()

    def kill(self) -> None:
        """kill -9 of the web process or of a worker."""
        name = self.chance.choice(list(PROCESSES))
        self.site.kill(name)
        self.done[f"kill -9: {name.split()[0]}"] += 1

    def stop_fast(self) -> None:
        """PostgreSQL is told to stop at once, in order."""
        self._stop(signal.SIGINT)
        self.done["PostgreSQL stopped (fast), started again"] += 1

    def stop_at_once(self) -> None:
        """PostgreSQL stops without tidying up, as after a power cut."""
        self._stop(signal.SIGQUIT)
        self.done["PostgreSQL stopped (immediate), recovered"] += 1

    def cut_connections(self) -> None:
        """PostgreSQL ends up to three connections, whatever they are doing."""
        with _asking(self.server, "vejviser") as connection:
            row = connection.execute(CUT).fetchone()
        self.done["connections ended by the server"] += row[0] if row else 0

    def lose_commit(self) -> None:
        """The next COMMIT never reaches the server."""
        self.door.cut_next_commit("before")

    def lose_answer(self) -> None:
        """The next COMMIT happens, and nobody hears of it."""
        self.door.cut_next_commit("after")

    def step_forward(self) -> None:
        """The clock of the cases jumps forward, up to a day."""
        self._step(self.chance.randint(60, MOST_SECONDS_FORWARD))
        self.done["clock stepped forward"] += 1

    def step_back(self) -> None:
        """The clock of the cases jumps back, up to three hours."""
        self._step(-self.chance.randint(60, MOST_SECONDS_BACK))
        self.done["clock stepped back"] += 1

    def _step(self, seconds: int) -> None:
        with self.wiring.turn() as turn:
            turn.session.execute(text(STEP_CLOCK), {"seconds": seconds})

    def _stop(self, how: signal.Signals) -> None:
        before = _started(self.server)
        os.kill(int((self.server.data / "postmaster.pid").read_text().splitlines()[0]), how)
        give_up = time.monotonic() + 120
        while _started(self.server) in {None, before} and time.monotonic() < give_up:
            time.sleep(0.05)
        self.server.ensure_running()


def _asking(server: EmbeddedServer, database: str) -> psycopg.Connection:
    """A connection of our own, that does not go through the door."""
    address = server.url(database).set(drivername="postgresql")
    return psycopg.connect(address.render_as_string(hide_password=False))


def _started(server: EmbeddedServer) -> str | None:
    """When the server that answers began to run; None while none does."""
    try:
        with _asking(server, "postgres") as connection:
            row = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
    except psycopg.OperationalError:
        return None
    return str(row[0]) if row else None
