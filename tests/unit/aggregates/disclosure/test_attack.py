"""The attacker finds exactly what a complete search finds, and tells safe from unsafe releases."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.aggregates.disclosure.attack import attack
from template_service.aggregates.disclosure.bounds import Contradiction, system_of
from template_service.aggregates.disclosure.published import (
    AT_LEAST_NOTHING,
    NOTHING,
    UNLIMITED,
    Figure,
    Interval,
    Known,
    Published,
    open_count,
    publication,
    rounded,
    union,
)
from template_service.errors import Invalid
from tests.unit.aggregates.disclosure.conftest import Record
from tests.unit.aggregates.disclosure.made_up import (
    Integers,
    a_city,
    a_rounded_city,
    nested_figures,
    round_cells,
    tables_of,
    with_rounding,
    with_stars,
)

GREATEST = 6


@st.composite
def publications(draw: st.DrawFn) -> Published:
    """Few cells of small counts, figures of any sums of them, things known of pairs."""
    truth = draw(st.lists(st.integers(0, GREATEST), min_size=2, max_size=5))
    cells = list(range(len(truth)))
    figures = [Figure([cell], None, Interval(0, GREATEST)) for cell in cells]
    for chosen in draw(st.lists(st.sets(st.sampled_from(cells), min_size=2), max_size=5)):
        count = sum(truth[cell] for cell in chosen)
        below, above = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
        figures.append(Figure(sorted(chosen), None, Interval(max(0, count - below), count + above)))
    pairs = draw(st.lists(st.permutations(cells).map(lambda order: order[:2]), max_size=2))
    known = [Known([a], [b], Interval(truth[a] - truth[b], UNLIMITED)) for a, b in pairs]
    return publication(figures, known)


@settings(max_examples=150, deadline=None)
@given(published=publications(), safe_width=st.sampled_from([2, 3, 4, 99]))
def test_widths_are_those_of_a_complete_search(published: Published, safe_width: int) -> None:
    system = system_of(published)
    tables = np.array(list(product(range(GREATEST + 1), repeat=len(published.cells))))
    sums = tables @ system.rows.toarray().T
    possible = tables[((system.lower <= sums) & (sums <= system.upper)).all(axis=1)]
    widths = np.minimum(np.ptp(possible, axis=0) + 1, safe_width)

    result = attack(published, safe_width=safe_width)

    assert result.widths == tuple(np.bincount(widths, minlength=safe_width + 1).tolist())
    assert result.exact == int((widths == 1).sum())
    assert result.narrow == int((widths < safe_width).sum())
    assert result.undecided == 0


@settings(max_examples=40, deadline=None)
@given(published=publications(), seed=st.integers(0, 5))
def test_chance_and_the_table_to_start_from_change_nothing_but_the_time(
    published: Published, seed: int
) -> None:
    one = attack(published)
    other = attack(published, seed=seed, table=np.full(len(published.cells), 3))

    assert one.widths == other.widths


@pytest.fixture
def tables() -> list[Integers]:
    """4,000 people of 20 practices by decile, age band and ethnic group."""
    widths = (20, 11, 9, 8)
    return tables_of(a_city(4000, widths, seed=11), widths)


def test_naive_suppression_of_a_city_is_broken(tables: list[Integers], record: Record) -> None:
    result = attack(nested_figures(tables, 5, with_stars))

    stars = sum(int(((table >= 1) & (table <= 7)).sum()) for table in tables)
    record("naive suppression: starred cells", stars)
    record("naive suppression: recovered exactly", result.exact)
    record("naive suppression: share recovered", round(result.exact / stars, 3))
    assert result.cells == stars
    assert result.exact >= 0.2 * stars
    assert result.undecided == 0
    assert not result.passed


def test_frozen_rounded_cells_of_a_city_are_safe(tables: list[Integers], record: Record) -> None:
    generator = np.random.default_rng(3)
    frozen = [round_cells(table, generator) for table in tables]
    result = attack(nested_figures(frozen, 5, with_rounding))

    record("frozen rounding: cells", result.cells)
    record("frozen rounding: recovered exactly", result.exact)
    record("frozen rounding: narrowed", result.narrow)
    assert result.cells == sum(table.size for table in tables)
    assert (result.exact, result.narrow, result.undecided) == (0, 0, 0)
    assert result.passed


def test_a_month_of_a_city_is_proved_safe_by_witnesses_alone(record: Record) -> None:
    result = attack(a_rounded_city(pcns=5, practices=22, domains=2, people=10_000))

    record("a month of 22 practices and 2 domains", result)
    assert result.passed
    assert result.asked == 0
    assert result.parts == 2


def test_one_figure_too_sharp_in_a_safe_month_is_found() -> None:
    month = a_rounded_city(pcns=2, practices=5, domains=1, people=3000)
    assert attack(month).passed
    cell = int(np.flatnonzero(month.values[: len(month.cells)] == 10)[0])
    lower, upper = month.lower.copy(), month.upper.copy()
    lower[cell], upper[cell] = 9, 10
    sharper = Published(
        month.cells,
        month.figures,
        month.values,
        lower,
        upper,
        month.known,
        month.known_lower,
        month.known_upper,
    )

    result = attack(sharper)

    assert (result.exact, result.narrow) == (0, 1)
    assert not result.passed


def test_a_small_count_published_as_it_is_has_been_told() -> None:
    result = attack(publication([Figure(["a"], 3, open_count(3)), Figure(["b"], 8, open_count(8))]))

    assert (result.cells, result.exact) == (1, 1)


def test_what_is_known_beforehand_counts() -> None:
    figures = [Figure(["asked"], 5, Interval(1, 5)), Figure(["need"], 5, Interval(4, 9))]

    assert attack(publication(figures)).passed
    with_order = attack(publication(figures, [Known(["asked"], ["need"], AT_LEAST_NOTHING)]))
    assert with_order.widths == (0, 0, 2, 0)
    same = attack(publication(figures, [Known(["asked"], ["need"], NOTHING)]))
    assert same.widths == (0, 0, 2, 0)


def test_two_releases_together_tell_what_neither_tells_alone() -> None:
    one = publication([Figure(["a", "b"], 10, Interval(6, 14)), Figure(["a"], 5, rounded(5))])
    other = publication([Figure(["b"], 15, Interval(13, 19))])

    assert attack(one).passed
    assert attack(other).passed
    both = attack(union([one, other]))
    assert both.cells == 2
    assert both.narrow == 2


def test_months_of_one_frozen_cube_do_not_narrow_each_other() -> None:
    def month(name: str) -> Published:
        return publication([Figure([f"{name} {area}"], 5, rounded(5)) for area in "abc"])

    months = union([month("2026-07"), month("2026-08"), month("2026-07")])

    result = attack(months)
    assert (result.cells, result.parts) == (6, 6)
    assert result.passed


def test_what_could_not_be_settled_in_time_does_not_pass() -> None:
    tight = publication(
        [Figure(["a", "b"], None, Interval(3, 3)), Figure(["a"], None, Interval(0, 1))]
    )
    assert attack(tight).narrow == 2

    hurried = attack(tight, patience=0.0)

    assert hurried.undecided == 2
    assert not hurried.passed


@pytest.mark.parametrize(
    "figures",
    [
        [Figure(["a", "b"], 3, open_count(3)), Figure(["a"], 5, open_count(5))],
        # Only whole counts contradict: a = b, b = c and a + b odd.
        [
            Figure(["a", "b"], None, Interval(3, 3)),
            Figure(["b", "c"], None, Interval(3, 3)),
            Figure(["a", "c"], None, Interval(3, 3)),
        ],
    ],
)
def test_figures_that_nothing_explains_are_refused(figures: list[Figure]) -> None:
    with pytest.raises(Contradiction):
        attack(publication(figures))


def test_limits_upside_down_and_cells_named_twice_are_refused() -> None:
    with pytest.raises(Invalid, match="Row 0 of the figures allows nothing"):
        publication([Figure(["a"], 5, Interval(6, 4))])
    with pytest.raises(Invalid, match="Row 1 of a publication names a cell twice"):
        publication([Figure(["a"], 5, rounded(5)), Figure(["b", "b"], 5, rounded(5))])
    with pytest.raises(Invalid, match="no publication"):
        union([])
