"""Nested documents into flat records: children point at parents, shared objects are taken once."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson

from directory.open_referral.nested_walk import records_in
from directory.open_referral.records import Item, Quarantined, Record
from directory.open_referral.schemas import CHILDREN, table_of

# What several documents hold: each is given once, with all that any of them says of it.
_SHARED: Final = frozenset(
    nested.kind for names in CHILDREN.values() for nested in names.values() if not nested.many
)

_Key = tuple[str, str]


class Flattener:
    """Reads the nested documents of one source into its records.

    A shared object (an organization in many services) that says the same again, or less, is taken
    once; what later documents add is added; what contradicts is quarantined and the first stays.
    Shared objects wait for `rest`, except services that are documents of their own. A child
    without id gets one made of its parent, the name it stands under and its content. Memory: the
    shared objects and services, and 16 bytes for each other object.
    """

    def __init__(self) -> None:
        self._waiting: dict[_Key, Record] = {}
        self._services: dict[_Key, Record] = {}
        self._children: dict[_Key, bytes] = {}

    def items(self, document: Mapping[str, Any], kind: str, place: str = "") -> Iterator[Item]:
        """What one document of this kind holds, as far as it need not wait for others."""
        together: dict[_Key, Record] = {}
        own = (kind, "")
        for item in records_in(document, kind, place):
            if isinstance(item, Quarantined):
                yield item
                continue
            key = (item.kind, item.id)
            own = key if item.place == place else own
            before = together.get(key)
            if before is None:
                together[key] = item
            else:
                together[key], refused = _merged(before, item)
                yield from refused
        for key, record in together.items():
            yield from self._settled(key, record, is_own=key == own)

    def rest(self) -> Iterator[Item]:
        """The shared objects that waited, once all documents were read."""
        yield from self._waiting.values()
        self._waiting.clear()

    def _settled(self, key: _Key, record: Record, *, is_own: bool) -> Iterator[Item]:
        if record.kind not in _SHARED:
            return self._child(key, record)
        if key in self._services:
            return _again(self._services[key], record)
        return self._service(key, record) if is_own and key[0] == "service" else self._wait(record)

    def _service(self, key: _Key, record: Record) -> Iterator[Item]:
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            record, refused = _merged(record, waiting)
            yield from refused
        self._services[key] = record
        yield record

    def _wait(self, record: Record) -> Iterator[Item]:
        key = (record.kind, record.id)
        waiting = self._waiting.get(key)
        if waiting is not None:
            record, refused = _merged(waiting, record)
            yield from refused
        self._waiting[key] = record

    def _child(self, key: _Key, record: Record) -> Iterator[Item]:
        content = blake2b(canonical(record.fields), digest_size=16).digest()
        before = self._children.setdefault(key, content)
        if before is content:
            yield record
        elif before != content:
            yield _refused(record, "an object with this id and other content was read before")


def canonical(value: object) -> bytes:
    """The JSON of a value with its keys sorted: equal values give equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _merged(first: Record, again: Record) -> tuple[Record, tuple[Quarantined, ...]]:
    """Both together; when they contradict, the first alone, and why the second was not taken."""
    other = _contradicted(first, again)
    if other:
        return first, (_contradiction(first, again, other),)
    return first._replace(fields={**first.fields, **again.fields}), ()


def _again(given: Record, again: Record) -> Iterator[Quarantined]:
    """What a repeat says that the record already given does not."""
    other = _contradicted(given, again)
    if other:
        yield _contradiction(given, again, other)
    elif late := sorted(again.fields.keys() - given.fields.keys()):
        yield _refused(again, f"read at {given.place} without {', '.join(late)}")


def _contradicted(first: Record, again: Record) -> list[str]:
    both = first.fields.keys() & again.fields.keys()
    return sorted(name for name in both if first.fields[name] != again.fields[name])


def _contradiction(first: Record, again: Record, names: list[str]) -> Quarantined:
    return _refused(again, f"read at {first.place} with another {', '.join(names)}")


def _refused(record: Record, reason: str) -> Quarantined:
    return Quarantined(table_of(record.kind), record.place, record.id, reason)
