"""Places: a postcode or a practice to its small area, ward, coordinates and deprivation decile.

The tables live in one SQLite file, made by `directory.starter.build_geography` of the starter data
or by `directory.geography_import` of the official files. It is opened read-only, so a national
postcode table costs disk, not memory.
"""

import math
import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

# 2: tables meta, area, lsoa11, lsoa21, postcode, pcn and practice; the LSOA of both years stands at
# the postcode, and meta says which edition of IMD there is and which year's LSOAs it ranks.
GEOGRAPHY_FORMAT: Final = "2"

# Outward code, then inward code (digit and two letters): the shape in the NHS Data Dictionary.
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})", re.ASCII)

# NHS pseudo-postcodes (ONSPD user guide): no fixed abode, unknown, or a country outside the UK.
PSEUDO_OUTWARD: Final = "ZZ99"


class InvalidPostcode(ValueError):
    """Text that has not the shape of a UK postcode."""

    def __init__(self) -> None:
        super().__init__("not a UK postcode: write it as in LS1 1AA")


class UnknownPostcode(LookupError):
    """A postcode that the table does not hold; the message never repeats it (an identifier)."""

    def __init__(self, table: str, size: int) -> None:
        super().__init__(f"postcode is not in the {table} table ({size:,} postcodes)")


class UnknownPractice(LookupError):
    """A practice code that the table does not hold."""

    def __init__(self, ods_code: str) -> None:
        super().__init__(f"{ods_code!r} is not a practice of the geography tables")


class GeographyDamaged(RuntimeError):
    """The geography file is missing, cut short, or not one of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person lives, or the practice that stands for it when they have no fixed abode.

    `lsoa21` is None where the tables do not know it (those of the starter data do where one area of
    2011 is one of 2021). `imd_decile` is of `Geography.imd_edition` (1 = most deprived tenth in
    England), None when unknown or outside England, never guessed. `lat`, `lon`: WGS 84 degrees.
    """

    postcode: str | None = None
    lsoa11: str | None = None
    lsoa21: str | None = None
    ward_code: str | None = None
    ward_name: str | None = None
    lad_code: str | None = None
    lad_name: str | None = None
    lat: float | None = None
    lon: float | None = None
    imd_decile: int | None = None
    no_fixed_abode: bool = False


@dataclass(frozen=True, slots=True)
class Practice:
    """A GP practice; `phone` is empty where the published number is not a whole one."""

    ods_code: str
    name: str
    postcode: str
    phone: str
    pcn_code: str
    pcn_name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Pcn:
    """A primary care network."""

    code: str
    name: str


def normalise_postcode(text: str) -> str:
    """The postcode in capitals with one space ("LS9 6AU"); raises InvalidPostcode."""
    shape = _POSTCODE.fullmatch("".join(text.split()).upper())
    if shape is None:
        raise InvalidPostcode
    return f"{shape[1]} {shape[2]}"


class Geography:
    """The geography tables, opened read-only; safe to share between threads.

    Small areas, practices and networks are held in memory, postcodes are looked up in the file. Its
    one connection is opened at the start, so that a file that takes its place is not read half.
    """

    def __init__(self, path: Path) -> None:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._turn = threading.Lock()
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        # Making a cursor costs a tenth of finding a postcode, so they share one.
        self._finder = self._connection.cursor()
        try:
            # Pages come from the system's own cache, not through a copy of ours.
            self._connection.execute(_MAPPED)
            self._load()
        except Exception:
            self.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file made by `build_geography`; raises GeographyDamaged."""
        try:
            return cls(path)
        except (sqlite3.Error, KeyError, ValueError, TypeError) as problem:
            raise GeographyDamaged("the geography file cannot be read: build it again") from problem

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def place(self, postcode: str) -> Place:
        """The place of a postcode; raises InvalidPostcode or UnknownPostcode.

        A pseudo-postcode (ZZ99) gives a place with no fixed abode and nothing else known.
        """
        known = normalise_postcode(postcode)
        if known.startswith(PSEUDO_OUTWARD):
            return Place(no_fixed_abode=True)
        with self._turn:
            row = self._finder.execute(_POSTCODE_ROW, (known,)).fetchone()
        if row is None:
            raise UnknownPostcode(self._table, self._size)
        return self._place(known, row)

    def has_outward(self, postcode: str) -> bool:
        """Whether any postcode with the same outward code is known; raises InvalidPostcode."""
        outward = normalise_postcode(postcode).partition(" ")[0]
        return bool(self._rows(_OUTWARD, f"{outward} ", f"{outward}!"))

    def practice(self, ods_code: str) -> Practice:
        """The practice with this ODS code; raises UnknownPractice."""
        try:
            return self._practices[ods_code]
        except KeyError:
            raise UnknownPractice(ods_code) from None

    def place_by_practice(self, ods_code: str) -> Place | None:
        """Where to look for help for a person of no fixed abode: around their practice.

        The postcode, small area and decile are the practice's, not the person's, and stay None.
        None when the practice is not in the tables.
        """
        practice = self._practices.get(ods_code)
        if practice is None:
            return None
        return replace(
            practice.place,
            postcode=None,
            lsoa11=None,
            lsoa21=None,
            imd_decile=None,
            no_fixed_abode=True,
        )

    def practices(self) -> tuple[Practice, ...]:
        """Every practice, by ODS code."""
        return tuple(self._practices.values())

    @property
    def imd_edition(self) -> str:
        """The edition of the deciles (English Indices of Deprivation): "IMD 2019", "IMD 2025"."""
        return self._edition

    def small_area(self, place: Place) -> str | None:
        """The LSOA of a place that its decile is of: of 2011 for IMD 2019, of 2021 for IMD 2025."""
        return place.lsoa11 if self._lsoa_year == "2011" else place.lsoa21

    def pcns(self) -> tuple[Pcn, ...]:
        """Every primary care network, by code."""
        return self._pcns

    def area_names(self) -> Mapping[str, str]:
        """Code to name of every ward and district whose name is known."""
        return self._areas

    def small_areas(self) -> dict[str, tuple[int, str]]:
        """Each LSOA with postcodes, of the year `imd_edition` ranks: its decile and its ward.

        A ward's boundary may cut an LSOA; the whole of it then counts where most postcodes are, as
        in the best-fit look-ups of ONS.
        """
        return {
            lsoa: (decile, ward)
            for lsoa, (decile, ward) in self._small_areas.items()
            if ward is not None
        }

    def nearest_postcodes(self, place: Place, count: int) -> tuple[str, ...]:
        """The `count` postcodes in use nearest to a place with coordinates, nearest first."""
        if place.lat is None or place.lon is None:
            return ()
        shrink = math.cos(math.radians(place.lat)) ** 2
        found = self._rows(_NEAREST, place.lat, place.lat, place.lon, place.lon, shrink, count)
        return tuple(postcode for (postcode,) in found)

    def _load(self) -> None:
        meta = dict(self._rows("SELECT name, value FROM meta"))
        if meta["format"] != GEOGRAPHY_FORMAT:
            raise GeographyDamaged("the geography file is of another format: build it again")
        self._table, self._size = meta["name"], int(meta["postcodes"])
        self._edition: str = meta["imd_edition"]
        self._lsoa_year: str = meta["imd_lsoa_year"]
        self._areas = dict(self._rows("SELECT code, name FROM area WHERE name IS NOT NULL"))
        ranked = _RANKED[self._lsoa_year]
        self._small_areas = {code: (decile, ward) for code, decile, ward in self._rows(ranked)}
        self._practices = {row[0]: self._practice(row) for row in self._rows(_PRACTICES)}
        self._pcns = tuple(Pcn(*row) for row in self._rows("SELECT code, name FROM pcn"))

    def _rows(self, sql: str, *values: float | str) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._connection.execute(sql, values).fetchall()

    def _place(self, postcode: str, facts: Sequence[Any]) -> Place:
        lsoa11, lsoa21, ward_code, lad_code, lat, lon = facts
        ranked = self._small_areas.get(lsoa11 if self._lsoa_year == "2011" else lsoa21)
        return Place(
            postcode,
            lsoa11,
            lsoa21,
            ward_code,
            self._areas.get(ward_code),
            lad_code,
            self._areas.get(lad_code),
            lat,
            lon,
            ranked[0] if ranked else None,
        )

    def _practice(self, row: tuple[Any, ...]) -> Practice:
        ods_code, name, postcode, phone, pcn_code, pcn_name, *facts = row
        place = self._place(postcode, facts)
        return Practice(ods_code, name, postcode, phone, pcn_code, pcn_name, place)


# Bytes; more than the tables of the whole United Kingdom take.
_MAPPED: Final = "PRAGMA mmap_size = 2147418112"
_PLACED: Final = "lsoa11, lsoa21, ward_code, lad_code, lat, lon"
_POSTCODE_ROW: Final = f"SELECT {_PLACED} FROM postcode WHERE postcode = ?"  # noqa: S608
# A space comes right before an exclamation mark.
_OUTWARD: Final = "SELECT 1 FROM postcode WHERE postcode > ? AND postcode < ? LIMIT 1"
# Squared equirectangular distance: exact enough to order neighbours, and no square root.
_NEAREST: Final = (
    "SELECT postcode FROM postcode WHERE lat IS NOT NULL AND terminated IS NULL"
    " ORDER BY (lat - ?) * (lat - ?) + (lon - ?) * (lon - ?) * ?, postcode LIMIT ?"
)
_RANKED: Final = {
    "2011": "SELECT code, imd_decile, ward_code FROM lsoa11",
    "2021": "SELECT code, imd_decile, ward_code FROM lsoa21",
}
_PRACTICES: Final = (
    "SELECT ods_code, practice.name, practice.postcode, ifnull(phone, ''), ifnull(pcn_code, ''),"  # noqa: S608
    f" ifnull(pcn.name, ''), {_PLACED}"
    " FROM practice LEFT JOIN pcn ON pcn_code = code ORDER BY ods_code"
)

# Mean radius of the Earth (IUGG).
_EARTH_KM: Final = 6371.0088


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Straight-line kilometres between two points (equirectangular: 0.1 % off within a city)."""
    east = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return _EARTH_KM * math.hypot(east, math.radians(other_lat - lat))
