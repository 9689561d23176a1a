"""The pages over a released city, and over nothing at all."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from template_service.app import create_app
from template_service.service import Service
from template_service.settings import Settings
from tests.web.conftest import PASSWORD, STAFF, fill
from tests.web.reports.city import MONTHS, import_examples, release_city
from tests.web.staff import Staff


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with two releases: of the first two months, then of all four."""
    data = tmp_path_factory.mktemp("released")
    made = create_app(
        Settings(data=data, demo=True, cookie_secure=False, sign_ins_per_minute=10_000)
    )
    service: Service = made.extensions["template_service"]
    fill(service)
    release_city(data / "aggregates", service.geography, MONTHS[:2])
    release_city(data / "aggregates", service.geography)
    import_examples(data / "aggregates")
    yield made
    service.close()


@pytest.fixture(scope="session")
def somebody(released: Flask) -> Callable[[str], Staff]:
    """Somebody of `STAFF`, signed in where there are releases."""
    present: dict[str, Staff] = {}

    def signed_in(username: str) -> Staff:
        if username not in present:
            present[username] = Staff(released.test_client(), STAFF[username][2])
            assert present[username].sign_in(username, PASSWORD).status_code == 303
        return present[username]

    return signed_in


@pytest.fixture
def health(somebody: Callable[[str], Staff]) -> Staff:
    """Public health, who sees every page."""
    return somebody("health")


@pytest.fixture
def doctor_here(somebody: Callable[[str], Staff]) -> Staff:
    """A clinician of the first practice."""
    return somebody("nurse")
