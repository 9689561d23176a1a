"""Closed months read back: sums of their frozen cells by type of area, in dense tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from template_service.aggregates.areas import CITY, MSOA, PCN, PRACTICE, WARD
from template_service.aggregates.vocabulary import (
    ANY,
    AREAS,
    CATEGORIES,
    IMD_DECILES,
    INDICATORS,
    REGISTRATION,
    RESIDENCE,
    domains,
)
from template_service.errors import Unavailable

# The columns of a table: every category of every breakdown, `all` first.
CELLS: Final = tuple((name, category) for name, of in CATEGORIES.items() for category in of)
# Sums over deciles 1-2 (the most deprived fifth of England, Core20 of NHS England's Core20PLUS5)
# and 3-10, which nobody could make from deciles that are too small to show.
CORE20: Final = "core20"
REST: Final = "rest"
SUMS: Final = {("imd_decile", CORE20): ("1", "2"), ("imd_decile", REST): IMD_DECILES[2:]}
# The columns of a figure's table: what the cube holds, then sums of some of it.
FIGURE_CELLS: Final = (*CELLS, *SUMS)
_BLOCK_OF: Final = {
    CITY: REGISTRATION,
    PCN: REGISTRATION,
    PRACTICE: REGISTRATION,
    WARD: RESIDENCE,
    MSOA: RESIDENCE,
}
People = NDArray[np.int64]


def all_domains() -> tuple[str, ...]:
    """The twelve domains in the template's order, then `any`."""
    return (*domains(), ANY)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Rounded people by area of one type: `people[domain, area, cell, indicator]`.

    Axes are in the order of `all_domains()`, `codes`, `CELLS` and `INDICATORS`. `roundings[area]`
    is how many numbers that were rounded apart its totals are sums of.
    """

    codes: tuple[str, ...]
    people: People
    roundings: NDArray[np.int64]

    def of(self, code: str) -> People:
        """The table of one area, `[domain, cell, indicator]`: zeros where nothing was counted."""
        if code not in self.codes:
            return np.zeros((self.people.shape[0], *self.people.shape[2:]), np.int64)
        found: People = self.people[:, self.codes.index(code)]
        return found


class FrozenMonth:
    """One closed month, summed by each type of area; raises `Unavailable` for a damaged file."""

    def __init__(self, path: Path, city: str) -> None:
        try:
            table = pq.read_table(path)
            self._counts = {kind: _summed(table, kind, city) for kind in _BLOCK_OF}
        except (OSError, KeyError, pa.ArrowException):
            raise Unavailable(f"{path.name}: this closed month cannot be read") from None

    def by(self, geography_type: str) -> Counts:
        """The counts of every area of a type."""
        return self._counts[geography_type]


def summed(months: Sequence[FrozenMonth], geography_type: str) -> Counts:
    """The counts of every area of a type over several months."""
    each = [month.by(geography_type) for month in months]
    codes = tuple(sorted({code for counts in each for code in counts.codes}))
    if all(counts.codes == codes for counts in each):
        people = np.sum([counts.people for counts in each], axis=0)
        return Counts(codes, people, np.sum([counts.roundings for counts in each], axis=0))
    people, roundings = _no_people(len(codes)), np.zeros(len(codes), np.int64)
    for counts in each:
        place = np.searchsorted(codes, counts.codes)
        people[:, place] += counts.people
        roundings[place] += counts.roundings
    return Counts(codes, people, roundings)


def with_sums(cells: People, axis: int) -> People:
    """A table over `CELLS` with the columns of `SUMS` after it, along one axis."""
    extra = [
        cells.take([CELLS.index((name, category)) for category in of], axis=axis).sum(axis=axis)
        for (name, _), of in SUMS.items()
    ]
    return np.concatenate([cells, np.stack(extra, axis=axis)], axis=axis)


def _summed(table: pa.Table, kind: str, city: str) -> Counts:
    block = _BLOCK_OF[kind]
    rows = table.filter(pc.equal(table["block"], block))
    areas = pa.repeat(city, len(rows)) if kind == CITY else rows[kind].combine_chunks()
    codes = tuple(sorted(areas.unique().to_pylist()))
    named = pa.array([f"{name}/{category}" for name, category in CELLS])
    cells = pc.binary_join_element_wise(rows["breakdown"], rows["category"], "/")
    place = (
        _index(rows["domain"], pa.array(all_domains())),
        _index(areas, pa.array(codes, pa.string())),
        _index(cells, named),
    )
    people = _no_people(len(codes))
    for number, indicator in enumerate(INDICATORS):
        np.add.at(people[..., number], place, rows[indicator].to_numpy())
    return Counts(codes, people, _roundings(rows, kind, codes))


def _no_people(areas: int) -> People:
    return np.zeros((len(all_domains()), areas, len(CELLS), len(INDICATORS)), np.int64)


def _roundings(rows: pa.Table, kind: str, codes: tuple[str, ...]) -> NDArray[np.int64]:
    """One for areas whose totals were rounded themselves; the pieces of an MSOA were not."""
    if kind != MSOA:
        return np.ones(len(codes), np.int64)
    pieces = rows.select(AREAS[RESIDENCE]).group_by(list(AREAS[RESIDENCE])).aggregate([])
    return np.bincount(
        _index(pieces[MSOA], pa.array(codes, pa.string())), minlength=len(codes)
    ).astype(np.int64)


def _index(values: pa.ChunkedArray | pa.Array, known: pa.Array) -> NDArray[np.int64]:
    found = pc.index_in(values, known)
    if found.null_count:
        raise KeyError("a code nobody knows")
    places: NDArray[np.int64] = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return places
