"""The directory page over made-up services that stand about Leeds, published for the test."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from directory.artefact import publish
from directory.model import DAYS, Schedule, Service
from template_service import clock
from template_service.app import create_app
from template_service.service import Service as Running
from template_service.settings import Settings
from tests.unit.directory.made_up import a_service
from tests.web.conftest import PASSWORD, STAFF, fill
from tests.web.staff import Staff

HAREHILLS, MOORTOWN, PRACTICE = "E05011394", "E05011409", "B86002"
MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=clock.LOCAL)
CLUBS = 45


def service_id(number: int) -> str:
    return str(UUID(int=number, version=4))


def _one(number: int, name: str, **facts: Any) -> Service:
    described: dict[str, Any] = {"id": service_id(number), "name": name, "needs": ("food-aid",)}
    return a_service(**(described | facts))


KITCHEN = _one(
    1,
    "Made-up Kitchen",
    description="Soup and a warm room.",
    lat=53.8105,
    lon=-1.5203,
    address="1 Made-up Street",
    postcode="LS9 6AU",
    channels=("in-person", "phone"),
    access=("step-free", "BSL"),
    cost="free",
    schedules=tuple(Schedule(day, "09:00", "12:00") for day in DAYS[:5]),
    verified_on=date(2026, 11, 14),
    verified_by="Curator Example",
    review_by=date(2027, 5, 1),
)
PANTRY = _one(
    2,
    "Made-up Pantry",
    description="Soup to take home.",
    lat=53.8301,
    lon=-1.6102,
    channels=("in-person",),
    languages=("ro",),
    schedules=(Schedule("saturday", "14:00", "18:00"),),
    phone=(),
    url="https://www.pantry.example/a/long/way/down/to-the-page.aspx",
)
YOUTH = _one(
    3,
    "Made-up Youth Supper",
    description="Soup on Fridays.",
    maximum_age=24,
    public_funds="unknown",
    opening_hours="",
)
BAILIFFS = _one(
    4,
    "Made-up Bailiffs Helpline",
    description="Advice when bailiffs knock.",
    needs=("debt-advice",),
    channels=("phone", "online"),
    national=True,
)
LONDON = _one(
    5,
    "Made-up Soup Office",
    lat=51.5,
    lon=-0.12,
    channels=("in-person",),
    service_area=("E92000001",),
)
HOSTILE = _one(6, "<script>alert(1)</script>", description="<b>Bold</b> soup & 'quotes'")
MADE_UP = (
    *(KITCHEN, PANTRY, YOUTH, BAILIFFS, LONDON, HOSTILE),
    *(
        _one(
            100 + number,
            f"Made-up Club {number:02}",
            description="Company and a walk.",
            needs=("befriending",),
            channels=("in-person",),
            lat=53.75 + 0.004 * (number % 9),
            lon=-1.62 + 0.006 * (number % 7),
        )
        for number in range(CLUBS)
    ),
)


@pytest.fixture(scope="session")
def made_up_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application of its own, whose directory is made up."""
    data = tmp_path_factory.mktemp("made-up")
    made = application(data, MADE_UP)
    running: Running = made.extensions["template_service"]
    yield made
    running.close()


def application(data: Path, services: tuple[Service, ...]) -> Flask:
    """The whole application over a folder, with staff of every role and these services."""
    made = create_app(
        Settings(data=data, demo=True, cookie_secure=False, sign_ins_per_minute=10_000)
    )
    running: Running = made.extensions["template_service"]
    fill(running)
    publish(services, data / "directory")
    return made


@pytest.fixture(scope="session")
def reader(made_up_app: Flask) -> Staff:
    """A nurse, signed in that Monday morning."""
    with clock.stopped_at(MONDAY_MORNING):
        return signed_in(made_up_app, "nurse")


def signed_in(app: Flask, username: str) -> Staff:
    somebody = Staff(app.test_client(), STAFF[username][2])
    assert somebody.sign_in(username, PASSWORD).status_code == 303
    return somebody


@pytest.fixture
def monday() -> Iterator[None]:
    """It is Monday, ten in the morning."""
    with clock.stopped_at(MONDAY_MORNING):
        yield
