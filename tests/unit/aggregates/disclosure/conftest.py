"""Figures of the controls are printed (`pytest -s`) and kept in the report of a run."""

import sys
from collections.abc import Callable

import pytest

Record = Callable[[str, object], None]


@pytest.fixture
def record(record_property: Record) -> Record:
    """Print a figure by its name, and keep it."""

    def print_and_keep(name: str, value: object) -> None:
        sys.stdout.write(f"{name}: {value}\n")
        record_property(name, str(value))

    return print_and_keep
