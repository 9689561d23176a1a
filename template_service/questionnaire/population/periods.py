"""FHIR dates and times as moments, and the period counted back from one.

A partial date (`2026-03`) is every moment in it. R4 data types, dateTime, instant and Period.
"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_DAYS = {"wk": 7.0, "d": 1.0, "h": 1 / 24, "min": 1 / 1440, "s": 1 / 86_400}
_MONTHS = {"a": 12.0, "mo": 1.0}
_PLAIN = {
    **dict.fromkeys(("year", "years"), "a"),
    **dict.fromkeys(("month", "months"), "mo"),
    **dict.fromkeys(("week", "weeks"), "wk"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("hour", "hours"), "h"),
}
# UCUM: a month is a twelfth of 365.25 days; only the part beyond whole months is counted so.
_MONTH_DAYS = 365.25 / 12
_LONGEST_DAYS = 4_000_000
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Span(NamedTuple):
    """From the first to the last moment something may have been at; `at` puts things in order.

    Of a partial date that is its first moment, of a period the end.
    """

    first: datetime
    last: datetime
    at: datetime


def effective(observation: Mapping[str, Any], until: datetime) -> Span | None:
    """When an Observation holds, None if it does not say so in a way that can be read.

    A period without an end goes on, so it lasts until `until`.
    """
    period = observation.get("effectivePeriod")
    if isinstance(period, dict):
        start = span(period.get("start"), until.tzinfo or UTC)
        ongoing = Span(until, until, until)
        end = span(period["end"], until.tzinfo or UTC) if "end" in period else ongoing
        if end is None or (start is None and end is ongoing):
            return None
        return Span((start or end).first, end.last, end.at)
    given = observation.get("effectiveDateTime", observation.get("effectiveInstant"))
    return span(given, until.tzinfo or UTC)


def span(text: Any, zone: tzinfo) -> Span | None:
    """A FHIR date, dateTime or instant; what has no zone is in `zone`. None if it is none."""
    if not isinstance(text, str):
        return None
    try:
        partial = _PARTIAL.fullmatch(text)
        if partial is None:
            moment = datetime.fromisoformat(text)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
            return Span(moment, moment, moment)
        year, month, day = partial.groups()
        return _whole(int(year), int(month or 0), int(day or 0), zone)
    except (ValueError, OverflowError):
        return None


def _whole(year: int, month: int, day: int, zone: tzinfo) -> Span:
    """A year, a month or a day; 0 where it is not said."""
    first = datetime(year, month or 1, day or 1, tzinfo=zone)
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    last = datetime(year, last_month, last_day, 23, 59, 59, 999_999, tzinfo=zone)
    return Span(first.astimezone(UTC), last.astimezone(UTC), first.astimezone(UTC))


def back(moment: datetime, duration: Any) -> datetime | None:
    """The moment a FHIR Duration before another; None if the duration cannot be read.

    Years and months are those of the calendar: three months before 31 May is 28 (or 29) February.
    Beyond the first year there is, it is the first moment there is.
    """
    number = duration.get("value") if isinstance(duration, dict) else None
    if not isinstance(number, int | float) or isinstance(number, bool) or not number > 0:
        return None
    code = duration.get("code", duration.get("unit"))
    code = _PLAIN.get(code, code) if isinstance(code, str) else None
    months = number * _MONTHS[code] if code in _MONTHS else 0.0
    days = number * _DAYS[code] if code in _DAYS else 0.0
    if not months and not days:
        return None
    if months * _MONTH_DAYS + days > _LONGEST_DAYS:
        return _EARLIEST
    days += (months % 1) * _MONTH_DAYS
    try:
        return (_months_before(moment, int(months)) - timedelta(days=days)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _EARLIEST


def _months_before(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
