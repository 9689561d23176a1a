"""Walking the JSON of a resource, however deep: nothing here recurses, nothing here raises."""

from collections.abc import Iterator, Mapping
from typing import Any


def copied(value: Any) -> Any:
    """A deep copy of parsed JSON that shares no list and no object with the original."""
    box: list[Any] = [value]
    waiting: list[tuple[Any, Any]] = [(box, 0)]
    while waiting:
        holder, key = waiting.pop()
        given = holder[key]
        if isinstance(given, Mapping):
            holder[key] = made = dict(given)
            waiting.extend((made, name) for name in made)
        elif isinstance(given, list):
            holder[key] = listed = list(given)
            waiting.extend((listed, index) for index in range(len(listed)))
    return box[0]


def elements(resource: Any, root: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside a resource and the resource itself, parents first, with its place.

    A place is FHIRPath such as `Questionnaire.item[2].answerOption[0].valueCoding`. What a
    property of a primitive carries (`_text`) has the place of the primitive.
    """
    waiting: list[tuple[str, Any]] = [(root, resource)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, dict):
            yield place, node
            waiting.extend(
                (f"{place}.{str(name).removeprefix('_')}", value)
                for name, value in reversed(node.items())
                if isinstance(value, dict | list)
            )
        elif isinstance(node, list):
            waiting.extend(
                (f"{place}[{index}]", node[index])
                for index in reversed(range(len(node)))
                if isinstance(node[index], dict | list)
            )


def items(resource: Any, root: str = "Questionnaire") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every item of a Questionnaire with its place, in document order."""
    waiting = [(root, resource)] if isinstance(resource, dict) else []
    while waiting:
        place, node = waiting.pop()
        if node is not resource:
            yield place, node
        inside = listed(node.get("item"))
        waiting.extend(
            (f"{place}.item[{index}]", inside[index])
            for index in reversed(range(len(inside)))
            if isinstance(inside[index], dict)
        )


def is_deeper(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested more than so many deep."""
    inside = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        inside = [
            each
            for node in inside
            for each in (node.values() if isinstance(node, dict) else node)
            if isinstance(each, dict | list)
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
