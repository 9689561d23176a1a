"""A fresh working copy for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.working_copy.store import WorkingCopy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "directory" / "working.sqlite"


@pytest.fixture
def working(path: Path) -> Iterator[WorkingCopy]:
    with WorkingCopy.open(path) as opened:
        yield opened
