"""Fixtures of the indicator tests: a folder of aggregates, files to import, the day it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from template_service.clock import TODAY_VARIABLE
from tests.unit.aggregates.indicators.lines import Row, csv_of


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY_VARIABLE, "2026-10-15")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of aggregates, not made yet."""
    return tmp_path / "aggregates"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as a tidy CSV and gives its path."""

    def written(*rows: Row, name: str = "figures.csv") -> Path:
        path = tmp_path / name
        path.write_text(csv_of(rows), encoding="utf-8")
        return path

    return written
