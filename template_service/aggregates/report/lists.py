"""What pages take straight from registered lists: children by decile, and the wards of a network.

Lists are no answers of anybody, so they are counted as they are and not rounded; pages still say
`fewer than 8` of so few (`wording.registered`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from template_service.aggregates.areas import CITY, PCN, Areas
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.vocabulary import AGE_BANDS, UNKNOWN
from template_service.errors import Unavailable

CHILD_BANDS: Final = AGE_BANDS[:3]
"""Ages 0 to 14. Lists and facts have 15 to 17 in bands that reach beyond childhood."""

WARD_AT_LEAST: Final = 0.1
"""The share of a network's people who live in a ward that is named as one of its wards."""

_Area = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lists:
    """Registered people of areas `(type, code)`: children by decile, and codes of wards.

    `wards` has the wards in which at least a tenth of a network's people live, most people first.
    """

    child_deciles: Mapping[_Area, Mapping[str, int]] = field(default_factory=dict)
    wards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_lists(folder: Path, areas: Areas) -> Lists:
    """The lists of a folder of aggregates, kept until they are imported anew; none, if none were.

    Raises `Unavailable` for a damaged file.
    """
    path = folder / REGISTERED
    try:
        state = path.stat()
    except FileNotFoundError:
        return Lists()
    lsoas = tuple(areas.small_areas.items())
    return _read(path, (state.st_mtime_ns, state.st_size), areas.city, lsoas)


@lru_cache(maxsize=2)
def _read(
    path: Path,
    _state: tuple[int, int],
    city: str,
    small_areas: tuple[tuple[str, tuple[int, str]], ...],
) -> Lists:
    try:
        lists = pq.read_table(path, columns=["pcn", "age_band", "lsoa", "registered"])
    except (OSError, pa.ArrowException):
        raise Unavailable(f"{path.name}: the registered lists cannot be read") from None
    place = pc.index_in(lists["lsoa"], pa.array([lsoa for lsoa, _ in small_areas], pa.string()))
    deciles = pa.array([str(decile) for _, (decile, _) in small_areas], pa.string())
    wards = pa.array([ward for _, (_, ward) in small_areas], pa.string())
    placed = lists.append_column("decile", pc.fill_null(pc.take(deciles, place), UNKNOWN))
    placed = placed.append_column("ward", pc.fill_null(pc.take(wards, place), UNKNOWN))
    placed = placed.set_column(0, "pcn", pc.fill_null(placed["pcn"], UNKNOWN))
    return Lists(_child_deciles(placed, city), _wards(placed))


def _child_deciles(placed: pa.Table, city: str) -> dict[_Area, dict[str, int]]:
    young = placed.filter(pc.is_in(placed["age_band"], pa.array(CHILD_BANDS)))
    found: dict[_Area, dict[str, int]] = {}
    for pcn, decile, people in _people(young, "decile"):
        for area in ((PCN, pcn), (CITY, city)):
            deciles = found.setdefault(area, {})
            deciles[decile] = deciles.get(decile, 0) + people
    return found


def _wards(placed: pa.Table) -> dict[str, tuple[str, ...]]:
    people: dict[str, dict[str, int]] = {}
    for pcn, ward, count in _people(placed, "ward"):
        people.setdefault(pcn, {})[ward] = count
    return {
        pcn: tuple(
            ward
            for ward, count in sorted(wards.items(), key=lambda item: (-item[1], item[0]))
            if ward != UNKNOWN and count >= WARD_AT_LEAST * sum(wards.values())
        )
        for pcn, wards in people.items()
    }


def _people(placed: pa.Table, name: str) -> Iterator[tuple[str, str, int]]:
    """Networks, categories of a column, and how many people are registered in each."""
    found = placed.group_by(["pcn", name]).aggregate([("registered", "sum")])
    columns = (found[column].to_pylist() for column in ("pcn", name, "registered_sum"))
    return zip(*columns, strict=True)
