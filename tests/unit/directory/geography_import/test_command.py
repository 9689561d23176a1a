"""`template-service geography import`: what it prints, and how it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from template_service.cli import main
from template_service.settings import PREFIX
from tests.unit.directory.geography_import.conftest import AREAS, live
from tests.unit.directory.geography_import.official import ONSPD, imd_file_1, postcode_file
from tests.unit.directory.geography_import.test_practices import practice, text_of

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the import of two postcodes into a data folder of its own; further options as given."""
    monkeypatch.setenv(f"{PREFIX}DATA", str(tmp_path / "data"))
    rows = [live("LS9 6AU"), live("LS9 6AX", doterm="201006"), live("ZZ99 3VZ"), live("LEEDS")]
    (tmp_path / "postcodes.csv").write_text(postcode_file(ONSPD, rows), newline="")
    (tmp_path / "imd.csv").write_text(imd_file_1(2011, AREAS), newline="")
    (tmp_path / "epraccur.csv").write_text(text_of([practice("B86002")]), newline="")

    def invoke(*options: str, imd: str = "imd.csv") -> Result:
        files = ("--postcodes", str(tmp_path / "postcodes.csv"), "--imd", str(tmp_path / imd))
        return CliRunner().invoke(main, ("geography", "import", *files, *options))

    return invoke


def test_the_report_as_json(run: Run, tmp_path: Path) -> None:
    result = run("--json", "--practices", str(tmp_path / "epraccur.csv"))
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    assert report.pop("seconds") >= 0
    assert report == {
        "name": "postcodes",
        "postcodes": {
            "read": 4,
            "live": 1,
            "terminated": 1,
            "pseudo": 1,
            "duplicates": 0,
            "refused": 1,
            "imported": 2,
            "without_lsoa": 0,
            "of_unknown_lsoa": 0,
            "outside_england": 0,
            "without_coordinates": 0,
            "impossible_coordinates": 0,
        },
        "imd": {"edition": "IMD 2019", "year": 2011, "read": 2, "imported": 2, "refused": 0},
        "areas": {
            "wards": 1,
            "wards_without_name": 1,
            "local_authorities": 1,
            "local_authorities_without_name": 0,
        },
        "practices": {
            "read": 1,
            "imported": 1,
            "kept": False,
            "without_place": 0,
            "without_network": 1,
            "networks": 0,
        },
        "refused": 1,
        "refused_rows": [
            {"file": "postcodes.csv", "row": 5, "reason": "not the shape of a UK postcode"}
        ],
    }


def test_the_report_for_people(run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert "postcodes: 4 rows, 2 postcodes imported (1 in use, 1 terminated)" in result.stdout
    assert "1 pseudo-postcodes (ZZ99) left out" in result.stdout
    assert "postcodes.csv, line 5: not the shape of a UK postcode" in result.stderr
    assert "Nobody of no fixed abode can be placed without practices" in result.stderr
    assert "LS9" not in result.output


def test_the_service_then_places_by_the_imported_tables(run: Run) -> None:
    assert run().exit_code == 0
    found = CliRunner().invoke(
        main, ["directory", "match", "--need", "food-aid", "--postcode", "BD1 1AA"]
    )
    assert found.exit_code == 1
    assert "postcode is not in the postcodes table (2 postcodes)" in found.output


def test_what_is_refused_ends_with_1_and_its_reason(run: Run) -> None:
    result = run(imd="postcodes.csv")
    assert result.exit_code == 1
    assert "postcodes.csv: this is postcodes (ONSPD or NSPL), not an IMD file" in result.stderr


def test_wrong_usage_ends_with_2(run: Run, tmp_path: Path) -> None:
    assert run("--networks", str(tmp_path / "epraccur.csv")).exit_code == 2
    assert run(imd="absent.csv").exit_code == 2


def test_a_disk_that_is_full_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("template_service.cli.geography.import_geography", full)
    result = run()
    assert result.exit_code == 1
    assert "the tables cannot be written" in result.stderr
