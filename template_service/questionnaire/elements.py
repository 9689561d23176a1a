"""Walking the JSON of a resource, however deep: nothing here recurses, nothing here raises."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

PLACE_LIMIT = 2_000
"""Characters of a place: some hundred levels, where 32 groups within groups may be used. What lies
deeper has the place of what it lies in, or naming places would cost the square of the depth."""


NESTED: Final = (dict, list)
"""For `isinstance`: making `dict | list` anew for every value of a resource takes longer."""


def copied(value: Any) -> Any:
    """A deep copy of parsed JSON that shares no list and no object with the original."""
    box: list[Any] = [value]
    waiting: list[tuple[Any, Any]] = [(box, 0)]
    while waiting:
        holder, key = waiting.pop()
        given = holder[key]
        if type(given) is dict or isinstance(given, Mapping):
            holder[key] = made = dict(given)
            waiting.extend((made, name) for name in made)
        elif isinstance(given, list):
            holder[key] = listed = list(given)
            waiting.extend((listed, index) for index in range(len(listed)))
    return box[0]


def elements(resource: Any, root: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside a resource and the resource itself, parents first, with its place.

    A place is FHIRPath such as `Questionnaire.item[2].answerOption[0].valueCoding`, cut at
    PLACE_LIMIT. What a property of a primitive carries (`_text`) has the place of the primitive.
    """
    waiting: list[tuple[str, Any]] = [(root, resource)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, dict):
            yield place, node
            waiting.extend(
                (within(place, f".{str(name).removeprefix('_')}"), value)
                for name, value in reversed(node.items())
                if isinstance(value, NESTED)
            )
        elif isinstance(node, list):
            waiting.extend(
                (within(place, f"[{index}]"), node[index])
                for index in reversed(range(len(node)))
                if isinstance(node[index], NESTED)
            )


def items(resource: Any, root: str = "Questionnaire") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every item of a Questionnaire with its place (as `elements`), in document order."""
    waiting = [(root, resource)] if isinstance(resource, dict) else []
    while waiting:
        place, node = waiting.pop()
        if node is not resource:
            yield place, node
        inside = listed(node.get("item"))
        waiting.extend(
            (within(place, f".item[{index}]"), inside[index])
            for index in reversed(range(len(inside)))
            if isinstance(inside[index], dict)
        )


def within(place: str, part: str) -> str:
    """The place of a part (`.item[0]`) of what has a place; cut at PLACE_LIMIT."""
    return f"{place}{part}" if len(place) < PLACE_LIMIT else place


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a value and the value itself, parents first, in document order."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
        inside = node.values() if isinstance(node, dict) else listed(node)
        waiting.extend(reversed([each for each in inside if isinstance(each, NESTED)]))


def fingerprint(value: Any) -> str:
    """A digest of JSON, however deep; the order of properties makes no difference to it."""
    parts: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            parts.append(f"{{{len(node)}")
            for name in sorted(node):
                waiting += (node[name], name)
        elif isinstance(node, list):
            parts.append(f"[{len(node)}")
            waiting.extend(node)
        else:
            parts.append(repr(node))
    # Odd halves of characters are written as escapes by repr, so that this never fails.
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_deeper(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested more than so many deep."""
    inside = [value] if isinstance(value, NESTED) else []
    for _ in range(limit):
        inside = [
            each
            for node in inside
            for each in (node.values() if isinstance(node, dict) else node)
            if isinstance(each, NESTED)
        ]
        if not inside:
            return False
    return True


def listed(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; empty when it is no list."""
    return [each for each in listed(value) if isinstance(each, dict)]


def value_of(element: Mapping[str, Any], stem: str = "value") -> tuple[str, Any]:
    """The value[x] of an element: its property and what it holds, or an empty name and None."""
    for name, given in element.items():
        if name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper():
            return name, given
    return "", None
