"""What a client sends and wants: Content-Type, Accept, `_format`, Prefer (FHIR R4 RESTful API)."""

from collections.abc import Iterator
from enum import StrEnum

from werkzeug.http import parse_dict_header, parse_options_header

FHIR_JSON = "application/fhir+json"
READABLE = frozenset({FHIR_JSON, "application/json"})
# `_format` also takes the short names of FHIR R4, http.html#parameters.
_FORMATS = READABLE | {"json", "text/json"}
_RANGES = READABLE | {"*/*", "application/*", "text/json"}
# FHIR R4, versioning.html#mt-version: the R4 releases are called 4.0.
_FHIR_VERSION = "4.0"


class Preference(StrEnum):
    """What the answer to a create should hold (FHIR R4, http.html#ops)."""

    MINIMAL = "minimal"
    REPRESENTATION = "representation"
    OUTCOME = "OperationOutcome"


def sends_json(content_type: str | None) -> bool:
    """Whether a body of this Content-Type is JSON of FHIR R4, in UTF-8."""
    media_type, options = parse_options_header(content_type)
    charset = options.get("charset", "utf-8").lower()
    return media_type.lower() in READABLE and charset == "utf-8" and _is_r4(options)


def wants_json(accept: str | None, format_parameter: str | None) -> bool:
    """Whether JSON satisfies the client; `_format` overrides Accept, silence means anything."""
    if format_parameter:
        # A plus sign in a query string arrives as a space.
        return format_parameter.replace(" ", "+").lower() in _FORMATS
    if not accept:
        return True
    return any(_admits_json(media_range) for media_range in _media_ranges(accept))


def preference(prefer: str | None) -> Preference | None:
    """The `return=` of a Prefer header; None when there is none or it is not one of FHIR's."""
    if not prefer:
        return None
    asked = parse_dict_header(prefer.replace(";", ",")).get("return")
    return Preference(asked) if asked in set(Preference) else None


def _media_ranges(accept: str) -> Iterator[tuple[str, dict[str, str]]]:
    for part in accept.split(","):
        yield parse_options_header(part.strip())


def _admits_json(media_range: tuple[str, dict[str, str]]) -> bool:
    media_type, options = media_range
    refused = options.get("q", "1").strip() in {"0", "0.0", "0.00", "0.000"}
    return media_type.lower() in _RANGES and not refused and _is_r4(options)


def _is_r4(options: dict[str, str]) -> bool:
    return options.get("fhirversion", _FHIR_VERSION).startswith(_FHIR_VERSION)
