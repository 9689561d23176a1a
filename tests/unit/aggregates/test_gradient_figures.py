"""Slopes over ranks of the people asked: only with enough deciles, as the line that fits them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from template_service.aggregates.frozen_cube import CELLS, all_domains
from template_service.aggregates.gradient_figures import rank_stretches, slope
from template_service.aggregates.vocabulary import ANY, IMD_DECILES, INDICATORS

ASKED, NEED = INDICATORS.index("asked"), INDICATORS.index("need")
DECILES = [CELLS.index(("imd_decile", decile)) for decile in IMD_DECILES]


def area(asked: list[int], need: list[int]) -> NDArray[np.int64]:
    made = np.zeros((len(all_domains()), len(CELLS), len(INDICATORS)), np.int64)
    made[all_domains().index(ANY), DECILES, ASKED] = asked
    made[all_domains().index(ANY), DECILES, NEED] = need
    return made


def test_a_straight_gradient_is_found_as_it_is() -> None:
    """Equal deciles from 0.95 down to 0.05 lie on the line from 1 to 0."""
    found = slope(area([1000] * 10, [950 - 100 * place for place in range(10)]))
    assert found
    assert found.start == pytest.approx(1)
    assert found.sii.value == pytest.approx(-1)
    assert found.sii.lower < -1 < found.sii.upper
    assert found.ranks == pytest.approx([0.05 + 0.1 * place for place in range(10)])
    assert found.deciles == IMD_DECILES


def test_the_line_is_that_of_least_squares_weighted_by_people_asked() -> None:
    asked, need = (
        [400, 50, 90, 300, 120, 80, 700, 60, 30, 200],
        [300, 30, 45, 90, 60, 20, 70, 5, 0, 30],
    )
    found = slope(area(asked, need))
    assert found
    weights = np.array(asked) / sum(asked)
    ranks = np.cumsum(weights) - weights / 2
    rise, start = np.polyfit(ranks, np.array(need) / asked, 1, w=np.sqrt(weights))
    assert (found.start, found.sii.value) == pytest.approx((start, rise))


@pytest.mark.parametrize(("deciles", "there"), [(6, False), (7, True)])
def test_a_slope_needs_seven_deciles_of_thirty_asked(deciles: int, there: bool) -> None:
    asked = [30] * deciles + [25] * (10 - deciles)
    found = slope(area(asked, [10] * 10))
    assert (found is not None) == there
    if found:
        assert found.deciles == IMD_DECILES[:deciles]


def test_a_decile_with_more_needs_than_people_asked_takes_no_part() -> None:
    found = slope(area([100] * 10, [105, *[50] * 9]))
    assert found
    assert found.deciles == IMD_DECILES[1:]


def test_the_same_counts_give_the_same_limits() -> None:
    made = area([200] * 10, [100 - 5 * place for place in range(10)])
    first, again = slope(made), slope(made.copy())
    assert first == again


def test_stretches_are_shares_of_the_people_asked() -> None:
    found = rank_stretches(area([300, 0, 100, *[0] * 7], [0] * 10))
    assert found == {"1": (0.0, 0.75), "3": (0.75, 1.0)}
    assert rank_stretches(area([0] * 10, [0] * 10)) == {}
