"""The JSON of a request body, read once and refused precisely."""

import json
import re
from typing import Any

import orjson

from template_service.errors import Malformed

# A QuestionnaireResponse nests two or three JSON levels for each level of the form; published
# questionnaires stay under ten levels. Walkers further in recurse, so depth is bounded here.
MAX_DEPTH = 100
_KEY = re.compile(rb'"\s*:')


class _RepeatedKey(ValueError):
    pass


def parse_object(body: bytes) -> dict[str, Any]:
    """One JSON object from UTF-8 bytes.

    Raises Malformed with line and column for broken JSON, and for a body that is not an
    object, nests deeper than MAX_DEPTH, or holds a property twice (RFC 8259 leaves open which of
    two equal names counts, so neither is trusted).
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise Malformed(_explain(body, broken)) from None
    if not isinstance(parsed, dict):
        raise Malformed("The body must be one JSON object.")
    keys = _count_keys(parsed)
    # Every property has a closing quote before its colon, so equal counts prove no repeat. Text
    # that itself holds a quote and a colon makes the count higher: then the slow reader decides.
    if len(_KEY.findall(body)) != keys:
        _refuse_repeated_keys(body)
    return parsed


def _explain(body: bytes, broken: orjson.JSONDecodeError) -> str:
    if not body.strip():
        return "The body is empty; it must be one JSON object."
    if "depth" in broken.msg:
        return f"The body nests deeper than {MAX_DEPTH} levels."
    return f"The body is not well-formed JSON (line {broken.lineno}, column {broken.colno})."


def _count_keys(parsed: dict[str, Any]) -> int:
    keys = 0
    level: list[Any] = [parsed]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                keys += len(node)
                below += [child for child in node.values() if isinstance(child, dict | list)]
            else:
                below += [child for child in node if isinstance(child, dict | list)]
        if not below:
            return keys
        level = below
    raise Malformed(f"The body nests deeper than {MAX_DEPTH} levels.")


def _refuse_repeated_keys(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_object_without_repeats)
    except _RepeatedKey:
        raise Malformed("An object in the body holds the same property twice.") from None


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise _RepeatedKey
    return unique
