"""The sketch: every service once, nothing on anything else, north up, and a bar that is true."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geography import distance_km
from template_service.web.directory_map import WIDTH, Box, Spot, sketch

POINTS = st.tuples(st.floats(53.4, 54.1, allow_nan=False), st.floats(-2.0, -1.0, allow_nan=False))
HOMES = st.none() | POINTS.map(lambda at: Spot("Made-up Ward", *at))
WARDS = st.lists(POINTS, max_size=12).map(
    lambda every: [Spot(f"Ward number {number}", *at) for number, at in enumerate(every)]
)


def spots(points: list[tuple[float, float]]) -> list[Spot]:
    return [Spot(str(number), *at) for number, at in enumerate(points, start=1)]


def numbers(mark: Box) -> list[int]:
    """The numbers in a mark, runs written out."""
    said: list[int] = []
    for text in " ".join(mark.lines).replace(",", " ").split():
        first, _, last = text.partition("–")
        said += range(int(first), int(last or first) + 1)
    return said


def is_inside(box: Box, height: float) -> bool:
    return (
        box.left >= 0
        and box.top >= 0
        and box.left + box.width <= WIDTH
        and box.top + box.height <= height
    )


@given(points=st.lists(POINTS, min_size=1, max_size=20), home=HOMES, wards=WARDS)
def test_every_service_is_in_one_mark_and_nothing_stands_on_another(
    points: list[tuple[float, float]], home: Spot | None, wards: list[Spot]
) -> None:
    drawn = sketch(spots(points), home, wards)
    assert drawn is not None
    assert sorted(number for mark in drawn.marks for number in numbers(mark)) == list(
        range(1, len(points) + 1)
    )
    assert not any(one.meets(other) for one, other in combinations(drawn.marks, 2))
    named = [*drawn.names, *drawn.marks]
    assert not any(one.meets(other) for one in drawn.names for other in named if other is not one)
    assert all(is_inside(box, drawn.height) for box in named)
    assert 0 < drawn.bar < WIDTH / 2


def test_nothing_to_draw_is_no_sketch() -> None:
    assert sketch([], Spot("Made-up Ward", 53.8, -1.5), []) is None


def test_north_is_up_and_east_is_right() -> None:
    drawn = sketch(spots([(53.80, -1.55), (53.85, -1.55), (53.80, -1.45)]), None, [])
    assert drawn is not None
    south, north, east = drawn.marks
    assert north.y < south.y
    assert north.x == pytest.approx(south.x)
    assert east.x > south.x
    assert east.y == pytest.approx(south.y)


def test_the_bar_is_as_long_as_it_says() -> None:
    west, east = (53.80, -1.60), (53.80, -1.45)
    drawn = sketch(spots([west, east]), None, [])
    assert drawn is not None
    one, other = drawn.marks
    units_per_km = (other.x - one.x) / distance_km(*west, *east)
    length, unit = drawn.bar_text.split()
    assert unit == "km"
    assert drawn.bar == pytest.approx(float(length) * units_per_km)


def test_services_of_one_address_share_a_mark() -> None:
    drawn = sketch(spots([(53.8, -1.5)] * 3 + [(53.9, -1.5), (53.8, -1.5)]), None, [])
    assert drawn is not None
    assert [mark.lines for mark in drawn.marks] == [("1–3, 5",), ("4",)]


def test_the_place_chosen_is_named_first_beside_its_sign() -> None:
    home = Spot("Made-up Ward", 53.82, -1.52)
    drawn = sketch(spots([(53.8, -1.5)]), home, [Spot("Other", 53.8201, -1.5201)])
    assert drawn is not None
    assert drawn.home is not None
    assert drawn.names[0].lines == ("Made-up Ward",)
    assert not drawn.names[0].meets(drawn.home)
