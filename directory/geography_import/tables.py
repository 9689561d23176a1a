"""The geography file: its tables, and how a new one takes the place of an older at once."""

import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from directory.geography import GEOGRAPHY_FORMAT

_PREFIX: Final = ".geography-"

# Areas of 2011 and 2021 are different areas, some under the same code: tables of their own.
_RANKED: Final = (
    "code TEXT PRIMARY KEY, name TEXT, imd_decile INTEGER NOT NULL, imd_rank INTEGER NOT NULL,"
    " ward_code TEXT REFERENCES area"
)
# The LSOA of a postcode need not be ranked: the English index ranks none of Wales or Scotland.
_PLACED: Final = (
    "lsoa11 TEXT, lsoa21 TEXT, ward_code TEXT REFERENCES area, lad_code TEXT REFERENCES area,"
    " lat REAL, lon REAL"
)
_TABLES: Final = {
    "meta": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "area": "code TEXT PRIMARY KEY, name TEXT, kind TEXT NOT NULL",
    "lsoa11": _RANKED,
    "lsoa21": _RANKED,
    "pcn": "code TEXT PRIMARY KEY, name TEXT NOT NULL, postcode TEXT",
    "practice": "ods_code TEXT PRIMARY KEY, name TEXT NOT NULL, postcode TEXT NOT NULL, phone TEXT,"
    f" pcn_code TEXT REFERENCES pcn, {_PLACED}",
    # `terminated` is the month (YYYYMM) Royal Mail gave the postcode up, NULL while it is in use.
    "postcode": f"postcode TEXT PRIMARY KEY, {_PLACED}, terminated TEXT",
}
LsoaAndWard = tuple[str, str]

# The file is nobody's until it is whole, so that nothing has to be undone in it.
_UNFINISHED: Final = (
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
    " PRAGMA cache_size = -65536"
)


@contextmanager
def new_geography(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to empty tables that take the place of the file at `path` when the block ends.

    They are proved first: every foreign code is there and SQLite finds no damage; raises
    sqlite3.IntegrityError. Where anything is raised, the older file stays and nothing is left. A
    service that has the older file open keeps it until it is closed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(path.parent)
    handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=path.parent)
    unfinished = Path(name)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            connection.executescript(_UNFINISHED)
            connection.execute("BEGIN")
            for table, columns in _TABLES.items():
                connection.execute(f"CREATE TABLE {table} ({columns}) STRICT, WITHOUT ROWID")
            yield connection
            connection.execute("COMMIT")
            _prove(connection)
        os.fsync(handle)
        unfinished.replace(path)
        _sync_names(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
        os.close(handle)


def fill(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows with a value for every column of the table, in the order of its columns."""
    marks = ", ".join("?" * len(connection.execute(f"PRAGMA table_info({table})").fetchall()))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def fit_wards(
    connection: sqlite3.Connection, year: int, postcodes: Mapping[LsoaAndWard, int]
) -> None:
    """Write the ward of each LSOA of a year, 2011 or 2021: where most of its postcodes are.

    A ward's boundary may cut an LSOA, which then counts whole, as in the best-fit look-ups of ONS.
    Of equal wards the first by code, so that the same files give the same tables.
    """
    wards: dict[str, str] = {}
    for (lsoa, ward), _ in sorted(postcodes.items(), key=lambda each: (-each[1], each[0])):
        wards.setdefault(lsoa, ward)
    connection.executemany(
        f"UPDATE lsoa{year % 100} SET ward_code = ? WHERE code = ?",  # noqa: S608
        ((ward, lsoa) for lsoa, ward in wards.items()),
    )


def describe(connection: sqlite3.Connection, facts: Mapping[str, str]) -> None:
    """Write `meta`: the format, how many postcodes there are, and these facts by name."""
    (postcodes,) = connection.execute("SELECT count(*) FROM postcode").fetchone()
    known = {"format": GEOGRAPHY_FORMAT, "postcodes": str(postcodes), **facts}
    fill(connection, "meta", sorted(known.items()))


def _prove(connection: sqlite3.Connection) -> None:
    (wrong,) = connection.execute("SELECT count(*) FROM pragma_foreign_key_check").fetchone()
    if wrong:
        raise sqlite3.IntegrityError(f"{wrong:,} rows have a code that is in no table")
    if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
        raise sqlite3.IntegrityError("the new geography file is damaged")


def _clear_abandoned(folder: Path) -> None:
    """Remove what an import that was killed has left: nobody holds its lock any more."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(BlockingIOError, FileNotFoundError), left.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _sync_names(folder: Path) -> None:
    """Make the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
