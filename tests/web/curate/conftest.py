"""The curators' pages over a real working copy: the starter directory, and a made-up source."""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from directory.working_copy.store import WorkingCopy
from template_service.actions.curate_desk import desk
from template_service.app import create_app
from template_service.service import Service, open_service
from template_service.settings import Settings
from tests.web.conftest import PASSWORD, STAFF, fill
from tests.web.staff import Staff

CLUB = "11111111-1111-4111-8111-111111111111"
CAFE = "22222222-2222-4222-8222-222222222222"
SOURCE = "made-up feed"


def feed(**fields: Any) -> bytes:
    """Two made-up services as Open Referral UK writes them; `fields` are of the first."""
    club = {"id": CLUB, "name": "Made-up Lunch Club", "status": "active"} | fields
    cafe = {"id": CAFE, "name": "Made-up Repair Cafe", "status": "active"}
    return orjson.dumps([_whole(club), _whole(cafe)])


def _whole(service: dict[str, Any]) -> dict[str, Any]:
    organization = {
        "id": "33333333-3333-4333-8333-333333333333",
        "name": "Made-up Society",
        "description": "Made up for a test",
    }
    phone = {"id": service["id"][::-1], "number": "0113 496 0000"}
    return service | {"organization": organization, "phones": [phone]}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with staff of every role and the starter directory in the working copy."""
    data = tmp_path_factory.mktemp("prepared")
    service = open_service(Settings(data=data))
    fill(service)
    with desk(service):
        pass
    service.close()
    return data


@pytest.fixture
def curating(prepared: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application of its own: what one test publishes is no other's."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    made = create_app(
        Settings(
            data=data,
            demo=True,
            cookie_secure=False,
            sign_ins_per_minute=10_000,
            max_body_bytes=20_000,
        )
    )
    service: Service = made.extensions["template_service"]
    yield made
    service.close()


@pytest.fixture
def running(curating: Flask) -> Service:
    found: Service = curating.extensions["template_service"]
    return found


@pytest.fixture
def sign_in(curating: Flask) -> Callable[[str], Staff]:
    def signed_in(username: str) -> Staff:
        somebody = Staff(curating.test_client(), STAFF[username][2])
        assert somebody.sign_in(username, PASSWORD).status_code == 303
        return somebody

    return signed_in


@pytest.fixture
def curator(sign_in: Callable[[str], Staff]) -> Staff:
    return sign_in("curator")


@pytest.fixture
def somebody(curating: Flask) -> Staff:
    """A browser nobody signed in with."""
    return Staff(curating.test_client())


@pytest.fixture
def working(running: Service) -> Iterator[WorkingCopy]:
    with desk(running) as opened:
        yield opened


def upload(curator: Staff, content: bytes, name: str = "feed.json", **more: str) -> TestResponse:
    """Send a file by the form of the imports."""
    return curator.client.post(
        "/directory/curate/imports",
        data={
            "source": SOURCE,
            "file": (io.BytesIO(content), name),
            "csrf_token": curator.token(),
        }
        | more,
    )


def publish(curator: Staff, note: str = "") -> TestResponse:
    """Press Publish."""
    return curator.post("/directory/curate/publish", {"reason": note})
