"""GP practices and their networks, as NHS England's Organisation Data Service publishes them.

Sources: ODS, "epraccur" (27 columns, no header; its file specification says what they are) and
"ePCN" (core partners, PCN details), whose headers hold line breaks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

from directory.geography import InvalidPostcode, normalise_postcode
from directory.geography_import.columns import (
    EPRACCUR_COLUMNS,
    NETWORKS,
    PRACTICES,
    kind_of_file,
    place_of_column,
)
from directory.geography_import.official_names import as_people_write
from directory.geography_import.refused_rows import RefusedRows
from directory.geography_import.sources import GeographyRefused, Rows

# Columns of epraccur, the first being 0 (file specification).
_ODS_CODE, _NAME, _POSTCODE, _STATUS, _PHONE, _SETTING = 0, 1, 9, 12, 17, 25
_ACTIVE: Final = "A"
_GP_PRACTICE: Final = "4"
_CODE: Final = re.compile(r"[A-Z0-9]{3,8}", re.ASCII)

_PCN_CODE: Final = re.compile(r"U\d{5}", re.ASCII)
_PARTNER_COLUMNS: Final = {
    "practice": r"partner organisation code",
    "code": r"pcn code",
    "name": r"pcn name",
    "ended": r"practice to pcn relationship end date",
}
_DETAIL_COLUMNS: Final = {
    "code": r"pcn code",
    "name": r"pcn name",
    "postcode": r"postcode",
    "closed": r"close date",
}
# The ODS data search and export service gives the core partners without their header.
_HEADERLESS_PARTNERS: Final = {"practice": 0, "code": 4, "name": 5, "ended": 9}
_PARTNER_CELLS: Final = 11


class OfficialPractice(NamedTuple):
    """An active GP practice; `phone` is blank where none is published."""

    ods_code: str
    name: str
    postcode: str
    phone: str


@dataclass(slots=True)
class Networks:
    """PCN code to name and to postcode (where known), and the PCN of each practice."""

    names: dict[str, str]
    postcodes: dict[str, str]
    of_practice: dict[str, str]


def read_practices(rows: Rows, refused: RefusedRows) -> tuple[list[OfficialPractice], int]:
    """The active GP practices of epraccur, and how many rows there were.

    Other prescribers (wards, hospices, clinics) and closed ones are read and left out. Raises
    GeographyRefused where the file is not epraccur.
    """
    _check_epraccur(rows)
    found: dict[str, OfficialPractice] = {}
    read = 0
    first = [] if rows.headers[_ODS_CODE] == "organisation code" else [rows.first]
    for row in chain(first, rows):
        read += 1
        try:
            practice = _practice(row)
            if practice and practice.ods_code in found:
                raise ValueError(f"{practice.ods_code} is there twice: the first counts")
        except ValueError as problem:
            refused.add(rows, str(problem))
            continue
        if practice:
            found[practice.ods_code] = practice
    return list(found.values()), read


def read_networks(rows: Rows, networks: Networks) -> None:
    """Add the core partners or the PCN details of one file, whichever it is.

    A partnership or network that has ended is left out. Raises GeographyRefused for other files.
    """
    partners = _partner_columns(rows)
    if partners:
        first = [] if "pcn code" in rows.headers else [rows.first]
        for row in chain(first, rows):
            _add_partner(row, partners, networks)
        return
    details = {name: place_of_column(rows.headers, p) for name, p in _DETAIL_COLUMNS.items()}
    places = {name: place for name, place in details.items() if place is not None}
    if len(places) < len(details):
        kind = kind_of_file(rows.headers) or "another file"
        raise GeographyRefused(f"{rows.file.name}: this is {kind}, not {NETWORKS} or PCN details")
    for row in rows:
        _add_details(row, places, networks)


def _check_epraccur(rows: Rows) -> None:
    is_epraccur = len(rows.first) == EPRACCUR_COLUMNS and (
        rows.headers[_ODS_CODE] == "organisation code" or _CODE.fullmatch(rows.first[_ODS_CODE])
    )
    if not is_epraccur:
        kind = kind_of_file(rows.headers) or f"a file of {len(rows.first)} columns"
        raise GeographyRefused(
            f"{rows.file.name}: this is {kind}, not {PRACTICES} with its {EPRACCUR_COLUMNS} columns"
        )


def _practice(row: Sequence[str]) -> OfficialPractice | None:
    if len(row) != EPRACCUR_COLUMNS:
        raise ValueError(f"{len(row)} cells instead of {EPRACCUR_COLUMNS}")
    cells = [cell.strip() for cell in row]
    if cells[_STATUS] != _ACTIVE or cells[_SETTING] != _GP_PRACTICE:
        return None
    if not _CODE.fullmatch(cells[_ODS_CODE]) or not cells[_NAME]:
        raise ValueError("no ODS code or no name")
    try:
        postcode = normalise_postcode(cells[_POSTCODE])
    except InvalidPostcode:
        raise ValueError(f"{cells[_ODS_CODE]} has no postcode") from None
    name = as_people_write(cells[_NAME])
    return OfficialPractice(cells[_ODS_CODE], name, postcode, cells[_PHONE])


def _partner_columns(rows: Rows) -> dict[str, int]:
    places = {name: place_of_column(rows.headers, p) for name, p in _PARTNER_COLUMNS.items()}
    found = {name: place for name, place in places.items() if place is not None}
    if len(found) == len(places):
        return found
    first = rows.first
    is_bare = len(first) == _PARTNER_CELLS and _PCN_CODE.fullmatch(first[4].strip())
    return dict(_HEADERLESS_PARTNERS) if is_bare else {}


def _add_partner(row: Sequence[str], places: dict[str, int], networks: Networks) -> None:
    if len(row) <= max(places.values()):
        return
    cells = {name: row[place].strip() for name, place in places.items()}
    if cells["ended"] or not _PCN_CODE.fullmatch(cells["code"]):
        return
    networks.of_practice[cells["practice"]] = cells["code"]
    networks.names.setdefault(cells["code"], as_people_write(cells["name"]))


def _add_details(row: Sequence[str], places: dict[str, int], networks: Networks) -> None:
    if len(row) <= max(places.values()):
        return
    cells = {name: row[place].strip() for name, place in places.items()}
    if cells["closed"] or not _PCN_CODE.fullmatch(cells["code"]):
        return
    networks.names[cells["code"]] = as_people_write(cells["name"])
    networks.postcodes[cells["code"]] = cells["postcode"]
