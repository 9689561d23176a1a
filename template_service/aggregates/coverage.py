"""How many people are registered in each area and category, to stand under who was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from template_service.aggregates.areas import CITY, PCN, PRACTICE, WARD, Areas
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.frozen_cube import CELLS
from template_service.aggregates.vocabulary import (
    ALL,
    FIVE_YEAR_BANDS,
    UNKNOWN,
    age_band_of,
)
from template_service.errors import Unavailable

# Registered lists do not say who belongs to which ethnic or language group.
_KNOWN: Final = (ALL, "imd_decile", "sex", "age_band")
NOT_KNOWN: Final = -1
"""Stands for a number of people nobody told us."""

Registered = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Registered people: `tables` maps (type of area, code) to people in the order of `CELLS`.

    Breakdowns that lists do not have are `NOT_KNOWN`, and so is every cell of an area they do not
    have.
    """

    tables: Mapping[tuple[str, str], Registered]

    @classmethod
    def read(cls, folder: Path, areas: Areas) -> Self:
        """The registered lists of a deployment; none at all where none were imported."""
        path = folder / REGISTERED
        if not path.exists():
            return cls({})
        try:
            lists = _placed(pq.read_table(path), areas)
        except (OSError, KeyError, pa.ArrowException):
            raise Unavailable(f"{path.name}: the registered lists cannot be read") from None
        tables: dict[tuple[str, str], Registered] = {}
        for kind in (CITY, PCN, PRACTICE, WARD):
            for breakdown in _KNOWN:
                _add(tables, lists, kind, breakdown)
        return cls(tables)

    def of(self, geography_type: str, code: str) -> Registered:
        """Registered people of an area in the order of `CELLS`."""
        found = self.tables.get((geography_type, code))
        return np.full(len(CELLS), NOT_KNOWN, np.int64) if found is None else found


def _placed(lists: pa.Table, areas: Areas) -> pa.Table:
    """The lists with the columns of `CELLS` and of the types of area, unknown codes made whole."""
    lsoas = pa.array(list(areas.small_areas), pa.string())
    known = pc.index_in(lists["lsoa"], lsoas)
    deciles = pa.array([str(decile) for decile, _ in areas.small_areas.values()], pa.string())
    wards = pa.array([ward for _, ward in areas.small_areas.values()], pa.string())
    bands = pa.array([age_band_of(band) for band in FIVE_YEAR_BANDS])
    band = pc.index_in(lists["age_band"], pa.array(FIVE_YEAR_BANDS))
    every = pa.array([ALL] * len(lists))
    columns = {
        "registered": lists["registered"],
        CITY: pa.array([areas.city] * len(lists)),
        PCN: lists["pcn"],
        PRACTICE: lists["practice"],
        WARD: pc.take(wards, known),
        ALL: every,
        "imd_decile": pc.take(deciles, known),
        "sex": lists["sex"],
        "age_band": pc.take(bands, band),
    }
    return pa.table(
        {
            name: column if name == "registered" else pc.fill_null(column, UNKNOWN)
            for name, column in columns.items()
        }
    )


def _add(
    tables: dict[tuple[str, str], Registered], lists: pa.Table, kind: str, breakdown: str
) -> None:
    found = lists.group_by([kind, breakdown]).aggregate([("registered", "sum")])
    start = [name for name, _ in CELLS].index(breakdown)
    width = sum(name == breakdown for name, _ in CELLS)
    for row in found.to_pylist():
        table = tables.setdefault((kind, row[kind]), np.full(len(CELLS), NOT_KNOWN, np.int64))
        cells = table[start : start + width]
        np.copyto(cells, 0, where=cells == NOT_KNOWN)
        table[CELLS.index((breakdown, row[breakdown]))] = row["registered_sum"]
