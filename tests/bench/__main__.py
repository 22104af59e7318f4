"""`python -m tests.bench`: the table of speed as JSON lines; ends with 1 if a row misses."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from models.server import EmbeddedServer
from tests.bench.sizes import QUICK, SMALLEST, USUAL
from tests.bench.table import PARTS, Table


def main() -> int:
    """Measure what was asked for, on a server of our own that waits for the disk."""
    asked = _asked()
    sizes = QUICK if asked.quick else SMALLEST if asked.smallest else USUAL
    good = True
    with tempfile.TemporaryDirectory(prefix="vejviser-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with EmbeddedServer(home / "postgres") as server:
            table = Table(server, home, sizes)
            for part in asked.parts or PARTS:
                for row in table.rows(part):
                    print(row.line(), flush=True)  # noqa: T201  the lines are the product
                    good = good and row.ok
    return 0 if good else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="100,000 open tasks, 2,000 timers")
    parser.add_argument("--smallest", action="store_true", help="only to see that it runs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
