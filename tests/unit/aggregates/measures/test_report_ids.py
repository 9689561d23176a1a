"""An id says what a report is of, in one way only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.aggregates.measures.definitions import published
from template_service.aggregates.measures.report_ids import ReportId
from template_service.aggregates.reporting_period import Period
from template_service.errors import NotFound

MONTHS = st.builds("{:04}-{:02}".format, st.integers(1990, 2100), st.integers(1, 12))
PERIODS = st.builds(lambda *months: Period(min(months), max(months)), MONTHS, MONTHS)
IDS = st.builds(
    ReportId,
    st.sampled_from(list(published())),
    st.from_regex(r"[A-Z0-9]{3,9}", fullmatch=True),
    PERIODS,
)


@given(IDS)
def test_an_id_is_read_as_it_was_written_and_is_one_of_fhir(report: ReportId) -> None:
    assert ReportId.parse(str(report)) == report
    assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", str(report))


def test_ids_read_as_people_would_write_them() -> None:
    month = ReportId("need", "U16878", Period("2026-09", "2026-09"))
    assert str(month) == "need-U16878-2026-09"
    assert str(month._replace(period=Period("2026-07", "2026-09"))) == (
        "need-U16878-2026-07.2026-09"
    )


def test_days_are_the_first_and_the_last_of_the_period() -> None:
    first, last = ReportId.parse("need-U16878-2027-12.2028-02").days
    assert (first.isoformat(), last.isoformat()) == ("2027-12-01", "2028-02-29")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "need",
        "need-U16878",
        "need-U16878-2026-13",
        "need-U16878-2026-09.2026-08",
        "need-U16878-2026-09.2026-09",
        "need-u16878-2026-09",
        "need-U16878-2026-09/2026-10",
        "need-U16878-2026-09\n",
        "wants_help-U16878-2026-09",
    ],
)
def test_what_is_the_id_of_no_report_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        ReportId.parse(text)
