"""HealthcareService: a service of the directory as FHIR R4 says it."""

from collections.abc import Iterator
from typing import Any

from directory.matching import Match
from directory.model import NEEDS, Schedule, Service

from . import resources

NEED_CATEGORIES = "https://template-service.example/fhir/CodeSystem/need-categories"
_LANGUAGES = "urn:ietf:bcp:47"
# A FHIR time ends at 23:59:59; the directory writes the end of a day as 24:00.
_END_OF_DAY = "24:00"


def healthcare_service(match: Match) -> Any:
    """The R4B model of a matched service.

    Only stored facts are carried. What no curator has confirmed says so in `comment` ("Check
    first"), where every client shows it. ONS codes of the area covered go as identifiers without
    a system, because no FHIR system for them is published.
    """
    present = {key: value for key, value in _elements(match, match.service) if value}
    return resources.HealthcareService(active=match.service.status == "active", **present)


def _elements(match: Match, service: Service) -> Iterator[tuple[str, Any]]:
    yield "id", service.id
    yield "providedBy", service.organisation and {"display": service.organisation}
    yield "type", [_need(need) for need in service.needs]
    yield "location", service.address and [{"display": service.address}]
    yield "name", service.name
    yield "comment", _freshness(match)
    yield "extraDetails", _details(service)
    yield "telecom", list(_telecom(service))
    yield "coverageArea", [_area(code) for code in service.service_area]
    yield "eligibility", [{"comment": comment} for comment in _eligibility(service)]
    yield "communication", [_language(language) for language in service.languages]
    yield "availableTime", [_available(schedule) for schedule in service.schedules]


def _need(need: str) -> dict[str, Any]:
    return {"coding": [{"system": NEED_CATEGORIES, "code": need, "display": NEEDS[need]}]}


def _language(language: str) -> dict[str, Any]:
    return {"coding": [{"system": _LANGUAGES, "code": language}]}


def _freshness(match: Match) -> str:
    checked = match.last_checked
    day = f" Last checked {checked.day} {checked:%B %Y}." if checked else ""
    if match.freshness == "verified":
        return f"Confirmed with the service by a curator.{day}"
    return f"Check first: no curator has confirmed these details with the service.{day}"


def _details(service: Service) -> str:
    parts = (
        service.description,
        service.opening_hours,
        service.cost and f"Cost: {service.cost}.",
        service.access and f"Access: {', '.join(service.access)}.",
        service.exclusions,
        service.caution,
    )
    return "\n\n".join(part for part in parts if part)


def _telecom(service: Service) -> Iterator[dict[str, str]]:
    for phone in service.phone:
        yield {"system": "phone", "value": phone.number}
    if service.email:
        yield {"system": "email", "value": service.email}
    if service.url:
        yield {"system": "url", "value": service.url}


def _area(code: str) -> dict[str, Any]:
    return {"identifier": {"type": {"text": "ONS geography code"}, "value": code}}


def _eligibility(service: Service) -> Iterator[str]:
    if service.eligibility:
        yield service.eligibility
    lowest, highest = service.minimum_age, service.maximum_age
    if lowest is not None and highest is not None:
        yield f"Ages {lowest} to {highest}."
    elif lowest is not None:
        yield f"Ages {lowest} and over."
    elif highest is not None:
        yield f"Ages up to {highest}."
    if service.sex:
        yield f"For people who are {service.sex}."
    if service.public_funds == "yes":
        yield "Counts as public funds."


def _available(schedule: Schedule) -> dict[str, Any]:
    closes = "23:59:59" if schedule.closes == _END_OF_DAY else f"{schedule.closes}:00"
    return {
        "daysOfWeek": [schedule.day[:3]],
        "availableStartTime": f"{schedule.opens}:00",
        "availableEndTime": closes,
    }
