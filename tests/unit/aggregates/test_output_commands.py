"""The commands by which figures leave: release, audit, report, pack, and facts from the records."""

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from template_service.aggregates.releases import releases
from template_service.cli import main
from tests.unit.aggregates.conftest import MONTHS

Run = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("_audited_once")


@pytest.fixture
def data(tmp_path: Path, first_release: Path) -> Path:
    """A data folder with a release of two months."""
    shutil.copytree(first_release, tmp_path / "data" / "aggregates")
    return tmp_path / "data"


@pytest.fixture
def a_third_month(data: Path, three_months: Path) -> None:
    """A month that is closed and not released."""
    shutil.copy(three_months / "cubes" / f"{MONTHS[2]}.parquet", data / "aggregates" / "cubes")


@pytest.fixture
def run(data: Path) -> Run:
    """A command of aggregates on that folder."""

    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["aggregates", *map(str, arguments), "--data", str(data)])

    return invoke


@pytest.mark.usefixtures("a_third_month")
def test_a_release_tells_where_it_is_and_that_no_attack_succeeded(run: Run) -> None:
    told = json.loads(run("release", "--figures-only", "--json").stdout)
    assert set(told) == {"id", "path", "audit"}
    assert (Path(told["path"]) / "figures.csv").is_file()
    assert (told["audit"]["exact"], told["audit"]["narrow"]) == (0, 0)
    again = run("audit", told["id"], "--json")
    assert again.exit_code == 0
    audit = json.loads(again.stdout)
    assert audit["audit"]["exact"] == 0
    assert {"parts", "seconds"} <= set(audit["audit"])


def test_an_attack_on_a_release_that_succeeds_ends_with_one(run: Run, data: Path) -> None:
    (release,) = releases(data / "aggregates")
    path = data / "aggregates" / "cubes" / f"{MONTHS[0]}.parquet"
    cube = pq.read_table(path)
    more = pc.cast(pc.add(cube["need"], 1), pa.int32())
    pq.write_table(cube.set_column(cube.column_names.index("need"), "need", more), path)
    result = run("audit", release.id)
    assert result.exit_code == 1
    assert "withdraw" in result.stdout
    refused = run("release", "--figures-only")
    assert refused.exit_code == 1
    assert "nothing was released" in refused.stderr


def test_a_report_and_a_pack_of_a_network(run: Run, tmp_path: Path) -> None:
    made = run(
        "report", "--pcn", "U16878", "--period", MONTHS[0], "--out", tmp_path / "r", "--json"
    )
    assert made.exit_code == 0, made.stderr
    names = {Path(path).name for path in json.loads(made.stdout)["files"]}
    assert {"infographic.pdf", "infographic.png", "figures.csv", "figures.xlsx"} <= names
    with (tmp_path / "r" / "figures.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["geography_code"] for row in rows} == {"U16878", "E08000035"}
    assert {"core20", "rest"}.isdisjoint(row["category"] for row in rows)
    assert run("pack", "--pcn", "U16878", "--out", tmp_path / "p.zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "p.zip") as pack:
        assert pack.testzip() is None
        assert any(name.endswith(".pdf") for name in pack.namelist())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--pcn", "U99999"], "no such pcn"),
        (["--pcn", "U16878", "--period", "2026-11"], "2026-11"),
        (["--pcn", "U16878", "--period", "September"], "A period is"),
    ],
)
def test_a_report_of_nothing_there_is_says_so_and_writes_nothing(
    run: Run, tmp_path: Path, arguments: list[str], told: str
) -> None:
    refused = run("report", *arguments, "--out", tmp_path / "r")
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert not (tmp_path / "r").exists()


def test_without_a_release_there_is_no_report(run: Run, data: Path, tmp_path: Path) -> None:
    shutil.rmtree(data / "aggregates" / "releases")
    refused = run("report", "--pcn", "U16878", "--out", tmp_path / "r")
    assert (refused.exit_code, "There is no release yet" in refused.stderr) == (1, True)


def test_facts_leave_the_records_as_a_file_of_their_own(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "facts.csv"
    told = json.loads(run("export-facts", "2026-05", "--out", out, "--seal", "--json").stdout)
    assert told == {
        "month": "2026-05",
        "sealed": True,
        "people": 0,
        "facts": 0,
        "without_area": 0,
        "opted_out": 0,
    }
    assert out.stat().st_mode & 0o077 == 0
    look = run("export-facts", "2026-06", "--out", tmp_path / "look.csv")
    assert "A look only" in look.stdout
