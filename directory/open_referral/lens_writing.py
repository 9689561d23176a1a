"""A curator's values written where HSDS has a place for them, of one service and no other.

Nothing is deleted: a record that no longer belongs to the service loses its link to it, because a
feed that still has the record would bring it back.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from directory.model import Phone, Schedule
from directory.open_referral.attributes import (
    CURATED,
    PHONE_HOURS,
    addition,
    is_ours,
    made_id,
    need_attribute,
)
from directory.open_referral.lens_classes import classifying
from directory.open_referral.lens_draft import Draft
from directory.open_referral.lens_place import area_fields, main_address
from directory.open_referral.lens_text import written
from directory.open_referral.lens_times import schedule_fields
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph

DIRECT: Final[Mapping[str, str]] = {
    "name": "name",
    "description": "description",
    "status": "status",
    "email": "email",
    "url": "url",
    "minimum_age": "minimum_age",
    "maximum_age": "maximum_age",
    "cost": "fees",
    "eligibility": "eligibility_description",
    "caution": "alert",
}
"""Fields of a service that HSDS has as they are, and what HSDS calls them."""
_PLACE: Final = ("address", "postcode", "lat", "lon")


def write_where_it_belongs(draft: Draft, values: Mapping[str, Any]) -> None:
    """Writes each value into the records HSDS has for it, where that touches this service only."""
    direct = {
        DIRECT[name]: _direct(name, value) for name, value in values.items() if name in DIRECT
    }
    if direct:
        draft.set(draft.service, direct)
    if any(name in values for name in _PLACE):
        _write_place(draft, {name: values[name] for name in _PLACE if name in values})
    for name, write in _WRITERS.items():
        if name in values:
            write(draft, values[name])


def _direct(name: str, value: Any) -> Any:
    if name == "status" or not isinstance(value, str):
        return value
    return written(value) if value.strip() else None


def _write_organisation(draft: Draft, name: str) -> None:
    graph = draft.graph
    here = graph.organization
    if here is None and name.strip():
        # Open Referral UK wants a description; nobody knows another than the name.
        named = dict.fromkeys(("name", "description"), written(name))
        # Two services of ours whose organisation has one name are of one organization.
        made = Record("organization", made_id("organization", name), {}, CURATED)
        draft.set(made, named)
        if (made.kind, made.id) in draft.changed:
            draft.set(draft.service, {"organization_id": made.id})
    elif here is not None and ("organization", here.id) not in graph.shared and name.strip():
        draft.set(here, {"name": written(name)})


def _write_place(draft: Draft, values: Mapping[str, Any]) -> None:
    graph = draft.graph
    places = [it for it in graph.of("location") if it.fields.get("location_type") != "virtual"]
    if not places:
        if any(value not in (None, "") for value in values.values()):
            _new_place(draft, values)
        return
    if len(places) > 1 or ("location", places[0].id) in graph.shared:
        return
    point = {"lat": "latitude", "lon": "longitude"}
    moved = {hsds: values[name] for name, hsds in point.items() if name in values}
    if moved:
        draft.set(places[0], moved)
    address = main_address(graph, places[0])
    if address is not None:
        _readdress(draft, address, values)


def _new_place(draft: Draft, values: Mapping[str, Any]) -> None:
    point = {"latitude": values.get("lat"), "longitude": values.get("lon")}
    location = draft.new("location", {"location_type": "physical", **point})
    ends = {"service_id": draft.service.id, "location_id": location.id}
    draft.new("service_at_location", ends)
    if values.get("address") or values.get("postcode"):
        address = {
            "location_id": location.id,
            "address_1": _text(values.get("address")),
            "postal_code": _text(values.get("postcode")),
            "country": "GB",
            "address_type": "physical",
        }
        draft.new("address", address)


def _readdress(draft: Draft, address: Record, values: Mapping[str, Any]) -> None:
    if "address" in values:
        lines: dict[str, Any] = dict.fromkeys(("address_2", "city", "region", "state_province"))
        draft.set(address, lines | {"address_1": _text(values["address"])})
    if "postcode" in values:
        draft.set(address, {"postal_code": _text(values["postcode"])})


def _write_phones(draft: Draft, phones: tuple[Phone, ...]) -> None:
    graph = draft.graph
    there = [it for it in graph.of("phone") if it.fields.get("service_id") == graph.service.id]
    if len(there) < len(graph.of("phone")) or any(
        it.fields.get("extension") or it.fields.get("type") or it.fields.get("contact_id")
        for it in there
    ):
        return
    links = [
        {"number": written(phone.number), "description": _text(phone.label)} for phone in phones
    ]
    records = _write_list(draft, "phone", there, links)
    for record, phone in zip(records, phones, strict=True):
        _write_hours(draft, record, phone.hours)


def _write_hours(draft: Draft, phone: Record, hours: str) -> None:
    made = addition(phone, PHONE_HOURS, hours)
    there = {it.id for it in draft.graph.linked("attribute", "link_id", phone.id)}
    if hours or made.id in there:
        draft.put(made)


def _write_languages(draft: Draft, languages: tuple[str, ...]) -> None:
    there = _own(draft.graph, "language")
    if there is not None:
        wanted = [{"name": written(language), "code": None} for language in languages]
        _write_list(draft, "language", there, wanted)


def _write_areas(draft: Draft, codes: tuple[str, ...]) -> None:
    there = _own(draft.graph, "service_area")
    if there is not None:
        blank = dict.fromkeys(("extent", "extent_type", "service_area", "description"))
        _write_list(draft, "service_area", there, [blank | area_fields(it, {}) for it in codes])


def _write_schedules(draft: Draft, rows: tuple[Schedule, ...]) -> None:
    """Rows take the place of rows; rules that are more than a row of a week are left alone."""
    there = _own(draft.graph, "schedule")
    if there is None or not all(map(_is_simple, there)):
        return
    timed = [it for it in there if it.fields.get("byday")]
    _write_list(draft, "schedule", timed, [schedule_fields(row) for row in rows])


def _write_opening(draft: Draft, text: str) -> None:
    there = _own(draft.graph, "schedule")
    if there is None or not all(map(_is_simple, there)):
        return
    told = [it for it in there if not it.fields.get("byday")]
    wanted = [{"description": written(text)}] if text.strip() else []
    _write_list(draft, "schedule", told, wanted, name="opening")


def _is_simple(schedule: Record) -> bool:
    names = set(schedule.fields) - {"service_id"}
    return names in ({"freq", "byday", "opens_at", "closes_at"}, {"description"})


def _write_needs(draft: Draft, needs: tuple[str, ...]) -> None:
    graph = draft.graph
    there = classifying(graph)
    if all(map(is_ours, there)) and len(there) <= len(needs):
        for ordinal, need in enumerate(needs):
            made = need_attribute(graph.service, need, ordinal)
            if ordinal >= len(there):
                draft.put(made)
            elif there[ordinal].fields != made.fields:
                draft.put(there[ordinal]._replace(fields=made.fields))


def _own(graph: ServiceGraph, kind: str) -> list[Record] | None:
    """The records of a kind where all of them are of the service itself; None otherwise."""
    there = list(graph.of(kind))
    mine = all(it.fields.get("service_id") == graph.service.id for it in there)
    return there if mine else None


def _write_list(
    draft: Draft,
    kind: str,
    there: list[Record],
    wanted: list[dict[str, Any]],
    name: str = "",
) -> list[Record]:
    """Gives the records of a list these fields, one by one; adds missing ones, unlinks the rest."""
    service = draft.graph.service.id
    taken = {it.id for it in there}
    free = (n for n in range(len(there) + len(wanted) + 1))
    result: list[Record] = []
    for position, fields in enumerate(wanted):
        if position < len(there):
            draft.set(there[position], fields)
            result.append(there[position])
            continue
        ordinal = next(n for n in free if made_id(service, name or kind, ordinal=n) not in taken)
        linked = {"service_id": service, **fields}
        result.append(draft.new(kind, linked, name=name, ordinal=ordinal))
    for surplus in there[len(wanted) :]:
        draft.set(surplus, {"service_id": None})
    return result


def _text(value: str | None) -> str | None:
    return written(value) if value and value.strip() else None


_WRITERS: Final[Mapping[str, Callable[[Draft, Any], None]]] = {
    "organisation": _write_organisation,
    "phone": _write_phones,
    "languages": _write_languages,
    "service_area": _write_areas,
    "schedules": _write_schedules,
    "opening_hours": _write_opening,
    "needs": _write_needs,
}
