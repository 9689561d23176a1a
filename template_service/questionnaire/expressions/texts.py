"""Texts of FHIRPath: patterns through RE2 in linear time, and nothing that multiplies unseen."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire import patterns
from template_service.questionnaire.expressions.library import (
    FP_DateTime,
    FP_Quantity,
    FP_Time,
    get_data,
    misc,
)
from template_service.questionnaire.expressions.limits import weigh_length
from template_service.questionnaire.problems import QuestionnaireError

Context = dict[str, Any]

_GROUP = re.compile(r"\$(\$|&|\d{1,2})")
_NO_PATTERN = "A pattern in this FHIRPath cannot be used: RE2 does not take it."


def _pattern(pattern: str) -> Any:
    # FHIRPath 5.6: "." takes a new line as well.
    found = patterns.compiled(pattern, dot_takes_all=True)
    if found is None:
        raise QuestionnaireError(_NO_PATTERN)
    return found


def _one(given: list[Any]) -> str:
    (node,) = given
    text = get_data(node)
    if not isinstance(text, str):
        raise TypeError(type(text))
    return text


def _matches(_: Context, given: list[Any], pattern: Any) -> Any:
    return bool(_pattern(pattern).search(_one(given))) if isinstance(pattern, str) else []


def _matches_full(_: Context, given: list[Any], pattern: Any) -> Any:
    return bool(_pattern(pattern).fullmatch(_one(given))) if isinstance(pattern, str) else []


def _replace_matches(context: Context, given: list[Any], pattern: Any, substitute: Any) -> Any:
    if not isinstance(pattern, str) or not isinstance(substitute, str):
        return []
    found: list[str] = []
    text, length, at = _one(given), 0, 0
    if not pattern:
        return text
    for match in _pattern(pattern).finditer(text):
        found += (text[at : match.start()], _filled(substitute, match))
        at = match.end()
        length += len(found[-1]) + len(found[-2])
        weigh_length(length)
        context["work"].charge(1)
    return "".join((*found, text[at:]))


def _filled(substitute: str, match: Any) -> str:
    """A substitution with `$1`, `$&` and `$$` resolved; a group that is not there stays."""

    def group(found: re.Match[str]) -> str:
        name = found.group(1)
        if name == "$":
            return "$"
        number = 0 if name == "&" else int(name)
        return (match.group(number) or "") if number <= match.re.groups else found.group()

    return _GROUP.sub(group, substitute)


def _replace(_: Context, given: list[Any], pattern: Any, substitute: Any) -> Any:
    if not isinstance(pattern, str) or not isinstance(substitute, str):
        return []
    text = _one(given)
    count = text.count(pattern) if pattern else len(text) + 1
    weigh_length(len(text) + count * (len(substitute) - len(pattern)))
    return text.replace(pattern, substitute)


def _join(_: Context, given: list[Any], separator: Any = "") -> Any:
    texts = [get_data(each) for each in given]
    separator = separator if isinstance(separator, str) else ""
    weigh_length(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts) if texts else []


def _to_string(_: Context, given: list[Any]) -> Any:
    if len(given) > 1:
        raise ValueError(len(given))
    value = get_data(given[0]) if given else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (FP_DateTime, FP_Quantity, FP_Time)):
        return value.asStr
    return str(value) if isinstance(value, (str, int)) else []


def _starts_with(_: Context, given: list[Any], prefix: Any) -> Any:
    return _one(given).startswith(prefix) if isinstance(prefix, str) else []


def _ends_with(_: Context, given: list[Any], suffix: Any) -> Any:
    return _one(given).endswith(suffix) if isinstance(suffix, str) else []


def _to_boolean(context: Context, given: list[Any]) -> Any:
    return misc.to_boolean(context, [get_data(each) for each in given])


_TEXT = {"nullable_input": True}
_ONE = {"arity": {1: ["String"]}}
_TWO = {"arity": {2: ["String", "String"]}}

TEXTS: Mapping[str, Mapping[str, Any]] = {
    "matches": {"fn": _matches, **_ONE, **_TEXT},
    "matchesFull": {"fn": _matches_full, **_ONE, **_TEXT},
    "replaceMatches": {"fn": _replace_matches, **_TWO, **_TEXT},
    "replace": {"fn": _replace, **_TWO, **_TEXT},
    "join": {"fn": _join, "arity": {0: [], 1: ["String"]}},
    "startsWith": {"fn": _starts_with, **_ONE, **_TEXT},
    "endsWith": {"fn": _ends_with, **_ONE, **_TEXT},
    "toBoolean": {"fn": _to_boolean},
    "toString": {"fn": _to_string},
}
