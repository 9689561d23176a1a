"""The English Indices of Deprivation: the rank and the decile of every LSOA, and of which edition.

Sources: MHCLG, English indices of deprivation 2019 and 2025, File 1 (the index alone) and File 7
(all ranks, deciles and scores). Rank 1 and decile 1 are the most deprived.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from directory.geography_import.columns import IMD, kind_of_file, needed_columns
from directory.geography_import.refused_rows import RefusedRows
from directory.geography_import.sources import GeographyRefused, Rows

_PATTERNS: Final = {
    "LSOA code": r"lsoa code \(\d{4}\)",
    "LSOA name": r"lsoa name \(\d{4}\)",
    "Local Authority District code": r"local authority district code \(\d{4}\)",
    "Local Authority District name": r"local authority district name \(\d{4}\)",
    "IMD rank": r"index of multiple deprivation \(imd\) rank\b.*",
    "IMD decile": r"index of multiple deprivation \(imd\) decile\b.*",
}
# The years of the LSOAs and of the districts in the headers tell the edition: the 2015 index is of
# the LSOAs of 2011 too, with the districts of 2013.
_EDITIONS: Final = {("2011", "2019"): "IMD 2019", ("2021", "2024"): "IMD 2025"}
_YEAR: Final = re.compile(r"\((\d{4})\)")
_CODE: Final = re.compile(r"E01\d{6}")
DECILES: Final = range(1, 11)


class Ranked(NamedTuple):
    """An LSOA with its name, and its decile (1 to 10) and rank in the index."""

    code: str
    name: str | None
    decile: int
    rank: int


@dataclass(frozen=True, slots=True)
class Deprivation:
    """An edition ("IMD 2019") and the year of the LSOAs it ranks (2011 or 2021).

    `lsoas` by code; `district_names` are the local authorities of the file, by code; `read` counts
    the rows.
    """

    edition: str
    year: int
    lsoas: dict[str, Ranked]
    district_names: dict[str, str]
    read: int


def read_deprivation(rows: Rows, refused: RefusedRows) -> Deprivation:
    """The index of one file; rows that say nothing sound are added to `refused`.

    Raises GeographyRefused where the file is another one, of another edition, or without any LSOA.
    """
    places = needed_columns(rows.file.name, rows.headers, _PATTERNS, IMD)
    edition, year = _edition(rows, places)
    lsoas: dict[str, Ranked] = {}
    districts: dict[str, str] = {}
    read = 0
    for row in rows:
        read += 1
        try:
            code, name, district, district_name, rank, decile = _picked(row, places)
            lsoas[code] = _ranked(code, name, rank=rank, decile=decile, known=lsoas)
        except ValueError as problem:
            refused.add(rows, str(problem))
        else:
            districts[district] = district_name
    if not lsoas:
        raise GeographyRefused(f"{rows.file.name} has no LSOA with a rank and a decile")
    return Deprivation(edition, year, lsoas, districts, read)


def _edition(rows: Rows, places: dict[str, int]) -> tuple[str, int]:
    lsoa, district = (
        _YEAR.findall(rows.headers[places[column]])[0]
        for column in ("LSOA code", "Local Authority District code")
    )
    edition = _EDITIONS.get((lsoa, district))
    if edition is None:
        raise GeographyRefused(
            f"{rows.file.name}: {kind_of_file(rows.headers)} with the districts of {district} is"
            f" not an edition known here ({', '.join(_EDITIONS.values())})"
        )
    return edition, int(lsoa)


def _picked(row: list[str], places: dict[str, int]) -> list[str]:
    try:
        return [row[place].strip() for place in places.values()]
    except IndexError:
        raise ValueError("fewer cells than columns") from None


def _ranked(code: str, name: str, *, rank: str, decile: str, known: dict[str, Ranked]) -> Ranked:
    if not _CODE.fullmatch(code):
        raise ValueError("not the code of an English LSOA")
    if code in known:
        raise ValueError(f"{code} is there twice: the first counts")
    found = Ranked(code, name or None, _number(decile, "decile"), _number(rank, "rank"))
    if found.decile not in DECILES or found.rank < 1:
        raise ValueError(f"{code}: a decile is 1 to 10 and a rank 1 or more")
    return found


def _number(text: str, what: str) -> int:
    """A whole number as it is published: with commas between thousands or without."""
    plain = text.replace(",", "")
    if not (plain.isascii() and plain.isdigit()):
        raise ValueError(f"the {what} is not a whole number")
    return int(plain)
