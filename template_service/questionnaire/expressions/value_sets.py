"""Value sets and code systems inside a resource, read without a terminology server."""

from collections.abc import Iterator, Mapping
from typing import Any

Concept = tuple[str | None, str, Mapping[str, Any]]
"""(system, code, the element that names it)"""


def contained(resources: list[Any], resource_type: str, named: str) -> Mapping[str, Any] | None:
    """The contained resource of a type by `#id` or by its url (with or without a version)."""
    for resource in resources:
        for each in _objects(resource, "contained"):
            names = (f"#{each.get('id')}", each.get("url"), f"{each.get('url')}|{_version(each)}")
            if each.get("resourceType") == resource_type and named in names:
                return each
    return None


def concepts(value_set: Mapping[str, Any]) -> Iterator[Concept] | None:
    """What a value set contains: its expansion, or what it lists; None when it lists not all.

    A filter, a whole code system, an imported value set and an exclusion need a server.
    """
    expansion = value_set.get("expansion")
    if isinstance(expansion, dict):
        return _nested(expansion, "contains", None)
    compose = value_set.get("compose")
    if not isinstance(compose, dict) or "exclude" in compose:
        return None
    included = list(_objects(compose, "include"))
    if any("concept" not in each or "valueSet" in each for each in included):
        return None
    return (
        concept for each in included for concept in _nested(each, "concept", each.get("system"))
    )


def defined(code_system: Mapping[str, Any]) -> Iterator[Concept]:
    """The concepts a code system defines, those inside others too."""
    return _nested(code_system, "concept", code_system.get("url"))


def _nested(element: Mapping[str, Any], name: str, system: Any) -> Iterator[Concept]:
    waiting = [element]
    while waiting:
        for each in _objects(waiting.pop(), name):
            code, own = each.get("code"), each.get("system", system)
            if isinstance(code, str):
                yield own if isinstance(own, str) else None, code, each
            waiting.append(each)


def _objects(element: Any, name: str) -> Iterator[Mapping[str, Any]]:
    found = element.get(name) if isinstance(element, dict) else None
    return (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))


def _version(resource: Mapping[str, Any]) -> Any:
    return resource.get("version")
