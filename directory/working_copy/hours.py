"""Weekly hours as curators meet them: read out, checked as they are typed, held beside the words.

Times are local, HH:MM. An opening whose end is not after its start goes on past midnight.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from directory.model import DAYS, Schedule, Service

_MINUTES_OF_A_DAY: Final = 24 * 60
_MINUTES_OF_A_WEEK: Final = 7 * _MINUTES_OF_A_DAY
# From five in the afternoon to nine in the morning, as duty teams have it; who opens for longer
# past midnight has most likely mistyped a time. Our own bound.
_LONGEST_NIGHT: Final = 16 * 60
_SHORT: Final = r"mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun"
_DAY: Final = rf"(?:{_SHORT})(?:days?)?"
_RANGE: Final = re.compile(rf"\b({_DAY})\b(?:\s*(?:to|until|till|through|[-\u2013])\s*({_DAY})\b)?")
# Hours that words alone can say: what they name is no plain list of the days of every week.
_UNSURE: Final = re.compile(
    r"\b(?:closed|shut|not?|except|excluding|only when|alternate|every other|fortnight\w*|first"
    r"|second|third|fourth|last|[1-5](?:st|nd|rd|th)|month\w*|term|vary|varies|appointment\w*"
    r"|bank|daily|every ?day|week|weekdays?|weekends?|24|seven|7)\b"
)


def weekly(schedules: Sequence[Schedule]) -> str:
    """A week's openings in words, days with the same times together."""
    ordered = sorted(schedules, key=lambda it: (DAYS.index(it.day), it.opens))
    days = [
        (day, tuple(f"{it.opens} to {it.closes}" for it in those))
        for day, those in groupby(ordered, key=lambda it: it.day)
    ]
    parts = []
    for times, same in groupby(days, key=lambda it: it[1]):
        parts += [f"{named} {' and '.join(times)}" for named in _runs([day for day, _ in same])]
    return "; ".join(parts)


def doubtful_days(service: Service) -> str:
    """How the hours in words and the weekly hours plainly differ in their days; blank: not plainly.

    Only words that name days, and say nothing beside that could explain a difference, are held
    against the weekly hours.
    """
    words, kept = named_days(service.opening_hours), {it.day for it in service.schedules}
    if not words or not kept or words == kept:
        return ""
    said = [
        f"{where} alone name {_listed(days)}"
        for where, days in (("the words", words - kept), ("the weekly hours", kept - words))
        if days
    ]
    return f"the days differ: {', '.join(said)}"


def named_days(text: str) -> frozenset[str]:
    """The days of the week that a text plainly names; none where it may mean something else."""
    folded = text.casefold()
    if _UNSURE.search(folded):
        return frozenset()
    return frozenset(day for found in _RANGE.finditer(folded) for day in _between(*found.groups()))


def wrong(before: Sequence[Schedule], wanted: Sequence[Schedule]) -> Iterator[str]:
    """What cannot be meant of the openings that are new: far past midnight, or two at once."""
    new = [it for it in wanted if it not in before]
    for it in new:
        if it.closes <= it.opens and _length(it) > _LONGEST_NIGHT:
            yield (
                f"{_line(it)} would last until the next day: is a time wrong? Write the whole day"
                f" as {it.day} 00:00-24:00, and a longer night as two lines, to 24:00 and from"
                " 00:00 of the day after"
            )
    for first, second in _overlapping(wanted):
        if first in new or second in new:
            yield f"{_line(first)} and {_line(second)} overlap; write one line for both"


def _overlapping(schedules: Iterable[Schedule]) -> Iterator[tuple[Schedule, Schedule]]:
    """Openings of which one begins before the other ends; Sunday night reaches into Monday."""
    spans = sorted((_start(it), _start(it) + _length(it), it) for it in schedules)
    following = [*spans[1:], *((start + _MINUTES_OF_A_WEEK, 0, it) for start, _, it in spans[:1])]
    until, latest = 0, None
    for (_, end, it), (start, _, later) in zip(spans, following, strict=True):
        if latest is None or end > until:
            until, latest = end, it
        if len(spans) > 1 and start < until:
            yield latest, later


def _start(schedule: Schedule) -> int:
    return DAYS.index(schedule.day) * _MINUTES_OF_A_DAY + _minutes(schedule.opens)


def _length(schedule: Schedule) -> int:
    minutes = _minutes(schedule.closes) - _minutes(schedule.opens)
    return minutes if minutes > 0 else minutes + _MINUTES_OF_A_DAY


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _line(schedule: Schedule) -> str:
    return f"“{schedule.day} {schedule.opens}-{schedule.closes}”"


def _between(first: str, last: str | None) -> Iterator[str]:
    start = _number(first)
    end = _number(last) if last else start
    # From Friday to Monday goes over the end of the week.
    yield from (DAYS[day % 7] for day in range(start, (end if end >= start else end + 7) + 1))


def _number(word: str) -> int:
    return next(number for number, day in enumerate(DAYS) if day.startswith(word[:3]))


def _runs(days: Sequence[str]) -> Iterator[str]:
    """Days in order as `Monday to Wednesday`, each run of neighbours once."""
    numbered = groupby(enumerate(map(DAYS.index, days)), key=lambda it: it[1] - it[0])
    for run in ([number for _, number in those] for _, those in numbered):
        first, last = DAYS[run[0]].capitalize(), DAYS[run[-1]].capitalize()
        yield first if len(run) == 1 else f"{first} {'and' if len(run) == 2 else 'to'} {last}"


def _listed(days: Iterable[str]) -> str:
    return " and ".join(day.capitalize() for day in sorted(days, key=DAYS.index))
