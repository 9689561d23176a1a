"""What commands take (`--data`, `--json`, `--by`), and how they print."""

import functools
import getpass
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from template_service.settings import Settings


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--data` and `--json`; the function receives `settings` and `as_json`."""

    @click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the service's data (TEMPLATE_SERVICE_DATA).",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @functools.wraps(command)
    def wrapped(*, data: Path | None, **arguments: Any) -> None:
        settings = Settings.load()
        command(settings=replace(settings, data=data) if data else settings, **arguments)

    return wrapped


def by_whom(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--by`: the name that the audit keeps, by default that of the account."""
    option = click.option("--by", default=_account, help="Who does this, for the audit.")
    return option(command)


def print_json(value: Any) -> None:
    """Writes one JSON value to stdout."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    click.echo(text.decode())


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a user without a name.
        return "unknown"
