"""`template-service aggregates`: files in, months closed, every problem named on standard error."""

import csv
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from template_service.cli import main
from tests.facts import write_facts

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*arguments: str | Path) -> Result:
        words = ["aggregates", *map(str, arguments), "--data", str(tmp_path / "data")]
        return CliRunner().invoke(main, words)

    return call


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.csv"
    write_facts(path, people=60, month="2026-09", seed=2)
    return path


def test_facts_go_in_once_and_the_month_is_closed_once(run: Run, facts: Path) -> None:
    assert "60 people" in run("import-facts", facts).stdout
    assert "nothing changed" in run("import-facts", facts).stdout
    closed = run("close", "2026-09", "--json")
    assert closed.exit_code == 0
    told = json.loads(closed.stdout)
    assert (told["month"], told["people"]) == ("2026-09", 60)
    assert set(told) == {"month", "people", "cells", "seconds"}
    again = run("close", "2026-09")
    assert again.exit_code == 1
    assert "2026-09 is closed" in again.stderr
    refused = run("import-facts", _with(facts, 3, "sex", "female"))
    assert refused.exit_code == 1
    assert "month is closed, or before a month that is" in refused.stderr


def test_every_problem_of_a_refused_file_is_named_with_its_line(run: Run, facts: Path) -> None:
    refused = run("import-facts", _with(facts, 4, "state", "maybe"))
    assert refused.exit_code == 1
    assert "facts.csv:4: state must be one of" in refused.stderr
    assert refused.stderr.rstrip().endswith("nothing of it was taken")
    assert "maybe" not in refused.stderr


def test_codes_that_are_not_known_are_told(run: Run, facts: Path, tmp_path: Path) -> None:
    text = facts.read_text()
    facts.write_text(re.sub("E05[0-9]{6}", "E05999999", text))
    rows = len(re.findall("E05[0-9]{6}", text))
    told = run("import-facts", facts)
    assert f"\nward: {rows} rows have a code that is not known: E05999999\n" in told.stdout
    many = tmp_path / "many.csv"
    write_facts(many, people=60, month="2026-08", seed=3)
    lists = tmp_path / "lists.csv"
    lists.write_text("practice,sex,age_band,lsoa,registered\nB86002,female,35-39,E01011264,12\n")
    run("import-population", lists)
    told = run("import-facts", many, "--json")
    (known,) = json.loads(told.stdout)["not_known"]
    assert set(known) == {"column", "rows", "codes", "named"}
    assert known["column"] == "practice"
    assert known["rows"] > 600
    assert known["codes"] > len(known["named"]) == 5
    write_facts(many, people=60, month="2026-07", seed=4)
    told = run("import-facts", many)
    assert re.search(
        r"\npractice: \d+ rows have codes that are not known: (B\d{5}, ){5}…\n", told.stdout
    )


def test_a_file_taken_by_mistake_is_taken_back_once(run: Run, facts: Path) -> None:
    digest = hashlib.sha256(facts.read_bytes()).hexdigest()
    assert f"--take-back {digest}" in run("import-facts", facts).stdout
    told = run("import-facts", "--take-back", facts)
    assert told.exit_code == 0
    assert told.stdout == "2026-09: 720 rows of 60 people are taken back\n"
    for what in (facts, digest):
        again = run("import-facts", "--take-back", what)
        assert again.exit_code == 0
        assert again.stdout == "Nothing of it is held that could be taken back; nothing changed\n"
    run("import-facts", facts)
    assert run("import-facts", "--take-back", digest).stdout == told.stdout
    run("import-facts", facts)
    told = run("import-facts", "--take-back", digest, "--json")
    assert json.loads(told.stdout) == {
        "digest": digest,
        "months": [{"month": "2026-09", "rows": 720, "people": 60}],
        "closed": [],
    }


def test_what_a_closed_month_counted_stays(run: Run, facts: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    write_facts(more, people=20, month="2026-10", seed=5)
    # The same file holds a month more.
    with facts.open("a") as stream:
        stream.writelines(more.read_text().splitlines(keepends=True)[1:])
    run("import-facts", facts)
    run("close", "2026-09")
    told = run("import-facts", "--take-back", facts)
    assert told.stdout == (
        "2026-10: 240 rows of 20 people are taken back\n"
        "2026-09 is closed: what it counted of the file stays\n"
    )
    refused = run("import-facts", "--take-back", facts)
    assert refused.exit_code == 1
    assert "2026-09 is closed: what it counted of the file stays" in refused.stderr


@pytest.mark.parametrize("options", [(), ("--take-back",)])
def test_a_file_that_is_not_there_is_said(run: Run, tmp_path: Path, options: tuple[str]) -> None:
    refused = run("import-facts", tmp_path / "nowhere.csv", *options)
    assert refused.exit_code == 1
    assert "nowhere.csv: No such file" in refused.stderr


def test_registered_lists_go_in(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    path.write_text("practice,sex,age_band,lsoa,registered\nB86002,female,35-39,E01011264,12\n")
    assert "12 people at 1 practices" in run("import-population", path).stdout
    told = json.loads(run("import-population", path, "--json").stdout)
    assert told["registered"] == 12


def test_a_month_nobody_knows_is_refused(run: Run) -> None:
    assert "YYYY-MM" in run("close", "last month").stderr
    assert "import them first" in run("close", "2026-09").stderr


def _with(path: Path, line: int, column: str, value: str) -> Path:
    """The file with one value of one line changed."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    rows[line - 1][rows[0].index(column)] = value
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
