"""How each parameter's text is read: every reader raises ValueError with a sentence without it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

MOST_PER_PAGE: Final = 1000
_LONGEST: Final = 200
# Years; the model's oldest age is 130.
_OLDEST: Final = 150

_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
_DECIMAL: Final = re.compile(r"\d{1,7}(\.\d{1,3})?", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_TIME: Final = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d|24:00)(?::[0-5]\d)?Z?", re.ASCII)
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
_FORMATS: Final = {"json": False, "ndjson": True}
# RFC 5545 (iCalendar), BYDAY; and the English names.
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = (
    {code.lower(): code for code in DAYS}
    | dict(zip(_NAMES, DAYS, strict=True))
    | {name[:3]: code for name, code in zip(_NAMES, DAYS, strict=True)}
)

Reader = Callable[[str], object]


def text(value: str) -> str:
    """Words, of at most 200 characters."""
    if len(value) > _LONGEST:
        raise ValueError(f"Give at most {_LONGEST} characters.")
    return value.strip()


def identifier(value: str) -> str:
    """An id in lower case; all are UUIDs here, and what is none would only ever find nothing."""
    found = value.lower()
    if _UUID.fullmatch(found) is None:
        raise ValueError("Give an id as this directory writes it: a UUID.")
    return found


def page(value: str) -> int:
    """A page number, from 1."""
    return _from_one(value, "Give a whole number from 1.")


def per_page(value: str) -> int:
    """A page size, from 1 to 1000."""
    wrong = f"Give a whole number from 1 to {MOST_PER_PAGE}."
    size = _from_one(value, wrong)
    if size > MOST_PER_PAGE:
        raise ValueError(wrong)
    return size


def age(value: str) -> float:
    """An age in years."""
    if _DECIMAL.fullmatch(value) is None or float(value) > _OLDEST:
        raise ValueError(f"Give an age in years, from 0 to {_OLDEST}.")
    return float(value)


def metres(value: str) -> float:
    """A distance."""
    if _DECIMAL.fullmatch(value) is None:
        raise ValueError("Give a distance in metres, such as 1500.")
    return float(value)


def time(value: str) -> str:
    """A time of day, as "HH:MM"; seconds are dropped."""
    found = _TIME.fullmatch(value)
    if found is None:
        raise ValueError("Give a time of day, such as 09:30.")
    return found[1]


def day(value: str) -> str:
    """A day of the week, as its iCalendar code."""
    try:
        return _DAYS[value.lower()]
    except KeyError:
        raise ValueError("Give a day of the week: MO to SU, or its English name.") from None


def moment(value: str) -> datetime:
    """A date or a time of a date (ISO 8601), in UTC unless it says otherwise."""
    try:
        # A plus sign that was not escaped arrives as a space.
        found = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        wrong = "Give a date or a date and time (ISO 8601), such as 2026-01-31T09:00:00Z."
        raise ValueError(wrong) from None


def truth(value: str) -> bool:
    """True or false."""
    try:
        return _TRUTH[value.lower()]
    except KeyError:
        raise ValueError("Give true or false.") from None


def ndjson(value: str) -> bool:
    """Whether the format asked for is lines of JSON."""
    try:
        return _FORMATS[value.lower()]
    except KeyError:
        raise ValueError("Give json or ndjson.") from None


def _from_one(value: str, wrong: str) -> int:
    if _WHOLE.fullmatch(value) is None or int(value) == 0:
        raise ValueError(wrong)
    return int(value)
