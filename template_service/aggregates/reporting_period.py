"""Periods of figures: whole months, one or many in a row, written as in a release."""

import re
from collections.abc import Collection
from itertools import takewhile
from typing import Final, NamedTuple, Self

from template_service.errors import Invalid, NotFound

MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
APRIL: Final = 4
"""The first month of the financial year of the NHS and of councils: people count once in it."""


class Period(NamedTuple):
    """The months from `first` to `last`, both included, each `YYYY-MM`."""

    first: str
    last: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period written `2026-09` or `2026-07/2026-09`; raises `Invalid` for anything else."""
        first, slash, last = text.partition("/")
        period = cls(first, last if slash else first)
        if not all(MONTH.fullmatch(month) for month in period):
            raise Invalid("A period is a month (YYYY-MM) or two joined by a slash, as in a release")
        if period.first > period.last:
            raise Invalid("A period begins with its earlier month")
        return period

    @property
    def months(self) -> tuple[str, ...]:
        """Every month of the period, in order."""
        return tuple(map(_month, range(_number(self.first), _number(self.last) + 1)))

    @property
    def within_one_year(self) -> bool:
        """Whether its sums are people; across financial years they are person-years."""
        return financial_year(self.first) == financial_year(self.last)

    def before(self, months: int) -> Self:
        """So many months in a row, up to the one before this period begins."""
        first = _number(self.first)
        return type(self)(_month(first - months), _month(first - 1))

    def checked(self, held: Collection[str]) -> Self:
        """The same period; raises `NotFound`, naming the months that are not among those held."""
        missing = [month for month in self.months if month not in held]
        if missing:
            raise NotFound(f"There are no published figures of {', '.join(missing)}")
        return self

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}/{self.last}"


def financial_year(month: str) -> int:
    """The calendar year in which the financial year (April to March) of a month begins."""
    year, number = int(month[:4]), int(month[5:])
    return year if number >= APRIL else year - 1


def year_to_date(months: Collection[str]) -> Period:
    """The unbroken run of months up to the latest one that lies within its financial year."""
    last = max(months)
    year = Period(f"{financial_year(last):04}-{APRIL:02}", last)
    *_, first = takewhile(lambda month: month in months, reversed(year.months))
    return Period(first, last)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
