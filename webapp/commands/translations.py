"""`vejviser translations`: which texts of a programme have no English yet."""

from __future__ import annotations

from pathlib import Path

import click

from processes.catalogues import catalogue_name, completed_catalogue, gaps_of
from processes.diagram_files import TwoFilesOfOneName
from processes.engine import BadDiagram


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Add what is missing, empty; drop what is unused.")
@click.pass_context
def translations(ctx: click.Context, *, folder: Path, write: bool) -> None:
    """Compare FOLDER's Danish texts with its catalogue; exit with 1 when they differ."""
    path = folder / catalogue_name(folder)
    try:
        gaps = gaps_of(folder)
        completed = completed_catalogue(folder) if write else ""
    except (BadDiagram, TwoFilesOfOneName) as error:
        raise click.ClickException(str(error)) from error
    for text in gaps.missing:
        click.echo(f"missing: {text}")
    for text in gaps.unused:
        click.echo(f"unused: {text}")
    if write:
        path.write_text(completed, encoding="utf-8")
    click.echo(f"{path}: {len(gaps.missing)} missing, {len(gaps.unused)} unused", err=True)
    ctx.exit(1 if gaps.missing or gaps.unused else 0)
