"""A fresh working copy for each test, and one that is emptied for each example of a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from directory.open_referral.lens_reading import Context
from directory.working_copy import services
from directory.working_copy.store import WorkingCopy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "directory" / "working.sqlite"


@pytest.fixture
def working(path: Path) -> Iterator[WorkingCopy]:
    with WorkingCopy.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], WorkingCopy]]:
    """Gives a working copy with nothing in it: to make its file takes longer than most examples."""
    with WorkingCopy.open(tmp_path_factory.mktemp("any") / "working.sqlite") as opened:
        # Nobody pulls the plug on an example.
        opened.database.execute("PRAGMA synchronous = OFF")

        def empty() -> WorkingCopy:
            with opened.writing() as database:
                for name in database.table_names():
                    database.execute(f'DELETE FROM "{name}"')  # noqa: S608 -- its own tables
            opened.context = Context()
            # The audit begins again at the same moment, which no two files do.
            services._SHELF.kept = None
            return opened

        yield empty
