"""Which official file this is, and where its columns are, told by its headers alone.

Headers change from edition to edition (`oslaua`, `laua`, `lad25cd`), so each column is known by a
pattern. Rows give headers in small letters with single spaces.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from directory.geography_import.sources import GeographyRefused

_IMD: Final = re.compile(r"index of multiple deprivation \(imd\) (rank|decile)\b")
_IMD_SCORE: Final = re.compile(r"index of multiple deprivation \(imd\) score\b")
_LSOA_YEAR: Final = re.compile(r"lsoa code \((\d{4})\)")
_POSTCODE: Final = re.compile(r"pcds|pcd[278]?")
_AREA: Final = re.compile(r"(wd|lad)\d\d(cd|nm)")


def place_of_column(headers: Sequence[str], pattern: str) -> int | None:
    """Where the one column of this pattern is; None where there is none.

    Of several (`lad24cd` and `lad25cd`) the last by alphabet counts, which is the newest.
    """
    found = [header for header in headers if re.fullmatch(pattern, header)]
    return headers.index(max(found)) if found else None


def needed_columns(
    name: str, headers: Sequence[str], patterns: Mapping[str, str], wanted: str
) -> dict[str, int]:
    """Where each column is, by our name for it; `patterns` maps that to its pattern.

    Raises GeographyRefused: the file is another (it is named) than the `wanted`, or columns are
    missing (all are named).
    """
    places = {column: place_of_column(headers, pattern) for column, pattern in patterns.items()}
    missing = [column for column, place in places.items() if place is None]
    if missing:
        other = kind_of_file(headers)
        if other and other != wanted:
            raise GeographyRefused(f"{name}: this is {other}, not {wanted}")
        raise GeographyRefused(f"{name}: no column of {_listed(missing)}, needed of {wanted}")
    return {column: place for column, place in places.items() if place is not None}


def kind_of_file(headers: Sequence[str]) -> str:
    """What the file is, in plain words ("postcodes", "IMD File 1"); blank where nobody knows."""
    if any(_IMD.match(header) for header in headers):
        return _kind_of_imd(headers)
    kinds = {
        POSTCODES: any(_POSTCODE.fullmatch(header) for header in headers),
        NETWORKS: "partner organisation code" in headers,
        "PCN details (ePCN)": "pcn code" in headers,
        PRACTICES: len(headers) == EPRACCUR_COLUMNS,
        "a look-up of area names": any(_AREA.fullmatch(header) for header in headers),
    }
    return next((kind for kind, is_it in kinds.items() if is_it), "")


POSTCODES: Final = "postcodes (ONSPD or NSPL)"
IMD: Final = "an IMD file (File 1 or File 7)"
PRACTICES: Final = "practices (epraccur)"
NETWORKS: Final = "PCN core partners (ePCN)"
# NHS England, ODS: epraccur has 27 columns and no header.
EPRACCUR_COLUMNS: Final = 27


def _kind_of_imd(headers: Sequence[str]) -> str:
    years = [found[1] for header in headers if (found := _LSOA_YEAR.fullmatch(header))]
    number = "7" if any(_IMD_SCORE.match(header) for header in headers) else "1"
    of_year = f" of the LSOAs of {years[0]}" if years else ""
    return f"IMD File {number}{of_year}"


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(columns)
