"""Dates, times and durations of FHIRPath: adding and taking away, as 6.6.7 and 6.6.8 say.

fhirpathpy 2.2 loses the time zone of a dateTime it adds days to and fails on most others.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

from template_service.questionnaire.expressions.library import FP_DateTime, FP_Time

_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?)?)?)?"
    r"(Z|[+-]\d\d:\d\d)?"
)
_TIME = re.compile(r"T?(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?")
_MILLISECONDS = {
    "week": 604_800_000,
    "day": 86_400_000,
    "hour": 3_600_000,
    "minute": 60_000,
    "second": 1000,
    "millisecond": 1,
}
_UCUM = {"'wk'": "week", "'d'": "day", "'h'": "hour", "'min'": "minute"}
_UCUM |= {"'s'": "second", "'ms'": "millisecond"}
# What a duration is cut to when the moment is known to the year, the month or the day only.
_DAYS = {1: 365, 2: 30}


def is_moment(value: Any) -> bool:
    """Whether a value is a date, dateTime or time, or the text of one."""
    if isinstance(value, str):
        return bool(_MOMENT.fullmatch(value) or _TIME.fullmatch(value))
    return isinstance(value, (FP_DateTime, FP_Time))


def moved(moment: Any, duration: Any, sign: int) -> Any:
    """A moment, `sign` (1 or -1) durations later; as precise as it was, in its time zone.

    ValueError for what is no duration, OverflowError outside the years 1 to 9999.
    """
    text = moment if isinstance(moment, str) else moment.asStr
    unit = _UCUM.get(duration.unit, str(duration.unit).removesuffix("s"))
    amount = sign * duration.value
    if (match := _TIME.fullmatch(text)) is not None:
        return FP_Time(_time_moved(match, amount, unit))
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(unit)
    return FP_DateTime(_moment_moved(match, amount, unit))


def _time_moved(match: re.Match[str], amount: Any, unit: str) -> str:
    hour, minute, second, fraction = match.groups()
    start = datetime(2000, 1, 1, int(hour), int(minute or 0), int(second or 0), tzinfo=UTC)
    moved_to = start + timedelta(milliseconds=float(_milliseconds(amount, unit)))
    precision = 3 + sum(part is not None for part in (hour, minute, second, fraction))
    return _written(moved_to, precision)[11:]


def _moment_moved(match: re.Match[str], amount: Any, unit: str) -> str:
    parts = match.groups()[:6]
    precision = sum(part is not None for part in match.groups()[:7])
    fraction = int(((match.group(7) or "") + "000000")[:6])
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    start = datetime(year, month or 1, day or 1, hour, minute, second, fraction, UTC)
    if unit in ("year", "month"):
        found = _months_later(start, int(amount) * (12 if unit == "year" else 1))
    elif precision in _DAYS:
        days = int(_milliseconds(amount, unit) / _MILLISECONDS["day"])
        units = int(days / _DAYS[precision])
        found = _months_later(start, units * (12 if precision == 1 else 1))
    elif precision == 3:
        whole = int(_milliseconds(amount, unit) / _MILLISECONDS["day"])
        found = start + timedelta(days=whole)
    else:
        found = start + timedelta(milliseconds=float(_milliseconds(amount, unit)))
    return _written(found, precision) + (match.group(8) or "")


def _milliseconds(amount: Any, unit: str) -> Any:
    # Parts of a day and of anything longer do not count; those of a second do.
    whole = amount if unit in ("second", "millisecond") else int(amount)
    try:
        return whole * _MILLISECONDS[unit]
    except KeyError:
        raise ValueError(unit) from None


def _months_later(start: datetime, months: int) -> datetime:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _written(moment: datetime, precision: int) -> str:
    # Reckoned in UTC, so that no clock change comes between; the caller writes the zone.
    text = moment.isoformat(timespec="milliseconds")
    return text[: (4, 7, 10, 13, 16, 19, 23)[precision - 1]]
