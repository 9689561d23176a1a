"""Folders that one process writes at a time, so that a crash leaves the old state or the new."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from template_service.errors import Unavailable

_WORK: Final = ".work-"


@contextmanager
def held_alone(folder: Path) -> Iterator[None]:
    """Make a folder if absent and hold it for this process; raises Unavailable if another does.

    What the system refuses within the block (a full disk) is Unavailable too.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _locked(lock):
                raise Unavailable(f"{folder.name}: another command is at work; try again later")
            _sweep(folder)
            yield
        finally:
            os.close(lock)
    except OSError as problem:
        raise Unavailable(f"{folder.name}: {problem.strerror or 'cannot be written'}") from None


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A folder for unfinished files, beside where they go; nothing is left of it afterwards."""
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(folder: Path) -> None:
    """Remove what a command that was killed left unfinished."""
    for work in folder.glob(f"{_WORK}*"):
        shutil.rmtree(work, ignore_errors=True)
