"""`template-service directory review take-out|put-back`, and the import that puts back."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from directory.open_referral import tabular_writing
from directory.open_referral.records import Record
from template_service.cli import main
from tests.unit.directory.working_copy.curation import S1
from tests.unit.directory.working_copy.sources import SOURCE, source


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two services of a feed beside the starter directory."""
    records = [it for it in source() if isinstance(it, Record)]
    tabular_writing.write(records, tmp_path / SOURCE)
    found = tmp_path / "data"
    assert run(found, "import", str(tmp_path / SOURCE)).exit_code == 0
    return found


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["directory", *words, "--data", str(data)])


def answered(data: Path, *words: str) -> Any:
    done = run(data, *words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_told_first_then_taken_out_and_put_back(data: Path) -> None:
    before = answered(data, "publish")["services"]
    run(data, "review", "edit", S1, "--set", "name=Ours", "--reason", "they rang")
    out = ("review", "take-out", "--source", SOURCE)
    counts = {"services": 2, "published": 2, "curated": 1}
    assert answered(data, *out) == {"source": SOURCE, "taken_out": False, **counts}
    told = "2 services (2 published before, 1 edited, dated or rung by a curator)"
    assert run(data, *out).stdout == f"{told} would be taken out: say why (--reason)\n"
    assert answered(data, "publish")["services"] == before
    assert run(data, *out, "--reason", "another county").stdout == f"{told} taken out\n"
    assert answered(data, "publish")["services"] == before - 2
    again = run(data, *out, "--reason", "another county")
    assert (again.exit_code, f"no service of {SOURCE} is in" in again.stderr) == (1, True)
    back = ("review", "put-back", "--source", SOURCE)
    assert answered(data, *back) == {"source": SOURCE, **counts}
    assert answered(data, "publish")["services"] == before
    assert run(data, *back).exit_code == 1


def test_an_import_of_the_same_file_puts_back_and_says_so(data: Path) -> None:
    run(data, "review", "take-out", "--source", SOURCE, "--reason", "another county")
    done = run(data, "import", str(data.parent / SOURCE))
    assert "services: 2 read, 0 new, 0 changed, 2 unchanged" in done.stdout
    assert f"{SOURCE} had been taken out: what it holds is in again" in done.stderr
    assert answered(data, "review", "take-out", "--source", SOURCE)["services"] == 2


def test_versions_are_compared_source_by_source(data: Path) -> None:
    answered(data, "publish")
    run(data, "review", "take-out", "--source", SOURCE, "--reason", "another county")
    run(data, "import", str(data.parent / SOURCE), "--source-name", "another")
    answered(data, "publish")
    told = run(data, "compare", "1", "2").stdout.splitlines()
    assert [(line[0], line.rpartition(" of ")[2]) for line in told] == [
        *[("+", "another")] * 2,
        *[("-", SOURCE)] * 2,
    ]


def test_pairs_are_told_with_their_sources(data: Path) -> None:
    run(data, "import", str(data.parent / SOURCE), "--source-name", "another")
    found = answered(data, "duplicates")
    assert {each["source"] for pair in found for each in pair["services"]} == {SOURCE, "another"}
    assert f") of {SOURCE}" in run(data, "duplicates").stdout
