"""What people enter into the fields of a service, checked before any of it is kept.

Stricter than a feed is read: whoever types a postcode is there to mend it. Only what differs from
the entry is checked, so that what a feed brought hinders nobody from changing something else.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from directory.contact_checks import contact_doubts, may_be_public
from directory.geography import InvalidPostcode, normalise_postcode
from directory.languages import is_language, nearest_language
from directory.model import InvalidService, Service, Source, read_service, service_record
from directory.open_referral.coordinates import misplaced
from directory.working_copy import hours

# In the evening of one place it is the next day in another; nobody read a page next week.
_SLACK: Final = timedelta(days=1)
_HINTS: Final[Mapping[str, str]] = {
    "email": "; write it as in name@example.org",
    "url": "; write it as in https://www.example.org",
}
_LINE_ENDS: Final = frozenset("\n\r\t")


def after(before: Service, changes: Mapping[str, Any], today: date) -> Service:
    """The service with these values, JSON as `directory.model.service_record` writes them.

    Raises InvalidService naming every field at fault: the rules of a service, and for what differs
    a postcode of the UK's form, a place in the UK, an e-mail address, a web page, phone numbers of
    the numbering plan, languages that are known, openings that can be, days that can be, and text
    without control characters.
    """
    unwritable = [f"{name}: holds a character that is no text" for name in _unwritable(changes)]
    if unwritable:
        raise InvalidService(tuple(unwritable))
    try:
        wanted = read_service(service_record(before) | dict(changes))
    except InvalidService as invalid:
        raise InvalidService((*invalid.problems, *_also(before, changes, invalid, today))) from None
    problems = tuple(wrong(before, wanted, today))
    if problems:
        raise InvalidService(problems)
    return wanted


def _also(
    before: Service, changes: Mapping[str, Any], invalid: InvalidService, today: date
) -> Iterator[str]:
    """What is wrong in the fields that a service's own rules have nothing against."""
    at_fault = {name for it in invalid.problems for name in it.partition(":")[0].split(", ")}
    others = {name: value for name, value in changes.items() if name not in at_fault}
    try:
        wanted = read_service(service_record(before) | others)
    except InvalidService:
        return
    yield from wrong(before, wanted, today)


def wrong(before: Service, wanted: Service, today: date) -> Iterator[str]:
    """What cannot be right in the fields that differ, as "field: what is wrong"."""
    if wanted.postcode and wanted.postcode != before.postcode:
        try:
            normalise_postcode(wanted.postcode)
        except InvalidPostcode as wrongly:
            yield f"postcode: {wrongly}"
    where = {"latitude": wanted.lat, "longitude": wanted.lon}
    if (wanted.lat, wanted.lon) != (before.lat, before.lon) and (problem := misplaced(where)):
        yield f"lat: {problem}"
    yield from _contacts(before, wanted)
    yield from (f"schedules: {it}" for it in hours.wrong(before.schedules, wanted.schedules))
    yield from _languages(before, wanted)
    if wanted.sources != before.sources:
        for source in wanted.sources:
            if source not in before.sources:
                yield from _source(wanted, source, today)
    if wanted.seen_on != before.seen_on and _is_ahead(wanted.seen_on, today):
        yield "seen_on: is after today"
    if wanted.review_by != before.review_by and wanted.review_by and wanted.review_by <= today:
        yield "review_by: is not after today"


def _contacts(before: Service, wanted: Service) -> Iterator[str]:
    differing = replace(
        wanted,
        phone=tuple(phone for phone in wanted.phone if phone not in before.phone),
        email="" if wanted.email == before.email else wanted.email,
        url="" if wanted.url == before.url else wanted.url,
    )
    doubts = contact_doubts(differing)
    # Nobody whom a service is for opens a page of our own network.
    is_page = bool(differing.url) and not any(it.field == "url" for it in doubts)
    if is_page and not may_be_public(differing.url):
        yield f"url: is not the address of a web page that everybody can open{_HINTS['url']}"
    for doubt in doubts:
        field, numbered, place = doubt.field.partition("[")
        if numbered:
            number = differing.phone[int(place.rstrip("]"))].number
            yield f"{field}: {number!r} {doubt.reason}"
        else:
            yield f"{field}: {doubt.reason}{_HINTS.get(field, '')}"


def _languages(before: Service, wanted: Service) -> Iterator[str]:
    for language in wanted.languages:
        # There are more languages than we know: only a slip of one is held against anybody.
        is_new = language not in before.languages and not is_language(language)
        if is_new and (near := nearest_language(language)):
            yield f"languages: {language!r} looks like a slip of {near}; write the name or the code"


def _source(wanted: Service, source: Source, today: date) -> Iterator[str]:
    linked = replace(wanted, phone=(), email="", url=source.url)
    for doubt in contact_doubts(linked):
        yield f"sources: {source.url!r} {doubt.reason}"
    if _is_ahead(source.seen_on, today):
        yield f"sources: the day {source.title!r} was read is after today"


def _is_ahead(day: date | None, today: date) -> bool:
    return day is not None and day - today > _SLACK


def _unwritable(changes: Mapping[str, Any]) -> Iterator[str]:
    for name, value in changes.items():
        if not all(map(_is_text, _texts(value))):
            yield name


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _is_text(text: str) -> bool:
    """No control characters but line ends, and no half of a character (Unicode: Cc, Cs)."""
    return not any(
        unicodedata.category(one) in ("Cc", "Cs") and one not in _LINE_ENDS for one in text
    )
