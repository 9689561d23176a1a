"""Needs of children over bands summed: shown by the rules of figures, beside the city's."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from template_service.aggregates.frozen_cube import CELLS, all_domains
from template_service.aggregates.report.child_needs import SCHOOL, UNDER_FIVE, child_needs
from template_service.aggregates.vocabulary import INDICATORS

ASKED, NEED = INDICATORS.index("asked"), INDICATORS.index("need")
BANDS = {band: CELLS.index(("age_band", band)) for band in ("0-4", "5-9", "10-14")}


def area(bands: Mapping[str, tuple[int, int]], domain: str = "food") -> NDArray[np.int64]:
    made = np.zeros((len(all_domains()), len(CELLS), len(INDICATORS)), np.int64)
    for band, (need, asked) in bands.items():
        place = all_domains().index(domain), BANDS[band]
        made[(*place, NEED)], made[(*place, ASKED)] = need, asked
    return made


CITY = area({"0-4": (100, 1000), "5-9": (100, 1000), "10-14": (100, 1000)})


def test_school_children_are_two_bands_together() -> None:
    found = child_needs(area({"0-4": (40, 100), "5-9": (10, 100), "10-14": (5, 50)}), CITY)
    school, young = found["food", SCHOOL], found["food", UNDER_FIVE]
    assert (school.numerator, school.denominator, school.value) == (15, 150, 0.1)
    assert (school.comparison, school.significance) == (0.1, "similar")
    assert young.significance == "higher"


@pytest.mark.parametrize(
    "bands",
    [
        {"0-4": (5, 100)},
        {"0-4": (45, 45)},
        {"0-4": (55, 50)},
        {"5-9": (10, 100)},
    ],
    ids=["fewer than 8", "all of a small group", "more than were asked", "mostly rounding"],
)
def test_what_may_not_be_shown_is_absent(bands: dict[str, tuple[int, int]]) -> None:
    assert child_needs(area(bands), CITY) == {}


def test_the_city_is_compared_with_nothing_and_safety_is_never_there() -> None:
    assert child_needs(CITY, CITY)["food", SCHOOL].comparison is None
    safety = area({"0-4": (40, 100)}, "safety")
    assert child_needs(safety, safety) == {}
