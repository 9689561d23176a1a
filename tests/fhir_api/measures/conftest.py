"""A released city behind the one service of these tests, and who looks at it."""

from collections.abc import Callable

import pytest

from template_service.access.principal import Role
from template_service.service import Service
from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.released_city import PRACTICE, release_city


@pytest.fixture(scope="session", autouse=True)
def _released(service: Service) -> None:
    folder = service.settings.data / "aggregates"
    release_city(folder, service.geography)


@pytest.fixture(scope="session")
def city(as_role: Callable[..., Fhir]) -> Fhir:
    """Somebody of public health."""
    return as_role(Role.PUBLIC_HEALTH)


@pytest.fixture(scope="session")
def practice(as_role: Callable[..., Fhir]) -> Fhir:
    """Somebody of the first practice."""
    return as_role(Role.CLINICIAN, PRACTICE)
