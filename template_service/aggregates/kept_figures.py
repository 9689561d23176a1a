"""One set of released figures per process: opened when first asked for, anew after a release.

What needs the libraries of the extra `reports` is imported when it is asked for, so that a server
starts without them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from template_service.aggregates.areas import Areas
from template_service.aggregates.folder import RELEASES
from template_service.errors import ServiceError

if TYPE_CHECKING:
    from template_service.aggregates.released_figures import ReleasedFigures


class ReportingNotInstalled(ServiceError):
    """A library of the extra `reports` is not there; the rest of the service does without."""

    status = 501
    code = "not-supported"
    slug = "reporting-not-installed"
    title = "Reporting is not installed on this server"


@contextmanager
def reporting() -> Iterator[None]:
    """A block that imports what needs the extra; raises `ReportingNotInstalled` where it is not."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("template_service"):
            raise
        raise ReportingNotInstalled from None


class KeptFigures:
    """The released figures of a folder of aggregates, for any number of threads.

    `areas` is asked for the names of areas whenever figures are opened, and not before.
    """

    def __init__(self, folder: Path, areas: Callable[[], Areas]) -> None:
        self._folder = folder
        self._areas = areas
        self._lock = threading.Lock()
        self._changed: int | None = None
        self._held: ReleasedFigures | None = None

    def current(self) -> "ReleasedFigures":
        """The figures that the latest release allows.

        Raises `NotFound` before the first release, `ReportingNotInstalled`, and `Unavailable` for a
        release that cannot be read.
        """
        with reporting():
            from template_service.aggregates import released_figures  # noqa: PLC0415 -- an extra
        with self._lock:
            # Taken before reading: a release made meanwhile is seen next time.
            changed = _changed_at(self._folder / RELEASES)
            if self._held is None or changed != self._changed:
                opened = released_figures.ReleasedFigures.open(self._folder, self._areas())
                self._held, self._changed = opened, changed
            return self._held


def _changed_at(folder: Path) -> int | None:
    """When a name in a folder last came or went, in nanoseconds; None where there is none."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return None
