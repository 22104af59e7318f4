"""`vejviser programme new`: a new programme out of one that is there, ready to deploy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from processes.diagram_files import TwoFilesOfOneName, own_files, shared_files
from processes.engine import BadDiagram, Engine, Feel
from processes.lint import lint
from processes.programme_copy import CannotCopy, copy_programme, said_name
from processes.simulate import simulate_file
from webapp.commands.problems import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = "t_01.yaml"
"""The ordinary course, if a programme has one."""


class NotMade(click.ClickException):
    """There is no new programme."""

    def __init__(self, why: str = "The source cannot be read.") -> None:
        super().__init__(f"{why} Nothing was made.")


@click.group()
def programme() -> None:
    """Begin programmes."""


@programme.command()
@click.argument("key")
@click.option("--from", "source", required=True, help="The programme to begin from, or its folder.")
@click.option("--name", help="What people call it; else the key in words.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("bpmn"),
    show_default=True,
    help="The folder that holds the programmes.",
)
@click.pass_context
def new(ctx: click.Context, *, key: str, source: str, name: str | None, into: Path) -> None:
    """Make the programme KEY from one that is there, check it and play a scenario of it.

    What it calls from the shared parts stays shared; everything else is its own from now on.
    """
    folder = _made(_folder(source, into), into, key, name or said_name(key))
    click.echo(
        f"Made {folder} with {sum(1 for path in folder.rglob('*') if path.is_file())} files."
    )
    feel = Feel()
    try:
        fit = all(_checks(folder, feel))
    finally:
        feel.close()
    click.echo(_next_steps(folder, key))
    ctx.exit(0 if fit else 1)


def _folder(source: str, into: Path) -> Path:
    """The folder that a key or a path names: beside the new one, or in `bpmn` here."""
    places = (into / source, Path("bpmn") / source, Path(source))
    return next((place for place in places if place.is_dir()), places[1])


def _made(source: Path, into: Path, key: str, name: str) -> Path:
    try:
        return copy_programme(source, into, key, name)
    except BadDiagram as bad:
        tell(bad.problems)
        raise NotMade from bad
    except (CannotCopy, TwoFilesOfOneName) as error:
        raise NotMade(str(error)) from error


def _checks(folder: Path, feel: Feel) -> Iterator[bool]:
    """Whether the new programme is fit to deploy, and its first scenario comes out as written."""
    problems = lint(own_files(folder), feel, deployed=shared_files(folder))
    tell(problems)
    fit = not any(problem.severity == "error" for problem in problems)
    click.echo(f"Checked: {'fit to deploy' if fit else 'not fit to deploy'}.")
    yield fit
    scenarios = sorted(folder.glob("scenarios/*.yaml"), key=lambda path: (path.name != FIRST, path))
    for path in scenarios[:1]:
        played = simulate_file(path, Engine(feel))
        for failure in played["failures"]:
            click.echo(f"{path}: {failure['what']}: {failure['reason']}", err=True)
        click.echo(f"Played: {path.name} {'passes' if played['ok'] else 'fails'}.")
        yield played["ok"]


def _next_steps(folder: Path, key: str) -> str:
    return (
        "Next:\n"
        f"  1. Go through {folder / f'{key}.programme.json'}: name, summary, values, sources.\n"
        f"  2. vejviser deploy {folder}\n"
        "  3. Draw what is different, in the studio or in any BPMN tool, and check it with\n"
        f"     vejviser lint {folder}/*.bpmn"
    )
