"""A folder of aggregates with months of made-up people in Leeds, closed as they really are."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from directory.geography import Geography
from directory.starter import build_geography
from template_service.aggregates.areas import Areas
from template_service.aggregates.facts import import_facts
from template_service.aggregates.figures import Sources
from template_service.aggregates.folder import closed_months
from template_service.aggregates.months import close_month
from template_service.aggregates.release_making import Maker
from template_service.aggregates.reporting_period import Period
from tests.facts import write_facts

MONTHS = ("2026-08", "2026-09", "2026-10")
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def geography(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Geography]:
    """The starter geography."""
    path = tmp_path_factory.mktemp("geography") / "geography.sqlite"
    build_geography(path)
    opened = Geography.open(path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def leeds(geography: Geography) -> Areas:
    """The areas of the starter geography."""
    return Areas.of(geography)


@pytest.fixture(scope="session")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three closed months of 400 people each; tests work on a copy."""
    folder = tmp_path_factory.mktemp("closed")
    for seed, month in enumerate(MONTHS, start=1):
        source = folder / f"{month}.parquet"
        write_facts(source, people=400, month=month, seed=seed, asked_all=False)
        import_facts(folder, source, today=TODAY, closed=closed_months(folder))
        close_month(folder, month)
        source.unlink()
    return folder


@pytest.fixture(scope="session")
def first_release(
    three_months: Path, leeds: Areas, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder whose first two months are released, audited as they really are."""
    folder = tmp_path_factory.mktemp("released")
    (folder / "cubes").mkdir()
    for month in MONTHS[:2]:
        shutil.copy(three_months / "cubes" / f"{month}.parquet", folder / "cubes")
    Maker(folder, leeds).make(write_documents=_one_page)
    return folder


def _one_page(_sources: Sources, period: Period, place: Path) -> None:
    (place / "page.txt").write_text(str(period))


@pytest.fixture
def released(first_release: Path, tmp_path: Path) -> Path:
    """A folder of its own with that release."""
    return Path(shutil.copytree(first_release, tmp_path / "aggregates"))


@pytest.fixture
def with_months(three_months: Path, tmp_path: Path) -> Callable[..., Path]:
    """A folder of its own with some of the closed months."""

    def made(*months: str) -> Path:
        folder = tmp_path / "aggregates"
        (folder / "cubes").mkdir(parents=True, exist_ok=True)
        for month in months:
            shutil.copy(three_months / "cubes" / f"{month}.parquet", folder / "cubes")
        return folder

    return made
