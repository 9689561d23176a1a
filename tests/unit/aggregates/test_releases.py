"""Releases: whole or not at all, never changed, never made where an attack succeeds."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from template_service.aggregates.areas import Areas
from template_service.aggregates.durable import held_alone
from template_service.aggregates.figures import COLUMNS
from template_service.aggregates.release_making import AuditFailed, Maker
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.releases import release_of, releases
from template_service.aggregates.report.documents import write_report
from template_service.aggregates.reporting_period import Period
from template_service.errors import NotFound, Unavailable
from tests.unit.aggregates.closed_city import write_cube
from tests.unit.aggregates.conftest import MONTHS, AuditMonths

WithMonths = Callable[..., Path]

# The months of the first release: what was found in them need not be found out again.
AUDITED = MONTHS[:2]

pytestmark = pytest.mark.usefixtures("_audited_once")


def test_a_release_says_what_it_holds_and_every_file_is_what_it_says(released: Path) -> None:
    (made,) = releases(released)
    document = made.document
    assert document["months"] == ["2026-08", "2026-09"]
    assert document["periods"] == ["2026-08", "2026-09", "2026-08/2026-09"]
    assert (made.path / "page.txt").read_text() == "2026-08/2026-09"
    assert document["audit"]["exact"] == 0
    assert document["audit"]["passed"]
    assert document["rounding_base"] == 5
    assert set(document["files"]) == {"figures.csv", "figures.parquet", "page.txt"}
    for name, about in document["files"].items():
        content = (made.path / name).read_bytes()
        assert about == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert release_of(released, made.id) == made


def test_the_two_tables_are_one(released: Path) -> None:
    (made,) = releases(released)
    table = pq.read_table(made.path / "figures.parquet")
    assert tuple(table.column_names) == COLUMNS
    options = pa.csv.ConvertOptions(
        column_types=table.schema, strings_can_be_null=False, null_values=[""]
    )
    assert pa.csv.read_csv(made.path / "figures.csv", convert_options=options).equals(table)
    types = set(table["geography_type"].to_pylist())
    assert types == {"city", "pcn", "practice", "ward", "msoa"}
    counts = table["numerator"].drop_null()
    assert pc.min(counts).as_py() >= 8
    assert not [count for count in counts.to_pylist() if count % 5]


def test_nothing_new_is_the_same_release(released: Path, leeds: Areas) -> None:
    assert (Maker(released, leeds).make(),) == releases(released)


def test_the_next_release_has_what_is_new_and_leaves_the_first_alone(
    released: Path, with_months: WithMonths, leeds: Areas
) -> None:
    (first,) = releases(released)
    before = (first.path / "release.json").read_bytes()
    assert with_months("2026-10") == released
    second = Maker(released, leeds).make()
    assert second.document["periods"] == ["2026-10", "2026-08/2026-10"]
    assert second.document["number"] == first.document["number"] + 1
    assert (first.path / "release.json").read_bytes() == before
    assert [release.id for release in releases(released)] == [second.id, first.id]


def test_a_month_that_gives_somebody_away_is_not_released(
    with_months: WithMonths, leeds: Areas
) -> None:
    folder = with_months(*AUDITED)
    path = folder / "cubes" / f"{AUDITED[0]}.parquet"
    cube = pq.read_table(path)
    open_counts = pc.add(cube["need"], 1)
    place = cube.column_names.index("need")
    pq.write_table(cube.set_column(place, "need", pc.cast(open_counts, pa.int32())), path)
    with pytest.raises(AuditFailed):
        Maker(folder, leeds).make()
    assert releases(folder) == ()


def test_what_fails_half_way_is_never_seen(with_months: WithMonths, leeds: Areas) -> None:
    folder = with_months(*AUDITED)

    def full(*_: object) -> None:
        raise Unavailable("no space left")

    with pytest.raises(Unavailable):
        Maker(folder, leeds).make(write_documents=full)
    assert [path.name for path in (folder / "releases").iterdir()] == [".lock"]


KILLED = """
import json, os, sys
from pathlib import Path
from directory.geography import Geography
from directory.starter import build_geography
from template_service.aggregates import release_making
from template_service.aggregates.areas import Areas
from template_service.aggregates.audit import AuditResult
folder, found = Path(sys.argv[1]), AuditResult(**json.loads(sys.argv[2]))
release_making.audit_months = lambda *_: found
build_geography(folder / "geography.sqlite")
areas = Areas.of(Geography.open(folder / "geography.sqlite"))
release_making.Maker(folder, areas).make(write_documents=lambda *_: os.kill(os.getpid(), 9))
"""


def test_a_kill_leaves_nothing_to_see_and_the_next_one_clears_it_away(
    with_months: WithMonths, leeds: Areas, remembered_audits: AuditMonths
) -> None:
    folder = with_months(*AUDITED)
    found = json.dumps(asdict(remembered_audits(folder, AUDITED)))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), found], check=False)
    assert killed.returncode == -9
    assert releases(folder) == ()
    made = Maker(folder, leeds).make()
    names = sorted(path.name for path in (folder / "releases").iterdir())
    assert names == [".lock", made.id]


def test_two_at_once_are_refused(with_months: WithMonths, leeds: Areas) -> None:
    folder = with_months(*AUDITED)
    with held_alone(folder / "releases"), pytest.raises(Unavailable, match="another command"):
        Maker(folder, leeds).make()


def test_without_a_closed_month_there_is_nothing_to_release(tmp_path: Path, leeds: Areas) -> None:
    with pytest.raises(NotFound, match="close one first"):
        Maker(tmp_path, leeds).make()
    with pytest.raises(NotFound):
        ReleasedFigures.open(tmp_path, leeds)


def test_a_damaged_release_is_named(released: Path) -> None:
    (made,) = releases(released)
    (made.path / "release.json").write_text("{")
    with pytest.raises(Unavailable, match=made.id):
        releases(released)


def test_a_release_nobody_made_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        release_of(tmp_path, "../../etc")


def test_any_run_of_released_months_can_be_asked_for_and_no_other(
    released: Path, with_months: WithMonths, leeds: Areas
) -> None:
    with_months("2026-10")
    figures = ReleasedFigures.open(released, leeds)
    assert figures.months == ("2026-08", "2026-09")
    assert str(figures.year_to_date) == "2026-08/2026-09"
    with pytest.raises(NotFound, match="2026-10"):
        figures.table(Period.parse("2026-10"), [])


def test_a_month_of_hardly_anybody_is_released_and_shows_nobody(
    tmp_path: Path, leeds: Areas
) -> None:
    write_cube(tmp_path, "2026-08", [])
    made = Maker(tmp_path, leeds).make()
    assert made.document["audit"]["passed"]
    table = pq.read_table(made.path / "figures.parquet")
    assert table["numerator"].null_count == table.num_rows
    files = write_report(
        ReleasedFigures.open(tmp_path, leeds), "U16878", Period.parse("2026-08"), tmp_path / "out"
    )
    assert all(path.stat().st_size for path in files)
