"""`vejviser user` and `vejviser token`: who may sign in, and which machine may call."""

from __future__ import annotations

import sys

import click

from processes.accounts import (
    add_account,
    add_token,
    close_account,
    hash_password,
    revoke_tokens,
)
from webapp.commands.opened import opened


class NoPassword(click.UsageError):
    """`--password-stdin` was given, and nothing came."""

    def __init__(self) -> None:
        super().__init__("Standard input holds no password.")


@click.group()
def user() -> None:
    """Look after accounts."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="A lane's name; repeatable.")
@click.option("--unit", help="Unit of the roles; every unit if left out.")
@click.option("--display-name", help="What colleagues call the person.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(
    *,
    name: str,
    roles: tuple[str, ...],
    unit: str | None,
    display_name: str | None,
    password_stdin: bool,
) -> None:
    """Add an account; adding it again gives it more roles and the new password."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password_stdin and not password:
        raise NoPassword
    hashed = hash_password(password) if password else None
    with opened() as wiring, wiring.turn() as turn:
        add_account(turn, name, roles, unit=unit, display_name=display_name, password_hash=hashed)


@user.command("close")
@click.argument("name")
def close_user(name: str) -> None:
    """Close an account: its sessions and tokens end at once; adding it again opens it."""
    with opened() as wiring, wiring.turn() as turn:
        close_account(turn, name)


@click.group()
def token() -> None:
    """Look after the tokens of machines."""


@token.command("add")
@click.option("--user", "account", required=True, help="The account in whose name it acts.")
@click.option("--scope", "scopes", multiple=True, required=True, help="Repeatable, or with commas.")
@click.option("--name", default="", help="What the token is for.")
def add(account: str, scopes: tuple[str, ...], name: str) -> None:
    """Print a new token; it is shown this once and kept only as a digest."""
    wanted = [scope.strip() for given in scopes for scope in given.split(",")]
    with opened() as wiring, wiring.turn() as turn:
        made = add_token(turn, account, [scope for scope in wanted if scope], name)
    click.echo(made)


@token.command("revoke")
@click.option("--user", "account", required=True, help="The account in whose name they act.")
@click.option("--name", help="What the token is for; all of the account if left out.")
def revoke(account: str, name: str | None) -> None:
    """Withdraw tokens, and print how many it were."""
    with opened() as wiring, wiring.turn() as turn:
        click.echo(revoke_tokens(turn, account, name))
