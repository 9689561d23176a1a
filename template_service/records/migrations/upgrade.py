"""Runs the migrations from the program itself: no ini file, no `alembic` command."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from template_service.records.store import StoreUnusable

CONNECTION = "connection"


def config(conn: Connection | None = None) -> Config:
    """The configuration of the migrations beside this file, on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes[CONNECTION] = conn
    return made


def upgrade(conn: Connection) -> None:
    """Bring the schema behind `conn` to the newest revision, each in a transaction of its own.

    Raises `StoreUnusable` for a schema that this version does not know.
    """
    try:
        command.upgrade(config(conn), "head")
    except CommandError:
        raise StoreUnusable("The store was written by a newer version of the service") from None
