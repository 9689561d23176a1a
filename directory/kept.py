"""The directory in use, followed: what a curator publishes is served from the next look on."""

import logging
import threading
from pathlib import Path
from typing import Final

from directory import artefact
from directory.artefact_file import DirectoryDamaged
from directory.matching import Directory

_log: Final = logging.getLogger(__name__)


class KeptDirectory:
    """The current directory of a folder, opened again whenever another is made current.

    Safe to share between threads; whoever has a directory in hand goes on with that one. A new one
    that is not whole is not taken: the one before stays, and `problem` says why.
    """

    def __init__(self, folder: Path) -> None:
        """Raises DirectoryDamaged when there is none, or it is not whole."""
        self._pointer = folder / artefact.CURRENT
        self._folder = folder
        self._lock = threading.Lock()
        self._seen = self._look()
        self._directory = artefact.open_current(folder)
        self.problem = ""

    def current(self) -> Directory:
        """The directory in use."""
        seen = self._look()
        # Nobody waits: whoever comes while it is opened has the one before.
        if seen != self._seen and self._lock.acquire(blocking=False):
            try:
                self._take(seen)
            finally:
                self._lock.release()
        return self._directory

    def _take(self, seen: tuple[int, int] | None) -> None:
        try:
            self._directory = artefact.open_current(self._folder)
            self.problem = ""
        except DirectoryDamaged as damage:
            self.problem = str(damage)
            _log.error("the directory made current was not taken: %s", damage)
        # Last, so that nobody passes by before the new one is there.
        self._seen = seen

    def _look(self) -> tuple[int, int] | None:
        """What tells one pointer from another: it is put in place whole, as a file of its own."""
        try:
            found = self._pointer.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns
