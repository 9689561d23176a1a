"""Marks of safety and urgency in a Questionnaire are read, or refused: a lost one tells or mutes.

Only extensions of the questionnaire, its items and its options are read. So a mark elsewhere, of
another type than its own, or said twice is an error and never passed over.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from template_service.questionnaire.elements import elements, objects, objects_in
from template_service.questionnaire.extensions import by_name
from template_service.questionnaire.form import SEEN_ALONE
from template_service.questionnaire.options import Findings

_OURS = "sdoh-"
_HEAD = "Questionnaire"
_ITEM = rf"{_HEAD}(\.item\[\d+\])+"
_OPTION = rf"{_ITEM}\.answerOption\[\d+\]"


class _Mark(NamedTuple):
    """Where one of our marks is read, its value[x], and what that may be if not anything."""

    places: re.Pattern[str]
    kind: str
    json_type: type
    values: frozenset[str] = frozenset()


_MARKS: Mapping[str, _Mark] = {
    "sdoh-masked": _Mark(re.compile(f"{_HEAD}|{_ITEM}|{_OPTION}"), "valueBoolean", bool),
    "sdoh-display-gate": _Mark(
        re.compile(f"{_HEAD}|{_ITEM}"), "valueCode", str, frozenset({SEEN_ALONE, "staff-only"})
    ),
    "sdoh-urgent": _Mark(re.compile(_OPTION), "valueCode", str),
}


def check_marks(resource: Mapping[str, Any], findings: Findings) -> None:
    """Report every mark of safety or urgency that would be passed over, as an error."""
    urls = (each.get("url") for each in objects_in(resource))
    if not any(isinstance(url, str) and _OURS in url for url in urls):
        # Naming every place costs more than all others pay for compiling.
        return
    for place, element in _elements(resource):
        if "extension" in element or "modifierExtension" in element:
            link_id = element.get("linkId")
            for message in _wrong(element, place):
                findings.add(place, link_id if isinstance(link_id, str) else None, message)


def unread_marks(element: Mapping[str, Any]) -> Iterator[str]:
    """The names of our extensions on an element that are not in its list of extensions."""
    for name in ("extension", "modifierExtension"):
        given = element.get(name)
        if name == "modifierExtension" or not isinstance(given, list):
            named = by_name({"extension": given if isinstance(given, list) else [given]})
            yield from (mark for mark in named if mark.startswith(_OURS))


def _elements(resource: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The elements of a questionnaire; of what it contains, those of value sets only."""
    yield from elements({**resource, "contained": None}, _HEAD)
    for index, each in enumerate(objects(resource.get("contained"))):
        if each.get("resourceType") == "ValueSet":
            yield from elements(each, f"{_HEAD}.contained[{index}]")


def _wrong(element: Mapping[str, Any], place: str) -> Iterator[str]:
    for name in unread_marks(element):
        yield f"{name} stands where nobody reads it; it belongs in the list 'extension'."
    for name, found in by_name(element).items():
        mark = _MARKS.get(name)
        if mark is None:
            continue
        if mark.places.fullmatch(place) is None:
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
