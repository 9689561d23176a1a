"""Periods: how they are written, which months they have, where a financial year ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.aggregates.reporting_period import Period, financial_year, year_to_date
from template_service.errors import Invalid, NotFound

months = st.builds("{:04}-{:02}".format, st.integers(2000, 2100), st.integers(1, 12))


@given(months, months)
def test_a_period_is_written_as_it_is_read(one: str, other: str) -> None:
    first, last = sorted((one, other))
    period = Period.parse(f"{first}/{last}")
    assert Period.parse(str(period)) == period
    assert period.months[0] == first
    assert period.months[-1] == last
    assert list(period.months) == sorted(set(period.months))


def test_months_run_across_the_new_year() -> None:
    assert Period.parse("2026-11/2027-02").months == ("2026-11", "2026-12", "2027-01", "2027-02")


@given(months, st.integers(1, 40))
def test_the_months_before_a_period_run_up_to_it(first: str, count: int) -> None:
    before = Period(first, first).before(count)
    assert len(before.months) == count
    assert Period(before.first, first).months == (*before.months, first)


def test_the_months_before_run_across_the_new_year() -> None:
    assert str(Period.parse("2027-01/2027-03").before(3)) == "2026-10/2026-12"


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-9", "2026-09/", "/2026-09", "2026-09/2026-08", "2026-09/x"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Period.parse(text)


def test_a_month_that_is_not_held_is_named() -> None:
    period = Period.parse("2026-07/2026-09")
    assert period.checked(["2026-07", "2026-08", "2026-09", "2026-10"]) == period
    with pytest.raises(NotFound, match="2026-08"):
        period.checked(["2026-07", "2026-09"])


def test_people_are_counted_once_from_april_to_march() -> None:
    assert financial_year("2027-03") == 2026
    assert financial_year("2027-04") == 2027
    assert Period.parse("2026-04/2027-03").within_one_year
    assert not Period.parse("2027-03/2027-04").within_one_year


def test_the_year_to_date_stops_at_a_gap_and_at_april() -> None:
    assert str(year_to_date(["2026-09", "2026-08", "2026-06"])) == "2026-08/2026-09"
    assert str(year_to_date(["2026-03", "2026-04"])) == "2026-04"
    assert str(year_to_date(["2026-12", "2027-01"])) == "2026-12/2027-01"
