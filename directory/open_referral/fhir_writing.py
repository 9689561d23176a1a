"""Export as FHIR R4: HealthcareService, Organization and Location, one line of JSON each.

The elements are those of the HL7 FHIR Human Services Directory guide (STU 1, mapping of HSDS).
People are left out: no PractitionerRole is made of contacts. A folder has one newline-delimited
file per type (the form of FHIR Bulk Data), because a directory is larger than a Bundle is handy.
References are relative and resolve within the folder. SOURCE:
http://hl7.org/fhir/us/hsds/STU1/ and http://hl7.org/fhir/uv/bulkdata/.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from directory.model import NEEDS, STATUSES, InvalidService, Schedule
from directory.open_referral.coordinates import placed
from directory.open_referral.lens_reading import Context
from directory.open_referral.lens_text import is_safe_link, joined, plain
from directory.open_referral.records import Record, uuid_of
from directory.open_referral.service_graph import ServiceGraph, graphs
from directory.open_referral.service_lens import Reading, service_of
from directory.taxonomies import NEED_VOCABULARY, crosswalk

TYPES: Final = ("HealthcareService", "Location", "Organization")
PROFILES: Final = "http://hl7.org/fhir/us/hsds/StructureDefinition/hsds-"

Resource = dict[str, Any]

_NEEDS: Final = crosswalk().vocabularies[NEED_VOCABULARY].uri
# FHIR R4, data type string: no control characters but tab and line ends.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LAST_MINUTE: Final = "23:59:59"
_END_OF_DAY: Final = "24:00"
# RFC 6350 types of a telephone as ContactPoint.system, by the mapping of the guide.
_SYSTEMS: Final[Mapping[str, str]] = {
    "fax": "fax",
    "pager": "pager",
    "text": "sms",
    "textphone": "other",
    "video": "other",
}


def resources(
    records: Iterable[Record],
    source: str,
    context: Context | None = None,
    *,
    left_out: list[str] | None = None,
) -> Iterator[Resource]:
    """The resources of the records of one source, in the order of the source, each once.

    A service whose records say no service is left out, and named with the reason in `left_out`.
    """
    written: set[tuple[str, str]] = set()
    for graph in graphs(records):
        try:
            found = tuple(service_resources(graph, source, context))
        except InvalidService as problem:
            if left_out is not None:
                left_out.append(f"service {graph.service.id}: {problem}")
            continue
        for resource in found:
            key = (resource["resourceType"], resource["id"])
            if key not in written:
                written.add(key)
                yield resource


def service_resources(
    graph: ServiceGraph, source: str, context: Context | None = None
) -> Iterator[Resource]:
    """The HealthcareService of a service, then its Organization and Locations.

    Raises InvalidService as `service_of` does.
    """
    reading = service_of(graph, source, context or Context())
    locations = [_location(graph, it, source) for it in graph.of("location")]
    organization = _organization(graph, source)
    yield _service(graph, reading, organization, locations)
    if organization:
        yield organization
    yield from locations


def write_fhir(found: Iterable[Resource], folder: Path) -> Mapping[str, int]:
    """Writes resources as `<type>.ndjson` files, sorted by id; gives how many of each type.

    The same resources give the same bytes. An empty type has an empty file.
    """
    lines: dict[str, dict[str, bytes]] = {kind: {} for kind in TYPES}
    for resource in found:
        line = orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE)
        lines[resource["resourceType"]][resource["id"]] = line
    folder.mkdir(parents=True, exist_ok=True)
    for kind, by_id in lines.items():
        content = b"".join(by_id[resource_id] for resource_id in sorted(by_id))
        (folder / f"{kind}.ndjson").write_bytes(content)
    return {kind: len(by_id) for kind, by_id in lines.items()}


def _service(
    graph: ServiceGraph,
    reading: Reading,
    organization: Resource | None,
    locations: list[Resource],
) -> Resource:
    service, fields = reading.service, graph.service.fields
    stated = str(fields.get("status") or "").strip().casefold()
    return _resource(
        "HealthcareService",
        service.id,
        # The guide: active is true for the status "active" only. Nobody knows: left out.
        active=stated == "active" if stated in STATUSES else None,
        providedBy=_reference(organization),
        type=[_concept(_NEEDS, need, NEEDS[need]) for need in service.needs],
        location=[_reference(it) for it in locations],
        name=_text(service.name),
        comment=_text(joined([service.description, service.caution])),
        extraDetails=_text(joined(_details(graph))),
        telecom=[*_phones(_own_phones(graph)), *_contact(service.email, service.url)],
        coverageArea=[{"display": area} for area in _areas(graph)],
        eligibility=[{"comment": text} for text in _eligibility(reading)],
        program=[{"text": name} for name in _names(graph, "program")],
        characteristic=[{"text": text} for text in map(_text, service.access) if text],
        communication=[{"text": text} for text in map(_text, service.languages) if text],
        availableTime=[*map(_available, service.schedules)],
        availabilityExceptions=_text(service.opening_hours),
    )


def _organization(graph: ServiceGraph, source: str) -> Resource | None:
    record = graph.organization
    if record is None or not _text(plain(record.fields.get("name"))):
        return None
    fields = record.fields
    numbers = graph.linked("phone", "organization_id", record.id)
    website = fields.get("website") or fields.get("url")
    return _resource(
        "Organization",
        uuid_of(source, "organization", record.id),
        identifier=[*_identifiers(graph, record)],
        name=_text(plain(fields.get("name"))),
        alias=[text for text in [_text(plain(fields.get("alternate_name")))] if text],
        telecom=[*_phones(numbers), *_contact(fields.get("email"), website)],
    )


def _location(graph: ServiceGraph, record: Record, source: str) -> Resource:
    fields = placed(record).fields
    latitude, longitude = fields.get("latitude"), fields.get("longitude")
    position = None
    if latitude is not None and longitude is not None:
        position = {"longitude": longitude, "latitude": latitude}
    addresses = graph.linked("address", "location_id", record.id)
    return _resource(
        "Location",
        uuid_of(source, "location", record.id),
        status="active",
        name=_text(plain(fields.get("name"))),
        alias=[text for text in [_text(plain(fields.get("alternate_name")))] if text],
        description=_text(plain(fields.get("description"))),
        telecom=[*_phones(graph.linked("phone", "location_id", record.id))],
        address=next(map(_address, addresses), None),
        position=position,
    )


def _resource(kind: str, resource_id: str, **elements: Any) -> Resource:
    """A resource without the elements of which nothing is known, in the order FHIR has them."""
    known = {name: value for name, value in elements.items() if value not in (None, "", [], {})}
    return {"resourceType": kind, "id": resource_id, **known}


def _reference(resource: Resource | None) -> dict[str, str] | None:
    if resource is None:
        return None
    to = {"reference": f"{resource['resourceType']}/{resource['id']}"}
    return {**to, "display": resource["name"]} if "name" in resource else to


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": f"Help with {display}"}]}


def _details(graph: ServiceGraph) -> list[str]:
    fields = graph.service.fields
    paid = [plain(it.fields.get("source")) for it in graph.of("funding")]
    fees = plain(fields.get("fees")) or plain(fields.get("fees_description"))
    return [fees and f"Cost: {fees}", *(f"Funding: {source}" for source in paid if source)]


def _own_phones(graph: ServiceGraph) -> list[Record]:
    links = ("service_id", "contact_id")
    return [it for it in graph.of("phone") if any(it.fields.get(name) for name in links)]


def _phones(records: Iterable[Record]) -> Iterator[dict[str, str]]:
    for record in records:
        kind = str(record.fields.get("type") or "").casefold()
        number = _text(plain(str(record.fields.get("number") or "")))
        if number:
            yield {"system": _SYSTEMS.get(kind, "phone"), "value": number, "use": "work"}


def _contact(email: Any, url: Any) -> Iterator[dict[str, str]]:
    for system, value in (("email", email), ("url", url)):
        text = _text(plain(value))
        if text and (system == "email" or is_safe_link(text)):
            yield {"system": system, "value": text, "use": "work"}


def _identifiers(graph: ServiceGraph, organization: Record) -> Iterator[dict[str, Any]]:
    for it in graph.linked("organization_identifier", "organization_id", organization.id):
        kind = it.fields.get("identifier_scheme") or it.fields.get("identifier_type")
        value = _text(str(it.fields.get("identifier") or ""))
        if value:
            named = {"type": {"text": _text(str(kind))}} if kind else {}
            yield {"use": "official", **named, "value": value}


def _areas(graph: ServiceGraph) -> Iterator[str]:
    for it in graph.of("service_area"):
        said = (plain(it.fields.get(name)) for name in ("service_area", "name", "extent"))
        yield from (text for text in [next(filter(None, map(_text, said)), "")] if text)


def _names(graph: ServiceGraph, kind: str) -> list[str]:
    named = (_text(plain(it.fields.get("name"))) for it in graph.of(kind))
    return [name for name in named if name]


def _eligibility(reading: Reading) -> Iterator[str]:
    service = reading.service
    lowest, highest = service.minimum_age, service.maximum_age
    if lowest is not None or highest is not None:
        older = f"from {lowest}" if lowest is not None else ""
        younger = f"up to {highest}" if highest is not None else ""
        yield " ".join(part for part in ("Ages", older, younger) if part)
    for text in (service.eligibility, service.exclusions and f"Not for: {service.exclusions}"):
        if _text(text):
            yield _text(text)


def _available(schedule: Schedule) -> dict[str, Any]:
    closes = _LAST_MINUTE if schedule.closes == _END_OF_DAY else f"{schedule.closes}:00"
    return {
        "daysOfWeek": [schedule.day[:3]],
        "availableStartTime": f"{schedule.opens}:00",
        "availableEndTime": closes,
    }


def _address(record: Record) -> dict[str, Any]:
    fields = record.fields
    lines = [_text(plain(fields.get(name))) for name in ("address_1", "address_2")]
    kind = fields.get("address_type")
    parts = {
        "use": "work",
        "type": kind if kind in ("postal", "physical") else None,
        "line": [line for line in lines if line],
        "city": _text(plain(fields.get("city"))),
        "district": _text(plain(fields.get("region"))),
        "state": _text(plain(fields.get("state_province"))),
        "postalCode": _text(plain(fields.get("postal_code"))),
        "country": _text(plain(fields.get("country"))),
    }
    return {name: value for name, value in parts.items() if value}


def _text(value: str) -> str:
    """Text as FHIR takes it: without control characters, not blank."""
    return _CONTROL.sub("", value).strip()
