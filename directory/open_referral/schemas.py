"""The schemas of all HSDS 3 objects by kind, what follows from them, and the check of one object.

Readers call `checked` for every object; writers take the order of fields and what is nested where.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from marshmallow import ValidationError

from directory.open_referral import schema_details, schema_objects
from directory.open_referral.records import Quarantined, Record
from directory.open_referral.schema_fields import Many, One, Reference
from directory.open_referral.schema_object import HsdsObject, Noted


class Nested(NamedTuple):
    """What stands under a name in a nested document.

    `many`: a list of objects of `kind`, whose field `by` holds the owner's id. Otherwise one
    object, whose id the owner's field `by` holds.
    """

    kind: str
    many: bool
    by: str


class Polymorphic(NamedTuple):
    """The two fields by which an object belongs to one of any kind: its id, and its kind."""

    id_field: str
    kind_field: str


def _kind(schema: type[HsdsObject]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", schema.__name__).lower()


def _nested(schema: HsdsObject) -> Mapping[str, Nested]:
    found = {
        name: Nested(field.kind, isinstance(field, Many), field.by)
        for name, field in schema.fields.items()
        if isinstance(field, One | Many)
    }
    # What all objects have comes last, as the specification writes them.
    last = {name: found.pop(name) for name in ("attributes", "metadata") if name in found}
    return MappingProxyType(found | last)


def _references(schema: HsdsObject) -> Mapping[str, str]:
    pairs = schema.fields.items()
    return MappingProxyType({name: it.kind for name, it in pairs if isinstance(it, Reference)})


def _columns(schema: HsdsObject) -> tuple[str, ...]:
    return tuple(name for name, it in schema.fields.items() if not isinstance(it, One | Many))


SCHEMAS: Final[Mapping[str, HsdsObject]] = MappingProxyType(
    {
        _kind(found): found()
        for found in (*vars(schema_objects).values(), *vars(schema_details).values())
        if isinstance(found, type)
        and issubclass(found, HsdsObject)
        and found not in {HsdsObject, Noted}
    }
)
"""The schema of each kind: "service", "service_at_location", "phone" ..."""

TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {kind: schema.table for kind, schema in SCHEMAS.items()}
)
"""The table of each kind, as reports and tabular packages name it: "service" -> "services"."""

KINDS_OF_TABLE: Final[Mapping[str, str]] = MappingProxyType(
    {table: kind for kind, table in TABLES.items()}
)
"""The kind of each table."""

REFERENCES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {kind: _references(schema) for kind, schema in SCHEMAS.items()}
)
"""For each kind, its fields that hold the id of another object, and that object's kind."""

POLYMORPHIC: Final[Mapping[str, Polymorphic]] = MappingProxyType(
    {
        "attribute": Polymorphic("link_id", "link_entity"),
        "metadata": Polymorphic("resource_id", "resource_type"),
    }
)
"""The kinds that belong to objects of any kind, and the two fields that say to which."""

CHILDREN: Final[Mapping[str, Mapping[str, Nested]]] = MappingProxyType(
    {kind: _nested(schema) for kind, schema in SCHEMAS.items()}
)
"""For each kind, the names under which nested documents hold other objects, in order."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: _columns(schema) for kind, schema in SCHEMAS.items()}
)
"""For each kind, its own fields in the order of the specification, `id` first."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: schema.profile_required for kind, schema in SCHEMAS.items()}
)
"""For each kind, the fields Open Referral UK v3 demands. An object without one is still taken."""


def table_of(kind: str) -> str:
    """The table of a kind; a kind HSDS does not have is its own table."""
    return TABLES.get(kind, kind)


def kind_of(table: str) -> str:
    """The kind of a table; a table HSDS does not have is its own kind."""
    return KINDS_OF_TABLE.get(table, table)


def checked(kind: str, raw: Mapping[str, Any], place: str) -> Record | Quarantined:
    """The record of a flat object with its `id`, or why it is not one.

    `raw` holds the object's own properties as JSON values, nested objects taken out. Blank known
    fields are left out (blank means unknown); unknown ones stay as they came. The reason names
    every field at fault: "email: not an e-mail address; name: missing".
    """
    schema = SCHEMAS.get(kind)
    if schema is None:
        return _unforeseen(kind, raw, place)
    try:
        fields = schema.taken(raw)
    except ValidationError as problem:
        return Quarantined(table_of(kind), place, _id_text(raw), _reason(problem))
    return Record(kind, fields.pop("id"), fields, place)


def _unforeseen(kind: str, raw: Mapping[str, Any], place: str) -> Record | Quarantined:
    found = _id_text(raw)
    if not found:
        return Quarantined(table_of(kind), place, "", "id: missing")
    return Record(kind, found, {name: it for name, it in raw.items() if name != "id"}, place)


def _id_text(raw: Mapping[str, Any]) -> str:
    found = raw.get("id")
    return str(found) if isinstance(found, str | int) and str(found).strip() else ""


def _reason(problem: ValidationError) -> str:
    messages = problem.messages_dict
    return "; ".join(f"{name}: {' and '.join(said)}" for name, said in sorted(messages.items()))
