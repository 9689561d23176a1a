"""The store of the records: one writer at a time, durable on commit; readers that never write.

SQLite before 3.51.3 can corrupt a database when two connections write or checkpoint its WAL at
once. So one connection per process writes, under a lock between threads and an `flock` between
processes that is held for the whole transaction, and every other connection is opened read-only.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from template_service.errors import Unavailable
from template_service.records.keys import Keys, options_with
from template_service.records.prepared import driver_of, with_driver

# Where migrations/ ends (tested); comparing it spares the import of Alembic at every start.
SCHEMA_REVISION = "0004"
# A writer waits at most this long for another one, then the caller is told to try again.
BUSY_SECONDS = 10.0
_POLL_SECONDS = 0.001
_CACHE_KIB = 16 * 1024
_BEGIN = "BEGIN"
_BEGIN_WRITING = "BEGIN IMMEDIATE"
# What the disk, a lock or the file does, as against a statement that is wrong.
_FAULTS = ("FULL", "IOERR", "READONLY", "BUSY", "CANTOPEN", "CORRUPT", "NOTADB")


class StoreBusy(Unavailable):
    """Another writer kept the store for longer than the bound; nothing was saved."""


class StoreUnusable(Unavailable):
    """The disk, the file or a foreign lock stands in the way; nothing was saved."""


class Store:
    """An open store. `read()` and `write()` yield a connection in a transaction.

    `read()` sees one snapshot and cannot change anything. `write()` commits when the block ends,
    durably, and rolls back on any exception; it does not nest in itself.
    """

    def __init__(self, path: Path, keys: Keys, *, durable: bool) -> None:
        self.path = path
        self._durable = durable
        self._lock = threading.Lock()
        self._writing_thread: int | None = None
        self._turn_file, self._lock_file = _lock_file(path, "turn"), _lock_file(path, "lock")
        self._readers = _engine(path, keys, writes=False, durable=durable)
        # As many as ever read at once; taking one is far cheaper than from SQLAlchemy's pool.
        self._idle_readers: deque[Connection] = deque()
        with self._exclusive():
            _make_private(path)
            engine = _engine(path, keys, writes=True, durable=durable)
            self._writer = with_driver(engine.connect())

    @classmethod
    def open(cls, url_or_path: str | Path, keys: Keys, *, durable: bool = True) -> "Store":
        """Open the SQLite file at a path or `sqlite:///` URL, made if it is not there.

        `durable=False` is for preparing made-up data only: a power cut may lose everything until
        `close`, which makes it durable in one step. Raises `StoreUnusable`.
        """
        try:
            return cls(_path_of(url_or_path), keys, durable=durable)
        except (OSError, DatabaseError, sqlite3.DatabaseError) as error:
            raise StoreUnusable(f"The store cannot be opened: {_reason(error)}") from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot and cannot write."""
        try:
            conn = self._idle_readers.pop()
        except IndexError:
            conn = with_driver(self._readers.connect())
        try:
            with _transaction(conn, _BEGIN):
                yield conn
        finally:
            self._idle_readers.append(conn)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The one writing connection, in a transaction that began by taking the write lock.

        Raises `StoreBusy` when another writer does not finish within `BUSY_SECONDS`, and
        `StoreUnusable` when the disk is full, read-only or failing; nothing is saved then.
        """
        with self._exclusive():
            try:
                with _transaction(self._writer, _BEGIN_WRITING):
                    yield self._writer
            except (DatabaseError, sqlite3.DatabaseError) as error:
                if not _is_fault(error):
                    raise
                raise StoreUnusable(f"Nothing was saved: {_reason(error)}") from None

    def migrate(self) -> str:
        """Bring the schema to this version and return its revision; cheap with nothing to do.

        Raises `StoreUnusable` when a newer version of the service wrote the store.
        """
        if self.schema_revision() != SCHEMA_REVISION:
            from template_service.records.migrations.upgrade import upgrade  # noqa: PLC0415 -- slow

            with self._exclusive():
                try:
                    upgrade(self._writer)
                finally:
                    # A refused upgrade has read already, and leaves that transaction open.
                    self._writer.rollback()
        return SCHEMA_REVISION

    def schema_revision(self) -> str | None:
        """The revision of the schema in the file, or None for an empty file."""
        with self.read() as conn:
            known = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
            if conn.exec_driver_sql(known).first() is None:
                return None
            found = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return None if found is None else str(found)

    def check(self) -> tuple[str, ...]:
        """What SQLite finds wrong in pages, indexes and foreign keys; empty when sound."""
        with self.read() as conn:
            pages = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check")]
            keys = [
                f"{table} row {row_id} points to no {parent}"
                for table, row_id, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        return tuple(problem for problem in pages if problem != "ok") + tuple(keys)

    def close(self) -> None:
        """Close every connection, the WAL folded into the file; safe to call twice."""
        if self._lock_file < 0:
            return
        while self._idle_readers:
            self._idle_readers.pop().close()
        with self._exclusive():
            # On the driver itself: SQLAlchemy would begin a transaction, and none may be open.
            driver_of(self._writer).execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()
            if not self._durable:
                _sync(self.path)
        os.close(self._turn_file)
        os.close(self._lock_file)
        self._lock_file = -1

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Nobody else, in this process or another, writes or checkpoints meanwhile."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("this thread is writing already; pass its connection on instead")
        deadline = time.monotonic() + BUSY_SECONDS
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreBusy("Another change is still being saved; try again")
        self._writing_thread = threading.get_ident()
        try:
            # Whoever waits holds the turn, so that a busy process cannot come round before them.
            _flock(self._turn_file, deadline)
            try:
                _flock(self._lock_file, deadline)
            finally:
                fcntl.flock(self._turn_file, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)
        finally:
            self._writing_thread = None
            self._lock.release()


def _lock_file(path: Path, purpose: str) -> int:
    return os.open(f"{path}.{purpose}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _flock(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreBusy("Another program is still writing; try again") from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _make_private(path: Path) -> None:
    """Make the file for its owner only, if it is new.

    One that exists is not opened: closing it again would drop the locks that SQLite holds on it for
    another store of this process (POSIX record locks belong to the process).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _path_of(url_or_path: str | Path) -> Path:
    text = str(url_or_path)
    if text.startswith("sqlite:///"):
        return Path(text.removeprefix("sqlite:///"))
    if "://" in text:
        raise StoreUnusable("The store is a SQLite file: give its path, or sqlite:///path")
    return Path(text)


def _engine(path: Path, keys: Keys, *, writes: bool, durable: bool) -> Engine:
    address = f"file:{quote(str(path.absolute()))}?mode={'rw' if writes else 'ro'}"

    def connect() -> sqlite3.Connection:
        # The driver's own transactions are off: it would begin late, and never IMMEDIATE.
        driver = sqlite3.connect(
            address,
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for pragma in _pragmas(writes=writes, durable=durable):
                driver.execute(f"PRAGMA {pragma}")
        except sqlite3.DatabaseError:
            driver.close()
            raise
        return driver

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=NullPool,
        execution_options=options_with(keys),
        # A parameter may be a name or an NHS number: none may reach a message or a log.
        hide_parameters=True,
    )
    begin = _BEGIN_WRITING if writes else _BEGIN

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        driver = driver_of(with_driver(conn))
        if not driver.in_transaction:
            driver.execute(begin)

    return engine


@contextmanager
def _transaction(conn: Connection, begin: str) -> Iterator[None]:
    """A transaction begun and ended on the driver: SQLAlchemy's own costs as much as a statement.

    SQLAlchemy takes part as soon as a statement is run through it; then it also ends it.
    """
    driver = driver_of(conn)
    driver.execute(begin)
    try:
        yield
        (conn if conn.in_transaction() else driver).commit()
    except BaseException:
        (conn if conn.in_transaction() else driver).rollback()
        raise


def _pragmas(*, writes: bool, durable: bool) -> tuple[str, ...]:
    shared = (f"cache_size = -{_CACHE_KIB}", "temp_store = MEMORY", "trusted_schema = OFF")
    if not writes:
        return (*shared, "query_only = ON")
    return (
        *shared,
        "journal_mode = WAL",
        # NORMAL loses acknowledged rows at a power cut.
        f"synchronous = {'FULL' if durable else 'OFF'}",
        "foreign_keys = ON",
    )


def _is_fault(error: DatabaseError | sqlite3.DatabaseError) -> bool:
    name = str(getattr(_cause(error), "sqlite_errorname", ""))
    return name.removeprefix("SQLITE_").startswith(_FAULTS)


def _cause(error: Exception) -> BaseException:
    return (error.orig or error) if isinstance(error, DatabaseError) else error


def _reason(error: OSError | DatabaseError | sqlite3.DatabaseError) -> str:
    """Why, in the words of the system or of SQLite; neither repeats a value or a path."""
    if isinstance(error, OSError):
        return error.strerror or "the system refused"
    return str(_cause(error))


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
