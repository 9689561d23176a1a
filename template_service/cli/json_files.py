"""Files of JSON as people bring them: read, or refused so that it helps."""

import codecs
from pathlib import Path
from typing import Any, Final

import orjson

from template_service.errors import Malformed

_UTF_8_MARK: Final = codecs.BOM_UTF8
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_UTF_8: Final = "not in UTF-8; save it as UTF-8"
# A questionnaire and a response are the two kinds that stand beside each other in a command.
_TAKEN_FOR_EACH_OTHER: Final = frozenset({"Questionnaire", "QuestionnaireResponse"})


def read_json(path: Path) -> Any:
    """The JSON of a file. Raises Malformed naming the file, and line and column if it is broken."""
    body = read_text(path)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise Malformed(f"{path}: not valid JSON ({place})") from None


def read_resource(path: Path, resource_type: str) -> dict[str, Any]:
    """A FHIR resource of a type from a file. Raises Malformed naming the file and what it holds."""
    resource = read_json(path)
    found = resource.get("resourceType") if isinstance(resource, dict) else None
    if found == resource_type:
        return dict(resource)
    refuse_swapped(path, found, resource_type)
    raise Malformed(f"{path}: not a FHIR {resource_type}")


def refuse_swapped(path: Path, found: object, wanted: str) -> None:
    """Raises Malformed where a questionnaire stands for a response, or a response for one."""
    if found != wanted and found in _TAKEN_FOR_EACH_OTHER and wanted in _TAKEN_FOR_EACH_OTHER:
        order = "give the questionnaire first, then the response"
        raise Malformed(f"{path}: this is a {found}; {order}")


def read_text(path: Path, most: int = -1) -> bytes:
    """The UTF-8 of a file, up to `most` bytes, without a byte order mark (Notepad writes one).

    Raises Malformed naming the file where it is in another encoding, or empty.
    """
    try:
        with path.open("rb") as opened:
            body = opened.read(most)
    except OSError as problem:
        raise Malformed(f"{path}: {problem.strerror}") from None
    if reason := _unreadable(body, cut=0 <= most <= len(body)):
        raise Malformed(f"{path}: {reason}")
    return body.removeprefix(_UTF_8_MARK)


def _unreadable(body: bytes, *, cut: bool) -> str | None:
    if not body.strip():
        return "the file is empty"
    # JSON begins with two characters of ASCII, and holds no NUL.
    if body.startswith(_UTF_16_MARKS) or b"\0" in body[:2]:
        return f"in UTF-16, {_NOT_UTF_8}"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body, final=not cut)
    except UnicodeDecodeError as problem:
        line = body.count(b"\n", 0, problem.start) + 1
        return f"{_NOT_UTF_8} (line {line})"
    return None
