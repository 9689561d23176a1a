"""The records that together say one service, found by an index over all records of a source."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from directory.open_referral.records import Record
from directory.open_referral.schemas import kind_of

Key = tuple[str, str]

# What a record of this kind points at and cannot be understood without. It is no part of that:
# a service is no part of its organization, nor a term of its taxonomy.
_POINTS_AT: Final[Mapping[str, Mapping[str, str]]] = {
    "service": {"organization_id": "organization", "program_id": "program"},
    "service_at_location": {"location_id": "location"},
    "attribute": {"taxonomy_term_id": "taxonomy_term"},
    "taxonomy_term": {"taxonomy_id": "taxonomy"},
}
# Fields by which a record belongs to one of any kind, and the field that says which kind.
_BELONGS_BY: Final[Mapping[str, str]] = {"link_id": "link_entity", "resource_id": "resource_type"}
# Many services may have these in common; what hangs on them is for each of those services.
_SHARED: Final = frozenset({"organization", "location", "program"})
# What is never part of a service because it hangs on the same organization or location.
_OF_THEIR_OWN: Final = frozenset(
    {"service", "service_at_location", "organization", "location", "program"}
)


@dataclass(frozen=True, slots=True)
class ServiceGraph:
    """The records of one service: its own, its organization's, those of the places it is at.

    `members` are by kind, each in the order of the source. `shared` are the organizations and
    locations (kind, id) that other services have too: an edit of one service never changes those.
    """

    service: Record
    members: Mapping[str, tuple[Record, ...]]
    shared: frozenset[Key] = frozenset()

    @property
    def organization(self) -> Record | None:
        """The organization of the service; None where the source names none or does not have it."""
        return next(iter(self.of("organization")), None)

    def of(self, kind: str) -> tuple[Record, ...]:
        """The records of this kind, in the order of the source."""
        return self.members.get(kind, ())

    def linked(self, kind: str, field: str, record_id: str) -> tuple[Record, ...]:
        """The records of this kind whose `field` is this id."""
        return tuple(it for it in self.of(kind) if it.fields.get(field) == record_id)

    def records(self) -> Iterator[Record]:
        """Every record, the service first."""
        for kind in self.members:
            yield from self.members[kind]

    def with_changes(self, changed: Iterable[Record]) -> "ServiceGraph":
        """The graph after these records were put in the place of those with their kind and id."""
        records = {(it.kind, it.id): it for it in self.records()}
        records |= {(it.kind, it.id): it for it in changed}
        rebuilt = ServiceIndex(records.values()).graph(self.service.id)
        return ServiceGraph(rebuilt.service, rebuilt.members, self.shared)


def graphs(records: Iterable[Record]) -> Iterator[ServiceGraph]:
    """The graph of every service among the records of one source, in the order of the source."""
    index = ServiceIndex(records)
    for service_id in index.service_ids():
        yield index.graph(service_id)


class ServiceIndex:
    """All records of one source, findable by id and by what they belong to; read once."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_key: dict[Key, Record] = {}
        self._parts_of: dict[str, list[tuple[str, Record]]] = {}
        self._uses: Counter[Key] = Counter()
        for record in records:
            self._add(record)

    def service_ids(self) -> Iterator[str]:
        """The id of every service, in the order of the source."""
        return (record_id for kind, record_id in self._by_key if kind == "service")

    def graph(self, service_id: str) -> ServiceGraph:
        """The graph of one service; raises KeyError for an id that is no service's."""
        service = self._by_key["service", service_id]
        found = {("service", service_id): service}
        waiting = [service]
        for record in waiting:
            for other in (*self._parents(record), *self._parts(record, found, service_id)):
                key = (other.kind, other.id)
                if key not in found:
                    found[key] = other
                    waiting.append(other)
        members: dict[str, list[Record]] = {}
        for record in found.values():
            members.setdefault(record.kind, []).append(record)
        shared = frozenset(key for key in found if self._uses[key] > 1)
        return ServiceGraph(
            service, {kind: tuple(those) for kind, those in members.items()}, shared
        )

    def _add(self, record: Record) -> None:
        self._by_key[record.kind, record.id] = record
        points_at = _POINTS_AT.get(record.kind, {})
        for field, value in record.fields.items():
            if field.endswith("_id") and value and isinstance(value, str):
                if field not in points_at:
                    self._parts_of.setdefault(value, []).append((field, record))
                elif points_at[field] in _SHARED:
                    self._uses[points_at[field], value] += 1

    def _parents(self, record: Record) -> Iterator[Record]:
        for field, kind in _POINTS_AT.get(record.kind, {}).items():
            target = self._by_key.get((kind, str(record.fields.get(field))))
            if target is not None:
                yield target

    def _parts(
        self, parent: Record, found: Mapping[Key, Record], service_id: str
    ) -> Iterator[Record]:
        """What belongs to a record: its children, its attributes, its metadata."""
        for field, child in self._parts_of.get(parent.id, ()):
            if field in _BELONGS_BY:
                # Some sources write the table ("services") where HSDS wants the kind.
                if kind_of(str(child.fields.get(_BELONGS_BY[field]) or "")) in ("", parent.kind):
                    yield child
            elif field == f"{parent.kind}_id" and (
                parent.kind not in _SHARED or _is_for(child, found, service_id)
            ):
                yield child


def _is_for(child: Record, found: Mapping[Key, Record], service_id: str) -> bool:
    """Whether a child of something shared is for this service too: it names no other one."""
    if child.kind in _OF_THEIR_OWN:
        return False
    at_location = child.fields.get("service_at_location_id")
    return child.fields.get("service_id") in (None, "", service_id) and (
        not at_location or ("service_at_location", str(at_location)) in found
    )
