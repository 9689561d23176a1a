"""Answers that stand in a response in no shape they could be found in: nobody would miss them."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.problems import ROOT, Path, Problem, written

_NO_LIST = "{name} must be a list."
_NO_ITEM = "An item must be an object with a linkId."
_NO_ANSWER = "An answer must be an object."

_NOTHING: tuple[Any, ...] = (None, [])


def misshapen(resource: Mapping[str, Any]) -> Iterator[Problem]:
    """What of a response `read_answers` passes over because of its JSON, each place an error.

    A list that is none, an item or an answer that is no object, and answers of an item without a
    linkId. What holds nothing is no fault, nor is an item around others that has no linkId: they
    are read. Never raises on any JSON value; there is no limit to the depth.
    """
    waiting: list[tuple[Path, Mapping[str, Any], str]] = [(ROOT, resource, "item")]
    while waiting:
        around, node, name = waiting.pop()
        given = node.get(name)
        if given in _NOTHING:
            continue
        if not isinstance(given, list):
            yield _error((around, name, None), _NO_LIST.format(name=name))
            continue
        for index, each in enumerate(given):
            path = (around, name, index)
            if not isinstance(each, dict):
                yield _error(path, _NO_ITEM if name == "item" else _NO_ANSWER)
                continue
            waiting.append((path, each, "item"))
            if name == "item":
                yield from _nameless(path, each)
                waiting.append((path, each, "answer"))


def _nameless(path: Path, item: Mapping[str, Any]) -> Iterator[Problem]:
    if item.get("answer") not in _NOTHING and not isinstance(item.get("linkId"), str):
        yield _error(path, _NO_ITEM)


def _error(path: Path, message: str) -> Problem:
    return Problem("error", "structure", written(path), None, message)
