"""When a service is open: from its weekly schedules, or from opening hours in plain words.

Words are read only when all of them are understood ("Monday to Friday, 9am to 5pm"); anything else,
public holidays included, leaves the times unknown. Times are local, HH:MM. An opening whose end is
not after its start goes on past midnight.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from directory.model import DAYS, Schedule, Service
from directory.seeker import LOCAL

MIDNIGHT: Final = "24:00"
_ALWAYS: Final = tuple(Schedule(day, "00:00", MIDNIGHT) for day in DAYS)
_TIME: Final = r"(\d{1,2})(?:[.:](\d\d))?(am|pm)|midday|noon|midnight"
_CLAUSE: Final = re.compile(rf"(?P<days>[a-z, ]+?),? (?P<opens>{_TIME}) to (?P<closes>{_TIME})")
_ALL_DAY: Final = re.compile(r"24 hours(?:,? (?:a day|every day))?(?:,? (?:7|seven) days a week)?")
_NAMED_TIMES: Final = {"midday": "12:00", "noon": "12:00", "midnight": MIDNIGHT}
_NAMED_DAYS: Final = {"every day": DAYS, "daily": DAYS, "weekends": DAYS[5:], "weekdays": DAYS[:5]}
_ASKED: Final = re.compile(
    rf"\bopen(?:s|ing)?(?: on| at)? (?P<when>now|today|tonight|tomorrow|{'|'.join(DAYS)})s?\b"
)
EVENING: Final = "18:00"
_READ: Final = 4096


class When(NamedTuple):
    """A day of the week, and a time on it; no time means any time from `since` on."""

    day: str
    time: str | None = None
    since: str = "00:00"

    @classmethod
    def now(cls, moment: datetime) -> "When":
        """This very minute; `moment` carries a time zone."""
        local = moment.astimezone(LOCAL)
        return cls(DAYS[local.weekday()], f"{local.hour:02}:{local.minute:02}")

    @classmethod
    def today(cls, moment: datetime) -> "When":
        """What is left of today."""
        day, time, _ = cls.now(moment)
        return cls(day, since=time or "")


class Asked(NamedTuple):
    """A text without its words about opening, and when they ask for; None when they do not."""

    text: str
    when: When | None


def openings(service: Service) -> tuple[Schedule, ...] | None:
    """When a service is open in a week; None when that is not known."""
    return service.schedules or _read(service.opening_hours)


def open_at(schedules: Sequence[Schedule], when: When) -> Schedule | None:
    """The opening that is on then, or the first of those still to come; None when there is none."""
    return open_on(schedules, when.day, when.since) if when.time is None else _on(schedules, when)


def open_on(schedules: Sequence[Schedule], day: str, since: str) -> Schedule | None:
    """The opening of a day that is on at a time or comes next; None when nothing is left of it."""
    left = [it for it in schedules if it.day == day and (it.closes > since or _is_overnight(it))]
    return min(left, key=lambda it: it.opens, default=None)


def asked_for(text: str, now: datetime) -> Asked:
    """Reads "open now", "open today", "open tonight" or "open on Saturday" out of a text."""
    found = _ASKED.search(text.casefold())
    if found is None or len(text.casefold()) != len(text):
        return Asked(text, None)
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return Asked(rest, _moment(found["when"], now))


def _moment(word: str, now: datetime) -> When:
    today = DAYS[now.astimezone(LOCAL).weekday()]
    if word == "now":
        return When.now(now)
    if word == "today":
        return When.today(now)
    if word == "tonight":
        return When(today, since=max(EVENING, When.today(now).since))
    return When(_after(today) if word == "tomorrow" else word)


def _on(schedules: Sequence[Schedule], when: When) -> Schedule | None:
    time = when.time or ""
    for it in schedules:
        if it.day == when.day and it.opens <= time and (time < it.closes or _is_overnight(it)):
            return it
        # Before dawn it is still last night's opening.
        if _after(it.day) == when.day and _is_overnight(it) and time < it.closes:
            return it
    return None


def _is_overnight(opening: Schedule) -> bool:
    return opening.closes <= opening.opens


def _after(day: str) -> str:
    return DAYS[(DAYS.index(day) + 1) % len(DAYS)]


@lru_cache(_READ)
def _read(hours: str) -> tuple[Schedule, ...] | None:
    clauses = [clause.strip() for clause in hours.casefold().strip(" .").split(";")]
    if len(clauses) == 1 and _ALL_DAY.fullmatch(clauses[0]):
        return _ALWAYS
    read = [_read_clause(clause) for clause in clauses]
    known = [schedules for schedules in read if schedules]
    return tuple(one for part in known for one in part) if len(known) == len(read) else None


def _read_clause(clause: str) -> tuple[Schedule, ...]:
    found = _CLAUSE.fullmatch(clause)
    days = tuple(_read_days(found["days"])) if found else ()
    opens, closes = (_read_time(found["opens"]), _read_time(found["closes"])) if found else ("", "")
    return tuple(Schedule(day, opens, closes) for day in days) if opens and closes else ()


def _read_days(words: str) -> Iterator[str]:
    """The days named; none when a word among them is not understood."""
    if words in _NAMED_DAYS:
        yield from _NAMED_DAYS[words]
        return
    first, to, last = words.partition(" to ")
    names = [first, last] if to else re.split(r", | and ", words)
    if not all(name in DAYS for name in names):
        return
    yield from DAYS[DAYS.index(first) : DAYS.index(last) + 1] if to else names


def _read_time(words: str) -> str:
    """A time as HH:MM; empty when there is no such time."""
    if words in _NAMED_TIMES:
        return _NAMED_TIMES[words]
    found = re.fullmatch(_TIME, words)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if not 1 <= hour <= 12 or minute > 59 or found is None:
        return ""
    return f"{hour % 12 + (12 if found[3] == 'pm' else 0):02}:{minute:02}"
