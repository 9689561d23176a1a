"""What a JSON document is: its kind by its table or its properties, v1 or v3; and its records."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from directory.open_referral.nested import Flattener
from directory.open_referral.oruk_v1 import as_v3, is_v1
from directory.open_referral.records import Item, Quarantined
from directory.open_referral.schema_fields import called
from directory.open_referral.schemas import KINDS_OF_TABLE, SCHEMAS, kind_of

# The objects that are documents of their own, the likelier first.
_DOCUMENTS: Final = (
    "service",
    "organization",
    "service_at_location",
    "taxonomy_term",
    "taxonomy",
    "location",
    "program",
)
# What tells a resource of FHIR, whose properties may have the names of ours.
_FHIR: Final = "resourceType"
_NO_OBJECT: Final = "not a service, an organization or another object of Open Referral"
_COMMON: Final = frozenset({"id", "name", "description", "attributes", "metadata"})
# One of these settles it: no other of the documents has it.
_TELLING: Final = {
    "vocabulary": "taxonomy_term",
    "parent_id": "taxonomy_term",
    "physical_addresses": "location",
    "taxonomy_terms": "taxonomy",
}

UNTOLD: Final = "documents"
"""The table of what does not tell its kind, in reports."""


def read_documents(documents: Iterable[tuple[str, Any, str] | Quarantined]) -> Iterator[Item]:
    """The items of the documents of one source, each with its table and its place.

    The table ("services", or its kind) may be blank: then the document's properties tell. What is
    quarantined already passes. Shared objects come last, once, with all that any document says of
    them.
    """
    flattener = Flattener()
    for each in documents:
        if isinstance(each, Quarantined):
            yield each
            continue
        table, document, place = each
        if not isinstance(document, Mapping):
            yield Quarantined(
                table or UNTOLD, place, "", f"an object is expected, this is {called(document)}"
            )
        elif (kind := _kind(table, document)) is None:
            yield Quarantined(UNTOLD, place, _id(document), _NO_OBJECT)
        else:
            modern = as_v3(document, kind) if is_v1(document) else document
            yield from flattener.items(modern, kind, place)
    yield from flattener.rest()


def _kind(table: str, document: Mapping[str, Any]) -> str | None:
    """What a table of v1 holds may be another kind in v3: its taxonomies are terms."""
    if _FHIR in document:
        return None
    telling = next((kind for name, kind in _TELLING.items() if name in document), None)
    if telling and kind_of(table) in {"", "taxonomy", telling}:
        return telling
    return kind_of(table) if table else kind_by_properties(document)


def kind_by_properties(document: Mapping[str, Any]) -> str | None:
    """The kind most of a document's properties are of; None when two are as likely, or none is.

    What has neither an id nor a name is none: the description of an API, a message. A resource of
    FHIR is none.
    """
    if _FHIR in document or not document.keys() & {"id", "name"}:
        return None
    names = document.keys() - _COMMON
    counts = {kind: len(names & SCHEMAS[kind].fields.keys()) for kind in _DOCUMENTS}
    best = max(counts.values())
    likely = [kind for kind, count in counts.items() if count == best]
    return likely[0] if best and len(likely) == 1 else None


def table_by_name(name: str) -> str:
    """The table a file's name begins with ("service_list.json"); blank when with none."""
    stem = name.rpartition("/")[2].partition(".")[0].lower()
    named = [it for it in (*SCHEMAS, *KINDS_OF_TABLE) if _begins(stem, it)]
    return kind_of(max(named, key=len)) if named else ""


def _begins(stem: str, name: str) -> bool:
    return stem.startswith(name) and not stem[len(name) : len(name) + 1].isalpha()


def _id(document: Mapping[str, Any]) -> str:
    found = document.get("id")
    return str(found) if isinstance(found, str | int) else ""
