"""The published Measures (`fhir/Measure/`): one for each indicator that is a share, and its codes.

A Measure has a group for each domain and one for `any`, because what is counted is the same in all
of them: thirteen groups in one report stand for thirteen reports that differ in one code.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import orjson

from template_service.aggregates.vocabulary import INDICATORS
from template_service.artefacts import artefact_path, artefact_paths
from template_service.errors import NotFound

Resource = dict[str, Any]

# The code system of the categories of each breakdown.
CATEGORY_SYSTEMS: Final = {
    "imd_decile": "figure-imd-deciles",
    "sex": "figure-sexes",
    "age_band": "figure-age-bands",
    "ethnic_group": "figure-ethnic-groups",
    "language_group": "figure-language-groups",
}


class Published(NamedTuple):
    """A published Measure: its id, the indicator it is of, the resource, and its file."""

    id: str
    indicator: str
    resource: Resource
    body: bytes

    @property
    def canonical(self) -> str:
        """Its canonical address with its version."""
        return f"{self.resource['url']}|{self.resource['version']}"

    @property
    def domain_codes(self) -> Mapping[str, Resource]:
        """The CodeableConcept of each domain it has a group of, in order."""
        return {_code(group): group["code"] for group in self.resource["group"]}

    @property
    def breakdown_codes(self) -> Mapping[str, Resource]:
        """The CodeableConcept of each breakdown it has a stratifier of, in order."""
        return {_code(each): each["code"] for each in self.resource["group"][0]["stratifier"]}


@cache
def published() -> Mapping[str, Published]:
    """The Measures by id, in the order of the indicators."""
    bodies = {path.stem: path.read_bytes() for path in artefact_paths("Measure")}
    ids = {indicator: indicator.replace("_", "-") for indicator in INDICATORS}
    return {
        measure: Published(measure, indicator, orjson.loads(bodies[measure]), bodies[measure])
        for indicator, measure in ids.items()
        if measure in bodies
    }


def measure(measure_id: str) -> Published:
    """The Measure with an id; raises `NotFound`."""
    try:
        return published()[measure_id]
    except KeyError:
        raise NotFound("There is no such Measure") from None


@cache
def category_codes(breakdown: str) -> Mapping[str, Resource]:
    """The CodeableConcept of each category of a breakdown."""
    path = artefact_path("CodeSystem", CATEGORY_SYSTEMS[breakdown])
    system = orjson.loads(path.read_bytes())
    return {
        concept["code"]: {"coding": [{"system": system["url"], **concept}]}
        for concept in system["concept"]
    }


def _code(element: Resource) -> str:
    return str(element["code"]["coding"][0]["code"])
