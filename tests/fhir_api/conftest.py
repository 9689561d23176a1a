"""One real service over a temporary folder, two practices, and a token for every role."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from template_service import clock
from template_service.access.principal import Role
from template_service.access.tokens import token_create
from template_service.app import create_app
from template_service.questionnaire.form import Form
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.service import Service
from template_service.settings import Settings
from tests.fhir_api.clients import Fhir

PRACTICE, OTHER_PRACTICE, PCN, CITY = "B86002", "B86003", "U16878", "15F"
_PLACED = {Role.LINK_WORKER: PCN, Role.CURATOR: CITY, Role.PUBLIC_HEALTH: CITY, Role.ADMIN: CITY}


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole application over a store of its own; each test makes the people it needs."""
    made = create_app(Settings(data=tmp_path_factory.mktemp("data"), max_body_bytes=200_000))
    service: Service = made.extensions["template_service"]
    with service.store.write() as conn:
        import_organisations(
            conn,
            [
                Organisation(ods_code=CITY, name="City", kind=Kind.CITY),
                Organisation(ods_code=PCN, name="Network", kind=Kind.PCN, parent=CITY),
                *(
                    Organisation(ods_code=code, name=code, kind=Kind.PRACTICE, parent=PCN)
                    for code in (PRACTICE, OTHER_PRACTICE)
                ),
            ],
        )
    yield made
    service.close()


@pytest.fixture(scope="session")
def service(app: Flask) -> Service:
    opened: Service = app.extensions["template_service"]
    return opened


@pytest.fixture(scope="session")
def form(service: Service) -> Form:
    return service.form


@pytest.fixture(scope="session")
def as_role(app: Flask, service: Service) -> Callable[..., Fhir]:
    """A client with a token of a role: at its place, or at the practice named."""

    def signed_in(role: Role, organisation_id: str = "") -> Fhir:
        with service.store.write() as conn:
            issued = token_create(
                conn,
                role=role,
                organisation_id=organisation_id or _PLACED.get(role, PRACTICE),
                days=1,
                now=clock.now(),
            )
        return Fhir(app.test_client(), issued.token)

    return signed_in


@pytest.fixture(scope="session")
def fhir(as_role: Callable[..., Fhir]) -> Fhir:
    """An integrator of the first practice."""
    return as_role(Role.INTEGRATOR)


@pytest.fixture(scope="session")
def other(as_role: Callable[..., Fhir]) -> Fhir:
    """An integrator of the second practice."""
    return as_role(Role.INTEGRATOR, OTHER_PRACTICE)


@pytest.fixture(scope="session")
def stranger(app: Flask) -> Fhir:
    """A client without a token."""
    return Fhir(app.test_client(), "")
