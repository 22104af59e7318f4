"""`vejviser deploy`: make the diagrams of a folder startable."""

from __future__ import annotations

from pathlib import Path

import click

from models.errors import DiagramsRefused
from processes.access import OPERATOR
from processes.deploy import deploy_folder
from processes.diagram_files import TwoFilesOfOneName
from processes.engine import BadDiagram
from webapp.commands.opened import opened
from webapp.commands.problems import tell


class NotDeployed(click.ClickException):
    """Nothing was stored, for reasons told before."""

    def __init__(self) -> None:
        super().__init__("Nothing was deployed.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--note", default="", help="Why, and on whose behalf.")
def deploy(folder: Path, note: str) -> None:
    """Deploy the diagrams, decisions and forms below FOLDER as one act."""
    with opened() as wiring:
        try:
            with wiring.turn() as turn:
                done = deploy_folder(turn, folder, note, by=OPERATOR)
        except (BadDiagram, DiagramsRefused) as refused:
            tell(refused.problems)
            raise NotDeployed from refused
        except TwoFilesOfOneName as error:
            raise click.ClickException(str(error)) from error
    tell(done.warnings)
    for definition in done.definitions:
        click.echo(f"{definition.label} {definition.name}")
