"""`vejviser lint`: what is wrong with files, before anybody deploys them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from processes.diagram_files import read_neighbours, read_text
from processes.engine import BadDiagram, Feel
from processes.lint import lint as judge
from webapp.commands.problems import described, tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine import Problem


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.pass_context
def lint(ctx: click.Context, *, files: tuple[Path, ...], as_json: bool) -> None:
    """Judge diagrams, decisions and forms; exit with 1 on an error.

    The files beside them, and the shared parts, are looked up and not judged.
    """
    problems = list(_problems(files))
    if as_json:
        report = {"problems": [described(problem) for problem in problems]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        tell(problems)
    ctx.exit(1 if any(problem.severity == "error" for problem in problems) else 0)


def _problems(paths: Iterable[Path]) -> Iterator[Problem]:
    """The findings of each folder's files together, with the paths as they were given."""
    folders: defaultdict[Path, dict[str, Path]] = defaultdict(dict)
    for path in paths:
        folders[path.resolve().parent][path.name] = path
    feel = Feel()
    try:
        for folder, given in folders.items():
            problems: list[Problem] = []
            texts = dict(_texts(given, problems))
            problems += judge(texts, feel, deployed=read_neighbours(folder, given))
            for problem in problems:
                yield replace(problem, file=str(given.get(problem.file, problem.file)))
    finally:
        feel.close()


def _texts(paths: Mapping[str, Path], problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """The files that can be read; why the others cannot is added to the problems."""
    for name, path in paths.items():
        try:
            yield name, read_text(path)
        except BadDiagram as bad:
            problems += bad.problems
