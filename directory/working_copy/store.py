"""The working copy as a file: opened, written by one process at a time, whole after any crash."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from directory.open_referral.lens_reading import Context
from directory.open_referral.records import uuid_of
from directory.working_copy import tables
from directory.working_copy.problems import WorkingCopyBusy, WorkingCopyDamaged

if TYPE_CHECKING:
    import sqlite_utils

FILE: Final = "working.sqlite"

# How long a writer waits for another; an import of a city's directory takes less.
BUSY_SECONDS: Final = 10.0


class WorkingCopy:
    """An open working copy; one object serves one thread.

    `database` is a `sqlite_utils.Database` for reading; every write goes through `writing`.
    """

    def __init__(self, database: "sqlite_utils.Database", context: Context | None = None) -> None:
        self.database = database
        self.context = context or Context()

    @classmethod
    def open(
        cls, path: Path, *, wait: float = BUSY_SECONDS, context: Context | None = None
    ) -> Self:
        """Opens the file, made with empty tables where there is none.

        `context` is what a deployment knows beside the records. `wait` is how many seconds a write
        waits for another process. Raises WorkingCopyDamaged for what is no working copy of this
        version, WorkingCopyBusy while another process makes it.
        """
        # Slow to import, and a server without curators needs none.
        import sqlite_utils  # noqa: PLC0415

        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
        try:
            with _plain_messages():
                working = cls(sqlite_utils.Database(connection), context)
                working._prepare()
        except BaseException:
            connection.close()
            raise
        return working

    def _prepare(self) -> None:
        run = self.database.execute
        run("PRAGMA trusted_schema = OFF")
        self.database.conn.create_function("uuid_of", 3, uuid_of, deterministic=True)
        if self._version() == 0:
            self.database.enable_wal()
            with self.writing():
                # Another process may have made the tables while this one waited.
                if self._version() == 0:
                    if self.database.table_names():
                        raise WorkingCopyDamaged("the file is not a working copy of the directory")
                    tables.create(self.database)
        if 0 < self._version() < tables.SCHEMA_VERSION:
            with self.writing():
                tables.upgrade(self.database, self._version())
        if self._version() != tables.SCHEMA_VERSION:
            raise WorkingCopyDamaged(
                f"the working copy is of version {self._version()}, this program reads"
                f" {tables.SCHEMA_VERSION}"
            )
        # A kill must not lose what a curator was told is done.
        run("PRAGMA synchronous = FULL")

    def _version(self) -> int:
        (version,) = self.database.execute("PRAGMA user_version").fetchone()
        return int(version)

    @contextmanager
    def writing(self) -> Iterator["sqlite_utils.Database"]:
        """One transaction that alone writes: all of the block is kept, or nothing.

        Nested blocks are part of the outer one. Raises WorkingCopyBusy when another process keeps
        writing for longer than `wait`.
        """
        connection = self.database.conn
        if connection.in_transaction:
            yield self.database
            return
        with _plain_messages():
            connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.database
            with _plain_messages():
                connection.execute("COMMIT")
        finally:
            # Nothing to do once it is committed.
            self.database.rollback()

    def close(self) -> None:
        """Closes the file."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def _plain_messages() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise WorkingCopyBusy(
                "somebody else is changing the directory just now; try again in a minute"
            ) from problem
        raise WorkingCopyDamaged(f"the working copy cannot be used: {problem}") from problem
    except sqlite3.DatabaseError as problem:
        raise WorkingCopyDamaged("the working copy cannot be read") from problem
