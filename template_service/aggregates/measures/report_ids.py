"""The id of a MeasureReport, which says what it is of: the same figures have the same address."""

import re
from calendar import monthrange
from datetime import date
from typing import Final, NamedTuple, Self

from template_service.aggregates.reporting_period import MONTH, Period
from template_service.errors import NotFound

_ID: Final = re.compile(
    rf"(?P<measure>[a-z]+(?:-[a-z]+)*)-(?P<area>[A-Z0-9]+)"
    rf"-(?P<first>{MONTH.pattern})(?:\.(?P<last>{MONTH.pattern}))?"
)


class ReportId(NamedTuple):
    """What a report is of: the id of a Measure, the code of an area, and a period.

    Written `need-U16878-2026-09`, over several months `need-U16878-2026-07.2026-09`: letters,
    digits, hyphens and dots are all that an id of FHIR may hold (R4, datatypes.html#id).
    """

    measure: str
    area: str
    period: Period

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of an id; raises `NotFound` for what could be the id of no report."""
        found = _ID.fullmatch(text)
        if found is None:
            raise NotFound("There is no such MeasureReport")
        period = Period(found["first"], found["last"] or found["first"])
        report = cls(found["measure"], found["area"], period)
        # One report, one address: neither backwards nor from a month to itself.
        if str(report) != text or period.first > period.last:
            raise NotFound("There is no such MeasureReport")
        return report

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the period."""
        year, month = map(int, self.period.last.split("-"))
        first = date.fromisoformat(f"{self.period.first}-01")
        return first, date(year, month, monthrange(year, month)[1])

    def __str__(self) -> str:
        return f"{self.measure}-{self.area}-{str(self.period).replace('/', '.')}"
