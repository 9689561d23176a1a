"""From a node to what is inside it, with its type by the FHIR R4 model.

fhirpathpy's own way copies the collection found so far for every list it meets, counts a primitive
value and its extensions as two, and forgets which question an answer belongs to, which `weight()`
needs.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from template_service.questionnaire.expressions.library import R4, FP_Quantity, ResourceNode

_ITEM = "QuestionnaireResponse.item"


def member(collection: list[Any], name: str) -> list[Any]:
    """The elements of this name inside every node; a type's name at a resource is the resource."""
    found: list[Any] = []
    for each in collection:
        data = inside(each)
        if data is None:
            if isinstance(each, FP_Quantity) and name in ("value", "unit"):
                found.append(getattr(each, name))
        elif name[:1].isupper() and data.get("resourceType") == name:
            found.append(each)
        else:
            found.extend(_members(each, data, name))
    return found


def children(collection: list[Any]) -> Iterator[Any]:
    """Every element directly inside every node."""
    for each in collection:
        data = inside(each) or {}
        names = (name.removeprefix("_") for name in data if name != "resourceType")
        for name in dict.fromkeys(names):
            path = _type_of(_child_path(each, name))
            yield from _below(each, data.get(name), data.get(f"_{name}"), path)


def inside(node: Any) -> Mapping[str, Any] | None:
    """The JSON object a node is; of a primitive value the one with its id and extensions."""
    data = node.data if isinstance(node, ResourceNode) else node
    if not isinstance(data, dict):
        data = getattr(node, "_data", None)
    return data if isinstance(data, dict) else None


def link_id(node: Any) -> str | None:
    """The linkId of the item of a response that a node was reached through."""
    found = getattr(node, "link_id", None)
    return found if isinstance(found, str) else None


def _members(parent: Any, data: Mapping[str, Any], name: str) -> Iterator[Any]:
    path = _child_path(parent, name)
    for suffix in R4["choiceTypePaths"].get(path, ()):
        if f"{name}{suffix}" in data or f"_{name}{suffix}" in data:
            name, path = f"{name}{suffix}", f"{path}{suffix}"
            break
    if name in data or f"_{name}" in data:
        yield from _below(parent, data.get(name), data.get(f"_{name}"), _type_of(path))


def _child_path(parent: Any, name: str) -> str:
    if name == "extension":
        return "Extension"
    around = parent.path if isinstance(parent, ResourceNode) and parent.path else "_"
    path = f"{around}.{name}"
    elsewhere: str = R4["pathsDefinedElsewhere"].get(path, path)
    return elsewhere


def _type_of(path: str) -> str:
    found: str = R4["path2Type"].get(path, path)
    return found


def _below(parent: Any, value: Any, hidden: Any, path: str) -> Iterator[Any]:
    """The nodes of one property, with `hidden` as the property of the same name after "_"."""
    asked = None if path == _ITEM else _asked(parent)
    for one, more in zip_longest(_listed(value), _listed(hidden)):
        data = more if one is None else one
        if data is not None:
            node = ResourceNode(data, path, more)
            node.link_id = asked
            yield node


def _asked(parent: Any) -> Any:
    if isinstance(parent, ResourceNode) and parent.path == _ITEM and inside(parent):
        return parent.data.get("linkId")
    return getattr(parent, "link_id", None)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
