"""Opening: the schedules of HSDS as rows of a week, and in words what is no row of a week.

HSDS takes its schedules from iCalendar (RFC 5545): `freq` WEEKLY or MONTHLY, `byday`, `interval`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from directory.model import DAYS, Schedule
from directory.open_referral.lens_text import joined, plain
from directory.open_referral.records import Record

WEEKDAYS: Final[Mapping[str, str]] = dict(
    zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), DAYS, strict=True)
)

_TIME: Final = re.compile(
    r"(\d{1,2}):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
# Feeds write British local time with Z or with the distance of winter or summer time.
_BRITISH: Final = frozenset({"", "Z", "+0000", "+0100"})
_BYDAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NTH: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_MIDNIGHT: Final = "00:00"
_END_OF_DAY: Final = "24:00"
# A published directory may be this old before somebody publishes again. Our own judgement: an
# opening that ends sooner is told in words, with its end, and never as "open today".
_OUTLIVES_A_VERSION: Final = timedelta(days=92)


_VALID: Final = ("valid_from", "valid_to")
_HOURS: Final = ("opens_at", "closes_at")
_MANY: Final = 4096

Days = tuple[tuple[int, str], ...]


class Opening(NamedTuple):
    """When a service is open: rows of a week, words for the rest, and what could not be read."""

    rows: tuple[Schedule, ...]
    text: str
    notes: tuple[str, ...]


def opening_of(records: Iterable[Record], today: date | None) -> Opening:
    """The opening that these schedules tell; `today` judges their `valid_from` and `valid_to`."""
    rows: list[Schedule] = []
    texts: list[str] = []
    notes: list[str] = []
    for record in records:
        one = _one(record.fields, today)
        rows += [row for row in one.rows if row not in rows]
        texts.append(one.text)
        notes += [f"schedules: {note} ({record.place or record.id})" for note in one.notes]
    return Opening(tuple(rows), joined(texts), tuple(notes))


def schedule_fields(row: Schedule) -> dict[str, str]:
    """A row of a week as the fields of an HSDS schedule."""
    byday = next(code for code, day in WEEKDAYS.items() if day == row.day)
    closes = _MIDNIGHT if row.closes == _END_OF_DAY else row.closes
    return {"freq": "WEEKLY", "byday": byday, "opens_at": row.opens, "closes_at": closes}


def _one(fields: Mapping[str, Any], today: date | None) -> Opening:
    described = [plain(fields.get("description")), plain(fields.get("notes"))]
    starts, ends = (_day(_text(fields.get(name))) for name in _VALID)
    if ends and today and ends < today:
        return Opening((), "", (f"over since {ends}",))
    opens, closes = (_time(_text(fields.get(name))) for name in _HOURS)
    days = _days(_text(fields.get("byday")))
    rule = _rule(fields, days)
    unread = tuple(_unread(fields, days, opens, closes))
    every_week = rule == "" and days and not any(nth for nth, _ in days)
    if every_week and opens and closes and _lasts(starts, ends, today):
        rows = tuple(row for _, day in days for row in _rows(day, opens, closes))
        return Opening(rows, joined(described), unread)
    said = _in_words(fields, rule, opens, closes) if days or opens or rule else ""
    return Opening((), joined([_within(said, starts, ends), *described]), unread)


def _lasts(starts: date | None, ends: date | None, today: date | None) -> bool:
    """Whether a weekly opening is on now and for as long as what is published may stand."""
    if today is None:
        return ends is None
    return not (starts and starts > today) and not (ends and ends < today + _OUTLIVES_A_VERSION)


def _rule(fields: Mapping[str, Any], days: Days) -> str:
    """How often, in words; blank for every week."""
    interval = fields.get("interval")
    every = int(interval) if isinstance(interval, int | float) and interval > 1 else 1
    if fields.get("freq") == "MONTHLY":
        dates = plain(fields.get("bymonthday"))
        months = "of the month" if every == 1 else f"of every {every} months"
        return f"on day {dates} {months}" if dates and not days else months
    return "" if every == 1 else f"every {every} weeks"


def _in_words(fields: Mapping[str, Any], rule: str, opens: str, closes: str) -> str:
    days = ", ".join(
        " ".join(part for part in (_NTH.get(nth, f"{nth}."), day.capitalize()) if part)
        if nth
        else day.capitalize()
        for nth, day in _days(_text(fields.get("byday")))
    )
    hours = f"{opens} to {closes}" if opens and closes else opens and f"from {opens}"
    when = f"{days} {rule}".strip()
    return ", ".join(part for part in (when, hours) if part)


def _within(said: str, starts: date | None, ends: date | None) -> str:
    bounds = [f"from {starts}" if starts else "", f"until {ends}" if ends else ""]
    return ", ".join(part for part in (said, *bounds) if part) if said or ends else ""


def _unread(fields: Mapping[str, Any], days: Days, opens: str, closes: str) -> Iterator[str]:
    if fields.get("byday") and not days:
        yield f"byday {fields['byday']!r} names no days"
    if fields.get("freq") == "WEEKLY" and fields.get("bymonthday"):
        yield "bymonthday means nothing in a weekly rule"
    for name, read in (("opens_at", opens), ("closes_at", closes)):
        if fields.get(name) and not read:
            yield f"{name} {fields[name]!r} is no British time"


def _rows(day: str, opens: str, closes: str) -> Iterator[Schedule]:
    """The row of a day; an opening past midnight is two."""
    if closes == _MIDNIGHT:
        closes = _END_OF_DAY
    if opens < closes:
        yield Schedule(day, opens, closes)
    else:
        yield Schedule(day, opens, _END_OF_DAY)
        yield Schedule(DAYS[(DAYS.index(day) + 1) % len(DAYS)], _MIDNIGHT, closes)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


# Thousands of schedules have the same few days and times.
@lru_cache(_MANY)
def _days(byday: str) -> tuple[tuple[int, str], ...]:
    """Days with their number in the month (0: every one); none when a part cannot be read."""
    parts = (part.strip() for part in byday.upper().split(","))
    found = [_BYDAY.fullmatch(part) for part in parts if part]
    if not all(found):
        return ()
    return tuple((int(match[1] or 0), WEEKDAYS[match[2]]) for match in found if match)


@lru_cache(_MANY)
def _time(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None or (match[3] or "").replace(":", "") not in _BRITISH:
        return ""
    hour = int(match[1])
    if hour == 24 and match[2] == "00":
        return _MIDNIGHT
    return f"{hour:02}:{match[2]}" if hour < 24 else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
