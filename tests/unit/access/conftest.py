"""The made-up city of the store's tests, with accounts in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from template_service.records.store import Store
from tests.unit.records.practice import City, found_city


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A made-up city: organisations and one person."""
    made = found_city(tmp_path / "records.sqlite")
    yield made
    made.store.close()


@pytest.fixture
def store(city: City) -> Store:
    """The store of the made-up city."""
    return city.store
