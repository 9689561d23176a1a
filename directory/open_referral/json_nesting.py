"""Flat records as the nested documents of Open Referral UK v3, with their published ids."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from directory.open_referral.records import Record, uuid_of
from directory.open_referral.schemas import (
    CHILDREN,
    COLUMNS,
    POLYMORPHIC,
    REFERENCES,
    Nested,
    kind_of,
)

# What is left out of each document: what would come round to it, and lists of other documents.
_ELSEWHERE: Final = frozenset(
    {"organization.services", "organization.locations", "organization.programs"}
)
_TERMS: Final = frozenset({"taxonomy.taxonomy_terms"})
_LEFT_OUT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "organization": _TERMS | {"service.organization", "service_at_location.service"},
        "service": _TERMS | _ELSEWHERE | {"service_at_location.service"},
        "service_at_location": _TERMS | _ELSEWHERE | {"service.service_at_locations"},
        "taxonomy": frozenset({"taxonomy_term.taxonomy_detail"}),
        "taxonomy_term": _TERMS,
    }
)
DOCUMENTS: Final = tuple(_LEFT_OUT)
"""The kinds an Open Referral UK v3 API has documents of, in the order they are given."""

# So that a folder of all documents does not say everything several times.
_SAID_ELSEWHERE: Final = frozenset({"organization.services", "service_at_location.service"})

_Key = tuple[str, str]


class Document(NamedTuple):
    """A nested document: `kind` is "service" and so on, `id` the one it is published with."""

    kind: str
    id: str
    content: dict[str, Any]


def documents(records: Iterable[Record], source: str) -> Iterator[Document]:
    """Every document an Open Referral UK v3 API has of one source's records, in full.

    By kind (organizations, services, service_at_locations, taxonomies, taxonomy_terms), then by
    id. Fields stand in the order of the specification, nested lists after them by id, then unknown
    fields by name. Valid against the profile when the records have what it requires. Text is as
    the source has it, HTML included.
    """
    nesting = Nesting(records, source)
    for kind in DOCUMENTS:
        yield from nesting.documents(kind)


class Nesting:
    """The records of one source, ready to be nested; it knows which no document held so far."""

    def __init__(self, records: Iterable[Record], source: str) -> None:
        held = {(it.kind, it.id): it for it in records}
        names = _Names(held.keys(), source)
        self._flat: dict[_Key, dict[str, Any]] = {}
        self._belonging: dict[tuple[str, str, _Key], list[str]] = {}
        for (kind, record_id), record in held.items():
            own = names.of(kind, record_id)
            self._flat[(kind, own)] = fields = names.published(record)
            for field, owner in _owners(kind, fields):
                self._belonging.setdefault((kind, field, owner), []).append(own)
        self._unheld = dict.fromkeys(self._flat)

    def documents(self, kind: str, *, lean: bool = False) -> Iterator[Document]:
        """The documents of a kind by id; lean ones leave out what other documents say."""
        left_out = _left_out(kind, lean=lean)
        for own in sorted(own for found, own in self._flat if found == kind):
            yield Document(kind, own, self._content(kind, own, left_out, frozenset()))

    def others(self) -> Iterator[Document]:
        """What no document given so far held, flat, by kind and id."""
        for kind, own in sorted(self._unheld):
            fields = self._flat[kind, own]
            content = {
                "id": own,
                **_own_fields(kind, fields, frozenset()),
                **_unknown(kind, fields),
            }
            yield Document(kind, own, content)

    def _content(
        self, kind: str, own: str, left_out: frozenset[str], unsaid: frozenset[str]
    ) -> dict[str, Any]:
        """An object with all that is nested in it, without the fields that its place says."""
        self._unheld.pop((kind, own), None)
        fields = self._flat[kind, own]
        below: dict[str, Any] = {}
        said: set[str] = set()
        for name, nested in CHILDREN.get(kind, {}).items():
            if f"{kind}.{name}" in left_out:
                continue
            if nested.many:
                if found := self._list(kind, own, nested, left_out):
                    below[name] = found
            elif (nested.kind, fields.get(nested.by)) in self._flat:
                below[name] = self._content(nested.kind, fields[nested.by], left_out, frozenset())
                said.add(nested.by)
        return {
            "id": own,
            **_own_fields(kind, fields, unsaid | said),
            **below,
            **_unknown(kind, fields),
        }

    def _list(
        self, kind: str, own: str, nested: Nested, left_out: frozenset[str]
    ) -> list[dict[str, Any]]:
        unsaid = frozenset({nested.by})
        if nested.kind in POLYMORPHIC:
            unsaid |= {POLYMORPHIC[nested.kind].kind_field}
        ids = self._belonging.get((nested.kind, nested.by, (kind, own)), ())
        return [self._content(nested.kind, each, left_out, unsaid) for each in sorted(ids)]


class _Names:
    """The ids that records are published with, and what their references become."""

    def __init__(self, keys: Iterable[_Key], source: str) -> None:
        self._source = source
        self._keys = set(keys)
        self._kinds: dict[str, list[str]] = {}
        for kind, record_id in sorted(self._keys):
            self._kinds.setdefault(record_id, []).append(kind)

    def of(self, kind: str, record_id: object) -> str:
        """The published id of what a record names."""
        return uuid_of(self._source, kind, str(record_id))

    def published(self, record: Record) -> dict[str, Any]:
        """The fields of a record with the published ids of what they point at."""
        references = REFERENCES.get(record.kind, {})
        fields = dict(record.fields)
        for field, value in record.fields.items():
            if field in references:
                fields[field] = self.of(references[field], value)
            elif field.endswith("_id") and (field[:-3], value) in self._keys:
                fields[field] = self.of(field[:-3], value)
        if record.kind in POLYMORPHIC:
            id_field, kind_field = POLYMORPHIC[record.kind]
            owner = self.kind_named(fields.get(kind_field), fields.get(id_field))
            if owner and fields.get(id_field):
                fields |= {id_field: self.of(owner, fields[id_field]), kind_field: owner}
        return fields

    def kind_named(self, said: object, record_id: object) -> str:
        """The kind an attribute belongs to: as it says, or the only one that has this id."""
        if said:
            return kind_of(str(said))
        kinds = self._kinds.get(str(record_id), [])
        return kinds[0] if len(kinds) == 1 else ""


def _left_out(kind: str, *, lean: bool = False) -> frozenset[str]:
    return _LEFT_OUT[kind] | (_SAID_ELSEWHERE if lean else frozenset())


def _owners(kind: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, _Key]]:
    """The fields that say what an object belongs to or points at, and what that is."""
    for field, target in REFERENCES.get(kind, {}).items():
        if fields.get(field):
            yield field, (target, fields[field])
    if kind in POLYMORPHIC:
        id_field, kind_field = POLYMORPHIC[kind]
        if fields.get(id_field) and fields.get(kind_field):
            yield id_field, (str(fields[kind_field]), fields[id_field])


def _own_fields(
    kind: str, fields: Mapping[str, Any], unsaid: frozenset[str] | set[str]
) -> dict[str, Any]:
    """The fields the specification knows, in its order."""
    return {
        name: fields[name]
        for name in COLUMNS.get(kind, ())
        if name in fields and name not in unsaid
    }


def _unknown(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields it does not know, by name; one called as a nested list is gets another name."""
    known, nested = COLUMNS.get(kind, ()), CHILDREN.get(kind, {})
    return {
        f"{name}_as_given" if name in nested else name: fields[name]
        for name in sorted(fields.keys() - set(known))
    }
