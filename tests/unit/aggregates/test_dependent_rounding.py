"""Rounding of a network: neighbours only, sums kept, no bias, the same for the same key."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from template_service.aggregates.dependent_rounding import round_network

Edges = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def table_edges(table: NDArray[np.float64]) -> Edges:
    """A table as a network: the cells lead from their column to their row, columns from one root.

    The row totals must be whole; column totals are edges and are rounded too.
    """
    height, width = table.shape
    columns, rows = 1 + np.arange(width), 1 + width + np.arange(height)
    tails = np.concatenate([np.zeros(width, np.int64), np.tile(columns, height)])
    heads = np.concatenate([columns, np.repeat(rows, width)])
    return tails, heads, np.concatenate([table.sum(axis=0), table.ravel()])


def whole_rows(counts: list[list[int]]) -> NDArray[np.float64]:
    """A table of counts in units of five, its rows stretched to whole totals."""
    table = np.array(counts, np.float64) / 5
    totals = table.sum(axis=1, keepdims=True)
    wanted = np.ceil(totals)
    stretched: NDArray[np.float64] = np.divide(
        table * wanted, totals, out=np.zeros_like(table), where=totals > 0
    )
    return stretched


COUNTS = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=1, max_size=12
    )
)


@given(COUNTS, st.integers(0, 2**32))
def test_every_count_goes_to_a_neighbour_and_every_sum_holds(
    counts: list[list[int]], seed: int
) -> None:
    table = whole_rows(counts)
    tails, heads, values = table_edges(table)
    rounded = round_network(tails, heads, values, np.random.default_rng(seed))
    assert (np.abs(rounded - values) < 1 + 1e-6).all()
    width = table.shape[1]
    cells = rounded[width:].reshape(table.shape)
    assert (cells.sum(axis=1) == np.rint(table.sum(axis=1))).all()
    assert (cells.sum(axis=0) == rounded[:width]).all()
    assert (cells[table == 0] == 0).all()


def test_rounding_favours_neither_way() -> None:
    table = whole_rows([[3, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8]])
    edges = table_edges(table)
    generator = np.random.default_rng(2026)
    draws = 20_000
    mean = sum(round_network(*edges, generator) for _ in range(draws)) / draws
    part = edges[2] % 1
    error = np.sqrt(np.maximum(part * (1 - part), 1e-12) / draws)
    # Five standard errors: one false alarm in some hundred thousand seeds.
    assert (np.abs(mean - edges[2]) <= 5 * error + 1e-9).all()


def test_the_same_state_gives_the_same_result() -> None:
    edges = table_edges(whole_rows([[3, 1, 4], [1, 5, 9]]))
    one, two = (round_network(*edges, np.random.default_rng(7)) for _ in range(2))
    assert (one == two).all()


def test_nothing_to_round_is_left_as_it_is() -> None:
    nothing = np.zeros(0, np.int64)
    generator = np.random.default_rng(1)
    assert round_network(nothing, nothing, np.zeros(0), generator).size == 0
    edges = table_edges(np.array([[2.0, 3.0], [0.0, 1.0]]))
    assert round_network(*edges, generator).tolist() == [2, 4, 2, 3, 0, 1]
