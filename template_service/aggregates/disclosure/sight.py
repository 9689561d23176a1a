"""All months of cubes as an attacker lays them side by side: dense tables of what was shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from template_service.aggregates.cube import KEYS
from template_service.aggregates.vocabulary import (
    ANY,
    AREAS,
    CATEGORIES,
    INDICATORS,
    REGISTRATION,
    RESIDENCE,
)
from template_service.errors import Invalid

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Which area groups the rows of a block, and so has totals that were rounded with them.
_GROUPING: Final = {REGISTRATION: "pcn", RESIDENCE: "ward"}
# Joins codes to one text; no code holds it.
_BETWEEN: Final = "\x1f"
COLUMNS: Final = tuple((name, category) for name, codes in CATEGORIES.items() for category in codes)
"""The columns of every table: breakdown and category, the one of `all` first."""
STARTS: Final = np.cumsum([0, *(len(codes) for codes in CATEGORIES.values())])[:-1]
"""At which column each breakdown begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """`shown[month, domain, indicator, row, column]`; row i lies in network or ward `groups[i]`."""

    shown: NDArray[np.int32]
    groups: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Everything shown, 0 where a cube has no row, and how many cells were shown in two ways.

    `redrawn` counts the cells and months of which different values were published.
    """

    months: tuple[str, ...]
    domains: tuple[str, ...]
    blocks: tuple[Block, Block]
    redrawn: int

    @property
    def any_domain(self) -> int | None:
        """Where the domain `any` stands."""
        return self.domains.index(ANY) if ANY in self.domains else None


def seen(cubes: Sequence[pa.Table]) -> Sight:
    """All cubes side by side. Raises `Invalid` for none, or for codes that no cube has."""
    if not any(cube.num_rows for cube in cubes):
        raise Invalid("There is no cube to audit")
    wanted = ["month", *KEYS, *INDICATORS]
    missing = sorted({name for cube in cubes for name in wanted if name not in cube.column_names})
    if missing:
        raise Invalid(f"A cube to audit has no column {', '.join(missing)}")
    table = pa.concat_tables([cube.select(wanted) for cube in cubes], promote_options="permissive")
    months, domains = (
        tuple(sorted(pc.unique(table[name]).to_pylist())) for name in ("month", "domain")
    )
    found = [
        _block(table.filter(pc.equal(table["block"], block)), block, months, domains)
        for block in AREAS
    ]
    # A cell is shown by each cube of its month, with one value.
    times = np.zeros(len(months), np.int64)
    for cube in cubes:
        times[_index_in(pc.unique(cube["month"]), months, "month")] += 1
    redrawn = sum(
        int((shown.times != times[shown.month]).sum() + shown.differing) for _, shown in found
    )
    return Sight(months, domains, (found[0][0], found[1][0]), redrawn)


class _Shown(NamedTuple):
    """The month of each cell shown, how often it was, and how many rows have another value."""

    month: Integers
    times: Integers
    differing: int


def _block(
    table: pa.Table, block: str, months: Sequence[str], domains: Sequence[str]
) -> tuple[Block, _Shown]:
    pairs = _joined(table, AREAS[block])
    rows = sorted(pc.unique(pairs).to_pylist())
    place = (
        _index_in(table["month"], months, "month"),
        _index_in(table["domain"], domains, "domain"),
        _index_in(pairs, rows, "area"),
        _index_in(
            _joined(table, ("breakdown", "category")),
            [_BETWEEN.join(column) for column in COLUMNS],
            "category",
        ),
    )
    outer = (len(months), len(domains), len(rows), len(COLUMNS))
    shown = np.zeros((*outer[:2], len(INDICATORS), *outer[2:]), np.int32)
    values = np.stack([table[name].to_numpy() for name in INDICATORS], axis=1)
    shown[place[0], place[1], :, place[2], place[3]] = values
    kept = shown[place[0], place[1], :, place[2], place[3]]
    flat = np.ravel_multi_index(place, outer)
    cells, times = np.unique(flat, return_counts=True)
    of_month = np.unravel_index(cells, outer)[0].astype(np.int64)
    again = _Shown(of_month, times, int((kept != values).any(axis=1).sum()))
    which = AREAS[block].index(_GROUPING[block])
    codes = np.array([row.split(_BETWEEN)[which] for row in rows])
    groups = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return Block(shown, groups), again


def _joined(table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(
        *(pc.cast(table[name], pa.string()) for name in names), _BETWEEN
    )


def _index_in(codes: pa.ChunkedArray, known: Sequence[str], what: str) -> Integers:
    found = pc.index_in(codes, pa.array(known, pa.string()))
    if found.null_count:
        raise Invalid(f"A cube to audit has a {what} that no cube has")
    places: Integers = found.to_numpy().astype(np.int64)
    return places
