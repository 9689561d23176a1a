"""The same service in two languages: English, and the test language that is set right to left."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from template_service.app import create_app
from template_service.service import Service
from template_service.web.pseudo_locale import PSEUDO
from tests.web.conftest import PASSWORD, STAFF
from tests.web.staff import Staff


@pytest.fixture(scope="session")
def speaking(service: Service) -> Iterator[Flask]:
    """A second application on the same records, which offers both languages."""
    made = create_app(replace(service.settings, languages=("en-GB", PSEUDO)))
    yield made
    made.extensions["template_service"].close()


@pytest.fixture(scope="session")
def mirrored_staff(speaking: Flask) -> Callable[[str], Staff]:
    """Somebody signed in whose browser asks for the test language."""
    present: dict[str, Staff] = {}

    def signed_in(username: str) -> Staff:
        if username not in present:
            somebody = Staff(speaking.test_client(), STAFF[username][2])
            somebody.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = PSEUDO
            assert somebody.sign_in(username, PASSWORD).status_code == 303
            present[username] = somebody
        return present[username]

    return signed_in


@pytest.fixture
def mirrored_nurse(mirrored_staff: Callable[[str], Staff]) -> Staff:
    return mirrored_staff("nurse")


@pytest.fixture
def visitor(speaking: Flask) -> Staff:
    """A browser nobody signed in with, at the service in two languages."""
    return Staff(speaking.test_client())
