"""The records of a source in clusters: what no record of one cluster is read or nested with.

Whatever is read out of a cluster (its services, the documents that hold its records) depends on its
own records and on what all have in common: the terms of vocabularies.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import orjson

from directory.open_referral.schemas import REFERENCES, kind_of

_ENDS: Final = frozenset({"taxonomy", "taxonomy_term"})
# What points at a term is no part of it: everything would hang together.
_TO_TERMS: Final = frozenset({"taxonomy_id", "taxonomy_term_id"})
_REFERENCE: Final = re.compile(r'"(\w+_id)":(?:"((?:[^"\\]|\\.)*)"|(-?\d+)[,}])')
# Fields by which a record belongs to one of any kind, and the field that says which kind.
_BELONGS_BY: Final = {"link_id": "link_entity", "resource_id": "resource_type"}


class Row(NamedTuple):
    """A record as the working copy keeps it: `fields` are its JSON."""

    kind: str
    id: str
    fields: str
    place: str


class Clusters(NamedTuple):
    """The numbers of the rows of each cluster, in the order of the rows.

    `common` are those of the vocabularies and of what hangs on them, which belongs to all.
    """

    common: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]


def clusters(rows: Sequence[Row]) -> Clusters:
    """The clusters of the records of one source.

    Any field named `<kind>_id` makes two records hang together, more than any reader follows: a
    cluster may be larger than it need be, never smaller.
    """
    at = {(row.kind, row.id): number for number, row in enumerate(rows)}
    named: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        named.setdefault(row.id, []).append(number)
    above = list(range(len(rows)))
    for number, row in enumerate(rows):
        for kind, record_id in _points_at(row):
            found = named.get(record_id, ()) if kind is None else (at.get((kind, record_id)),)
            for target in found:
                if target is not None:
                    _join(above, number, target)
    members: dict[int, list[int]] = {}
    for number in range(len(rows)):
        members.setdefault(_root(above, number), []).append(number)
    common = {_root(above, number) for number, row in enumerate(rows) if row.kind in _ENDS}
    return Clusters(
        tuple(sorted(number for root in common for number in members[root])),
        tuple(tuple(found) for root, found in members.items() if root not in common),
    )


def _points_at(row: Row) -> Iterator[tuple[str | None, str]]:
    """What a record may point at: kind and id; no kind where it may be of any."""
    references = REFERENCES.get(row.kind, {})
    for field, text, number in _REFERENCE.findall(row.fields):
        if field in _TO_TERMS and row.kind not in _ENDS:
            continue
        value = orjson.loads(f'"{text}"') if "\\" in text else text or number
        if field in _BELONGS_BY:
            yield from _entities(row, field, value)
        elif value:
            yield field[:-3], value
            if field in references:
                yield references[field], value


def _entities(row: Row, field: str, value: str) -> Iterator[tuple[str | None, str]]:
    said = orjson.loads(row.fields).get(_BELONGS_BY[field])
    if said:
        yield str(said), value
        yield kind_of(str(said)), value
    else:
        yield None, value


def _root(above: list[int], number: int) -> int:
    while above[number] != number:
        above[number] = above[above[number]]
        number = above[number]
    return number


def _join(above: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(above, one), _root(above, other)))
    above[second] = first
