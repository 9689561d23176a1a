"""Periods of published figures, in the forms that cannot be mistaken for one another."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

Month = tuple[int, int]

_FORMS: Final = (
    ("years", re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)),
    ("split", re.compile(r"(\d{4})/(\d{2})(?:-(\d{4})/(\d{2}))?", re.ASCII)),
    ("months", re.compile(r"(\d{4})-(\d{2})(?:/(\d{4})-(\d{2}))?", re.ASCII)),
)
_SHOWN: Final = "2023, 2020-2022, 2022/23, 2021/22-2023/24, 2026-09 or 2026-07/2026-09"
_EARLIEST: Final = 1900


class Period(NamedTuple):
    """From the first to the last month, both included; sorts by its end, then its start.

    `form` is `years`, `split` (a school or financial year) or `months`. A split year begins and
    ends at months that differ by source, so the middle of the year stands for both.
    """

    end: Month
    start: Month
    form: str

    @property
    def months(self) -> int:
        """How long it is; figures over one year and over three are not points of one line."""
        (end_year, end_month), (year, month) = self.end, self.start
        return (end_year - year) * 12 + end_month - month + 1


@lru_cache(maxsize=1024)
def read_period(text: str) -> Period:
    """The period a file names; raises ValueError saying which forms there are.

    Pooled years are written out, `2020-2022`: `2010-12` is December 2010 and nothing else.
    """
    for form, shape in _FORMS:
        found = shape.fullmatch(text)
        if found is not None:
            numbers = [int(group) for group in found.groups() if group is not None]
            period = _READERS[form](numbers)
            if period is not None and (_EARLIEST, 1) <= period.start <= period.end:
                return period
    raise ValueError(f"is not a period such as {_SHOWN}")


def _years(numbers: list[int]) -> Period:
    return Period((numbers[-1], 12), (numbers[0], 1), "years")


def _split(numbers: list[int]) -> Period | None:
    first, last = numbers[0], numbers[-2]
    if any((year + 1) % 100 != end for year, end in zip(numbers[::2], numbers[1::2], strict=True)):
        return None
    return Period((last + 1, 6), (first, 7), "split")


def _months(numbers: list[int]) -> Period | None:
    if not all(1 <= month <= 12 for month in numbers[1::2]):
        return None
    return Period((numbers[-2], numbers[-1]), (numbers[0], numbers[1]), "months")


_READERS: Final = {"years": _years, "split": _split, "months": _months}
