"""Everything the routes return is valid FHIR R4."""

from importlib import import_module

import pytest

from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.reading import EVALUATE, SEPTEMBER, Resource, read
from tests.fhir_api.measures.released_city import (
    CITY,
    OTHER_NETWORK,
    PRACTICE,
)
from tests.independent import Refusals


@pytest.fixture(scope="module")
def returned(city: Fhir, practice: Fhir) -> list[Resource]:
    """One of everything the routes return."""
    return [
        read(city.get("Measure?_count=2")),
        read(city.get("MeasureReport?_count=2")),
        read(city.get("MeasureReport?period=1999")),
        read(city.get(f"{EVALUATE}?{SEPTEMBER}")),
        read(city.get(f"MeasureReport/asked-{OTHER_NETWORK}-2026-08.2026-09")),
        read(practice.get(f"MeasureReport/need-{PRACTICE}-2026-09")),
        read(city.get(EVALUATE), 422),
        read(city.get(f"MeasureReport/need-{CITY}-2026-10"), 404),
    ]


def test_what_is_returned_is_valid(returned: list[Resource]) -> None:
    for resource in returned:
        kind = resource["resourceType"]
        getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(resource)


@pytest.mark.timeout(600)
def test_independent_engines_agree(returned: list[Resource], refusals: Refusals) -> None:
    assert refusals({str(number): each for number, each in enumerate(returned)}) == []
