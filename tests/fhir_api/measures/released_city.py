"""Closed months with figures that are known, for the places of the starter geography."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from directory.geography import Geography
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.vocabulary import CATEGORIES
from tests.unit.aggregates.closed_city import DOMAINS, cell, write_cube
from tests.unit.aggregates.measures.made_up import write_release

CITY = "E08000035"
PRACTICE, SISTER, STRANGER = "B86002", "B86005", "B86003"
NETWORK, OTHER_NETWORK, EMPTY_NETWORK = "U16878", "U92581", "U11393"
# Months of two financial years, and one that is closed but not released.
MONTHS = ("2026-03", "2026-04", "2026-08", "2026-09")
NOT_RELEASED = "2026-10"
PERIODS = ("2026-09", "2026-08/2026-09")
REGISTERED_PEOPLE = 1000
# Of each practice, each month, in each domain; in the first category of each breakdown.
PEOPLE = {
    "asked": 200,
    "declined": 10,
    "need": 50,
    "wants_help": 30,
    "signposted": 25,
    "referred": 15,
    "helped": 10,
}
# Figures of the stranger's network that must not be shown, by decile; the rest is in decile 1.
FEWER, GROUP, NOISE = "8", "9", "10"
_HELD_BACK = {
    FEWER: {"asked": 40, "need": 5},
    GROUP: {"asked": 20, "need": 20},
    NOISE: {"asked": 10, "need": 15},
}


def release_city(folder: Path, geography: Geography) -> None:
    """Close the months and release all but the last of them."""
    for month in (*MONTHS, NOT_RELEASED):
        write_cube(folder, month, _rows(month))
    _register(folder, geography)
    write_release(folder, MONTHS, PERIODS)


def _rows(month: str) -> Iterator[dict[str, Any]]:
    networks = {PRACTICE: NETWORK, SISTER: NETWORK, STRANGER: OTHER_NETWORK}
    for practice, pcn in networks.items():
        for domain in DOMAINS:
            for breakdown, categories in CATEGORIES.items():
                counts = dict(PEOPLE)
                for decile, held in _HELD_BACK.items() if practice == STRANGER else ():
                    if breakdown == "imd_decile":
                        counts = {name: n - held.get(name, 0) for name, n in counts.items()}
                        place = (breakdown, decile)
                        yield cell(month, domain, place, practice=practice, pcn=pcn, **held)
                place = (breakdown, categories[0])
                yield cell(month, domain, place, practice=practice, pcn=pcn, **counts)


def _register(folder: Path, geography: Geography) -> None:
    path = folder / REGISTERED
    path.parent.mkdir(parents=True)
    lsoa = next(iter(geography.small_areas()))
    lists = [
        {"practice": practice, "pcn": pcn, "sex": "female", "age_band": "35-39", "lsoa": lsoa}
        for practice, pcn in ((PRACTICE, NETWORK), (SISTER, NETWORK), (STRANGER, OTHER_NETWORK))
    ]
    table = pa.Table.from_pylist([each | {"registered": REGISTERED_PEOPLE} for each in lists])
    pq.write_table(table, path)
