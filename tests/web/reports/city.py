"""A city of three practices with figures that are known, closed by hand and released."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from directory.geography import Geography
from template_service.aggregates import release_making
from template_service.aggregates.areas import Areas
from template_service.aggregates.audit import AuditResult
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.indicators.imports import PUBLISHED_EXAMPLES, import_indicators
from template_service.aggregates.release_making import Maker
from template_service.aggregates.releases import Release
from template_service.aggregates.vocabulary import CATEGORIES
from tests.unit.aggregates.closed_city import DOMAINS, cell, write_cube

PRACTICE, SISTER, STRANGER = "B86002", "B86005", "B86003"
NETWORK, OTHER_NETWORK = "U16878", "U92581"
WARDS = ("E05011384", "E05011385")
# Of two financial years, with a gap in the second.
MONTHS = ("2026-03", "2026-04", "2026-08", "2026-09")
REGISTERED_PEOPLE = 1000
PEOPLE = {
    "asked": 200,
    "not_offered": 20,
    "declined": 10,
    "need": 50,
    "wants_help": 30,
    "signposted": 25,
    "referred": 15,
    "helped": 10,
}
_PRACTICES = {PRACTICE: (NETWORK, 1), SISTER: (NETWORK, 3), STRANGER: (OTHER_NETWORK, 2)}
# Figures of the other network that must not be shown, by decile; the rest is in decile 1.
FEWER, GROUP, NOISE = "8", "9", "10"
_HELD_BACK = {
    FEWER: {"asked": 40, "need": 5},
    GROUP: {"asked": 20, "need": 20},
    NOISE: {"asked": 10, "need": 15},
}


def release_city(folder: Path, geography: Geography, months: tuple[str, ...] = MONTHS) -> Release:
    """Write months and lists, then what a release of them is; the audit has tests of its own."""
    for month in months:
        write_cube(folder, month, _rows(month))
    _register(folder, geography)
    found: dict[str, Any] = {field.name: 0 for field in fields(AuditResult)} | {"passed": True}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_making, "audit_months", lambda *_: AuditResult(**found))
        return Maker(folder, Areas.of(geography)).make(demonstration=True)


def import_examples(folder: Path) -> None:
    """The figures that the programme's report prints."""
    import_indicators(folder, PUBLISHED_EXAMPLES)


def _rows(month: str) -> Iterator[dict[str, Any]]:
    for domain in DOMAINS:
        for breakdown, categories in CATEGORIES.items():
            first = (breakdown, categories[0])
            for practice, (pcn, times) in _PRACTICES.items():
                counts = {name: number * times for name, number in PEOPLE.items()}
                if practice == STRANGER and breakdown == "imd_decile":
                    for decile, held in _HELD_BACK.items():
                        counts = {name: n - held.get(name, 0) for name, n in counts.items()}
                        place = (breakdown, decile)
                        yield cell(month, domain, place, practice=practice, pcn=pcn, **held)
                yield cell(month, domain, first, practice=practice, pcn=pcn, **counts)
            for ward in WARDS:
                halves = {name: number * 3 for name, number in PEOPLE.items()}
                yield cell(month, domain, first, ward=ward, msoa="E02000001", **halves)


def _register(folder: Path, geography: Geography) -> None:
    path = folder / REGISTERED
    path.parent.mkdir(parents=True, exist_ok=True)
    lsoa = next(iter(geography.small_areas()))
    lists = [
        {
            "practice": practice,
            "pcn": pcn,
            "sex": "female",
            "age_band": "35-39",
            "lsoa": lsoa,
            "registered": REGISTERED_PEOPLE * times,
        }
        for practice, (pcn, times) in _PRACTICES.items()
    ]
    pq.write_table(pa.Table.from_pylist(lists), path)
