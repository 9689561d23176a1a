"""A file that is cut off: what is missing from it was not withdrawn."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from directory.open_referral import json_writing, tabular_writing
from directory.open_referral.reading import read_source
from directory.open_referral.records import Broken, Record
from directory.working_copy import decisions
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.sources import source, take

_SERVICES = 40


def _records() -> list[Record]:
    return [it for it in source(_SERVICES) if isinstance(it, Record)]


def _cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def _json(folder: Path) -> Path:
    json_writing.write({"x": _records()}, folder)
    _cut(folder / "services.json", 0.6)
    return folder


def _table(folder: Path) -> Path:
    tabular_writing.write(_records(), folder)
    path = folder / "services.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    # Within a row, where cells are missing then.
    path.write_bytes(b"".join(lines[:20]) + lines[20].partition(b",")[0])
    return folder


def _quote(folder: Path) -> Path:
    tabular_writing.write(_records(), folder)
    path = folder / "services.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]) + b'"Service twenty\n')
    return folder


def _zip(folder: Path) -> Path:
    tabular_writing.write(_records(), folder)
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as made:
        for file in sorted(folder.iterdir()):
            made.write(file, file.name)
    content = path.read_bytes()
    # The member's checksum is wrong then.
    path.write_bytes(content.replace(b"Service 20", b"Servic\xc3\xa9 2", 1))
    return path


@pytest.mark.parametrize("broken", [_json, _table, _quote, _zip])
def test_what_is_cut_off_is_not_withdrawn(
    working: WorkingCopy, tmp_path: Path, broken: Callable[[Path], Path]
) -> None:
    take(working, source(_SERVICES))
    items = list(read_source(broken(tmp_path / "source")))
    assert [it for it in items if isinstance(it, Broken)]
    report = take(working, items)
    assert not report.complete
    assert report.quarantine
    assert {it.withdrawn for it in report.tables.values()} == {0}
    assert decisions.proposals(working) == ()


_MAPPING = """
about: {title: Made-up places, licence: OGL-UK-3.0}
files:
  - file: places.csv
    records:
      service: {id: "service/{Name}"}
    columns:
      Name: service.name
    ignored: [Phone]
"""


def test_a_mapped_row_that_cannot_be_read_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("Name,Phone\nOne,1\nTwo,0113 496 0000,x\n")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(_MAPPING)
    items = list(read_source(path, mapping=mapping))
    assert [type(it) for it in items if not isinstance(it, Record)] == [Broken]
