"""The postcodes of ONS: the Postcode Directory (ONSPD) or the Statistics Postcode Lookup (NSPL).

Source of columns and conventions: ONS Geography, user guides of the two. Their `imd` is a rank, and
not always of the edition that is imported, so it is not read. Terminated postcodes are taken too: a
record may still hold one, and it lies where it lay.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from directory.geography import PSEUDO_OUTWARD, InvalidPostcode, normalise_postcode
from directory.geography_import.columns import POSTCODES, needed_columns, place_of_column
from directory.geography_import.refused_rows import RefusedRows
from directory.geography_import.sources import GeographyRefused, Rows
from directory.geography_import.tables import LsoaAndWard, fit_wards

_PATTERNS: Final = {
    "postcode (pcds)": r"pcds|pcd[278]?",
    "termination (doterm)": r"doterm",
    "ward (osward, ward or wd25cd)": r"osward|ward|wd\d\dcd",
    "local authority (oslaua, laua or lad25cd)": r"oslaua|laua|lad(\d\d)?cd",
    "latitude (lat)": r"lat",
    "longitude (long)": r"long",
}
_LSOA: Final = {2011: r"lsoa11(cd)?", 2021: r"lsoa21(cd)?"}

_WRITTEN: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}", re.ASCII)
_CODE: Final = re.compile(r"[A-Z0-9]{8,9}", re.ASCII)
_MONTH: Final = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])", re.ASCII)
# E99999999 and its like of other countries stand for "not applicable" (user guides).
_NOT_APPLICABLE: Final = "99999999"
# No grid reference is latitude 99.999999 with longitude 0 (user guides); elsewhere both are 0.
_NO_LATITUDE: Final = frozenset({"", "0", "0.0", "0.000000", "99.999999"})
# Degrees around the United Kingdom and the islands that have its postcodes.
_SOUTH, _NORTH, _WEST, _EAST = 49.0, 61.5, -9.0, 2.5

_HELD: Final = "SELECT lsoa11, lsoa21, ward_code, terminated FROM postcode WHERE postcode = ?"
# Only what takes the place of a terminated one comes twice.
_INSERT: Final = "INSERT OR REPLACE INTO postcode VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SUMS: Final = "SELECT count(*), count(*) - count(terminated), count(lat) FROM postcode"

_Row = tuple[
    str, str | None, str | None, str | None, str | None, float | None, float | None, str | None
]


@dataclass(frozen=True, slots=True)
class PostcodeCounts:
    """What became of the rows of the postcode file.

    `read` = `live` + `terminated` + `pseudo` (ZZ99: no places) + `duplicates` + `refused`, and
    `imported` = `live` + `terminated`. Of the imported: `without_lsoa` (none of the year the index
    ranks), `of_unknown_lsoa` (an English LSOA that the index does not rank), `outside_england` (not
    ranked because another country's), `without_coordinates`, and among these
    `impossible_coordinates`, which were left out because they are not in the United Kingdom.
    """

    read: int
    live: int
    terminated: int
    pseudo: int
    duplicates: int
    refused: int
    imported: int
    without_lsoa: int
    of_unknown_lsoa: int
    outside_england: int
    without_coordinates: int
    impossible_coordinates: int


class _Cells(dict[str, str | None]):
    """Cells as published -> the one string kept for all of them, made when first seen."""

    def __init__(self, make: Callable[[str], str | None]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, published: str) -> str | None:
        self[published] = made = self._make(_bare(published).upper())
        return made


class PostcodeReading:
    """One reading of a postcode file into the table `postcode`.

    `year` is that of the LSOAs that the index ranks, 2011 or 2021: their column is needed, that of
    the other year read where it is there. A postcode that is there twice counts once: the live one,
    else the first. Raises GeographyRefused where the file is another one or lacks a column.
    """

    def __init__(
        self, connection: sqlite3.Connection, rows: Rows, year: int, refused: RefusedRows
    ) -> None:
        self._connection, self._rows, self._year = connection, rows, year
        self._refused = refused
        self._lsoa11, self._lsoa21 = _Cells(_code), _Cells(_code)
        self._wards, self._districts = _Cells(_code), _Cells(_code)
        self._pick = self._columns()
        self._read = self._pseudo = self._twice = self._bad = self._impossible = 0
        # Postcodes kept by LSOA of 2011, of 2021 and ward, in use and terminated apart.
        self._counted: Counter[tuple[tuple[str | None, ...], bool]] = Counter()

    def run(self) -> PostcodeCounts:
        """Fill the table, and write the best-fit ward of every LSOA of the index."""
        self._connection.executemany(_INSERT, self._kept())
        imported, live, located = self._connection.execute(_SUMS).fetchone()
        self._prove(imported, live)
        everywhere, fitting = self._by_small_area()
        fit_wards(self._connection, self._year, fitting)
        without, english, ranked = self._ranked(everywhere)
        return PostcodeCounts(
            read=self._read,
            live=live,
            terminated=imported - live,
            pseudo=self._pseudo,
            duplicates=self._twice,
            refused=self._bad,
            imported=imported,
            without_lsoa=without,
            of_unknown_lsoa=english - ranked,
            outside_england=imported - without - english,
            without_coordinates=imported - located,
            impossible_coordinates=self._impossible,
        )

    def wards(self) -> frozenset[str]:
        """Every ward code of the file."""
        return frozenset(code for code in self._wards.values() if code)

    def districts(self) -> frozenset[str]:
        """Every local authority code of the file."""
        return frozenset(code for code in self._districts.values() if code)

    def _columns(self) -> "itemgetter[Any]":
        name, headers = self._rows.file.name, self._rows.headers
        places = needed_columns(name, headers, _PATTERNS, POSTCODES)
        lsoas = {year: place_of_column(headers, pattern) for year, pattern in _LSOA.items()}
        if lsoas[self._year] is None:
            raise GeographyRefused(
                f"{name}: no column of the LSOAs of {self._year} (lsoa{self._year % 100}), which"
                " the IMD file ranks: take the ONSPD, which has both years, or the other IMD"
            )
        # A year that the file does not have reads the other's cells and keeps nothing of them.
        if lsoas[2011] is None:
            self._lsoa11 = _Cells(lambda _: None)
        if lsoas[2021] is None:
            self._lsoa21 = _Cells(lambda _: None)
        ours = lsoas[self._year]
        return itemgetter(*places.values(), *(ours if at is None else at for at in lsoas.values()))

    def _kept(self) -> Iterator[_Row]:
        """The rows to insert. One step for a row of 2.6 million: everything is looked up once."""
        pick, lsoa11, lsoa21 = self._pick, self._lsoa11, self._lsoa21
        wards, districts, months = self._wards, self._districts, _Cells(_month)
        written = _WRITTEN.fullmatch
        counted, last = self._counted, ""
        for row in self._rows.split():
            self._read += 1
            try:
                cell, doterm, ward, district, north, east, old, new = pick(row)
                postcode = cell.strip('"')
                if not written(postcode):
                    postcode = normalise_postcode(postcode)
                if postcode.startswith(PSEUDO_OUTWARD):
                    self._pseudo += 1
                    continue
                terminated = months[doterm]
                lat, lon = self._coordinates(north, east)
                made = (
                    postcode,
                    lsoa11[old],
                    lsoa21[new],
                    wards[ward],
                    districts[district],
                    lat,
                    lon,
                    terminated,
                )
            except (ValueError, IndexError) as problem:
                self._refuse(problem)
                continue
            # The files are sorted: only what is not in order can have been there before.
            if postcode > last:
                last = postcode
            elif self._is_held(postcode, terminated):
                continue
            counted[made[1:4], terminated is None] += 1
            yield made

    def _is_held(self, postcode: str, terminated: str | None) -> bool:
        """Whether the postcode is there already, and not to be replaced by a live one."""
        held = self._connection.execute(_HELD, (postcode,)).fetchone()
        if held is None:
            return False
        self._twice += 1
        *place, held_terminated = held
        if terminated is not None or held_terminated is None:
            return True
        self._counted[tuple(place), False] -= 1
        return False

    def _coordinates(self, north: str, east: str) -> tuple[float | None, float | None]:
        if north in _NO_LATITUDE:
            return None, None
        try:
            lat, lon = float(north), float(east)
        except ValueError:
            if _bare(north) != north or _bare(east) != east:
                return self._coordinates(_bare(north), _bare(east))
            lat = lon = 0.0
        if _SOUTH < lat < _NORTH and _WEST < lon < _EAST:
            return lat, lon
        self._impossible += 1
        return None, None

    def _refuse(self, problem: Exception) -> None:
        self._bad += 1
        if isinstance(problem, InvalidPostcode):
            reason = "not the shape of a UK postcode"
        else:
            reason = (
                str(problem) if isinstance(problem, ValueError) else "not as many cells as headers"
            )
        self._refused.add(self._rows, reason)

    def _prove(self, imported: int, live: int) -> None:
        """What the table holds is what was read: nothing lost, nothing twice."""
        kept = sum(self._counted.values())
        kept_live = sum(number for (_, is_live), number in self._counted.items() if is_live)
        left_out = self._pseudo + self._twice + self._bad
        if (imported, live, self._read) != (kept, kept_live, kept + left_out):
            raise sqlite3.IntegrityError("the postcodes written are not those that were read")

    def _by_small_area(self) -> tuple[Counter[str | None], Counter[LsoaAndWard]]:
        """Postcodes of each LSOA (of the year of the index), and live ones of each and its ward."""
        everywhere: Counter[str | None] = Counter()
        live: Counter[LsoaAndWard] = Counter()
        for ((lsoa11, lsoa21, ward), is_live), number in self._counted.items():
            lsoa = lsoa11 if self._year == 2011 else lsoa21
            everywhere[lsoa] += number
            if is_live and lsoa and ward:
                live[lsoa, ward] += number
        return everywhere, live

    def _ranked(self, everywhere: Counter[str | None]) -> tuple[int, int, int]:
        """How many postcodes have no LSOA, an English one, one that the index ranks."""
        codes = self._connection.execute(f"SELECT code FROM lsoa{self._year % 100}")  # noqa: S608
        ranked = sum(everywhere[code] for (code,) in codes)
        if not ranked:
            raise GeographyRefused(
                f"{self._rows.file.name}: none of its postcodes lies in an LSOA that the IMD file"
                " ranks"
            )
        english = sum(number for lsoa, number in everywhere.items() if lsoa and lsoa[0] == "E")
        return everywhere[None], english, ranked


def _bare(cell: str) -> str:
    return cell.strip().strip('"').strip()


def _code(cell: str) -> str | None:
    if not cell or cell.endswith(_NOT_APPLICABLE):
        return None
    if not _CODE.fullmatch(cell):
        raise ValueError("an area code has 8 or 9 capital letters and digits")
    return cell


def _month(cell: str) -> str | None:
    if cell and not _MONTH.fullmatch(cell):
        raise ValueError("the month of termination (doterm) is YYYYMM")
    return cell or None
