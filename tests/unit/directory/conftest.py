"""Fixtures of the directory tests: the geography of Leeds, a large made-up directory, a feed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from directory.artefact import open_current, publish
from directory.filters import Search
from directory.geography import Geography
from directory.matching import Directory, Results
from directory.model import Service
from directory.starter import build_geography, starter_services
from tests.fakes.oruk_holdings import Holdings, holdings
from tests.fakes.oruk_server import OrukServer, serving
from tests.unit.directory.made_up import NOW, made_up_services


@pytest.fixture(scope="session")
def geography(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Geography]:
    path = tmp_path_factory.mktemp("geography") / "geography.sqlite"
    build_geography(path)
    opened = Geography.open(path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def starter(geography: Geography, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    yield from _published(starter_services(geography), tmp_path_factory.mktemp("starter"))


@pytest.fixture(scope="session")
def services() -> tuple[Service, ...]:
    """Six hundred made-up services, every rule and its absence among them."""
    return made_up_services(600)


@pytest.fixture(scope="session")
def directory(
    services: tuple[Service, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Directory]:
    yield from _published(services, tmp_path_factory.mktemp("made-up"))


@pytest.fixture
def current() -> Iterator[Callable[[Path], Directory]]:
    """Opens what is current in a folder, and closes it when the test is over."""
    with ExitStack() as opened:
        yield lambda folder: opened.enter_context(closing(open_current(folder)))


def _published(services: tuple[Service, ...], folder: Path) -> Iterator[Directory]:
    publish(services, folder)
    opened = open_current(folder)
    yield opened
    opened.close()


@pytest.fixture
def held() -> Holdings:
    """Twelve services: three pages of five."""
    return holdings(12)


@pytest.fixture
def server(held: Holdings) -> Iterator[OrukServer]:
    with serving(held) as running:
        yield running


@pytest.fixture
def published(tmp_path: Path, current: Callable[[Path], Directory]) -> Callable[..., Directory]:
    """Publish these services, numbered, and open them."""

    def publish_and_open(*services: Service) -> Directory:
        numbered = enumerate(services, start=1)
        publish([replace(one, id=str(UUID(int=number))) for number, one in numbered], tmp_path)
        return current(tmp_path)

    return publish_and_open


@pytest.fixture
def look_at_one(published: Callable[..., Directory]) -> Callable[..., Results]:
    """Look for the only service there is."""

    def look(service: Service, **wishes: Any) -> Results:
        return published(service).look(Search(now=NOW, **wishes))

    return look
