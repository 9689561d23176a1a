"""Whose figures a caller may see: areas by the caller's role and organisation."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from template_service.access.policy import SYSTEMS
from template_service.access.principal import Principal
from template_service.aggregates.areas import CITY, PCN, PRACTICE, Areas
from template_service.errors import Forbidden, Invalid, NotFound

from .outcomes import Remark

_REFERENCE: Final = re.compile(r"(?:(?P<type>[A-Za-z]+)/)?(?P<code>[A-Za-z0-9]{1,20})")
_AREA_TYPES: Final = (None, "Organization", "Location")
_NOT_AN_AREA = (
    "Figures are of areas, never of a person: give Organization/ and the ODS code of a network or"
    " practice, or Location/ and the ONS code of the city."
)
_OTHER_PRACTICE = "Figures of a practice are shown to that practice only."


class Area(NamedTuple):
    """An area that figures are of: its type among those of figures, and its code."""

    geography_type: str
    code: str


def area_code(reference: str, place: str = "") -> str:
    """The code in a reference to an area; raises `Invalid` for any other reference.

    `place` is where the reference stands in the request, as an OperationOutcome names it.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None or found["type"] not in _AREA_TYPES:
        raise Invalid(problems=[Remark("not-supported", _NOT_AN_AREA, expression=place)])
    return found["code"]


def seen_areas(areas: Areas, principal: Principal) -> Iterator[Area]:
    """The areas whose figures somebody may see: the city, then networks, then their practice.

    Public health sees every network; a practice sees its own, and itself.
    """
    yield Area(CITY, areas.city)
    if principal.role not in SYSTEMS:
        yield from (Area(PCN, code) for code in sorted(areas.names[PCN]))
        return
    network = areas.pcn_of.get(principal.organisation_id)
    if network is not None:
        yield Area(PCN, network)
        yield Area(PRACTICE, principal.organisation_id)


def seen_area(areas: Areas, principal: Principal, code: str) -> Area:
    """The area with a code.

    Raises `Forbidden` for a practice where the role sees none, and `NotFound` for what is another's
    or nobody's, so that the two look the same.
    """
    for area in seen_areas(areas, principal):
        if area.code == code:
            return area
    if code in areas.names[PRACTICE] and principal.role not in SYSTEMS:
        raise Forbidden(_OTHER_PRACTICE)
    raise NotFound("There is no such area")
