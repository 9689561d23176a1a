"""A new geography takes the place of an older one at once, whole or not at all."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from directory.geography import Geography
from directory.geography_import.importing import OfficialFiles, import_geography
from directory.geography_import.tables import fill, new_geography
from directory.starter import build_geography
from tests.unit.directory.geography_import.conftest import AREAS, Import, live
from tests.unit.directory.geography_import.official import (
    ONSPD,
    imd_file_1,
    names_file,
    postcode_file,
    zipped,
)

KILLED: Final = """
import os, signal, sys
from pathlib import Path
from directory.geography_import.importing import OfficialFiles, import_geography
import_geography(
    Path(sys.argv[1]),
    OfficialFiles(Path(sys.argv[2]), Path(sys.argv[3])),
    lambda done, total: os.kill(os.getpid(), signal.SIGKILL),
)
"""


@pytest.fixture
def files(tmp_path: Path) -> OfficialFiles:
    (tmp_path / "postcodes.csv").write_text(postcode_file(ONSPD, [live("LS9 6AU")]), newline="")
    (tmp_path / "imd.csv").write_text(imd_file_1(2011, AREAS), newline="")
    return OfficialFiles(tmp_path / "postcodes.csv", tmp_path / "imd.csv")


def test_a_service_that_runs_keeps_its_tables_in_every_thread(
    path: Path, opened: Callable[[], Geography], files: OfficialFiles
) -> None:
    build_geography(path)
    before = opened()
    import_geography(path, files)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(before.place, "LS9 6AU").result().ward_name
        assert pool.submit(before.nearest_postcodes, before.place("LS9 6AU"), 9).result()[8:]
    assert opened()._rows("SELECT count(*) FROM postcode") == [(1,)]


def test_an_import_that_is_killed_leaves_the_older_tables_and_the_next_clears_up(
    path: Path, files: OfficialFiles, root: Path
) -> None:
    build_geography(path)
    before = path.read_bytes()
    command = [sys.executable, "-c", KILLED, str(path), str(files.postcodes), str(files.imd)]
    ended = subprocess.run(command, check=False, cwd=root, env={**os.environ, "PYTHONPATH": "."})
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2
    import_geography(path, files)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_an_import_that_fails_leaves_nothing(path: Path, files: OfficialFiles) -> None:
    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    build_geography(path)
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        import_geography(path, files, fail)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_an_import_under_way_is_not_cleared_up_by_another(path: Path) -> None:
    with new_geography(path) as connection:
        build_geography(path)
        fill(connection, "meta", [("format", "2")])
    with sqlite3.connect(path) as made:
        assert made.execute("SELECT * FROM meta").fetchall() == [("format", "2")]
    made.close()


def test_a_code_that_is_in_no_table_is_found_before_the_tables_are_used(path: Path) -> None:
    with (
        pytest.raises(sqlite3.IntegrityError, match="1 rows have a code"),
        new_geography(path) as c,
    ):
        fill(c, "postcode", [("LS9 6AU", None, None, "E05011388", None, None, None, None)])
    assert list(path.parent.iterdir()) == []


def test_the_same_files_give_the_same_tables(path: Path, files: OfficialFiles) -> None:
    import_geography(path, files)
    before = path.read_bytes()
    import_geography(path, files)
    assert path.read_bytes() == before


def test_an_area_belongs_to_the_ward_of_most_of_its_postcodes_in_use(take: Import) -> None:
    _, geography = take(
        [
            live("LS9 6AA", ward="E05011384"),
            live("LS9 6AB", ward="E05011388"),
            live("LS9 6AD", ward="E05011388"),
            live("LS9 6AE", ward="E05011384", doterm="201006"),
            live("LS9 6AF", ward="E05011384", doterm="201006"),
            live("LS9 6AG", ward="E05011388", lsoa11="E01011264"),
            live("LS9 6AH", ward="E05011384", lsoa11="E01011264"),
        ]
    )
    assert geography.small_areas() == {
        "E01011344": (1, "E05011388"),
        "E01011264": (5, "E05011384"),
    }


def test_progress_tells_the_bytes_of_the_postcodes(path: Path, files: OfficialFiles) -> None:
    told: list[tuple[int, int]] = []
    import_geography(path, files, lambda done, total: told.append((done, total)))
    size = files.postcodes.stat().st_size
    assert sum(done for done, _ in told) == size
    assert {total for _, total in told} == {size}


def test_names_come_from_the_documents_of_a_zip_or_of_the_folder_it_was_unpacked_to(
    path: Path, opened: Callable[[], Geography], files: OfficialFiles, tmp_path: Path
) -> None:
    members: dict[str, str | bytes] = {
        "Data/NSPL_TEST_UK.csv": files.postcodes.read_bytes(),
        "Documents/WD Ward names and codes UK as at 05_25.csv": names_file(
            "WD25CD", "WD25NM", {"E05011388": "Burmantofts &  Richmond Hill"}
        ),
        "Documents/CAS ward names and codes UK as at 01_03.csv": names_file(
            "WD03CD", "WD03NM", {"E05011388": "an older ward"}
        ),
        # Windows-1252, as some editions are.
        "Documents/LA_UA names and codes UK as at 04_23.csv": (
            "LAD23CD,LAD23NM\nW06000001,Ynys M\xf4n\nE08000035,Leeds\n".encode("cp1252")
        ),
    }
    archive = zipped(tmp_path / "NSPL.zip", members)
    folder = tmp_path / "unpacked"
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    for source in (archive, folder):
        report = import_geography(path, files._replace(postcodes=source))
        assert report.name == "NSPL_TEST_UK"
        assert (report.areas.wards, report.areas.wards_without_name) == (1, 0)
        assert opened().place("LS9 6AU").ward_name == "Burmantofts & Richmond Hill"


def test_wards_without_a_name_are_counted_and_stay_without(take: Import) -> None:
    report, geography = take([live("LS9 6AU")])
    assert report.areas.wards_without_name == 1
    assert geography.place("LS9 6AU").ward_name is None
    assert geography.area_names() == {"E08000035": "Leeds"}
