"""Flat records as the nested documents of Open Referral UK v3, with their published ids."""

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from directory.open_referral.coordinates import placed
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
_ALL: Final[frozenset[str]] = frozenset()
_ORDER: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType(
    {kind: {name: at for at, name in enumerate(columns)} for kind, columns in COLUMNS.items()}
)
_NO_ORDER: Final[Mapping[str, int]] = MappingProxyType({})


class _Place(NamedTuple):
    """A name under which something is nested, what that is, and its fields that the place says."""

    name: str
    nested: Nested
    said: frozenset[str]


class _Object(NamedTuple):
    """What an object says itself: its id and the fields the specification knows, and the others."""

    known: dict[str, Any]
    unknown: dict[str, Any]


class Document(NamedTuple):
    """A nested document: `kind` is "service" and so on, `id` the one it is published with."""

    kind: str
    id: str
    content: dict[str, Any]


def documents(
    records: Iterable[Record], source: str, *, only: Container[tuple[str, str]] | None = None
) -> Iterator[Document]:
    """Every document an Open Referral UK v3 API has of one source's records, in full.

    By kind (organizations, services, service_at_locations, taxonomies, taxonomy_terms), then by
    id. Fields stand in the order of the specification, nested lists after them by id, then unknown
    fields by name. Valid against the profile when the records have what it requires. Text is as
    the source has it, HTML included; coordinates that cannot be right are left out. `only` are the
    kinds and ids of the documents wanted.
    """
    nesting = Nesting(map(placed, records), source)
    for kind in DOCUMENTS:
        yield from nesting.documents(kind, only=only)


class Nesting:
    """The records of one source, ready to be nested; it knows which no document held so far.

    What several documents hold is made once and stands in each of them: read it only.
    """

    def __init__(self, records: Iterable[Record], source: str) -> None:
        held = {(it.kind, it.id): it for it in records}
        names = _Names(held.keys(), source)
        # Taken apart once: several documents hold the same object.
        self._flat: dict[_Key, _Object] = {}
        # For each object, what belongs to it: the kind and field that say so, and the ids.
        self._belonging: dict[_Key, dict[_Key, list[str]]] = {}
        for (kind, record_id), record in held.items():
            own = names.of(kind, record_id)
            fields = names.published(record)
            self._flat[kind, own] = _Object(
                {"id": own, **_known(kind, fields)}, _unknown(kind, fields)
            )
            for field, owner in _owners(kind, fields):
                below = self._belonging.setdefault(owner, {})
                below.setdefault((kind, field), []).append(own)
        self._unheld = dict.fromkeys(self._flat)
        self._shared: dict[tuple[_Key, frozenset[str]], dict[str, Any]] = {}

    def documents(
        self, kind: str, *, lean: bool = False, only: Container[tuple[str, str]] | None = None
    ) -> Iterator[Document]:
        """The documents of a kind by id; lean ones leave out what other documents say."""
        left_out = _left_out(kind, lean=lean)
        for own in sorted(own for found, own in self._flat if found == kind):
            if only is None or (kind, own) in only:
                yield Document(kind, own, self._content(kind, own, left_out, _ALL))

    def others(self) -> Iterator[Document]:
        """What no document given so far held, flat, by kind and id."""
        for kind, own in sorted(self._unheld):
            known, unknown = self._flat[kind, own]
            yield Document(kind, own, known | unknown)

    def _content(
        self, kind: str, own: str, left_out: frozenset[str], unsaid: frozenset[str]
    ) -> dict[str, Any]:
        """An object with all that is nested in it, without the fields that its place says."""
        self._unheld.pop((kind, own), None)
        known, unknown = self._flat[kind, own]
        content = known.copy()
        belonging = self._belonging.get((kind, own))
        for name, nested, below in _places(kind, left_out, has_lists=belonging is not None):
            if nested.many:
                if belonging is not None and (found := belonging.get((nested.kind, nested.by))):
                    content[name] = [
                        self._content(nested.kind, each, left_out, below) for each in sorted(found)
                    ]
            elif (nested.kind, known.get(nested.by)) in self._flat:
                content[name] = self._one(nested.kind, known[nested.by], left_out)
                content.pop(nested.by, None)
        for field in unsaid:
            content.pop(field, None)
        return content | unknown if unknown else content

    def _one(self, kind: str, own: str, left_out: frozenset[str]) -> dict[str, Any]:
        """What a single nested object says is the same wherever it stands in such a document."""
        known = ((kind, own), left_out)
        found = self._shared.get(known)
        if found is None:
            found = self._shared[known] = self._content(kind, own, left_out, _ALL)
        return found


class _Names:
    """The ids that records are published with, and what their references become."""

    def __init__(self, keys: Iterable[_Key], source: str) -> None:
        self._source = source
        self._made: dict[_Key, str] = dict.fromkeys(keys, "")
        self._kinds: dict[str, list[str]] = {}
        for kind, record_id in sorted(self._made):
            self._kinds.setdefault(record_id, []).append(kind)

    def of(self, kind: str, record_id: object) -> str:
        """The published id of what a record names."""
        key = (kind, str(record_id))
        made = self._made.get(key) or uuid_of(self._source, *key)
        if key in self._made:
            self._made[key] = made
        return made

    def published(self, record: Record) -> dict[str, Any]:
        """The fields of a record with the published ids of what they point at."""
        references = REFERENCES.get(record.kind, {})
        fields = dict(record.fields)
        for field, value in record.fields.items():
            if field in references:
                fields[field] = self.of(references[field], value)
            elif (
                field.endswith("_id")
                and isinstance(value, str)
                and (field[:-3], value) in self._made
            ):
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


@lru_cache(None)
def _places(kind: str, left_out: frozenset[str], *, has_lists: bool) -> tuple[_Place, ...]:
    """What may be nested in a kind: under which name, what, and which of its fields that says."""
    return tuple(
        _Place(name, nested, _said_by_place(nested))
        for name, nested in CHILDREN.get(kind, {}).items()
        if f"{kind}.{name}" not in left_out and (has_lists or not nested.many)
    )


def _said_by_place(nested: Nested) -> frozenset[str]:
    if nested.kind in POLYMORPHIC:
        return frozenset({nested.by, POLYMORPHIC[nested.kind].kind_field})
    return frozenset({nested.by})


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


def _known(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields the specification knows, in its order."""
    order = _ORDER.get(kind, _NO_ORDER)
    known = [name for name in fields if name in order]
    known.sort(key=order.__getitem__)
    return {name: fields[name] for name in known}


def _unknown(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields it does not know, by name; one called as a nested list is gets another name."""
    unknown = fields.keys() - _ORDER.get(kind, _NO_ORDER).keys()
    if not unknown:
        return {}
    nested = CHILDREN.get(kind, {})
    named = ((f"{name}_as_given" if name in nested else name, name) for name in sorted(unknown))
    return {given: fields[name] for given, name in named}
