"""A folder that an export replaces as a whole, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_OF_EXPORTS: Final = frozenset({".csv", ".json", ".ndjson"})


class ExportRefused(ValueError):
    """An export to a folder that holds something else."""


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """A folder to write to, which becomes `folder` when the block ends without an error.

    Raises ExportRefused where `folder` is a file, or holds anything but files of an export.
    """
    folder = folder.absolute()
    _refuse_others(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        unfinished = beside / "new"
        unfinished.mkdir()
        yield unfinished
        _swap(unfinished, folder, beside / "old")
    finally:
        shutil.rmtree(beside)


def _swap(new: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ExportRefused(f"{folder.name}: a file, not a folder")
    others = [
        found.name
        for found in (folder.iterdir() if folder.is_dir() else ())
        if found.is_dir() or found.suffix not in _OF_EXPORTS
    ]
    if others:
        raise ExportRefused(f"{folder.name}: holds other things ({min(others)}); name a new folder")
