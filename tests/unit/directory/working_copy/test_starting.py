"""The services of the package: the first source, and after an upgrade taken in like any other."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from directory.geography import Geography
from directory.model import Service
from directory.starter import build_geography, starter_services
from directory.working_copy import decisions, edits, publishing, rounds
from directory.working_copy.starting import STARTER, open_or_start, renew
from directory.working_copy.store import WorkingCopy
from template_service.cli import main
from tests.unit.directory.working_copy.curation import WHO, services
from tests.unit.directory.working_copy.sources import NOW, TODAY


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Service, ...]:
    path = tmp_path_factory.mktemp("starter") / "geography.sqlite"
    build_geography(path)
    with closing(Geography.open(path)) as geography:
        return starter_services(geography)


@pytest.fixture
def curated(tmp_path: Path, packaged: tuple[Service, ...]) -> Iterator[WorkingCopy]:
    """Begun with the package, rung, edited and published."""
    with open_or_start(tmp_path / "working.sqlite", lambda: packaged, now=NOW) as working:
        first, second = packaged[:2]
        rounds.rang(working, first.id, by=WHO, now=NOW, today=TODAY)
        edits.edit(working, [second.id], {"name": "Ours"}, by=WHO, now=NOW, reason="they rang")
        publishing.publish(working, tmp_path / "directory", now=NOW, today=TODAY, by=WHO)
        yield working


def test_the_same_package_again_changes_nothing_of_what_curators_did(
    curated: WorkingCopy, packaged: tuple[Service, ...]
) -> None:
    before = services(curated)

    report = renew(curated, packaged, now=NOW, by=WHO)

    assert all(table.read == table.unchanged for table in report.tables.values())
    assert (report.proposals, services(curated)) == (0, before)


def test_what_a_newer_package_says_waits_for_a_curator(
    curated: WorkingCopy, packaged: tuple[Service, ...]
) -> None:
    before = services(curated)
    _, edited, gone, changed = packaged[:4]
    newer = {
        edited.id: replace(edited, name="Theirs"),
        changed.id: replace(changed, description="A new number since this year."),
    }
    coming = [newer.get(one.id, one) for one in packaged if one != gone]

    report = renew(curated, coming, now=NOW, by=WHO)
    waiting = decisions.proposals(curated)

    assert services(curated) == before
    assert (report.source, report.tables["services"].withdrawn) == (STARTER, 1)
    assert {(it.service, it.action, it.field) for it in waiting} >= {
        (edited.id, "set", "name"),
        (changed.id, "set", "description"),
        (gone.id, "withdraw", ""),
    }


def test_the_command_takes_the_package_in(tmp_path: Path) -> None:
    run = CliRunner()
    folder = ("--data", str(tmp_path / "data"))
    assert run.invoke(main, ["directory", "review", *folder]).exit_code == 0

    done = run.invoke(main, ["directory", "renew-starter", *folder])

    assert done.exit_code == 0
    assert "87 unchanged, 0 quarantined; 0 withdrawn" in done.stdout
