"""How findings in diagrams are written on a terminal, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from processes.engine import Problem


def tell(problems: Iterable[Problem]) -> None:
    """One line a problem on standard error, as compilers write it."""
    for problem in problems:
        click.echo(f"{problem.severity}: {problem}", err=True)


def described(problem: Problem) -> dict[str, Any]:
    """The finding with the keys that the API uses too."""
    return asdict(problem)
