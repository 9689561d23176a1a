"""The history of a service as its curator reads it: what was done together stands together."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, NamedTuple

import orjson

from directory.model import DAYS, NEEDS
from directory.open_referral.attributes import NEED_OF_TERM, field_of
from directory.open_referral.lens_writing import DIRECT
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph
from directory.working_copy.history import AuditEntry
from directory.working_copy.pairs import AGAIN, APART
from directory.working_copy.putting_back import EDIT, PUT_BACK
from template_service.web.curate_fields import label, shown
from template_service.web.curate_proposal_view import moment
from template_service.web.curate_sections import FIELDS

_DONE: Final = {
    EDIT: "Edited",
    PUT_BACK: "Put back",
    "import": "Imported",
    "accept": "Accepted",
    "reject": "Rejected",
    "propose": "Proposed",
    "undo": "Taken back",
    "rang": "Rang, still right",
    "dates": "Dates",
    "link": "Link made for the organisation",
    APART: "Told apart from another service",
    AGAIN: "No longer told apart from another service",
}
# Which field of a service the records of a kind say, where one kind says one.
_SAID_BY: Final = {
    "phone": "phone",
    "language": "languages",
    "schedule": "schedules",
    "service_area": "service_area",
    "organization": "organisation",
    "address": "address",
    "location": "address",
    "service_at_location": "address",
    "cost_option": "cost",
    "required_document": "eligibility",
    "accessibility": "access",
    "contact": "email",
}
_SAID_HERE: Final = {hsds: name for name, hsds in DIRECT.items()} | {"organization_id": ""}
# How records hang together says nothing of a service.
_FILING: Final = frozenset({"link_entity", "instead_of", "location_type", "country"})
_VOCABULARY: Final = frozenset({"taxonomy", "taxonomy_term"})
# Days of the week as a schedule's `byday` has them (RFC 5545).
_BYDAY: Final = {day[:2].upper(): day.capitalize() for day in DAYS}
_LONGEST: Final = 80
# Shown at once; more are folded.
FEW: Final = 3


class ActView(NamedTuple):
    """What somebody did at once; `changes` are in words. `edit` is what puts an edit back."""

    what: str
    who: str
    when: str
    changes: tuple[str, ...]
    reason: str
    edit: int | None


def acts(entries: Iterable[AuditEntry], graph: ServiceGraph, *, most: int) -> tuple[ActView, ...]:
    """The entries of a service's audit, latest first, as at most so many acts.

    One act is what one person did in one moment for one reason. `graph` is the service's.
    """
    grouped = groupby(entries, key=lambda it: (it.at, it.by, it.action, it.reason))
    return tuple(
        _act(list(those), graph) for _, (_, those) in zip(range(most), grouped, strict=False)
    )


def _act(entries: list[AuditEntry], graph: ServiceGraph) -> ActView:
    one = entries[0]
    terms = {it.id: it for it in graph.of("taxonomy_term")}
    known = {(it.kind, it.id): it for it in graph.records()}
    said = [line for it in reversed(entries) for line in _line(it, known, terms)]
    return ActView(
        what=_DONE.get(one.action, one.action.capitalize()),
        who=one.by,
        when=moment(one.at),
        changes=tuple(dict.fromkeys(said)),
        reason=one.reason,
        edit=one.number if one.action == EDIT else None,
    )


def _line(
    one: AuditEntry, known: Mapping[tuple[str, str], Record], terms: Mapping[str, Record]
) -> Iterator[str]:
    """What an entry says of a service in words; nothing where it is only about filing."""
    if one.kind == "attribute":
        yield from _addition(one, known, terms)
    elif one.kind not in _VOCABULARY and one.field and one.field not in _FILING:
        yield from _field(one)


def _field(one: AuditEntry) -> Iterator[str]:
    name = _name(one)
    if not one.field.endswith("_id") and one.was != one.became:
        yield f"{label(name)}: {_short(name, one.was)} → {_short(name, one.became)}"
    elif one.field.endswith("_id") and one.was and one.became is None and name:
        yield f"{label(name)}: one taken away"


def _addition(
    one: AuditEntry, known: Mapping[tuple[str, str], Record], terms: Mapping[str, Record]
) -> Iterator[str]:
    """What a classification or one of our own additions says."""
    if one.field == "taxonomy_term_id":
        was, became = (NEED_OF_TERM.get(str(it), "") for it in (one.was, one.became))
        if was or became:
            yield f"{label('needs')}: {NEEDS.get(was, 'nothing')} → {NEEDS.get(became, 'nothing')}"
    elif one.field == "value":
        record = known.get((one.kind, one.record_id))
        name = (field_of(record, terms) if record else None) or "value"
        yield f"{label(name)}: {_short(name, one.was)} → {_short(name, one.became)}"


def _name(one: AuditEntry) -> str:
    """The field of a service that a field of a record says, or that field where none is known."""
    if one.kind == "service":
        return _SAID_HERE.get(one.field, one.field)
    if one.kind == "address" and one.field == "postal_code":
        return "postcode"
    return _SAID_BY.get(one.kind, f"{one.kind}_{one.field}")


def _short(name: str, value: Any) -> str:
    """A value in words, as long as a line has room for."""
    if value is None and name in FIELDS:
        value = FIELDS[name].blank
    text = _words(name, value) if value not in (None, "", []) else "nothing"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _words(name: str, value: Any) -> str:
    if isinstance(value, str) and value[:1] in tuple('"[{'):
        text = value
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    if name == "schedules" and isinstance(value, str):
        return ", ".join(_BYDAY.get(code, code) for code in value.split(","))
    try:
        return shown(name, value)
    except (KeyError, TypeError, ValueError):
        # A part of a record, where the field of a service is made of several.
        return value if isinstance(value, str) else orjson.dumps(value).decode()
