"""What makes a repeated create the same create: `Idempotency-Key` or `If-None-Exist`."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from template_service.errors import Invalid, Malformed

from .outcomes import Remark

LONGEST_KEY = 255
_BOTH = "Send Idempotency-Key or If-None-Exist, not both."
_TOO_LONG = f"Idempotency-Key is longer than {LONGEST_KEY} characters."
_NOT_IDENTIFIER = "If-None-Exist must be identifier=system|value."
_OTHER_IDENTIFIER = "The identifier is not the one that If-None-Exist names."


def repeat_key(headers: Headers, resource: Mapping[str, Any]) -> str | None:
    """The key under which a create happens once, or None when the client asked for none.

    A conditional create (FHIR R4, http.html#ccreate) is known by the identifier it searches for,
    which the resource must carry itself; a hash keeps it out of every index and log. Raises
    Malformed for any other search, a key that is too long, and both headers at once; Invalid when
    the resource carries another identifier.
    """
    key, condition = headers.get("Idempotency-Key"), headers.get("If-None-Exist")
    if key and condition:
        raise Malformed(_BOTH)
    if condition:
        return _hashed("if-none-exist", _searched_identifier(condition, resource))
    if key and len(key) > LONGEST_KEY:
        raise Malformed(_TOO_LONG)
    return _hashed("idempotency-key", key) if key else None


def _searched_identifier(condition: str, resource: Mapping[str, Any]) -> str:
    searched = parse_qsl(condition.removeprefix("?"), keep_blank_values=True)
    if len(searched) != 1 or searched[0][0] != "identifier":
        raise Malformed(_NOT_IDENTIFIER)
    system, separator, value = searched[0][1].partition("|")
    if not (system and separator and value):
        raise Malformed(_NOT_IDENTIFIER)
    carried = resource.get("identifier")
    if not isinstance(carried, dict) or (carried.get("system"), carried.get("value")) != (
        system,
        value,
    ):
        place = "QuestionnaireResponse.identifier"
        raise Invalid(problems=[Remark("value", _OTHER_IDENTIFIER, expression=place)])
    return searched[0][1]


def _hashed(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
