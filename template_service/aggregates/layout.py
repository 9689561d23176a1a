"""Counts of a month as dense tables to round, and rounded tables as rows of a cube."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from template_service.aggregates.controlled_rounding import Rounded, Rows
from template_service.aggregates.cube import KEYS
from template_service.aggregates.dependent_rounding import Nodes
from template_service.aggregates.vocabulary import (
    AREAS,
    CATEGORIES,
    INDICATORS,
    REGISTRATION,
    RESIDENCE,
)

# Which of the two areas of a block groups its rows: networks of practices, wards of pieces.
_GROUPING: Final = {REGISTRATION: "pcn", RESIDENCE: "ward"}
CUBE_SCHEMA: Final = pa.schema(
    [
        ("month", pa.string()),
        *((name, pa.string()) for name in KEYS),
        *((name, pa.int32()) for name in INDICATORS),
    ]
)


# Joins two codes to one text; no code holds it.
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each area and category of a month stands in its tables.

    `areas` has the rows of each block in order, as the codes of its two areas.
    """

    domains: tuple[str, ...]
    areas: Mapping[str, tuple[tuple[str, str], ...]]

    @classmethod
    def of(cls, counts: pa.Table) -> Self:
        """The layout that holds every row of these counts."""
        areas = {}
        for block, names in AREAS.items():
            mine = counts.filter(pc.equal(counts["block"], block))
            pairs = mine.group_by(list(names)).aggregate([])
            areas[block] = tuple(
                sorted(zip(*(pairs[name].to_pylist() for name in names), strict=True))
            )
        return cls(tuple(sorted(pc.unique(counts["domain"]).to_pylist())), areas)

    @property
    def cells(self) -> int:
        """How many cells the month has: domains x rows x categories, over both blocks."""
        width = sum(len(categories) for categories in CATEGORIES.values())
        return len(self.domains) * width * sum(len(rows) for rows in self.areas.values())

    def blocks(self) -> dict[str, Rows]:
        """The rows of each block with the network or ward each belongs to."""
        return {block: Rows(self._groups(block)) for block in AREAS}

    def _groups(self, block: str) -> Nodes:
        which = AREAS[block].index(_GROUPING[block])
        codes = [pair[which] for pair in self.areas[block]]
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)

    def tables(self, counts: pa.Table) -> dict[str, dict[str, dict[str, dict[str, Rounded]]]]:
        """The counts as rows x categories: domain -> indicator -> block -> breakdown -> table."""
        filled: dict[str, dict[str, dict[str, dict[str, Rounded]]]] = {
            domain: {indicator: {block: {} for block in self.areas} for indicator in INDICATORS}
            for domain in self.domains
        }
        for block, areas in self.areas.items():
            for name, categories in CATEGORIES.items():
                mine = counts.filter(
                    pc.and_(pc.equal(counts["block"], block), pc.equal(counts["breakdown"], name))
                )
                pairs = pc.binary_join_element_wise(
                    *(mine[area] for area in AREAS[block]), _BETWEEN
                )
                place = (
                    _index_in(mine["domain"], self.domains),
                    _index_in(pairs, [_BETWEEN.join(pair) for pair in areas]),
                    _index_in(mine["category"], categories),
                )
                shape = (len(self.domains), len(areas), len(categories))
                for indicator in INDICATORS:
                    dense = np.zeros(shape, np.int64)
                    dense[place] = mine[indicator].to_numpy()
                    for domain, table in zip(self.domains, dense, strict=True):
                        filled[domain][indicator][block][name] = table
        return filled

    def cube(
        self, month: str, rounded: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Rounded]]]]
    ) -> pa.Table:
        """The rows of a cube: every cell in which any indicator is above 0, in order."""
        batches = [
            pa.RecordBatch.from_pydict(rows, CUBE_SCHEMA) for rows in self._rows(month, rounded)
        ]
        return pa.Table.from_batches(batches, CUBE_SCHEMA)

    def _rows(
        self, month: str, rounded: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Rounded]]]]
    ) -> Iterator[dict[str, object]]:
        for domain in self.domains:
            for block, areas in self.areas.items():
                for name, categories in CATEGORIES.items():
                    values = {
                        indicator: rounded[domain][indicator][block][name]
                        for indicator in INDICATORS
                    }
                    held = np.any([table > 0 for table in values.values()], axis=0)
                    row, column = np.nonzero(held)
                    codes = np.array(areas, dtype=object)[row]
                    named = dict(zip(AREAS[block], codes.T, strict=True))
                    yield {
                        "month": [month] * len(row),
                        "block": [block] * len(row),
                        **{
                            area: named.get(area, np.full(len(row), "", object))
                            for areas_of in AREAS.values()
                            for area in areas_of
                        },
                        "domain": [domain] * len(row),
                        "breakdown": [name] * len(row),
                        "category": np.array(categories, dtype=object)[column],
                        **{
                            indicator: table[row, column].astype(np.int32)
                            for indicator, table in values.items()
                        },
                    }


def _index_in(codes: pa.ChunkedArray, known: Sequence[str]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = pc.index_in(codes, pa.array(known, pa.string())).to_numpy()
    return found
