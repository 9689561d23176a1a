"""What every source is read into and every export written from: flat records of HSDS 3 objects."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid5

# The namespace of ids made for records whose source has none that is a UUID.
_NAMESPACE = UUID("0f6f5a51-5b0c-5c56-9a41-6f1f5f3b6d10")


class Record(NamedTuple):
    """One object of a source.

    `kind` is the HSDS 3 object in the singular ("service", "phone"), or the source's own name of an
    object HSDS does not have. `id` is the source's. `fields` are the object's own properties as
    JSON values, `id` left out; objects it belongs to or points at are ids in `<kind>_id` (HSDS
    tabular form); unknown properties stand as they came. `place` is where it stood in the source:
    "services.csv:12", "contents[3].phones[0]".
    """

    kind: str
    id: str
    fields: Mapping[str, Any]
    place: str = ""


class Quarantined(NamedTuple):
    """A row or object that was not taken, and why, in plain English.

    `table` is the HSDS table ("services"), `row` where it stood (as `Record.place`), `id` its id
    or blank.
    """

    table: str
    row: str
    id: str
    reason: str


Item = Record | Quarantined
"""What a reader gives, in the order of the source: everything there is one or the other."""


def uuid_of(source: str, kind: str, record_id: str) -> str:
    """The UUID a record is published with: its own id if that is one, else one made of the three.

    Open Referral UK v3 wants UUIDs. The same source, kind and id always give the same.
    """
    try:
        return str(UUID(record_id))
    except ValueError:
        return str(uuid5(_NAMESPACE, f"{source}/{kind}/{record_id}"))
