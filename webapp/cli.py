"""The command `vejviser`: which module answers which word."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from models.errors import DatabaseDown, Refused
from models.server import ServerFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = {
    "all": "serve:everything",
    "check": "check:check",
    "db": "database:db",
    "demo": "demo:demo",
    "deploy": "deploy:deploy",
    "export": "export:export",
    "lint": "lint:lint",
    "migrate": "migrate:migrate",
    "programme": "programme:programme",
    "report": "report:report",
    "simulate": "simulate:simulate",
    "token": "accounts:token",
    "translations": "translations:translations",
    "user": "accounts:user",
    "web": "serve:web",
    "worker": "work:worker",
}
"""Word to module and function in `webapp.commands`, loaded when the word is said."""


class Vocabulary(click.Group):
    """A group whose commands cost nothing until they are used."""

    def __init__(self, words: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._words = words

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Every word, in alphabetical order."""
        return sorted(self._words)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command behind a word."""
        if cmd_name not in self._words:
            return None
        module, _, function = self._words[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"webapp.commands.{module}"), function)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a user can put right ends in one sentence and status 1."""
        try:
            return super().invoke(ctx)
        except (Refused, DatabaseDown, ServerFailed) as error:
            raise click.ClickException(str(error)) from error


main = Vocabulary(
    COMMANDS,
    name="vejviser",
    help="Runs municipal programmes for young people as BPMN diagrams.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

if __name__ == "__main__":
    main()
