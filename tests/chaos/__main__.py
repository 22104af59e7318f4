"""`python -m tests.chaos [--storms N] [--seed N] [--write]`: the long form, as a table."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Plan, Report, run

STORMS, KILLS, CLERKS = 20, 11, 6
PAGE = Path(__file__).parents[2] / "docs" / "durability.md"
FIGURES = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)


def main() -> int:
    """Print what was done and what came of it; 1 if anything was lost or done twice."""
    asked = _asked()
    plan = Plan(storms=asked.storms, kills=KILLS, others=1, clerks=CLERKS, seed=asked.seed)
    home = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    home.chmod(0o711)
    report = run(home, plan)
    table = figures(report)
    print(table)  # noqa: T201 - the table is the product
    for sentence in report.wrong:
        print(f"WRONG: {sentence}")  # noqa: T201 - as above
    if asked.write and report.ok:
        PAGE.write_text(FIGURES.sub(lambda found: found[1] + table + found[2], PAGE.read_text()))
    return 0 if report.ok else 1


def figures(report: Report) -> str:
    """The run as two tables."""
    plan = report.plan
    kills = sum(count for what, count in report.done.items() if what.startswith("kill -9"))
    blows = "".join(f"| {what} | {count} |\n" for what, count in sorted(report.done.items()))
    counts = "".join(f"| {what} | {count:,} |\n" for what, count in report.counts.items())
    unanswered = sum(n for what, n in report.calls.items() if what.endswith("unanswered"))
    return (
        f"Seed {plan.seed}, {plan.storms} storms, {kills} kills in all, "
        f"{report.seconds / 60:.0f} minutes; {os.cpu_count()} cores, "
        f"Python {platform.python_version()}. "
        f"{'Nothing was lost, nothing doubled.' if report.ok else 'SOMETHING WAS WRONG.'}\n\n"
        f"| What was done to it | times |\n|---|---:|\n{blows}"
        f"| workers killed by their own handler | {report.died} |\n"
        f"| calls of the API | {report.calls.total():,} |\n"
        f"| of these without an answer | {unanswered:,} |\n\n"
        f"| What came of it | |\n|---|---:|\n{counts}"
        f"| findings of `vejviser check`, after each storm and in the end | "
        f"{sum('storm' in one or 'In the end' in one for one in report.wrong)} |\n"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--storms", type=int, default=STORMS, help=f"of {KILLS} kills each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
