"""What a feed answered, judged before it is used: JSON, not too deep, in a known encoding."""

import codecs
import json
from collections.abc import Mapping
from email.message import Message
from typing import Any, Final

import orjson

# Python's names of the encodings of JSON, and of what old servers declare.
_CODECS: Final = frozenset(
    {"ascii", "cp1252", "iso8859-1", "iso8859-15", "utf-8", "utf-8-sig"}
    | {"utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"}
)


class WrongAnswer(ValueError):
    """An answer that is not what was asked for; asking again may help."""


def content_type_of(header: str) -> tuple[str, str]:
    """The media type and charset of a `Content-Type` header, in lower case, blank where unsaid."""
    parsed = Message()
    parsed["Content-Type"] = header
    return parsed.get_content_type() if header else "", (parsed.get_content_charset() or "")


def parsed_json(body: bytes, content_type: str, *, depth: int) -> Any:
    """The JSON document of an answer.

    Taken are JSON media types, or none; the charset that the header names, else UTF-8, -16 or -32
    (RFC 7159 tells them apart), with or without a byte order mark. Raises WrongAnswer otherwise,
    for JSON that is cut short or wrong, and for more than `depth` levels.
    """
    media_type, charset = content_type_of(content_type)
    if media_type and not _is_json(media_type):
        raise WrongAnswer(f"the answer is {media_type}, not JSON")
    text = _decoded(body, charset)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise WrongAnswer(f"the answer is not whole JSON (it breaks at {where})") from problem
    _refuse_deep(document, depth)
    return document


def _is_json(media_type: str) -> bool:
    return media_type in {"application/json", "text/json"} or media_type.endswith("+json")


def _decoded(body: bytes, charset: str) -> str:
    named = charset or json.detect_encoding(body)
    if _codec(named) not in _CODECS:
        raise WrongAnswer("the answer is in an encoding that JSON does not come in")
    try:
        return body.decode(named).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        raise WrongAnswer(
            f"the answer is not {named} (byte {problem.start} cannot be read)"
        ) from problem


def _codec(charset: str) -> str:
    try:
        return codecs.lookup(charset).name
    except (LookupError, ValueError):
        return ""


def _refuse_deep(document: Any, depth: int) -> None:
    level = _nested([document])
    for _ in range(depth):
        level = [child for parent in level for child in _nested(parent)]
        if not level:
            return
    raise WrongAnswer(f"the answer is nested more than {depth} levels deep")


def _nested(parent: Any) -> list[Any]:
    values = parent.values() if isinstance(parent, Mapping) else parent
    return [child for child in values if isinstance(child, dict | list)]
