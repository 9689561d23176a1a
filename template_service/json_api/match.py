"""`POST /api/v1/match`: the services that fit some needs, with reasons; nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from directory.geography import InvalidPostcode, Place, UnknownPostcode
from directory.matching import Matches, Seeker
from template_service import clock
from template_service.access.principal import Principal
from template_service.errors import Invalid
from template_service.service import Service


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with a field that its schema cannot know (see `errors.Issue`)."""

    expression: str
    message: str
    severity: str = "error"
    code: str = "value"


def match_services(service: Service, principal: Principal, wanted: Mapping[str, Any]) -> Matches:
    """The best services for each need of a loaded MatchRequest.

    Raises Invalid naming `#/postcode` for a postcode that is not one, or not in the tables.
    """
    seeker = Seeker(
        needs=tuple(wanted["needs"]),
        now=clock.now(),
        place=_place(service, principal, wanted["postcode"]),
        age=wanted["age"],
        language=wanted["language"],
        no_public_funds=wanted["no_public_funds"],
    )
    return service.directory.match(seeker, k=wanted["limit"])


def _place(service: Service, principal: Principal, postcode: str | None) -> Place | None:
    """Where to look: the postcode, or around the practice of the token when it says nothing."""
    try:
        place = service.geography.place(postcode) if postcode is not None else None
    except (InvalidPostcode, UnknownPostcode) as problem:
        raise Invalid(problems=[FieldProblem("#/postcode", f"{problem}.")]) from None
    if place is None or place.no_fixed_abode:
        return service.geography.place_by_practice(principal.organisation_id)
    return place
