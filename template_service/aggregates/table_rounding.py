"""One table, or the totals of its rows, rounded as a network of rows, groups and the city."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.dependent_rounding import Nodes, round_network
from template_service.aggregates.raking import rake
from template_service.aggregates.transfers import settle_rows

Table = NDArray[np.float64]
Rounded = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block: `groups[i]` is the network or ward that row i belongs to."""

    groups: Nodes

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return int(self.groups.max()) + 1 if self.groups.size else 0


class Cells(NamedTuple):
    """What the cells of a table are expected to become, in units of `BASE`, and at most may."""

    expected: Table
    most: Rounded


def round_rows(
    cells: Cells, rows: Rows, total: int | None, generator: np.random.Generator
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


def round_table(
    cells: Cells,
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
