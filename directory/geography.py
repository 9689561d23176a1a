"""Places: a postcode or a practice to its small area, ward, coordinates and deprivation decile.

The tables live in one SQLite file (`directory.starter.build_geography` makes it) that is opened
read-only, so a national postcode table costs disk, not memory.
"""

import math
import re
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

# 1: tables meta, area, lsoa, lsoa21, postcode, pcn and practice.
GEOGRAPHY_FORMAT: Final = "1"

# Outward code, then inward code (digit and two letters): the shape in the NHS Data Dictionary.
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})", re.ASCII)

# NHS pseudo-postcodes (ONSPD user guide): no fixed abode, unknown, or a country outside the UK.
_PSEUDO_OUTWARD: Final = "ZZ99"


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

    `lsoa21` is None where the 2011 area was split or merged. `imd_decile` is IMD 2019 (1 = most
    deprived tenth in England), None when unknown, never guessed. `lat`, `lon`: WGS 84 degrees.
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


@dataclass(frozen=True, slots=True)
class _Lsoa:
    """What a place inherits from its 2011 lower-layer super output area."""

    lsoa21: str | None
    lad_code: str
    imd_decile: int


def normalise_postcode(text: str) -> str:
    """The postcode in capitals with one space ("LS9 6AU"); raises InvalidPostcode."""
    shape = _POSTCODE.fullmatch("".join(text.split()).upper())
    if shape is None:
        raise InvalidPostcode
    return f"{shape[1]} {shape[2]}"


class Geography:
    """The geography tables, opened read-only; safe to share between threads.

    Small areas, practices and networks are held in memory, postcodes are looked up in the file
    through one connection for each thread.
    """

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._thread = threading.local()
        self._opened: list[sqlite3.Connection] = []
        try:
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
        """Close every thread's connection."""
        while self._opened:
            self._opened.pop().close()

    def place(self, postcode: str) -> Place:
        """The place of a postcode; raises InvalidPostcode or UnknownPostcode.

        A pseudo-postcode (ZZ99) gives a place with no fixed abode and nothing else known.
        """
        known = normalise_postcode(postcode)
        if known.startswith(_PSEUDO_OUTWARD):
            return Place(no_fixed_abode=True)
        row = self._connection().execute(_POSTCODE_ROW, (known,)).fetchone()
        if row is None:
            raise UnknownPostcode(self._table, self._size)
        return self._place(known, *row)

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
        """The edition of the deciles (English Indices of Deprivation)."""
        return "IMD 2019"

    def pcns(self) -> tuple[Pcn, ...]:
        """Every primary care network, by code."""
        return self._pcns

    def area_names(self) -> Mapping[str, str]:
        """Code to name of every ward and district."""
        return self._areas

    def small_areas(self) -> dict[str, tuple[int, str]]:
        """Each 2011 LSOA with postcodes: its decile, and the ward that most of them lie in.

        A ward's boundary may cut an LSOA; the whole of it then counts where most postcodes are, as
        in the best-fit look-ups of ONS.
        """
        return {
            lsoa: (self._lsoas[lsoa].imd_decile, ward) for lsoa, ward in self._rows(_WARD_OF_LSOA)
        }

    def nearest_postcodes(self, place: Place, count: int) -> tuple[str, ...]:
        """The `count` postcodes nearest to a place with coordinates, nearest first."""
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
        self._areas = dict(self._rows("SELECT code, name FROM area"))
        self._lsoas = {code: _Lsoa(*facts) for code, *facts in self._rows(_LSOAS)}
        self._practices = {row[0]: self._practice(row) for row in self._rows(_PRACTICES)}
        self._pcns = tuple(Pcn(*row) for row in self._rows("SELECT code, name FROM pcn"))

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._thread, "connection", None)
        if found is None:
            # Only this thread ever uses it, but close() may come from another.
            found = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            self._thread.connection = found
            self._opened.append(found)
        return found

    def _rows(self, sql: str, *values: float | str) -> list[tuple[Any, ...]]:
        return self._connection().execute(sql, values).fetchall()

    def _place(
        self, postcode: str, lsoa11: str, ward_code: str, lat: float | None, lon: float | None
    ) -> Place:
        lsoa = self._lsoas[lsoa11]
        return Place(
            postcode,
            lsoa11,
            lsoa.lsoa21,
            ward_code,
            self._areas[ward_code],
            lsoa.lad_code,
            self._areas[lsoa.lad_code],
            lat,
            lon,
            lsoa.imd_decile,
        )

    def _practice(self, row: tuple[Any, ...]) -> Practice:
        ods_code, name, postcode, phone, pcn_code, pcn_name, *facts = row
        place = self._place(postcode, *facts)
        return Practice(ods_code, name, postcode, phone, pcn_code, pcn_name, place)


_POSTCODE_ROW: Final = "SELECT lsoa11, ward_code, lat, lon FROM postcode WHERE postcode = ?"
# Squared equirectangular distance: exact enough to order neighbours, and no square root.
_NEAREST: Final = (
    "SELECT postcode FROM postcode WHERE lat IS NOT NULL"
    " ORDER BY (lat - ?) * (lat - ?) + (lon - ?) * (lon - ?) * ?, postcode LIMIT ?"
)
# SQLite takes the ward from the row that has the greatest count.
_WARD_OF_LSOA: Final = (
    "SELECT lsoa11, ward_code FROM (SELECT lsoa11, ward_code, max(number) FROM"
    " (SELECT lsoa11, ward_code, count(*) AS number FROM postcode GROUP BY 1, 2 ORDER BY 2)"
    " GROUP BY lsoa11)"
)
_LSOAS: Final = "SELECT lsoa11, lsoa21, lad_code, imd2019_decile FROM lsoa"
_PRACTICES: Final = (
    "SELECT ods_code, name, postcode, ifnull(phone, ''), pcn_code, pcn_name, lsoa11, ward_code,"
    " lat, lon FROM practice ORDER BY ods_code"
)

# Mean radius of the Earth (IUGG).
_EARTH_KM: Final = 6371.0088


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Straight-line kilometres between two points (equirectangular: 0.1 % off within a city)."""
    east = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return _EARTH_KM * math.hypot(east, math.radians(other_lat - lat))
