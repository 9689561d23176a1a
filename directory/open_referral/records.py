"""What every source is read into and every export written from: flat records of HSDS 3 objects."""

import re
from collections.abc import Mapping
from hashlib import sha1
from typing import Any, Final, NamedTuple
from uuid import UUID

# The namespace of ids made for records whose source has none that is a UUID.
_NAMESPACE: Final = UUID("0f6f5a51-5b0c-5c56-9a41-6f1f5f3b6d10")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# UUIDs are read with or without their dashes, braces and prefix.
_SHORTEST_UUID: Final = 32


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


class Broken(Quarantined):
    """Quarantined, and nobody knows what else was there: what is missing was not withdrawn."""

    __slots__ = ()


Item = Record | Quarantined
"""What a reader gives, in the order of the source: everything there is one or the other."""


def uuid_of(source: str, kind: str, record_id: str) -> str:
    """The UUID a record is published with: its own id if that is one, else one made of the three.

    Open Referral UK v3 wants UUIDs. The same source, kind and id always give the same.
    """
    if _UUID.fullmatch(record_id):
        return record_id
    if len(record_id) >= _SHORTEST_UUID:
        try:
            return str(UUID(record_id))
        except ValueError:
            pass
    # What `uuid5` gives, three times as fast: an export asks for very many.
    made = sha1(_NAMESPACE.bytes + f"{source}/{kind}/{record_id}".encode(), usedforsecurity=False)
    half = bytearray(made.digest()[:16])
    half[6], half[8] = half[6] & 0x0F | 0x50, half[8] & 0x3F | 0x80
    text = half.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
