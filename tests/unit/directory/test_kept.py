"""The directory in use is followed: published elsewhere, served here, never half of it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from directory.artefact import CURRENT, publish
from directory.artefact_file import DirectoryDamaged
from directory.kept import KeptDirectory
from tests.unit.directory.made_up import a_service

OLD = a_service(name="Before")
NEW = a_service(name="After")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish([OLD], tmp_path)
    return tmp_path


def test_what_is_published_is_served_from_the_next_look_on(folder: Path) -> None:
    kept = KeptDirectory(folder)
    in_hand = kept.current()

    version = publish([NEW], folder)

    assert kept.current().version == version
    assert [each.name for each in kept.current().services()] == ["After"]
    # Whoever has the one before goes on with it.
    assert [each.name for each in in_hand.services()] == ["Before"]


def test_nothing_is_opened_again_without_need(folder: Path) -> None:
    kept = KeptDirectory(folder)

    assert kept.current() is kept.current()


def test_going_back_is_followed_too(folder: Path) -> None:
    kept, first = KeptDirectory(folder), publish([OLD], folder)
    publish([NEW], folder)
    kept.current()

    publish([OLD], folder)

    assert kept.current().version == first


@pytest.mark.parametrize("pointer", ["directory-0.sqlite", "", None])
def test_a_directory_that_is_not_whole_is_not_taken(folder: Path, pointer: str | None) -> None:
    kept = KeptDirectory(folder)
    before = kept.current()

    (folder / CURRENT).unlink()
    if pointer is not None:
        (folder / CURRENT).write_text(pointer, encoding="utf-8")

    assert kept.current() is before
    assert kept.problem
    publish([NEW], folder)
    assert kept.current() is not before
    assert not kept.problem


def test_there_must_be_one_to_begin_with(tmp_path: Path) -> None:
    with pytest.raises(DirectoryDamaged):
        KeptDirectory(tmp_path)


def test_many_threads_see_whole_directories_only(folder: Path) -> None:
    kept = KeptDirectory(folder)
    names = {"Before", "After"}

    def look(_number: int) -> set[str]:
        return {each.name for each in kept.current().services()}

    with ThreadPoolExecutor(8) as threads:
        looks = threads.map(look, range(400))
        for service in (NEW, OLD, NEW):
            publish([service], folder)
        assert all(len(seen) == 1 and seen <= names for seen in looks)
    assert look(0) == {"After"}
