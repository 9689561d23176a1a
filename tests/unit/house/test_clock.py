from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service import clock


@given(st.dates(min_value=date(2000, 1, 2), max_value=date(2099, 12, 30)))
def test_the_set_day_is_the_day_in_leeds(day: date) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.TODAY_VARIABLE, day.isoformat())
        assert clock.today() == day
        assert clock.now().tzinfo is UTC


def test_without_a_set_day_it_is_the_present() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
