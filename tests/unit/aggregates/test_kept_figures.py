"""One set of figures per process: opened once, anew after a release, never at start-up."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from template_service.aggregates.areas import Areas
from template_service.aggregates.kept_figures import (
    KeptFigures,
    ReportingNotInstalled,
    reporting,
)
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.errors import NotFound
from tests.unit.aggregates.closed_city import AREAS, random_rows, write_cube
from tests.unit.aggregates.measures.made_up import write_release

NO_LIBRARIES = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pyarrow", "numpy", "scipy", "ibis", "duckdb", "pandas"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from pathlib import Path
from template_service.aggregates.kept_figures import KeptFigures, ReportingNotInstalled
from template_service.service import Service
try:
    KeptFigures(Path(sys.argv[1]), lambda: None).current()
except ReportingNotInstalled as refusal:
    print(refusal.status, refusal.message)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two closed months, of which nothing is released."""
    for seed, month in enumerate(("2026-08", "2026-09")):
        write_cube(tmp_path, month, random_rows(month, seed))
    return tmp_path


@pytest.fixture
def asked_areas() -> list[Areas]:
    """The areas each time they were asked for."""
    return []


@pytest.fixture
def kept(folder: Path, asked_areas: list[Areas]) -> KeptFigures:
    def areas() -> Areas:
        asked_areas.append(AREAS)
        return AREAS

    return KeptFigures(folder, areas)


def test_before_a_release_there_are_no_figures(kept: KeptFigures) -> None:
    with pytest.raises(NotFound, match="no release yet"):
        kept.current()


def test_nothing_is_opened_before_it_is_asked_for_and_then_once(
    kept: KeptFigures, folder: Path, asked_areas: list[Areas]
) -> None:
    write_release(folder, ["2026-08"], ["2026-08"])
    assert asked_areas == []
    assert kept.current() is kept.current()
    assert asked_areas == [AREAS]
    assert kept.current().months == ("2026-08",)


def test_a_release_is_seen_as_soon_as_it_is_there(kept: KeptFigures, folder: Path) -> None:
    write_release(folder, ["2026-08"], ["2026-08"])
    before = kept.current()
    write_release(folder, ["2026-08", "2026-09"], ["2026-09"], number=2)
    assert kept.current().months == ("2026-08", "2026-09")
    assert before.months == ("2026-08",)


def test_a_release_taken_away_is_not_shown_any_more(kept: KeptFigures, folder: Path) -> None:
    write_release(folder, ["2026-08"], ["2026-08"])
    kept.current()
    (folder / "releases").rename(folder / "elsewhere")
    for _ in range(2):
        with pytest.raises(NotFound):
            kept.current()


def test_threads_that_ask_at_once_share_one(
    kept: KeptFigures, folder: Path, asked_areas: list[Areas]
) -> None:
    write_release(folder, ["2026-08"], ["2026-08"])
    found: list[ReleasedFigures] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(kept.current())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == len(asked_areas) == 1


def test_without_the_libraries_the_service_stands_and_figures_say_what_is_missing(
    tmp_path: Path, root: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", NO_LIBRARIES, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    assert told.stdout == "501 Reporting is not installed on this server\n"


def _raise(problem: Exception) -> Callable[[], None]:
    def raising() -> None:
        raise problem

    return raising


def test_a_module_of_our_own_that_is_missing_is_not_called_an_extra() -> None:
    ours = _raise(ModuleNotFoundError(name="template_service.aggregates.nothing"))
    with pytest.raises(ModuleNotFoundError), reporting():
        ours()
    theirs = _raise(ModuleNotFoundError(name="pyarrow.parquet"))
    with pytest.raises(ReportingNotInstalled), reporting():
        theirs()
