"""What would be published now: the working copy read as publishing reads it, nothing written."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from directory import artefact
from directory.artefact_file import DirectoryDamaged
from directory.model import Service
from directory.working_copy.comparing import Comparison, difference
from directory.working_copy.services import Read, current_services
from directory.working_copy.store import WorkingCopy


class Draft(NamedTuple):
    """The services that would be published, those that cannot be, those read only in part."""

    services: tuple[Service, ...]
    left_out: tuple[Read, ...]
    partly: tuple[Read, ...]


def draft(working: WorkingCopy, *, today: date) -> Draft:
    """The draft of the next version.

    As `publishing.publish` does it: of two services with one id the first stands, and one whose
    last day has passed is inactive.
    """
    first: dict[str, Read] = {}
    left_out: list[Read] = []
    for one in current_services(working):
        other = first.setdefault(one.published_id, one)
        if other is not one:
            left_out.append(one._replace(problem=f"its id is that of a service of {other.source}"))
    left_out += [one for one in first.values() if one.service is None]
    return Draft(
        tuple(_as_published(first.values(), today)),
        tuple(left_out),
        tuple(one for one in first.values() if one.service is not None and one.notes),
    )


def changes_since(folder: Path, services: tuple[Service, ...]) -> Comparison:
    """What these services differ in from the version in use; all are added where there is none."""
    return difference(_in_use(folder), services)


def _as_published(read: Iterable[Read], today: date) -> Iterator[Service]:
    for one in read:
        if one.service is None:
            continue
        last = one.dates.expires_on
        over = last is not None and last < today and one.service.status == "active"
        yield replace(one.service, status="inactive") if over else one.service


def _in_use(folder: Path) -> tuple[Service, ...]:
    current = next((one for one in artefact.versions(folder) if one.current), None)
    if current is None:
        return ()
    try:
        return artefact.services_of(folder, current.version)
    except DirectoryDamaged:
        # Whatever is wrong with it, everything published now is new.
        return ()
