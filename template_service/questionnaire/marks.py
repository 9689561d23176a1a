"""Marks of safety and urgency in a Questionnaire are read, or refused: a lost one tells or mutes.

Only extensions of the questionnaire, its items and its options are read. So a mark elsewhere, of
another type than its own, or said twice is an error and never passed over.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from template_service.questionnaire.elements import NESTED, elements, objects
from template_service.questionnaire.extensions import by_name
from template_service.questionnaire.form import SEEN_ALONE
from template_service.questionnaire.options import Findings

GATES = frozenset({SEEN_ALONE, "staff-only"})
"""What `sdoh-display-gate` may say."""

_OURS = "sdoh-"
_HEAD: Final = "Questionnaire"
_ITEM: Final = "item"
_OPTION: Final = "answerOption"
_ELSEWHERE: Final = ""


class _Mark(NamedTuple):
    """On what one of our marks is read, its value[x], and what that may be if not anything."""

    on: frozenset[str]
    kind: str
    json_type: type
    values: frozenset[str] = frozenset()


_MARKS: Mapping[str, _Mark] = {
    "sdoh-masked": _Mark(frozenset({_HEAD, _ITEM, _OPTION}), "valueBoolean", bool),
    "sdoh-display-gate": _Mark(frozenset({_HEAD, _ITEM}), "valueCode", str, GATES),
    "sdoh-urgent": _Mark(frozenset({_OPTION}), "valueCode", str),
}
_NAMES = tuple(_MARKS)


def check_marks(resource: Mapping[str, Any], findings: Findings) -> None:
    """Report every mark of safety or urgency that would be passed over, as an error."""
    read = _read(resource)
    marked = [element for element in _objects_in(read) if _may_be_marked(element)]
    if not marked:
        return
    roles = _roles(read)

    def wrong(element: Mapping[str, Any]) -> tuple[str, ...]:
        return _wrong(element, roles.get(id(element), _ELSEWHERE))

    if not any(map(wrong, marked)):
        # Naming every place costs more than all others pay for compiling.
        return
    for place, element in elements(read, _HEAD):
        link_id = element.get("linkId")
        for message in wrong(element):
            findings.add(place, link_id if isinstance(link_id, str) else None, message)


def unread_marks(element: Mapping[str, Any]) -> Iterator[str]:
    """The names of our extensions on an element that are not in its list of extensions."""
    for name in ("extension", "modifierExtension"):
        given = element.get(name)
        if name == "modifierExtension" or not isinstance(given, list):
            named = by_name({"extension": given if isinstance(given, list) else [given]})
            yield from (mark for mark in named if mark.startswith(_OURS))


def _read(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A questionnaire as it is looked at; of what it contains, the value sets only."""
    contained = [
        each if each.get("resourceType") == "ValueSet" else None
        for each in objects(resource.get("contained"))
    ]
    return {**resource, "contained": contained}


def _roles(resource: dict[str, Any]) -> dict[int, str]:
    """What the elements are on which marks are read, by their id()."""
    roles: dict[int, str] = {}
    waiting = objects(resource.get("item"))
    while waiting:
        item = waiting.pop()
        roles[id(item)] = _ITEM
        roles |= dict.fromkeys(map(id, objects(item.get("answerOption"))), _OPTION)
        waiting += objects(item.get("item"))
    return roles | {id(resource): _HEAD}


def _objects_in(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every element, in no order that matters: compiling pays for this walk more than for most."""
    reached: list[Any] = [resource]
    for node in reached:
        if isinstance(node, dict):
            yield node
        for each in node.values() if isinstance(node, dict) else node:
            if isinstance(each, NESTED):
                reached.append(each)  # noqa: PERF401 - a list for each element would be thrown away


def _may_be_marked(element: Mapping[str, Any]) -> bool:
    if "modifierExtension" in element:
        return True
    if "extension" not in element:
        return False
    given = element["extension"]
    return not isinstance(given, list) or any(map(_is_mark, given))


def _is_mark(extension: Any) -> bool:
    url = extension.get("url") if isinstance(extension, dict) else None
    return isinstance(url, str) and url.endswith(_NAMES)


def _wrong(element: Mapping[str, Any], role: str) -> tuple[str, ...]:
    return (*_unread(element), *_unsound(element, role))


def _unread(element: Mapping[str, Any]) -> Iterator[str]:
    for name in unread_marks(element):
        yield f"{name} stands where nobody reads it; it belongs in the list 'extension'."


def _unsound(element: Mapping[str, Any], role: str) -> Iterator[str]:
    for name, found in by_name(element).items():
        mark = _MARKS.get(name)
        if mark is None:
            continue
        if role not in mark.on:
            yield f"{name} stands where nobody reads it, so it would mark nothing."
        elif len(found) > 1:
            yield f"{name} is said twice."
        elif not _is_sound(found[0].get(mark.kind), mark):
            known = " or ".join(sorted(mark.values))
            yield f"{name} needs a {mark.kind}{f' of {known}' if known else ''}."


def _is_sound(given: object, mark: _Mark) -> bool:
    if not isinstance(given, mark.json_type) or given == "":
        return False
    return not mark.values or given in mark.values
