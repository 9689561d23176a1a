"""Which records a record points at, and which of those it is a part of."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from directory.open_referral.schemas import POLYMORPHIC, REFERENCES, SCHEMAS, kind_of

# Kinds that stand for themselves; all others are parts of what they point at.
ROOTS: Final = frozenset(
    {"service", "organization", "location", "program", "taxonomy", "taxonomy_term"}
)
_TERMS: Final = frozenset({"taxonomy", "taxonomy_term"})


class Reference(NamedTuple):
    """A field of a record that holds the id of another record of the same source."""

    field: str
    kind: str
    id: str


def references(kind: str, fields: Mapping[str, Any]) -> Iterator[Reference]:
    """What a record points at; a blank field points at nothing."""
    for field, target in REFERENCES.get(kind, {}).items():
        if fields.get(field) not in (None, ""):
            yield Reference(field, target, str(fields[field]))
    polymorphic = POLYMORPHIC.get(kind)
    if polymorphic is not None:
        found, entity = fields.get(polymorphic.id_field), fields.get(polymorphic.kind_field)
        if found and entity:
            # Some sources write the table ("services") where HSDS wants the kind.
            yield Reference(polymorphic.id_field, kind_of(str(entity)), str(found))


def is_fully_linked(kind: str, fields: Mapping[str, Any]) -> bool:
    """Whether the `references` of a record are all that a reader may take it to belong to.

    They are not where it does not say of which kind that is, or names an object by a field that its
    kind does not have; `service_graph` believes both. What HSDS does not have is read by nobody.
    """
    if kind not in SCHEMAS:
        return True
    linked = {found.field for found in references(kind, fields)}
    polymorphic = POLYMORPHIC.get(kind)
    return all(
        field in linked or not fields[field]
        for field in fields
        if (field.endswith("_id") and field[:-3] in SCHEMAS)
        or (polymorphic is not None and field == polymorphic.id_field)
    )


def is_part(kind: str, field: str, target: str) -> bool:
    """Whether a record of `kind` is a part of the `target` kind its field points at.

    A service at a location is a part of the service only: a new service somewhere must not count
    as a change of the place.
    """
    if kind in ROOTS or target in _TERMS:
        return False
    return kind != "service_at_location" or field == "service_id"
