"""What an attacker sees: published figures over unknown cells, and what each says of the truth."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from template_service.errors import Invalid

Integers = NDArray[np.int64]

SUPPRESSED: Final = -1
"""The value of a figure that was published as a star."""

# Stands for "no limit"; sums of many such numbers must still fit into 64 bits.
UNLIMITED: Final = 1 << 40


class Interval(NamedTuple):
    """The least and the greatest true count that a published figure allows, both included."""

    lower: int
    upper: int


class Figure(NamedTuple):
    """One published count: the keys of the cells it sums, the value shown (None: a star)."""

    cells: Sequence[Hashable]
    value: int | None
    interval: Interval


class Known(NamedTuple):
    """What anyone knows without being told: `adds` less `takes` lies in `interval`.

    Need is among asked: `Known([asked], [need], AT_LEAST_NOTHING)`. Two tables of the same people
    have the same total: `Known(one, other, NOTHING)`.
    """

    adds: Sequence[Hashable]
    takes: Sequence[Hashable]
    interval: Interval


AT_LEAST_NOTHING: Final = Interval(0, UNLIMITED)
NOTHING: Final = Interval(0, 0)


def rounded(value: int, base: int = 5) -> Interval:
    """What a count rounded at random to a neighbouring multiple of `base` allows.

    Less than one base either way: aggregates.md, "The way", 3.
    """
    return Interval(max(0, value - base + 1), value + base - 1)


def starred(lower: int = 1, upper: int = 7) -> Interval:
    """What a star allows where 1 to 7 are starred and 0 is shown, as NHS Digital's rule has it."""
    return Interval(lower, upper)


def open_count(value: int) -> Interval:
    """What a count published as it is allows."""
    return Interval(value, value)


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """Published figures over `cells`, the distinct keys of cells of unknown non-negative counts.

    `figures` has a row per figure and a column per cell, 1 where the figure sums the cell; `values`
    holds what was shown (`SUPPRESSED` for a star), `lower` and `upper` what it allows of the true
    count. `known` has a row per fact known beforehand, with 1 and -1, and its limits likewise
    (`UNLIMITED` for none). Raises `Invalid` when the shapes disagree or a limit is upside down.
    """

    cells: NDArray[np.generic]
    figures: csr_array
    values: Integers
    lower: Integers
    upper: Integers
    known: csr_array
    known_lower: Integers
    known_upper: Integers

    def __post_init__(self) -> None:
        width = len(self.cells)
        for name, matrix, entries, columns in (
            ("figures", self.figures, (1,), (self.values, self.lower, self.upper)),
            ("known", self.known, (1, -1), (self.known_lower, self.known_upper)),
        ):
            if not np.isin(matrix.data, entries).all():
                raise Invalid(f"The {name} of a publication have entries other than {entries}")
            if matrix.shape[1] != width or any(len(one) != matrix.shape[0] for one in columns):
                raise Invalid(f"The {name} of a publication do not match its cells or limits")
            lower, upper = columns[-2:]
            if np.any(lower > upper):
                row = int(np.flatnonzero(lower > upper)[0])
                raise Invalid(f"Row {row} of the {name} allows nothing: its limits are upside down")


def publication(figures: Iterable[Figure], known: Iterable[Known] = ()) -> Published:
    """A publication of a few figures; large ones are built as matrices straight away.

    Cells are numbered in order of first appearance. Raises `Invalid` when a figure sums a cell
    twice.
    """
    figures, known = list(figures), list(known)
    numbers: dict[Hashable, int] = {}
    for keys in (
        *(figure.cells for figure in figures),
        *(keys for fact in known for keys in (fact.adds, fact.takes)),
    ):
        for key in keys:
            numbers.setdefault(key, len(numbers))
    cells = np.empty(len(numbers), dtype=object)
    cells[:] = list(numbers)
    limits = np.array([figure.interval for figure in figures], np.int64).reshape(-1, 2)
    known_limits = np.array([fact.interval for fact in known], np.int64).reshape(-1, 2)
    return Published(
        cells=cells,
        figures=_matrix([(figure.cells, ()) for figure in figures], numbers),
        values=np.array([SUPPRESSED if f.value is None else f.value for f in figures], np.int64),
        lower=limits[:, 0],
        upper=limits[:, 1],
        known=_matrix([(fact.adds, fact.takes) for fact in known], numbers),
        known_lower=known_limits[:, 0],
        known_upper=known_limits[:, 1],
    )


def _matrix(
    rows: Sequence[tuple[Sequence[Hashable], Sequence[Hashable]]],
    numbers: Mapping[Hashable, int],
) -> csr_array:
    columns = [[numbers[key] for key in (*adds, *takes)] for adds, takes in rows]
    for row, of_row in enumerate(columns):
        if len(set(of_row)) != len(of_row):
            raise Invalid(f"Row {row} of a publication names a cell twice")
    signs = [[1] * len(adds) + [-1] * len(takes) for adds, takes in rows]
    starts = np.cumsum([0, *map(len, columns)])
    return csr_array(
        (
            np.array([sign for of_row in signs for sign in of_row], np.int64),
            np.array([column for of_row in columns for column in of_row], np.int64),
            starts,
        ),
        shape=(len(rows), len(numbers)),
    )


def union(publications: Sequence[Published]) -> Published:
    """Everything in several publications side by side; cells of the same key are one cell.

    Keys must be comparable with one another. Raises `Invalid` for no publication at all.
    """
    if not publications:
        raise Invalid("There is no publication to look at")
    keys, places = np.unique(
        np.concatenate([each.cells for each in publications]), return_inverse=True
    )
    starts = np.cumsum([0, *(len(each.cells) for each in publications)])
    moved = [places[starts[i] : starts[i + 1]] for i in range(len(publications))]

    def stacked(name: str) -> csr_array:
        return vstack(
            [
                _renumbered(getattr(each, name), where, len(keys))
                for each, where in zip(publications, moved, strict=True)
            ],
            format="csr",
        )

    def joined(name: str) -> Integers:
        return np.concatenate([getattr(each, name) for each in publications])

    return Published(
        cells=keys,
        figures=stacked("figures"),
        values=joined("values"),
        lower=joined("lower"),
        upper=joined("upper"),
        known=stacked("known"),
        known_lower=joined("known_lower"),
        known_upper=joined("known_upper"),
    )


def _renumbered(matrix: csr_array, places: NDArray[np.int64], width: int) -> csr_array:
    return csr_array(
        (matrix.data, places[matrix.indices], matrix.indptr), shape=(matrix.shape[0], width)
    )
