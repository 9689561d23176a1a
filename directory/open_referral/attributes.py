"""Our namespaced additions: what HSDS cannot say of a service, as its `attribute` records.

Every addition is one attribute whose term, of our own vocabulary, is named as the field of
`directory.model.Service`; its `value` is the field's value. Needs are terms of a vocabulary too,
so that others read them as they read any classification. All ids are made from what they are of.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from directory.model import NEEDS, Service
from directory.open_referral.records import Record
from directory.taxonomies import NEED_VOCABULARY, crosswalk

CURATED: Final = "curated"
"""The `place` of every record that curators or our own directory made."""

ADDITIONS: Final = "template-service"
"""The name of the vocabulary of our additions."""

PHONE_HOURS: Final = "phone_hours"
"""When a phone is answered: an addition to a phone, not to a service."""

CURATED_ONLY: Final = frozenset(
    {
        "verified_on",
        "verified_by",
        "verified_source",
        "review_by",
        "urgent_today",
        "urgent_cards",
        "public_funds",
        "safe_for_private_disclosure",
    }
)
"""Additions that only a curator can say. What a feed claims of them is told in a note, not taken:
each would let somebody rely on a service, or send somebody to it, on the word of a stranger."""


def is_ours(record: Record) -> bool:
    """Whether a record was made here: readers give every record of a feed its place there."""
    return record.place in ("", CURATED)


# Ids of ours are made in a namespace of their own.
_NAMESPACE: Final = UUID("9c9f7b0e-5c1d-5a52-8a7e-3f0d6b1c2e44")
_ORDINALS: Final = 0xFFFF


def made_id(*parts: str, ordinal: int = 0) -> str:
    """A UUID made from these names; ids of a list (ordinals) sort in its order."""
    whole = uuid5(_NAMESPACE, "/".join(parts)).int & ~_ORDINALS
    return str(UUID(int=whole | ordinal))


def addition(link: Record, field: str, value: Any, about: str = "", ordinal: int = 0) -> Record:
    """The attribute that says `value` (JSON) of the `field` of a record.

    `about` is the fingerprint of what the records themselves say, where this stands instead.
    """
    said: dict[str, Any] = {
        "link_id": link.id,
        "link_entity": link.kind,
        "taxonomy_term_id": _term_id(field),
        "value": _encoded(value),
    }
    if about:
        said["instead_of"] = about
    return Record("attribute", made_id(link.id, field, ordinal=ordinal), said, CURATED)


def need_attribute(service: Record, need: str, ordinal: int) -> Record:
    """The attribute that classifies a service under a need."""
    fields = {
        "link_id": service.id,
        "link_entity": "service",
        "taxonomy_term_id": _TERM_OF_NEED[need],
    }
    return Record("attribute", made_id(service.id, "need", ordinal=ordinal), fields, CURATED)


def vocabulary_of(attributes: Iterable[Record]) -> tuple[Record, ...]:
    """Our taxonomies and terms that these attributes point at, each once."""
    wanted = {it.fields.get("taxonomy_term_id") for it in attributes}
    terms = tuple(_OUR_TERMS[term] for term in _OUR_TERMS if term in wanted)
    taxonomies = {it.fields["taxonomy_id"] for it in terms}
    return (*(it for it in _TAXONOMIES if it.id in taxonomies), *terms)


def field_of(attribute: Record, terms: Mapping[str, Record]) -> str | None:
    """The field that an attribute of our own vocabulary says; None for any other attribute."""
    term_id = attribute.fields.get("taxonomy_term_id")
    known = _FIELDS.get(str(term_id))
    if known is not None or str(term_id) in NEED_OF_TERM:
        # What a source calls one of our own terms does not make it another.
        return known
    term = terms.get(str(term_id))
    if term is None or term.fields.get("taxonomy") != ADDITIONS:
        return None
    code = term.fields.get("code")
    return code if code in _FIELDS.values() else None


def value_of(attribute: Record) -> Any:
    """The JSON value an attribute says; blank means that nothing is said."""
    value = attribute.fields.get("value")
    if not isinstance(value, str):
        return value
    if value[:1] not in '"[{tfn-0123456789':
        return value or None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _encoded(value: Any) -> str:
    """Text as it is where it reads back so; all else as JSON."""
    encoded = orjson.dumps(value).decode()
    if isinstance(value, str) and value.strip():
        record = Record("attribute", "", {"value": value})
        return value if value_of(record) == value else encoded
    return encoded


@lru_cache(None)
def _term_id(field: str) -> str:
    return made_id(ADDITIONS, field)


def _terms() -> Iterator[Record]:
    additions = made_id(ADDITIONS)
    for field in _FIELDS.values():
        yield _term(_term_id(field), field, field.replace("_", " "), ADDITIONS, additions)
    needs = made_id(NEED_VOCABULARY)
    name = crosswalk().vocabularies[NEED_VOCABULARY].name
    for need, phrase in NEEDS.items():
        yield _term(_TERM_OF_NEED[need], need, phrase, name, needs)


def _term(term_id: str, code: str, name: str, taxonomy: str, taxonomy_id: str) -> Record:
    fields = {
        "code": code,
        "name": name,
        "description": f"Helps with {name}" if code in NEEDS else f"The {name} of a service",
        "taxonomy": taxonomy,
        "taxonomy_id": taxonomy_id,
    }
    return Record("taxonomy_term", term_id, fields, CURATED)


def _taxonomies() -> Iterator[Record]:
    yield Record(
        "taxonomy",
        made_id(ADDITIONS),
        {"name": ADDITIONS, "description": "What the directory says of services beyond HSDS"},
        CURATED,
    )
    needs = crosswalk().vocabularies[NEED_VOCABULARY]
    yield Record(
        "taxonomy",
        made_id(NEED_VOCABULARY),
        {
            "name": needs.name,
            "description": "The needs that the directory is indexed by",
            "uri": needs.uri,
        },
        CURATED,
    )


_TERM_OF_NEED: Final[Mapping[str, str]] = {need: made_id(NEED_VOCABULARY, need) for need in NEEDS}
NEED_OF_TERM: Final[Mapping[str, str]] = {term: need for need, term in _TERM_OF_NEED.items()}
"""The need that each term of our own vocabulary of needs is, by the id of the term."""

_FIELDS: Final[Mapping[str, str]] = {
    _term_id(name): name for name in (*(it.name for it in fields(Service)), PHONE_HOURS)
}
_OUR_TERMS: Final[Mapping[str, Record]] = {it.id: it for it in _terms()}
_TAXONOMIES: Final = tuple(_taxonomies())
