"""From official files to the geography tables: read, counted, proved, and swapped in at once."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, TypeVar

from directory.geography_import.area_names import DISTRICT, WARD, names_of_areas
from directory.geography_import.columns import NETWORKS, PRACTICES
from directory.geography_import.deprivation import Deprivation, read_deprivation
from directory.geography_import.postcodes import PostcodeCounts, PostcodeReading
from directory.geography_import.practices import (
    Networks,
    OfficialPractice,
    read_networks,
    read_practices,
)
from directory.geography_import.refused_rows import RefusedRow, RefusedRows
from directory.geography_import.sources import (
    GeographyRefused,
    Progress,
    Rows,
    SourceFile,
    rows_of,
    source_files,
)
from directory.geography_import.tables import describe, fill, new_geography

# Zips of ONS hold the whole directory once, and once more cut by postcode area (multi_csv).
_POSTCODE_FILE: Final = re.compile(r"(?!.*multi_csv)(.*/)?[^/]*(onspd|nspl)[^/]*\.csv")
_IMD_FILE: Final = re.compile(r"(.*/)?file[ _-]*[17][ _-][^/]*\.csv")
_TABLE: Final = re.compile(r".*\.csv")
_DOCUMENTS: Final = re.compile(r"(.*/)?documents/.*")

_PLACED: Final = (
    "SELECT lsoa11, lsoa21, ward_code, lad_code, lat, lon FROM postcode WHERE postcode = ?"
)
_NOWHERE: Final = (None,) * 6

_Read = TypeVar("_Read")


class OfficialFiles(NamedTuple):
    """What is imported: a CSV each, or a zip or folder as published; `practices` may be absent.

    `postcodes` is ONSPD or NSPL, `imd` IoD 2019 or 2025 File 1 or 7, `practices` epraccur,
    `networks` ePCN core partners and PCN details.
    """

    postcodes: Path
    imd: Path
    practices: Path | None = None
    networks: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class ImdCounts:
    """Rows of the IMD file: `read` = `imported` + `refused`. `year` is that of its LSOAs."""

    edition: str
    year: int
    read: int
    imported: int
    refused: int


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """Wards and local authorities of the postcodes, and how many have no name."""

    wards: int
    wards_without_name: int
    local_authorities: int
    local_authorities_without_name: int


@dataclass(frozen=True, slots=True)
class PracticeCounts:
    """GP practices: `read` rows, of which `imported`; `kept` says that no file was given.

    Then the practices of the geography there was are kept and placed anew. `without_place` are
    those whose postcode is not in the tables.
    """

    read: int
    imported: int
    kept: bool
    without_place: int
    without_network: int
    networks: int


@dataclass(frozen=True, slots=True)
class GeographyReport:
    """What an import did. `refused` counts the rows not taken, `refused_rows` names the first."""

    name: str
    postcodes: PostcodeCounts
    imd: ImdCounts
    areas: AreaCounts
    practices: PracticeCounts
    refused: int
    refused_rows: tuple[RefusedRow, ...]


@dataclass(slots=True)
class _Practices:
    found: list[OfficialPractice]
    networks: Networks
    read: int
    kept: bool


def import_geography(
    path: Path, files: OfficialFiles, progress: Progress | None = None
) -> GeographyReport:
    """Make the geography file at `path` of official files; an older one is replaced at once.

    `progress` is told the bytes of each block read of the postcodes, and how many there are.
    Without a file of practices those of the older geography are kept. Raises GeographyRefused
    naming the file and the reason, or sqlite3.Error or OSError where nothing can be written; the
    older file then stays.
    """
    refused = RefusedRows()
    deprivation, imd = _deprivation(files.imd, refused)
    practices = _practices(path, files, refused)
    # The tables are proved and swapped in when their block ends: outside of what reads the sources.
    with new_geography(path) as connection, source_files(files.postcodes) as members:
        file = _the_one(members, _POSTCODE_FILE, f"{files.postcodes.name}: no ONSPD or NSPL file")
        name = PurePosixPath(file.path).stem
        _fill_index(connection, deprivation)
        with rows_of(file, progress) as rows:
            reading = PostcodeReading(connection, rows, deprivation.year, refused)
            counts = reading.run()
        areas = _fill_areas(connection, reading, _names(members, deprivation))
        placed = _fill_practices(connection, practices)
        describe(connection, {"name": name, **_about(deprivation)})
    return GeographyReport(name, counts, imd, areas, placed, refused.count, tuple(refused.named))


def _fill_index(connection: sqlite3.Connection, deprivation: Deprivation) -> None:
    rows = ((*ranked, None) for ranked in deprivation.lsoas.values())
    fill(connection, f"lsoa{deprivation.year % 100}", rows)


def _about(deprivation: Deprivation) -> dict[str, str]:
    return {"imd_edition": deprivation.edition, "imd_lsoa_year": str(deprivation.year)}


def _deprivation(path: Path, refused: RefusedRows) -> tuple[Deprivation, ImdCounts]:
    before = refused.count
    with source_files(path) as members:
        file = _the_one(members, _IMD_FILE, f"{path.name}: no IMD File 1 or File 7")
        with rows_of(file) as rows:
            found = read_deprivation(rows, refused)
    return found, ImdCounts(
        edition=found.edition,
        year=found.year,
        read=found.read,
        imported=len(found.lsoas),
        refused=refused.count - before,
    )


def _practices(path: Path, files: OfficialFiles, refused: RefusedRows) -> _Practices:
    if files.practices is None:
        return _kept_practices(path)
    networks = Networks({}, {}, {})
    found, read = _only(files.practices, PRACTICES, lambda rows: read_practices(rows, refused))
    for source in files.networks:
        _only(source, NETWORKS, lambda rows: read_networks(rows, networks))
    return _Practices(found, networks, read, kept=False)


def _only(path: Path, what: str, read: Callable[[Rows], _Read]) -> _Read:
    """What is read of a CSV, or of the only one in a zip."""
    with source_files(path) as members:
        file = _the_one(members, _TABLE, f"{path.name}: no CSV of {what}")
        with rows_of(file) as rows:
            return read(rows)


def _the_one(members: Sequence[SourceFile], pattern: re.Pattern[str], none: str) -> SourceFile:
    """The only file there is, else the only one of this pattern outside the documents."""
    if len(members) == 1:
        return members[0]
    found = [
        file
        for file in members
        if pattern.fullmatch(file.path.casefold())
        and not _DOCUMENTS.fullmatch(file.path.casefold())
    ]
    if not found:
        raise GeographyRefused(f"{none} among its {len(members):,} files")
    if len(found) > 1:
        listed = ", ".join(file.path for file in found[:5])
        raise GeographyRefused(f"{found[0].name}: which file is meant? Give one of {listed}")
    return found[0]


def _names(
    members: Sequence[SourceFile], deprivation: Deprivation
) -> Mapping[str, Mapping[str, str]]:
    """Names by kind and code; the districts of the IMD file stand in where ONS gives none."""
    names = names_of_areas(members) if len(members) > 1 else {WARD: {}, DISTRICT: {}}
    return {**names, DISTRICT: {**deprivation.district_names, **names[DISTRICT]}}


def _fill_areas(
    connection: sqlite3.Connection,
    reading: PostcodeReading,
    names: Mapping[str, Mapping[str, str]],
) -> AreaCounts:
    seen = {WARD: reading.wards() - reading.districts(), DISTRICT: reading.districts()}
    for kind, codes in seen.items():
        fill(connection, "area", ((code, names[kind].get(code), kind) for code in sorted(codes)))
    nameless = {
        kind: sum(code not in names[kind] for code in codes) for kind, codes in seen.items()
    }
    return AreaCounts(len(seen[WARD]), nameless[WARD], len(seen[DISTRICT]), nameless[DISTRICT])


def _fill_practices(connection: sqlite3.Connection, practices: _Practices) -> PracticeCounts:
    networks, found = practices.networks, practices.found
    used = {code for one in found if (code := networks.of_practice.get(one.ods_code))}
    fill(
        connection,
        "pcn",
        ((code, networks.names[code], networks.postcodes.get(code)) for code in sorted(used)),
    )
    places = [connection.execute(_PLACED, (one.postcode,)).fetchone() or _NOWHERE for one in found]
    fill(
        connection,
        "practice",
        (
            (*one[:3], one.phone or None, networks.of_practice.get(one.ods_code), *place)
            for one, place in zip(found, places, strict=True)
        ),
    )
    return PracticeCounts(
        read=practices.read,
        imported=len(found),
        kept=practices.kept,
        without_place=places.count(_NOWHERE),
        without_network=sum(one.ods_code not in networks.of_practice for one in found),
        networks=len(used),
    )


def _kept_practices(path: Path) -> _Practices:
    """The practices of the geography that is there; of format 1 too, which has the same columns."""
    networks = Networks({}, {}, {})
    found: list[OfficialPractice] = []
    if path.exists():
        uri = f"{path.resolve().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as older:
                for *practice, pcn in older.execute(
                    "SELECT ods_code, name, postcode, ifnull(phone, ''), pcn_code FROM practice"
                ):
                    found.append(OfficialPractice(*practice))
                    if pcn:
                        networks.of_practice[practice[0]] = pcn
                for code, name, postcode in older.execute("SELECT code, name, postcode FROM pcn"):
                    networks.names[code] = name
                    networks.postcodes[code] = postcode
        except sqlite3.Error:
            # What is not readable has nothing to keep; the report says that there are none.
            found = []
    return _Practices(found, networks, len(found), kept=True)
