"""The starter data for Leeds: real services and geography facts, shipped with the package.

Sources, editions and licences are in `directory/data/leeds/SOURCES.md`.
"""

import csv
import gzip
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from directory.geography import Geography, UnknownPostcode
from directory.geography_import.tables import describe, fill, fit_wards, new_geography
from directory.model import InvalidService, Service, read_service

LEEDS: Final = Path(__file__).parent / "data" / "leeds"

# The deciles of the starter places. IMD 2025 is in a table of its own, never mixed with it.
_EDITION: Final = {"imd_edition": "IMD 2019", "imd_lsoa_year": "2011"}


def build_geography(path: Path, tables: Path = LEEDS) -> None:
    """Build the geography file from a folder of CSV tables; an older file is replaced at once.

    Every foreign code must exist: raises sqlite3.IntegrityError otherwise.
    """
    with new_geography(path) as connection:
        _fill(connection, tables)


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
    areas = {lsoa: (lsoa21, lad) for lsoa, _, lsoa21, _, lad, *_ in _rows(tables / "lsoa.csv")}
    postcodes = [
        (postcode, lsoa, areas[lsoa][0], ward, areas[lsoa][1], lat, lon, None)
        for postcode, lsoa, ward, lat, lon in _rows(tables / "postcodes.csv.gz")
    ]
    fill(connection, "area", map(tuple, _rows(tables / "areas.csv")))
    fill(
        connection,
        "lsoa11",
        (
            (code, name, decile, rank, None)
            for code, name, _, _, _, decile, rank in _rows(tables / "lsoa.csv")
        ),
    )
    fill(
        connection,
        "lsoa21",
        (
            (code, name, decile, rank, None)
            for code, name, _, _, decile, rank in _rows(tables / "lsoa21.csv")
        ),
    )
    fill(connection, "pcn", map(tuple, _rows(tables / "pcns.csv")))
    fill(
        connection,
        "practice",
        (
            (*known, lsoa, areas[lsoa][0], ward, areas[lsoa][1], lat, lon)
            for *known, _, lsoa, ward, _, lat, lon, _ in _rows(tables / "practices.csv")
        ),
    )
    fill(connection, "postcode", postcodes)
    for year, column in ((2011, 1), (2021, 2)):
        pairs = Counter((row[column], row[3]) for row in postcodes)
        fit_wards(
            connection,
            year,
            {(lsoa, ward): number for (lsoa, ward), number in pairs.items() if lsoa and ward},
        )
    describe(connection, {"name": "Leeds starter", **_EDITION})


def _rows(path: Path) -> Iterator[list[str | None]]:
    """The rows of a CSV file with a header; an empty cell is None."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        next(reader)
        for row in reader:
            yield [cell or None for cell in row]
