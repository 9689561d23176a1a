"""A line over ranks stays within what shares can be, and both ends of its axis have a number."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.aggregates.report.rank_axis import drawn_part, number_places
from template_service.aggregates.vocabulary import IMD_DECILES


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_the_drawn_part_is_of_the_same_line_and_within_all_shares(start: float, end: float) -> None:
    # As every line through shares: somewhere it is one.
    inside = max(min(start, end), 0) <= min(max(start, end), 1)
    if not inside:
        return
    drawn = drawn_part(start, end)
    for rank, value in drawn:
        assert 0 <= rank <= 1
        assert 0 <= value <= 1
        assert value == pytest.approx(start + (end - start) * rank, abs=1e-9)
    if 0 <= start <= 1:
        assert drawn[0] == (0, start)
    if 0 <= end <= 1:
        assert drawn[1].rank == 1


def test_a_line_that_passes_100_percent_is_cut_there_and_not_bent() -> None:
    first, last = drawn_part(1.1, 0.6)
    assert first == pytest.approx((0.2, 1.0))
    assert last == pytest.approx((1.0, 0.6))


def stretches(*widths: float) -> dict[str, tuple[float, float]]:
    ends = [sum(widths[:place]) / sum(widths) for place in range(len(widths) + 1)]
    return dict(zip(IMD_DECILES, pairwise(ends), strict=False))


def test_every_decile_has_its_number_in_its_middle_where_there_is_room() -> None:
    places = number_places(stretches(*[1] * 10), 20)
    assert places == pytest.approx({str(place): place / 10 - 0.05 for place in range(1, 11)})


def test_the_last_decile_has_its_number_however_narrow_it_is() -> None:
    places = number_places(stretches(24, 11, 9, 8, 8, 8, 8, 8, 8, 1), 20)
    assert set(places) == set(IMD_DECILES)


def test_the_last_number_makes_room_for_the_one_before_it_but_stays_at_the_axis() -> None:
    close = number_places(stretches(24, 11, 9, 8, 8, 8, 8, 8, 4.5, 1), 20)
    assert set(close) == set(IMD_DECILES)
    assert close["10"] > 0.995
    assert (close["10"] - close["9"]) * 20 >= 0.93 - 1e-9
    closer = number_places(stretches(24, 11, 9, 8, 8, 8, 8, 8, 3, 0.1), 20)
    assert set(closer) == set(IMD_DECILES) - {"9"}
    assert closer["10"] <= 1 + 0.25 / 20


def test_one_stretch_and_none_are_labelled_too() -> None:
    assert number_places({"7": (0.0, 1.0)}, 20) == {"7": 0.5}
    assert number_places({}, 20) == {}
