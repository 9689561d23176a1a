"""Releases read back: immutable folders of figures with what was found when they were audited."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from template_service.aggregates.folder import RELEASES
from template_service.aggregates.reporting_period import Period
from template_service.errors import NotFound, Unavailable

DOCUMENT: Final = "release.json"


@dataclass(frozen=True, slots=True)
class Release:
    """A release in its folder; `document` is what its release.json says."""

    id: str
    path: Path
    document: dict[str, Any]

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods its files hold, the widest last."""
        return tuple(Period.parse(text) for text in self.document["periods"])

    @property
    def months(self) -> tuple[str, ...]:
        """Every month it was audited with, oldest first: each may be summed with any other."""
        return tuple(self.document["months"])


def releases(folder: Path) -> tuple[Release, ...]:
    """The releases of a deployment's folder of aggregates, latest first.

    Raises `Unavailable`, naming the release, for a release.json that cannot be read.
    """
    found = []
    for document in (folder / RELEASES).glob(f"[!.]*/{DOCUMENT}"):
        try:
            found.append(Release(document.parent.name, document.parent, _read(document)))
        except (OSError, orjson.JSONDecodeError):
            raise Unavailable(f"{document.parent.name}: its {DOCUMENT} cannot be read") from None
    return tuple(sorted(found, key=lambda release: release.document["number"], reverse=True))


def release_of(folder: Path, name: str) -> Release:
    """The release with this id; raises `NotFound`."""
    for release in releases(folder):
        if release.id == name:
            return release
    raise NotFound("There is no such release")


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return document
