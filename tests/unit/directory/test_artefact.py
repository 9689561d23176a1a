"""Publishing: the same in, the same out; a crash leaves the old one; damage is noticed."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory import artefact_building
from directory.artefact import open_current, publish
from directory.artefact_file import DirectoryDamaged
from directory.matching import Directory
from directory.model import InvalidService, Service
from directory.postings import NEED_BITS
from tests.unit.directory.made_up import CROWDED, NOW, a_service, any_services

OLD = a_service(name="Old")
NEW = a_service(name="New")

# What publishing asks of the operating system: each can be its last.
STEPS = 8


def _file(folder: Path) -> Path:
    return folder / (folder / "current").read_text(encoding="utf-8").strip()


def _rewrite(folder: Path, *statements: str) -> None:
    """Alter a published file as somebody with a database editor would."""
    path = _file(folder)
    path.chmod(0o644)
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@settings(max_examples=25, deadline=None)
@given(services=st.lists(any_services(), max_size=4, unique_by=lambda service: service.id))
def test_every_service_comes_back_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, services: list[Service]
) -> None:
    folder = tmp_path_factory.mktemp("published")
    version = publish(services, folder)
    with closing(open_current(folder)) as directory:
        assert directory.version == version
        assert directory.services() == tuple(sorted(services, key=lambda service: service.id))


def test_the_version_is_the_content_and_nothing_else(tmp_path: Path) -> None:
    other = a_service(id=str(UUID(int=2)))
    first = publish([OLD, other], tmp_path / "a", now=NOW)
    again = publish([other, OLD], tmp_path / "b", now=NOW + timedelta(days=1))
    assert first == again
    assert publish([NEW, other], tmp_path / "b") != first


def test_publishing_the_same_again_touches_nothing(tmp_path: Path) -> None:
    publish([OLD], tmp_path, now=NOW)
    before = _file(tmp_path).read_bytes()
    publish([OLD], tmp_path, now=NOW + timedelta(days=1))
    assert _file(tmp_path).read_bytes() == before


def test_older_versions_stay_and_can_be_made_current_again(tmp_path: Path) -> None:
    old = publish([OLD], tmp_path)
    publish([NEW], tmp_path)
    assert len(list(tmp_path.glob("directory-*.sqlite"))) == 2
    assert publish([OLD], tmp_path) == old == open_current(tmp_path).version


def test_a_published_file_is_read_only_and_alone(tmp_path: Path) -> None:
    version = publish([OLD], tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["current", f"directory-{version}.sqlite"]
    assert not _file(tmp_path).stat().st_mode & 0o222


def test_the_file_is_open_to_any_tool(tmp_path: Path) -> None:
    service = a_service(minimum_age=16, lat=53.8, lon=-1.5, needs=CROWDED[:2])
    version = publish([service], tmp_path, now=NOW)
    connection = sqlite3.connect(_file(tmp_path))
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    assert (meta["version"], meta["services"], meta["published_at"]) == (
        version,
        "1",
        "2026-11-23T10:00:00+00:00",
    )
    needs = NEED_BITS[CROWDED[0]] | NEED_BITS[CROWDED[1]]
    rows = connection.execute(
        "SELECT minimum_age, maximum_age, active, lat, lon FROM service_filter WHERE needs = ?",
        (needs,),
    ).fetchall()
    assert rows == [(16, None, 1, 53.8, -1.5)]
    connection.close()


def test_two_services_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidService, match=OLD.id):
        publish([OLD, NEW], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_published_yet(tmp_path: Path) -> None:
    with pytest.raises(DirectoryDamaged, match="no directory has been published"):
        open_current(tmp_path)


@pytest.mark.parametrize("step", range(STEPS))
def test_a_failure_at_any_step_leaves_a_whole_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    old = publish([OLD], tmp_path)
    _break_at(monkeypatch, step)
    with pytest.raises(OSError, match="no space left"):
        publish([NEW], tmp_path)
    monkeypatch.undo()
    directory = open_current(tmp_path)
    # Only the last step, syncing the folder, comes after the new one is in use.
    assert (directory.version == old) == (step < STEPS - 1)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert publish([NEW], tmp_path) == open_current(tmp_path).version


@pytest.mark.parametrize("table", ["service", "service_filter", "service_text"])
def test_what_does_not_read_back_as_written_is_never_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    old = publish([OLD], tmp_path)
    real = artefact_building._contents

    def loses_a_row(*given: Any) -> dict[str, Any]:
        found = dict(real(*given))
        columns, rows = found[table]
        return found | {table: (columns, list(rows)[:-1])}

    monkeypatch.setattr(artefact_building, "_contents", loses_a_row)
    with pytest.raises(DirectoryDamaged):
        publish([NEW, a_service(id=str(UUID(int=2)))], tmp_path)
    assert open_current(tmp_path).version == old


def test_publishing_asks_eight_things_of_the_operating_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish([OLD], tmp_path)
    _break_at(monkeypatch, STEPS)
    publish([NEW], tmp_path)


@pytest.mark.parametrize("step", range(STEPS))
def test_death_at_any_step_leaves_a_whole_directory(tmp_path: Path, step: int) -> None:
    old = publish([OLD], tmp_path)
    died = subprocess.run(
        [sys.executable, "-c", _DIES, str(tmp_path), str(step)],
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert died.returncode == 9
    directory = open_current(tmp_path)
    assert (directory.version == old) == (step < STEPS - 1)
    assert publish([NEW], tmp_path) == open_current(tmp_path).version
    assert not list(tmp_path.glob(".building-*"))


@pytest.mark.parametrize("kept", [0, 10, 100, 5_000, -1])
def test_a_file_cut_short_is_noticed(tmp_path: Path, kept: int) -> None:
    publish([OLD], tmp_path)
    path = _file(tmp_path)
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:kept])
    with pytest.raises(DirectoryDamaged):
        open_current(tmp_path)


def test_a_damaged_file_is_made_again_by_publishing(tmp_path: Path) -> None:
    publish([OLD], tmp_path)
    _file(tmp_path).chmod(0o644)
    _file(tmp_path).write_bytes(b"")
    publish([OLD], tmp_path)
    with closing(open_current(tmp_path)) as directory:
        assert directory.services() == (OLD,)


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE service SET document = replace(document, 'Old', 'Bad')",),
        ("DELETE FROM service",),
        ("UPDATE service SET id = '00000000-0000-0000-0000-000000000002'",),
        ("UPDATE meta SET value = 'abc' WHERE name = 'version'",),
        ("UPDATE meta SET value = '0' WHERE name = 'format'",),
        ("UPDATE meta SET value = '{}' WHERE name = 'needs'",),
        ("DELETE FROM meta WHERE name = 'needs'",),
        ("DROP TABLE service_filter",),
        ("CREATE TABLE extra (a)",),
        ("CREATE VIEW extra AS SELECT 1",),
        ("CREATE TRIGGER extra AFTER INSERT ON meta BEGIN SELECT 1; END",),
        (
            "ALTER TABLE service RENAME TO hidden",
            "CREATE VIEW service AS SELECT * FROM hidden",
        ),
    ],
)
def test_an_altered_file_is_refused(tmp_path: Path, statements: tuple[str, ...]) -> None:
    publish([OLD], tmp_path)
    _rewrite(tmp_path, *statements)
    with pytest.raises(DirectoryDamaged):
        open_current(tmp_path)


def test_another_whole_file_under_this_name_is_refused(tmp_path: Path) -> None:
    publish([NEW], tmp_path)
    other = _file(tmp_path).read_bytes()
    publish([OLD], tmp_path)
    _file(tmp_path).chmod(0o644)
    _file(tmp_path).write_bytes(other)
    with pytest.raises(DirectoryDamaged, match="not the version its name says"):
        open_current(tmp_path)


@pytest.mark.parametrize(
    "pointer", ["", "directory-x.sqlite", "../directory-x.sqlite", "/etc/passwd", "current", "\0"]
)
def test_a_pointer_elsewhere_is_refused(tmp_path: Path, pointer: str) -> None:
    publish([OLD], tmp_path)
    (tmp_path / "current").write_text(pointer, encoding="utf-8")
    with pytest.raises(DirectoryDamaged):
        open_current(tmp_path)


def test_a_pointer_that_is_not_text_is_refused(tmp_path: Path) -> None:
    publish([OLD], tmp_path)
    (tmp_path / "current").write_bytes(b"\xff\xfe")
    with pytest.raises(DirectoryDamaged):
        open_current(tmp_path)


def test_opening_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DirectoryDamaged):
        Directory.open(tmp_path / "directory-x.sqlite")


def test_reading_needs_no_sqlite_utils() -> None:
    code = "import sys, directory.artefact, directory.starter; print('sqlite_utils' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.stdout.strip() == "False"


def _break_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Make the call of this number fail, counting what publishing asks for in order."""
    calls = iter(range(1_000))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            if next(calls) == step:
                raise OSError("no space left on device")
            return real(*values, **named)

        return call

    import sqlite_utils

    monkeypatch.setattr(sqlite_utils, "Database", counted(sqlite_utils.Database))
    monkeypatch.setattr(Path, "chmod", counted(Path.chmod))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))


_DIES = """
import os, sys
from pathlib import Path
import sqlite_utils
from directory.artefact import publish
from directory.model import Service

new = Service("00000000-0000-0000-0000-000000000002", "New", "", "", ())
folder, step = Path(sys.argv[1]), int(sys.argv[2])
calls = iter(range(1000))

def counted(real):
    def call(*values, **named):
        if next(calls) == step:
            os._exit(9)
        return real(*values, **named)
    return call

sqlite_utils.Database = counted(sqlite_utils.Database)
Path.chmod, Path.replace = counted(Path.chmod), counted(Path.replace)
os.fsync = counted(os.fsync)
publish([new], folder)
"""
