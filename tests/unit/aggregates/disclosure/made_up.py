"""Made-up cities for the attacker: no person, place or count in them is real."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from template_service.aggregates.disclosure.differencing import Answers, Mechanism
from template_service.aggregates.disclosure.published import (
    UNLIMITED,
    Figure,
    Published,
    open_count,
    publication,
    rounded,
    starred,
)
from template_service.aggregates.disclosure.questions import Filter

Integers = NDArray[np.int64]

BREAKDOWNS = (1, 11, 4, 9, 8, 4)
"""Categories of all, imd_decile, sex, age_band, ethnic_group, language_group, unknown included."""

INDICATORS = ("asked", "need", "declined", "wants_help")


def a_city(people: int, widths: Sequence[int], seed: int) -> Integers:
    """People with a code in each column; low codes are common, high ones rare."""
    generator = np.random.default_rng(seed)
    shares = [1 / np.arange(1, width + 1) ** 0.7 for width in widths]
    columns = [generator.choice(len(one), people, p=one / one.sum()) for one in shares]
    return np.stack(columns, axis=1)


def cube_of(records: Integers, widths: Integers) -> Integers:
    """How many records there are of each combination of codes: a dimension a column."""
    cube = np.zeros(widths, np.int64)
    np.add.at(cube, tuple(records.T), 1)
    return cube


def total(cube: Integers, asked: Filter) -> int:
    """The sum of the cells of a cube that a filter asks for."""
    for column, codes in enumerate(asked):
        cube = cube.take(codes, axis=column)
    return int(cube.sum())


def round_cells(counts: Integers, generator: np.random.Generator) -> Integers:
    """Each count up or down to a multiple of 5 at random, without bias; 0 stays 0."""
    low = counts // 5 * 5
    return np.asarray(low + 5 * (generator.random(counts.shape) * 5 < counts - low), np.int64)


def frozen(widths: Sequence[int]) -> Mechanism:
    """Rounds every cell once, and answers with sums of what it rounded."""

    def release(records: Integers, generator: np.random.Generator) -> Answers:
        cube = round_cells(cube_of(records, np.array(widths)), generator)
        return lambda asked: total(cube, asked)

    return release


def not_frozen(widths: Sequence[int]) -> Mechanism:
    """Rounds every answer anew."""

    def release(records: Integers, generator: np.random.Generator) -> Answers:
        cube = cube_of(records, np.array(widths))
        return lambda asked: int(round_cells(np.array(total(cube, asked)), generator))

    return release


def tables_of(people: Integers, widths: Sequence[int]) -> list[Integers]:
    """One table for each column but the first: practices (the first column) by its codes."""
    return [
        cube_of(people[:, [0, column]], np.array([widths[0], widths[column]]))
        for column in range(1, len(widths))
    ]


def nested_figures(
    tables: Sequence[Integers], pcns: int, publish: Callable[[list[int], int], Figure]
) -> Published:
    """Each table for practices, networks and the city, by category and in all, by one rule."""
    starts = np.cumsum([0, *(table.size for table in tables)])
    figures = []
    for table, start in zip(tables, starts.tolist(), strict=False):
        practices, width = table.shape
        numbers = start + np.arange(table.size).reshape(table.shape)
        pcn = np.arange(practices) % pcns
        areas = [
            *(np.array([practice]) for practice in range(practices)),
            *(np.flatnonzero(pcn == one) for one in range(pcns)),
            np.arange(practices),
        ]
        for area in areas:
            for columns in (*np.arange(width)[:, None], np.arange(width)):
                place = np.ix_(area, columns)
                figures.append(publish(numbers[place].ravel().tolist(), int(table[place].sum())))
    return publication(figures)


def with_stars(cells: Sequence[int], count: int) -> Figure:
    """The naive way: 1 to 7 starred, everything else as it is."""
    if 1 <= count <= 7:
        return Figure(cells, None, starred())
    return Figure(cells, count, open_count(count))


def with_rounding(cells: Sequence[int], count: int) -> Figure:
    """A figure of a cube whose cells were rounded: the attacker takes it to be within 4."""
    return Figure(cells, count, rounded(count))


def a_rounded_city(
    pcns: int, practices: int, domains: int, people: int, seed: int = 1
) -> Published:
    """Practices in networks, by domain, breakdown and indicator: everything a month publishes.

    Tables add up: breakdowns of the same people have one total; a practice's figures add up to its
    network's and those to the city's. Counts are made five people at a time, so that they are
    multiples of 5 that add up, as frozen cells are.
    """
    generator = np.random.default_rng(seed)
    groups = people // 5
    practice = generator.choice(practices, groups, p=_shares(practices, generator))
    categories = _categories(groups, generator)
    cube = np.zeros((domains, len(INDICATORS), practices, sum(BREAKDOWNS)), np.int64)
    for domain in range(domains):
        asked = generator.random(groups) < 0.6
        need = asked & (generator.random(groups) < 0.12)
        declined = asked & ~need & (generator.random(groups) < 0.05)
        wants = need & (generator.random(groups) < 0.5)
        for number, flags in enumerate((asked, need, declined, wants)):
            for category in categories:
                np.add.at(cube[domain, number], (practice[flags], category[flags]), 5)
    pcn = np.arange(practices) % pcns
    figures = csr_array(vstack(_figures(cube, pcn), format="csr"))
    values = figures @ cube.ravel()
    known = _known(cube)
    equal = cube.size // sum(BREAKDOWNS) * (len(BREAKDOWNS) - 1)
    lower = np.zeros(known.shape[0], np.int64)
    upper = np.where(np.arange(known.shape[0]) < equal, 0, UNLIMITED)
    return Published(
        cells=np.arange(cube.size),
        figures=figures,
        values=values,
        lower=np.maximum(values - 4, 0),
        upper=values + 4,
        known=known,
        known_lower=lower,
        known_upper=upper,
    )


def _shares(parts: int, generator: np.random.Generator) -> NDArray[np.float64]:
    sizes = generator.lognormal(0, 0.6, parts)
    return np.asarray(sizes / sizes.sum())


def _categories(groups: int, generator: np.random.Generator) -> list[Integers]:
    starts = np.cumsum((0, *BREAKDOWNS))
    return [
        start + generator.choice(width, groups, p=_shares(width, generator))
        for start, width in zip(starts.tolist(), BREAKDOWNS, strict=False)
    ]


def _figures(cube: Integers, pcn: Integers) -> list[csr_array]:
    """Rows of every cell, of every network and of the city."""
    domains, indicators, practices, width = cube.shape
    tables = np.arange(domains * indicators)[:, None, None]
    column = np.arange(width)[None, None, :]
    found = []
    for area in (np.arange(practices), pcn, np.zeros(practices, np.int64)):
        rows = (tables * practices + area[None, :, None]) * width + column
        _, rows = np.unique(rows, return_inverse=True)
        found.append(_matrix(rows.ravel(), np.arange(cube.size), cube.size))
    return found


def _known(cube: Integers) -> csr_array:
    """One total for all breakdowns; need and declined are among asked, wants help is among need."""
    numbers = np.arange(cube.size).reshape(cube.shape)
    breakdown = np.repeat(np.arange(len(BREAKDOWNS)), BREAKDOWNS)[1:] - 1
    totals = numbers[..., 0].size
    table = np.arange(totals).reshape(numbers.shape[:-1])
    of_table = table[..., None] * (len(BREAKDOWNS) - 1)
    rows = of_table + breakdown
    repeated = of_table + np.arange(len(BREAKDOWNS) - 1)
    height = totals * (len(BREAKDOWNS) - 1)
    same = _matrix(rows.ravel(), numbers[..., 1:].ravel(), cube.size, height) - _matrix(
        repeated.ravel(),
        np.repeat(numbers[..., :1], len(BREAKDOWNS) - 1, axis=-1).ravel(),
        cube.size,
        height,
    )
    asked, need, declined, wants = (
        _matrix(np.arange(numbers[:, one].size), numbers[:, one].ravel(), cube.size)
        for one in range(len(INDICATORS))
    )
    return csr_array(vstack([same, asked - need - declined, need - wants], format="csr"))


def _matrix(rows: Integers, columns: Integers, width: int, height: int | None = None) -> csr_array:
    shape = (int(rows.max()) + 1 if height is None else height, width)
    return csr_array(coo_array((np.ones(len(rows), np.int64), (rows, columns)), shape=shape))
