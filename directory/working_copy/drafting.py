"""What would be published now: the working copy read as publishing reads it, nothing written."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from directory import artefact
from directory.artefact_file import DirectoryDamaged
from directory.model import Service
from directory.working_copy import reading
from directory.working_copy.comparing import Comparison, difference
from directory.working_copy.services import Read, current_services, doubles, owners
from directory.working_copy.store import WorkingCopy


class Draft(NamedTuple):
    """The services that would be published, those that cannot be, those read only in part."""

    services: tuple[Service, ...]
    left_out: tuple[Read, ...]
    partly: tuple[Read, ...]


def draft(working: WorkingCopy, *, today: date) -> Draft:
    """The draft of the next version, as `publishing.publish` would make it on this day."""
    first: dict[str, Read] = {}
    owned = owners(working.database)
    twice = [
        one._replace(problem=problem)
        for one, problem in doubles(current_services(working), first, owned)
    ]
    return Draft(
        tuple(reading.as_of(it.service, it.dates, today) for it in first.values() if it.service),
        (*twice, *(one for one in first.values() if one.service is None)),
        tuple(one for one in first.values() if one.service and one.notes),
    )


def changes_since(folder: Path, services: tuple[Service, ...]) -> Comparison:
    """What these services differ in from the version in use; all are added where there is none."""
    return difference(_in_use(folder), services)


def _in_use(folder: Path) -> tuple[Service, ...]:
    current = next((one for one in artefact.versions(folder) if one.current), None)
    if current is None:
        return ()
    try:
        return artefact.services_of(folder, current.version)
    except DirectoryDamaged:
        # Whatever is wrong with it, everything published now is new.
        return ()
