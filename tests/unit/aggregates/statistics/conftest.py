"""The worked figures beside the checkout, recomputed by others with textbook methods."""

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def worked(shared: Path) -> dict[str, Any]:
    """`proportion`, `rate`, `dsr` and `sii`, lists of figures, and the weights `esp2013`."""
    path = shared / "data" / "statistics" / "worked_figures.json"
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return figures
