"""`python -m tests.chaos [KILLS] [SEED]`: the long form of the kill test."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from models import schema
from models.server import EmbeddedServer
from tests.chaos.run import run
from webapp.bootstrap import Config, Wiring

KILLS = 20


def main(kills: int = KILLS, seed: int = 0) -> int:
    """Print what came of it; 1 if anything was lost or done twice."""
    home = Path(tempfile.mkdtemp(prefix="vejviser-chaos-"))
    home.chmod(0o711)
    with EmbeddedServer(home / "postgres") as server:
        server.create_database()
        wiring = Wiring(Config(home=home, secret_key="chaos"), server.url())
        schema.upgrade(wiring.database)
        try:
            report = run(wiring, home, kills, seed)
        finally:
            wiring.close()
    print(f"{kills} kills, seed {seed}: {'ok' if report.ok else 'NOT OK'}")  # noqa: T201
    print(report)  # noqa: T201
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
