"""Whether a JSON value is one of R4's primitives: the one table of their formats.

https://hl7.org/fhir/R4/datatypes.html, "Primitive Types"; dates and times are in `moments`.
"""

import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.moments import is_date, is_date_time, is_instant, is_time

# R4 allows tab, line feed and carriage return of the control characters; half a pair is no text.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_CODE = re.compile(r"\S+( \S+)*")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
_URI = re.compile(r"\S+")
# RFC 3986 leaves these out of every URI; letters outside ASCII are let pass, as FHIR does.
_NOT_OF_A_URI = re.compile(r"""[\s<>"{}|\\^`\x00-\x1f]""")
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_URNS = {"oid": _OID, "uuid": _UUID}
_SPACE = re.compile(r"\s+")
# R4 narrative.html, txt-1: text and pictures only. Whoever shows a narrative cleans it as well.
_ACTIVE = re.compile(
    r"<\s*(?:script|iframe|frame|object|embed|form|input|base|link|meta|style|svg)\b"
    r"|<[^<>]*\son\w+\s*=|(?:javascript|vbscript)\s*:",
    re.ASCII | re.IGNORECASE,
)
_LARGEST = 2**31
# Callers in Python may hand in decimals as they are.
_NUMBERS = (int, float, Decimal)


def is_storable(text: str) -> bool:
    """Whether every character of a text is one that R4 allows."""
    # What can be printed can be stored, and nearly everything can: it is known at a glance.
    return text.isprintable() or _NOT_TEXT.search(text) is None


def is_text(value: Any) -> bool:
    """Whether a value is a `string` of R4: there is something in it, and it can be stored."""
    if not isinstance(value, str) or not value or value.isspace():
        return False
    return is_storable(value)


def is_uri(text: str) -> bool:
    """Whether an answer is a URI, absolute or relative; a urn:uuid or urn:oid must be one.

    R4 itself rules out no more than spaces, and that is all that is asked outside of answers.
    """
    if not text or _NOT_OF_A_URI.search(text):
        return False
    kind, _, named = text.partition(":")
    if kind.lower() != "urn":
        return True
    space, _, name = named.partition(":")
    pattern = _URNS.get(space.lower())
    return bool(space and name) if pattern is None else pattern.fullmatch(name.lower()) is not None


def byte_count(data: Any) -> int | None:
    """How many bytes a base64Binary stands for; None if it is none."""
    if not isinstance(data, str):
        return None
    try:
        # R4 allows white space between the groups of base64.
        return len(binascii.a2b_base64(_SPACE.sub("", data), strict_mode=True))
    except ValueError:
        return None


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < _LARGEST


def _is_narrative(text: str) -> bool:
    return text.lstrip().startswith("<div") and _ACTIVE.search(text) is None


def _of_form(pattern: re.Pattern[str], prefix: str = "") -> Callable[[Any], bool]:
    return _text_that(
        lambda text: text.startswith(prefix) and pattern.fullmatch(text, len(prefix)) is not None
    )


def _text_that(holds: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and holds(value)


PRIMITIVES: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_whole(value, -_LARGEST),
    "unsignedInt": lambda value: _is_whole(value, 0),
    "positiveInt": lambda value: _is_whole(value, 1),
    "decimal": lambda value: isinstance(value, _NUMBERS) and not isinstance(value, bool),
    "string": is_text,
    "markdown": is_text,
    "xhtml": lambda value: is_text(value) and _is_narrative(value),
    "code": _of_form(_CODE),
    "id": _of_form(_ID),
    "uri": _of_form(_URI),
    "url": _of_form(_URI),
    "canonical": _of_form(_URI),
    "oid": _of_form(_OID, "urn:oid:"),
    "uuid": _of_form(_UUID, "urn:uuid:"),
    "base64Binary": lambda value: bool(byte_count(value)),
    "date": _text_that(is_date),
    "dateTime": _text_that(is_date_time),
    "instant": _text_that(is_instant),
    "time": _text_that(is_time),
}
"""Type -> whether a JSON value is one."""
