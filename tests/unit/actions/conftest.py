"""A real service, shared by the tests of one module; each test registers its own people."""

from collections.abc import Iterator

import pytest

from template_service.service import Service
from tests.universe import opened


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with opened(tmp_path_factory.mktemp("data")) as one:
        yield one
