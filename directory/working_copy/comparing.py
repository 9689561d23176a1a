"""What differs between two published versions, service by service and field by field."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from directory import artefact
from directory.artefact_file import DirectoryDamaged
from directory.model import Service, service_record
from directory.working_copy.problems import Refused


class FieldChange(NamedTuple):
    """A field before and after, as `directory.model.service_record` writes it; None: not stated."""

    field: str
    was: Any
    became: Any


class ServiceChange(NamedTuple):
    """A service that is in both versions and not the same."""

    service_id: str
    name: str
    fields: tuple[FieldChange, ...]


class Comparison(NamedTuple):
    """From one version to another: services that came, that went, and that changed, by name."""

    added: tuple[Service, ...]
    removed: tuple[Service, ...]
    changed: tuple[ServiceChange, ...]


def compare(folder: Path, before: str, after: str) -> Comparison:
    """Compares two versions (hashes) in the folder; raises Refused where a file is not whole."""
    return difference(_services(folder, before), _services(folder, after))


def difference(before: Iterable[Service], after: Iterable[Service]) -> Comparison:
    """What differs between two sets of services."""
    old = {service.id: service for service in before}
    new = {service.id: service for service in after}
    both = _by_name(new[found] for found in old.keys() & new.keys() if old[found] != new[found])
    return Comparison(
        added=_by_name(new[found] for found in new.keys() - old.keys()),
        removed=_by_name(old[found] for found in old.keys() - new.keys()),
        changed=tuple(
            ServiceChange(one.id, one.name, field_changes(old[one.id], one)) for one in both
        ),
    )


def field_changes(before: Service, after: Service) -> tuple[FieldChange, ...]:
    """The fields in which a service differs, in alphabetical order."""
    old, new = service_record(before), service_record(after)
    return tuple(
        FieldChange(field, old.get(field), new.get(field))
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    )


def _services(folder: Path, version: str) -> tuple[Service, ...]:
    try:
        return artefact.services_of(folder, version)
    except DirectoryDamaged as problem:
        raise Refused(f"version {version[:12]}: {problem}") from None


def _by_name(services: Iterable[Service]) -> tuple[Service, ...]:
    return tuple(sorted(services, key=lambda service: (service.name, service.id)))
