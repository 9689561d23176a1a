"""Rounds every table of a domain to base 5 so that all of them add up.

Counts are rounded once, at random, without bias. An indicator that is part of another (need of
asked) is rounded within what the other became, so it never exceeds it in any cell. Within a block,
rows (practices, or pieces of wards) keep one total for all breakdowns; between the blocks, each
category keeps one total for the city. Totals of areas in between (networks, wards) are edges of
the network that is rounded, so they too end beside the truth (`dependent_rounding`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.dependent_rounding import Nodes, round_network
from template_service.aggregates.raking import rake
from template_service.aggregates.transfers import Unsettled, agree, settle_rows
from template_service.aggregates.vocabulary import ALL

# The base of NHS Digital's disclosure control for published counts.
BASE: Final = 5
# How often an indicator is drawn before a bound of the second block gives way.
_DRAWS: Final = 5
_UNBOUNDED: Final = np.iinfo(np.int64).max

Table = NDArray[np.float64]
Rounded = NDArray[np.int64]
Tables = Mapping[str, Rounded]
"""breakdown -> rows x categories, in people; `all` has one category."""


class Within(NamedTuple):
    """An indicator is counted among those of `whole`, less those of `others`."""

    whole: str
    others: tuple[str, ...] = ()


# In the order of rounding; an indicator that is not within another stands alone.
CHAIN: Final[Mapping[str, Within | None]] = {
    "asked": None,
    "need": Within("asked"),
    "declined": Within("asked", ("need",)),
    "wants_help": Within("need"),
    "not_offered": None,
    "signposted": None,
    "referred": None,
    "helped": None,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block: `groups[i]` is the network or ward that row i belongs to."""

    groups: Nodes

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return int(self.groups.max()) + 1 if self.groups.size else 0


def round_domain(
    counts: Mapping[str, Mapping[str, Tables]],
    blocks: Mapping[str, Rows],
    generator: np.random.Generator,
    *,
    apart: bool = True,
) -> dict[str, dict[str, dict[str, Rounded]]]:
    """Rounded counts of one domain: indicator -> block -> breakdown -> rows x categories.

    `counts` has the same shape, in people; so have the results, multiples of `BASE`. `apart` says
    that nobody who declined is among those with a need, as in a single domain.
    """
    rounded: dict[str, dict[str, dict[str, Rounded]]] = {}
    for indicator, within in CHAIN.items():
        if within is not None and not apart:
            within = within._replace(others=())  # noqa: PLW2901 -- the rule of this domain
        part = {
            block: {
                name: _cells(table, within, counts, rounded, (block, name))
                for name, table in counts[indicator][block].items()
            }
            for block in blocks
        }
        rounded[indicator] = _settled(part, blocks, generator)
    return {
        indicator: {
            block: {name: table * BASE for name, table in tables.items()}
            for block, tables in of_blocks.items()
        }
        for indicator, of_blocks in rounded.items()
    }


class _Cells(NamedTuple):
    """What the cells of a table are expected to become, in units of `BASE`, and at most may."""

    expected: Table
    most: Rounded


def _cells(
    table: Rounded,
    within: Within | None,
    counts: Mapping[str, Mapping[str, Tables]],
    rounded: Mapping[str, Mapping[str, Mapping[str, Rounded]]],
    place: tuple[str, str],
) -> _Cells:
    if within is None:
        return _Cells(table / BASE, np.full(table.shape, _UNBOUNDED))
    block, name = place
    people = counts[within.whole][block][name].astype(np.float64)
    most = rounded[within.whole][block][name].copy()
    for other in within.others:
        people -= counts[other][block][name]
        most -= rounded[other][block][name]
    # A bound that gave way (`_settled`) leaves less than nothing for what is rounded after it.
    most = np.maximum(most, 0)
    share = np.divide(table, people, out=np.zeros(table.shape), where=people > 0)
    expected: Table = (most * share).astype(np.float64)
    return _Cells(expected, most)


def _settled(
    cells: Mapping[str, Mapping[str, _Cells]],
    blocks: Mapping[str, Rows],
    generator: np.random.Generator,
) -> dict[str, dict[str, Rounded]]:
    """Draws until the blocks agree; where so few are counted that they cannot, lets them.

    Then a cell of the second block may pass its bound by a unit: a release shows no share above 1.
    """
    for _ in range(_DRAWS):
        try:
            return _round_indicator(cells, blocks, generator)
        except Unsettled:
            continue
    first, second = blocks
    free = {
        name: _Cells(it.expected, np.full(it.most.shape, _UNBOUNDED))
        for name, it in cells[second].items()
    }
    return _round_indicator({first: cells[first], second: free}, blocks, generator)


def _round_indicator(
    cells: Mapping[str, Mapping[str, _Cells]],
    blocks: Mapping[str, Rows],
    generator: np.random.Generator,
) -> dict[str, dict[str, Rounded]]:
    result: dict[str, dict[str, Rounded]] = {block: {} for block in blocks}
    total: int | None = None
    for block, rows in blocks.items():
        totals = _round_rows(cells[block][ALL], rows, total, generator)
        total = int(totals.sum())
        result[block][ALL] = totals[:, None]
    first, second = blocks
    for name in cells[first]:
        if name == ALL:
            continue
        columns: Rounded | None = None
        for block, rows in blocks.items():
            table = _round_table(
                cells[block][name], result[block][ALL][:, 0], columns, rows, generator
            )
            columns = table.sum(axis=0)
            result[block][name] = table
        most = cells[first][name].most, cells[second][name].most
        agree(result[first][name], result[second][name], most)
    return result


def _round_rows(
    cells: _Cells, rows: Rows, total: int | None, generator: np.random.Generator
) -> Rounded:
    """Totals of rows: a tree of city, groups and rows, the city's total given or free."""
    expected, most = cells.expected[:, 0], cells.most[:, 0]
    if total is not None:
        expected = rake(expected[None, :], np.array([total]), None, most[None, :])[0]
    source, city, first_group = 0, 1, 2
    groups = rows.group_count
    edges = [
        (np.full(groups, city), first_group + np.arange(groups), _sums(expected, rows)),
        (first_group + rows.groups, np.full(len(expected), source), expected),
    ]
    if total is None:
        edges.append((np.array([source]), np.array([city]), np.array([expected.sum()])))
    whole = _round_edges(edges, generator)
    totals = whole[groups : groups + len(expected)]
    if total is not None:
        settle_rows(totals[None, :], np.array([total]), most[None, :])
    return totals


def _round_table(
    cells: _Cells,
    row_totals: Rounded,
    columns: Rounded | None,
    rows: Rows,
    generator: np.random.Generator,
) -> Rounded:
    """A table whose rows add up to their totals, and its columns to theirs as near as can be."""
    raked = rake(cells.expected, row_totals, columns, cells.most)
    height, width = raked.shape
    groups = rows.group_count
    city = 1 + np.arange(width)
    group = 1 + width + np.arange(groups * width).reshape(groups, width)
    row = 1 + width + groups * width + np.arange(height)
    edges = [
        (np.tile(city, groups), group.ravel(), _sums(raked, rows).ravel()),
        (group[rows.groups].ravel(), np.repeat(row, width), raked.ravel()),
    ]
    if columns is None:
        edges.append((np.zeros(width, np.int64), city, raked.sum(axis=0)))
    whole = _round_edges(edges, generator)
    table = whole[groups * width : (groups + height) * width].reshape(height, width)
    settle_rows(table, row_totals, cells.most)
    return table


def _sums(values: Table, rows: Rows) -> Table:
    """The sums of the rows of each group."""
    sums = np.zeros((rows.group_count, *values.shape[1:]))
    np.add.at(sums, rows.groups, values)
    return sums


def _round_edges(
    edges: list[tuple[Nodes, Nodes, Table]], generator: np.random.Generator
) -> Rounded:
    tails, heads, values = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    return round_network(tails, heads, values, generator)
