"""A service over a made-up published directory, and a caller nobody knows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from directory.geography import Geography
from directory.starter import build_geography
from template_service.app import create_app
from template_service.settings import Settings
from tests.oruk_api import city

Ask = Callable[..., TestResponse]
Contents = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> city.Point:
    """Where the postcode of the tests is."""
    path = tmp_path_factory.mktemp("geography") / "geography.sqlite"
    build_geography(path)
    geography = Geography.open(path)
    place = geography.place(city.POSTCODE)
    geography.close()
    assert place.lat is not None
    assert place.lon is not None
    return place.lat, place.lon


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, here: city.Point) -> Path:
    """A data folder with the made-up directory published."""
    folder = tmp_path_factory.mktemp("data")
    city.publish(folder / "directory", city.records(here))
    return folder


@pytest.fixture(scope="session")
def app(data: Path) -> Iterator[Flask]:
    made = create_app(Settings(data=data, oruk_requests_per_minute=1_000_000))
    yield made
    made.extensions["template_service"].close()


@pytest.fixture(scope="session")
def ask(app: Flask) -> Ask:
    """Gets an address below the prefix."""
    client = app.test_client()

    def get(path: str, query: Any = None, **options: Any) -> TestResponse:
        method = options.pop("method", "GET")
        return client.open(f"/oruk/v3{path}", method=method, query_string=query, **options)

    return get


@pytest.fixture(scope="session")
def contents(ask: Ask) -> Contents:
    """The contents of a list that was answered."""

    def get(path: str, **query: Any) -> list[dict[str, Any]]:
        answer = ask(path, query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = orjson.loads(answer.data)["contents"]
        return found

    return get
