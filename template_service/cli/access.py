"""`template-service user add` and `token create`."""

import secrets
import sys

import click

from template_service import clock
from template_service.access.passwords import add_user
from template_service.access.principal import Role
from template_service.access.tokens import MAX_DAYS, token_create
from template_service.cli.options import common, print_json
from template_service.data_folder import open_store
from template_service.settings import Settings

ROLE = click.Choice([role.value for role in Role])
# 15 random bytes: 120 bits, 20 letters, digits, `-` and `_` to hand over once.
_PASSWORD_BYTES = 15


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.option("--username", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="How colleagues see them.")
@click.option("--role", type=ROLE, required=True)
@click.option("--organisation", required=True, metavar="ODS", help="ODS code of where they work.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from stdin; else one is made."
)
@common
def add(
    *,
    settings: Settings,
    as_json: bool,
    username: str,
    name: str,
    role: str,
    organisation: str,
    password_stdin: bool,
) -> None:
    """Add an account and print its password once."""
    given = sys.stdin.readline().rstrip("\n") if password_stdin else None
    password = given if given is not None else secrets.token_urlsafe(_PASSWORD_BYTES)
    store = open_store(settings)
    with store.write() as conn:
        add_user(
            conn,
            organisation,
            username=username,
            name=name,
            role=Role(role),
            password=password,
            at=clock.now(),
        )
    store.close()
    made = {"username": username, "role": role, "organisation": organisation}
    if given is None:
        made["password"] = password
    _print(made, as_json=as_json)


@click.group()
def token() -> None:
    """Tokens by which systems use /fhir and /api."""


@token.command("create")
@click.option("--role", type=ROLE, required=True)
@click.option("--organisation", required=True, metavar="ODS", help="ODS code it acts for.")
@click.option("--name", default="Connected system", help="What the audit calls it.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=90, help="How long it lasts.")
@common
def create(
    *, settings: Settings, as_json: bool, role: str, organisation: str, name: str, days: int
) -> None:
    """Make a token and print it once; only its hash is kept."""
    store = open_store(settings)
    with store.write() as conn:
        issued = token_create(
            conn,
            role=Role(role),
            organisation_id=organisation,
            days=days,
            now=clock.now(),
            name=name,
        )
    store.close()
    made = {
        "token": issued.token,
        "role": role,
        "organisation": organisation,
        "expires": issued.expires_at.isoformat(timespec="seconds"),
    }
    _print(made, as_json=as_json)


def _print(made: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        for name, value in made.items():
            click.echo(f"{name}: {value}")
