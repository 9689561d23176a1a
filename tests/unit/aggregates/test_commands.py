"""`template-service aggregates`: files in, months closed, every problem named on standard error."""

import csv
import json
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
