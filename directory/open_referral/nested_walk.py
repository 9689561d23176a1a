"""One nested document taken apart: every object in it, in the order of the source."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import orjson

from directory.open_referral.records import Item, Quarantined
from directory.open_referral.schema_fields import called
from directory.open_referral.schemas import CHILDREN, POLYMORPHIC, Nested, checked, table_of

# The namespace of ids made for objects that have none.
_NAMESPACE: Final = UUID("7c1f6a0e-3a52-5d0b-8c38-0a4e8f1d2b97")
# Deeper is no directory but an error or an attack, and what writes JSON has such a bound too.
_DEEPEST: Final = 32
_TOO_DEEP: Final = f"nested more than {_DEEPEST} deep"
# The whole numbers that JSON writers and SQLite keep exactly.
_LARGEST: Final = 2**63 - 1


class _Owner(NamedTuple):
    """The object a nested one stands in, and the field that points at it; no id: it has none."""

    kind: str
    id: str
    field: str


class _Part(NamedTuple):
    """A nested object, and where it stands."""

    nested: Nested
    found: Mapping[str, Any]
    place: str


def records_in(document: Mapping[str, Any], kind: str, place: str) -> Iterator[Item]:
    """The object a document is and all objects nested in it; the document's own comes first.

    Names that the schema does not know stay in the fields of their object as they came, whatever
    they hold.
    """
    return _walk(kind, document, place, None, 0)


class _NotKept(Exception):
    """Why a value cannot be kept."""


def _walk(
    kind: str, found: Mapping[str, Any], place: str, owner: _Owner | None, depth: int
) -> Iterator[Item]:
    names = CHILDREN.get(kind, {})
    try:
        if depth > _DEEPEST:
            raise _NotKept(_TOO_DEEP)
        own = {
            # Most values are plain text, and there are very many of them.
            name: value if isinstance(value, str) and value.isascii() else _plain(value, depth)
            for name, value in found.items()
            if name not in names
        }
        own_id = _identified(own, found, owner, depth)
        problems = _linked(own, kind, owner)
        parts = [_pointed_at(it, own, kind, problems) for it in _parts(names, found, place)]
    except _NotKept as reason:
        yield Quarantined(table_of(kind), place, "", str(reason))
        return
    yield _judged(checked(kind, own, place), problems)
    for part in parts:
        if isinstance(part, Quarantined):
            yield part
        else:
            below = _Owner(kind, own_id, part.nested.by) if part.nested.many else None
            yield from _walk(part.nested.kind, part.found, part.place, below, depth + 1)


def _identified(
    own: dict[str, Any], found: Mapping[str, Any], owner: _Owner | None, depth: int
) -> str:
    """The id of an object, made and set where it has none; blank where none can be."""
    given = own.get("id")
    if _is_blank(given):
        if owner is None or not owner.id:
            return ""
        own["id"] = given = _made_id(owner, _plain(found, depth))
    return str(given) if isinstance(given, str | int) else ""


def _linked(own: dict[str, Any], kind: str, owner: _Owner | None) -> list[str]:
    """Point an object at the one it stands in; gives what speaks against it."""
    if owner is None:
        return []
    if not owner.id:
        return [f"the {owner.kind} it belongs to has no id"]
    stated = own.get(owner.field)
    own[owner.field] = owner.id
    if kind in POLYMORPHIC and _is_blank(own.get(POLYMORPHIC[kind].kind_field)):
        own[POLYMORPHIC[kind].kind_field] = owner.kind
    if _is_blank(stated) or str(stated) == owner.id:
        return []
    return [f"{owner.field}: names another {owner.kind} than the one it stands in"]


def _parts(
    names: Mapping[str, Nested], found: Mapping[str, Any], place: str
) -> Iterator[_Part | Quarantined]:
    """The nested objects, one by one; a single object is taken where a list should be."""
    if found.keys().isdisjoint(names):
        return
    for name, nested in names.items():
        value = found.get(name)
        if value is None:
            continue
        where = f"{place}.{name}" if place else name
        if nested.many and isinstance(value, list):
            for number, each in enumerate(value):
                yield _part(nested, each, f"{where}[{number}]")
        elif not (_is_blank(value) or value in ({}, [])):
            yield _part(nested, value, where)


def _part(nested: Nested, value: object, place: str) -> _Part | Quarantined:
    if isinstance(value, Mapping):
        return _Part(nested, value, place)
    reason = f"an object is expected, this is {called(value)}"
    return Quarantined(table_of(nested.kind), place, "", reason)


def _pointed_at(
    part: _Part | Quarantined, own: dict[str, Any], kind: str, problems: list[str]
) -> _Part | Quarantined:
    """Point the owner at a nested single object, which gets an id where it has none."""
    if isinstance(part, Quarantined) or part.nested.many:
        return part
    field = part.nested.by
    stated, given = own.get(field), part.found.get("id")
    if _is_blank(given):
        owner = _Owner(kind, str(own.get("id", "")), field)
        given = stated if not _is_blank(stated) else _made_id(owner, _plain(part.found, 0))
        part = part._replace(found={**part.found, "id": given})
    elif not _is_blank(stated) and str(stated) != str(given):
        problems.append(f"{field}: not the id of the {part.nested.kind} that stands here")
    own[field] = given
    return part


def _judged(item: Item, problems: list[str]) -> Item:
    """The record, or what is wrong with it by itself and where it stands."""
    if not problems:
        return item
    reasons = [item.reason, *problems] if isinstance(item, Quarantined) else problems
    row = item.row if isinstance(item, Quarantined) else item.place
    table = item.table if isinstance(item, Quarantined) else table_of(item.kind)
    return Quarantined(table, row, item.id, "; ".join(reasons))


def _made_id(owner: _Owner, content: object) -> str:
    """The same for the same content in the same place of the same parent."""
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()
    return str(uuid5(_NAMESPACE, f"{owner.kind}/{owner.id}/{owner.field}/{text}"))


def _plain(value: Any, depth: int) -> Any:
    """A JSON value with the numbers that a JSON writer can write, the others as text."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _NotKept("a character is broken (half of a pair)")
        return value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else str(value)
    if isinstance(value, Decimal | float):
        number = float(value)
        return number if isfinite(number) else str(value)
    if depth >= _DEEPEST:
        raise _NotKept(_TOO_DEEP)
    if isinstance(value, Mapping):
        return {name: _plain(it, depth + 1) for name, it in value.items()}
    return [_plain(it, depth + 1) for it in value]


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
