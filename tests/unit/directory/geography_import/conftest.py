"""An import of a few real places of Leeds, and what it needs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest

from directory.geography import Geography
from directory.geography_import.importing import GeographyReport, OfficialFiles, import_geography
from tests.unit.directory.geography_import.official import (
    ONSPD,
    Ranked,
    imd_file_1,
    postcode_file,
    postcode_row,
)

LEEDS: Final = ("E08000035", "Leeds")
# Facts of the starter data: IMD 2019 of two areas, which have kept their codes.
AREAS: Final[tuple[Ranked, ...]] = (
    ("E01011264", "Leeds 011A", *LEEDS, 13_915, 5),
    ("E01011344", "Leeds 065A", *LEEDS, 408, 1),
)
BURMANTOFTS: Final = {
    "lad": "E08000035",
    "ward": "E05011388",
    "lsoa11": "E01011344",
    "lsoa21": "E01011344",
    "lat": "53.808920",
    "long": "-1.506520",
}

Import = Callable[..., tuple[GeographyReport, Geography]]


def live(postcode: str, **cells: str) -> dict[str, str]:
    """A postcode in use in Burmantofts."""
    return postcode_row(postcode, **{**BURMANTOFTS, **cells})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the tables are made, in a folder of their own."""
    return tmp_path / "data" / "geography.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Geography]]:
    """Opens the tables, and closes them when the test is over."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Geography.open(path)))


@pytest.fixture
def take(path: Path, tmp_path: Path, opened: Callable[[], Geography]) -> Import:
    """Imports rows of postcodes, in a layout, with the index of 2019 unless another is given."""

    def run(
        rows: Iterable[Mapping[str, str]], layout: str = ONSPD, imd: str = imd_file_1(2011, AREAS)
    ) -> tuple[GeographyReport, Geography]:
        (tmp_path / "ONSPD_TEST_UK.csv").write_text(postcode_file(layout, rows), newline="")
        (tmp_path / "imd.csv").write_text(imd, newline="")
        files = OfficialFiles(tmp_path / "ONSPD_TEST_UK.csv", tmp_path / "imd.csv")
        return import_geography(path, files), opened()

    return run
