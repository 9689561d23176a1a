"""Quantities, attachments and references: whether they are what FHIR R4 says they are.

What a questionnaire asks of them besides (units, sizes, types) is in `constraints`.
"""

import re
from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.primitives import byte_count, is_uri
from template_service.questionnaire.problems import Finding
from template_service.questionnaire.units import number

# R4 datatypes, "Primitive Types" and "Quantity", "Attachment"; references.html for References.
_TEXTS_OF_QUANTITY = ("unit", "system", "code")
_COMPARATORS = ("<", "<=", ">=", ">")
_TEXTS_OF_ATTACHMENT = ("contentType", "language", "data", "url", "hash", "title", "creation")
_TEXTS_OF_REFERENCE = ("reference", "type", "display")
_MEDIA_TYPE = re.compile(r"[\w.+!#$&^-]{1,127}/[\w.+!#$&^-]{1,127}(\s*;.*)?", re.ASCII)
_ABSOLUTE = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<rest>.+)", re.ASCII | re.IGNORECASE)
_WEB = re.compile(r"//[^/?#]+.*")
_RELATIVE = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{1,63})/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?(#\S+)?",
    re.ASCII,
)
_AT_END = re.compile(
    r".*/(?P<type>[A-Z][A-Za-z]{1,63})/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?",
    re.ASCII,
)


def wrong_quantity(given: Mapping[str, Any]) -> Finding | None:
    """What is wrong with a Quantity by itself, or None."""
    if number(given.get("value")) is None:
        return _wrong("The quantity needs a number as its value.")
    if (name := _not_text(given, _TEXTS_OF_QUANTITY)) is not None:
        return _wrong(f"{name} of a quantity must be text.")
    if given.get("comparator", "<") not in _COMPARATORS:
        return _wrong("comparator of a quantity is not one of FHIR R4.")
    if "code" in given and "system" not in given:
        return _wrong("A unit given as a code needs the system of the code (R4, qty-3).")
    return None


def wrong_attachment(given: Mapping[str, Any]) -> Finding | None:
    """What is wrong with an Attachment by itself, or None."""
    if (name := _not_text(given, _TEXTS_OF_ATTACHMENT)) is not None:
        return _wrong(f"{name} of an attachment must be text.")
    if "contentType" in given and not _MEDIA_TYPE.fullmatch(given["contentType"]):
        return _wrong("contentType must be a media type such as application/pdf.")
    if "url" in given and not is_uri(given["url"]):
        return _wrong("The url of the attachment is no URL.")
    size = given.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return _wrong("size must be a whole number of bytes.")
    return _wrong_data(given) if "data" in given else None


def _wrong_data(given: Mapping[str, Any]) -> Finding | None:
    if "contentType" not in given:
        return _wrong("An attachment with data needs its contentType (R4, att-1).")
    length = byte_count(given["data"])
    if length is None:
        return _wrong("data of the attachment is not base64.")
    if given.get("size", length) != length:
        return _wrong("size is not the number of bytes in data.")
    return None


def wrong_reference(given: Mapping[str, Any]) -> Finding | None:
    """What is wrong with a Reference by itself, or None."""
    if (name := _not_text(given, _TEXTS_OF_REFERENCE)) is not None:
        return _wrong(f"{name} of a reference must be text.")
    if not isinstance(given.get("identifier", {}), dict):
        return _wrong("identifier of a reference must be an object.")
    if given.keys().isdisjoint(("reference", "identifier", "display")):
        return _wrong("A reference needs a reference, an identifier or a display text.")
    if "reference" not in given or _points_somewhere(given["reference"]):
        return None
    return _wrong(
        "The reference must be Type/id, a whole URL, urn:uuid:..., urn:oid:... or #id of a "
        "contained resource."
    )


def referenced_type(given: Mapping[str, Any], contained: Mapping[str, str]) -> str | None:
    """The resource type a Reference points to, as far as it says; None when it does not.

    `contained` has the type of each contained resource of the response by id.
    """
    reference, said = given.get("reference"), given.get("type")
    if isinstance(reference, str):
        if reference.startswith("#"):
            return contained.get(reference[1:])
        match = _RELATIVE.fullmatch(reference) or _AT_END.fullmatch(reference)
        if match is not None:
            return match["type"]
    return said if isinstance(said, str) else None


def _points_somewhere(reference: str) -> bool:
    if not is_uri(reference):
        return False
    if reference.startswith("#") or _RELATIVE.fullmatch(reference):
        return True
    absolute = _ABSOLUTE.fullmatch(reference)
    if absolute is None:
        return False
    web = absolute["scheme"].lower() in ("http", "https")
    return not web or _WEB.fullmatch(absolute["rest"]) is not None


def _not_text(given: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of these properties that is there without being a text."""
    for name in names:
        if name in given and (not isinstance(given[name], str) or not given[name]):
            return name
    return None


def _wrong(message: str) -> Finding:
    return Finding("error", "value", message)
