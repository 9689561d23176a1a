"""How a service is reached, and in which languages, as its records say it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from directory.languages import language_name
from directory.model import Phone
from directory.open_referral.attributes import PHONE_HOURS, field_of, value_of
from directory.open_referral.lens_text import is_safe_link, plain
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph

Part = Iterable[tuple[str, Any]]
"""Fields with their values; under "" stands a note on what could not be read."""

# RFC 6350, types of a telephone: what nobody can ring is no phone number to give to people.
_NOT_FOR_PEOPLE: Final = frozenset({"fax", "pager"})
_WRITTEN: Final = {"text": "Text message", "textphone": "Textphone"}
_HANGS_ON: Final = ("service_id", "contact_id", "service_at_location_id", "location_id")
_DIGITS: Final = re.compile(r"\D")


def contact(graph: ServiceGraph) -> Part:
    """The fields `phone`, `email`, `url` and `languages`; what stands under "" is a note."""
    phones = tuple(_phones(graph))
    if not phones and graph.organization:
        found = graph.linked("phone", "organization_id", graph.organization.id)
        phones = tuple(_as_phones(graph, found))
        if phones:
            yield "", "phone: the numbers are those of its organization"
    yield "phone", phones
    for it in graph.of("phone"):
        if _type(it) in _NOT_FOR_PEOPLE:
            yield "", f"phone: a {_type(it)} number is in the records only"
    yield "email", _email(graph)
    url, problem = _url(graph)
    yield "url", url
    if problem:
        yield "", problem
    languages = [_language(it) for it in graph.of("language")]
    yield "languages", tuple(dict.fromkeys(name for name in languages if name))
    if not all(languages):
        yield "", "languages: one has neither name nor code"


def _phones(graph: ServiceGraph) -> Iterator[Phone]:
    """The numbers of the service itself first, then those of its contacts, then of its places."""
    found = [it for it in graph.of("phone") if any(it.fields.get(name) for name in _HANGS_ON)]
    seen: set[str] = set()
    for record in sorted(found, key=lambda it: _rank(it, graph.service)):
        digits = _DIGITS.sub("", str(record.fields.get("number")))
        if digits not in seen or not _rank(record, graph.service):
            seen.add(digits)
            yield from _as_phones(graph, [record])


def _rank(phone: Record, service: Record) -> int:
    """0 for a number of the service itself, 1 for one of a contact, 2 for one of a place."""
    if phone.fields.get("service_id") == service.id:
        return 0
    return 1 if phone.fields.get("contact_id") else 2


def _as_phones(graph: ServiceGraph, records: Iterable[Record]) -> Iterator[Phone]:
    for record in records:
        number = plain(str(record.fields.get("number") or ""))
        extension = record.fields.get("extension")
        label = plain(record.fields.get("description")) or _WRITTEN.get(_type(record), "")
        if number.strip() and _type(record) not in _NOT_FOR_PEOPLE:
            said = _hours(graph, record)
            yield Phone(f"{number} ext. {extension}" if extension else number, label, said)


def _hours(graph: ServiceGraph, phone: Record) -> str:
    for attribute in graph.linked("attribute", "link_id", phone.id):
        terms = {it.id: it for it in graph.of("taxonomy_term")}
        hours = value_of(attribute)
        if field_of(attribute, terms) == PHONE_HOURS and isinstance(hours, str):
            return hours
    return ""


def _type(phone: Record) -> str:
    return str(phone.fields.get("type") or "").strip().casefold()


def _email(graph: ServiceGraph) -> str:
    organization = [graph.organization] if graph.organization else []
    found = (it.fields.get("email") for it in (graph.service, *graph.of("contact"), *organization))
    return next((plain(email) for email in found if email), "")


def _url(graph: ServiceGraph) -> tuple[str, str]:
    organization = graph.organization.fields if graph.organization else {}
    for url in (graph.service.fields.get("url"), organization.get("website")):
        if isinstance(url, str) and url:
            if is_safe_link(url):
                return url, ""
            return "", "url: a link that would run code is not taken"
    return "", ""


def _language(record: Record) -> str:
    name = plain(record.fields.get("name"))
    return name or language_name(plain(str(record.fields.get("code") or "")))
