"""The starter data for Leeds: real services and geography facts, shipped with the package.

Sources, editions and licences are in `directory/data/leeds/SOURCES.md`.
"""

import csv
import gzip
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from directory.geography import GEOGRAPHY_FORMAT, Geography, UnknownPostcode
from directory.model import InvalidService, Service, read_service

LEEDS: Final = Path(__file__).parent / "data" / "leeds"

_TABLES: Final = {
    "area": "code TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL",
    "lsoa": "lsoa11 TEXT PRIMARY KEY, name TEXT NOT NULL, lsoa21 TEXT, ward_code TEXT NOT NULL,"
    " lad_code TEXT NOT NULL, imd2019_decile INTEGER NOT NULL, imd2019_rank INTEGER NOT NULL",
    # IMD 2025 is of the 2021 areas: a table of its own, never mixed with IMD 2019.
    "lsoa21": "lsoa21 TEXT PRIMARY KEY, name TEXT NOT NULL, ward_code TEXT NOT NULL,"
    " lad_code TEXT NOT NULL, imd2025_decile INTEGER NOT NULL, imd2025_rank INTEGER NOT NULL",
    "pcn": "code TEXT PRIMARY KEY, name TEXT NOT NULL, postcode TEXT NOT NULL",
    "practice": "ods_code TEXT PRIMARY KEY, name TEXT NOT NULL, postcode TEXT NOT NULL,"
    " phone TEXT, pcn_code TEXT NOT NULL, pcn_name TEXT NOT NULL, lsoa11 TEXT NOT NULL,"
    " ward_code TEXT NOT NULL, ward_name TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL,"
    " imd2019_decile INTEGER NOT NULL",
    "postcode": "postcode TEXT PRIMARY KEY, lsoa11 TEXT NOT NULL, ward_code TEXT NOT NULL,"
    " lat REAL, lon REAL",
}
_FILES: Final = {
    "area": "areas.csv",
    "lsoa": "lsoa.csv",
    "lsoa21": "lsoa21.csv",
    "pcn": "pcns.csv",
    "practice": "practices.csv",
    "postcode": "postcodes.csv.gz",
}


def build_geography(path: Path, tables: Path = LEEDS) -> None:
    """Build the geography file from a folder of CSV tables; an older file is replaced at once.

    Every foreign code must exist: raises sqlite3.IntegrityError otherwise.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".geography-", dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            _fill(connection, tables)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def starter_services(geography: Geography) -> tuple[Service, ...]:
    """The starter services of Leeds, in file order, placed by their postcode where none is given.

    Raises InvalidService naming each record at fault.
    """
    records: list[Mapping[str, Any]] = orjson.loads((LEEDS / "services.json").read_bytes())
    problems: list[str] = []
    services: list[Service] = []
    for number, record in enumerate(records):
        try:
            services.append(_placed(read_service(record), geography))
        except InvalidService as invalid:
            problems += [f"services.json[{number}].{problem}" for problem in invalid.problems]
    if problems:
        raise InvalidService(tuple(problems))
    return tuple(services)


def _placed(service: Service, geography: Geography) -> Service:
    if service.lat is not None or not service.postcode:
        return service
    try:
        place = geography.place(service.postcode)
    except UnknownPostcode:
        return service
    return replace(service, lat=place.lat, lon=place.lon)


def _fill(connection: sqlite3.Connection, tables: Path) -> None:
    with connection:
        for table, columns in _TABLES.items():
            connection.execute(f"CREATE TABLE {table} ({columns}) STRICT, WITHOUT ROWID")
            _insert(connection, table, _rows(tables / _FILES[table]))
        connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) STRICT")
        (postcodes,) = connection.execute("SELECT count(*) FROM postcode").fetchone()
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [
                ("format", GEOGRAPHY_FORMAT),
                ("name", "Leeds starter"),
                ("postcodes", str(postcodes)),
            ],
        )


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[list[str | None]]) -> None:
    marks = ", ".join("?" for _ in _TABLES[table].split(","))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _rows(path: Path) -> Iterator[list[str | None]]:
    """The rows of a CSV file with a header; an empty cell is None."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        next(reader)
        for row in reader:
            yield [cell or None for cell in row]
