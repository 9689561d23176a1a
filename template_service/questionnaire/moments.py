"""Dates and times of FHIR compared as FHIRPath compares them, which may be: cannot be said.

A date of less precision is the stretch of time it covers. Two of them compare when one ends before
the other begins, or when they are the same stretch (FHIRPath N1, "Comparison" and "Equality");
`2026` and `2026-03` do neither. A date has no zone, so beside a time with one it is every day of
that date anywhere on Earth.
"""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

# R4 datatypes, "Primitive Types": https://hl7.org/fhir/R4/datatypes.html
_MOMENT = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(T(?P<clock>[\d:.]+)(?P<zone>Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)
_YEAR = r"(?!0000)\d{4}"
_DAY_FORM = rf"{_YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_CLOCK_FORM = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
_ZONE_FORM = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_INSTANT_FORM = rf"{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T{_CLOCK_FORM}{_ZONE_FORM}"
DATE = re.compile(_DAY_FORM, re.ASCII)
DATE_TIME = re.compile(rf"{_DAY_FORM}|{_INSTANT_FORM}", re.ASCII)
INSTANT = re.compile(_INSTANT_FORM, re.ASCII)
TIME = re.compile(_CLOCK_FORM, re.ASCII)
_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)(\.\d{1,9})?", re.ASCII)
_NANOSECONDS = 10**9
_MINUTE = 60 * _NANOSECONDS
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
# The zones of R4 reach from -12:00, where a day ends last, to +14:00, where it begins first.
_EARLIEST_ZONE = 14 * _HOUR
_LATEST_ZONE = 12 * _HOUR
_DECEMBER = 12


class Moment(NamedTuple):
    """A stretch of time in nanoseconds, both ends included; `zoned` when it is a point of UTC."""

    first: int
    last: int
    zoned: bool


def is_date(text: str) -> bool:
    """Whether the text is a FHIR date that a calendar has."""
    return DATE.fullmatch(text) is not None and moment(text) is not None


def is_date_time(text: str) -> bool:
    """Whether the text is a FHIR dateTime that a calendar has."""
    return DATE_TIME.fullmatch(text) is not None and moment(text) is not None


def is_instant(text: str) -> bool:
    """Whether the text is a FHIR instant that a calendar has."""
    return INSTANT.fullmatch(text) is not None and moment(text) is not None


def is_time(text: str) -> bool:
    """Whether the text is a FHIR time."""
    return TIME.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def moment(text: str) -> Moment | None:
    """A FHIR date, dateTime or time; None for any other text, or a day no calendar has."""
    if (clock := _CLOCK.fullmatch(text)) is not None:
        point = _of_day(clock)
        return Moment(point, point, zoned=False)
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    try:
        return _instant(match) if match["clock"] else _stretch(match)
    except ValueError:
        return None


def compared(one: str, other: str) -> int | None:
    """-1, 0 or 1 as the first is before, the same as or after the second; None: cannot be said."""
    first, second = moment(one), moment(other)
    if first is None or second is None:
        return None
    if first.zoned is not second.zoned:
        first, second = _anywhere(first), _anywhere(second)
    if first.last < second.first:
        return -1
    if first.first > second.last:
        return 1
    return 0 if first == second else None


def _instant(match: re.Match[str]) -> Moment | None:
    clock = _CLOCK.fullmatch(match["clock"])
    if clock is None:
        return None
    day = date(int(match["year"]), int(match["month"]), int(match["day"])).toordinal() * _DAY
    point = day + _of_day(clock) - _offset(match["zone"])
    return Moment(point, point, zoned=True)


def _stretch(match: re.Match[str]) -> Moment:
    year, month, day = int(match["year"]), match["month"], match["day"]
    first = date(year, int(month or 1), int(day or 1)).toordinal()
    if day:
        end = first + 1
    elif month and int(month) != _DECEMBER:
        end = date(year, int(month) + 1, 1).toordinal()
    else:
        # Not the first of January of the next year: a calendar of Python ends with 9999.
        end = date(year, _DECEMBER, 31).toordinal() + 1
    return Moment(first * _DAY, end * _DAY - 1, zoned=False)


def _of_day(clock: re.Match[str]) -> int:
    hour, minute, second, fraction = clock.groups()
    nanoseconds = int((fraction or ".")[1:].ljust(9, "0"))
    return int(hour) * _HOUR + int(minute) * _MINUTE + int(second) * _NANOSECONDS + nanoseconds


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * _HOUR + int(zone[4:6]) * _MINUTE
    return -minutes if zone[0] == "-" else minutes


def _anywhere(given: Moment) -> Moment:
    if given.zoned:
        return given
    return Moment(given.first - _EARLIEST_ZONE, given.last + _LATEST_ZONE, zoned=True)
