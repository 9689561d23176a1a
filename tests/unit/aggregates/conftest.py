"""A folder of aggregates with months of made-up people in Leeds, closed as they really are."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from directory.geography import Geography
from directory.starter import build_geography
from template_service.aggregates import release_making
from template_service.aggregates.areas import Areas
from template_service.aggregates.audit import AuditResult
from template_service.aggregates.facts import import_facts
from template_service.aggregates.figures import Sources
from template_service.aggregates.folder import CUBES, closed_months
from template_service.aggregates.months import close_month
from template_service.aggregates.release_making import Maker, audit_months
from template_service.aggregates.reporting_period import Period
from tests.facts import write_facts
from tests.once import made_once

MONTHS = ("2026-08", "2026-09", "2026-10")
TODAY = date(2026, 11, 22)

AuditMonths = Callable[[Path, Sequence[str]], AuditResult]


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

    def close(folder: Path) -> None:
        for seed, month in enumerate(MONTHS, start=1):
            source = folder / f"{month}.parquet"
            write_facts(source, people=400, month=month, seed=seed, asked_all=False)
            import_facts(folder, source, today=TODAY, closed=closed_months(folder))
            close_month(folder, month)
            source.unlink()

    return made_once(tmp_path_factory, "closed-months", close)


@pytest.fixture(scope="session")
def remembered_audits(tmp_path_factory: pytest.TempPathFactory) -> AuditMonths:
    """The real audit, which asks the same of the same cubes, and so is asked once in a run."""

    def audited(folder: Path, months: Sequence[str]) -> AuditResult:
        digest = hashlib.sha256()
        for month in months:
            digest.update((folder / CUBES / f"{month}.parquet").read_bytes())

        def audit(place: Path) -> None:
            (place / "found.json").write_text(json.dumps(asdict(audit_months(folder, months))))

        place = made_once(tmp_path_factory, f"audit-{digest.hexdigest()}", audit)
        return AuditResult(**json.loads((place / "found.json").read_text()))

    return audited


@pytest.fixture
def _audited_once(monkeypatch: pytest.MonkeyPatch, remembered_audits: AuditMonths) -> None:
    """Releases of cubes that were audited before in this run take what was found then."""
    monkeypatch.setattr(release_making, "audit_months", remembered_audits)


@pytest.fixture(scope="session")
def first_release(
    three_months: Path,
    leeds: Areas,
    remembered_audits: AuditMonths,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder whose first two months are released, audited as they really are."""

    def release(folder: Path) -> None:
        (folder / "cubes").mkdir()
        for month in MONTHS[:2]:
            shutil.copy(three_months / "cubes" / f"{month}.parquet", folder / "cubes")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(release_making, "audit_months", remembered_audits)
            Maker(folder, leeds).make(write_documents=_one_page)

    return made_once(tmp_path_factory, "first-release", release)


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
