"""The value sets inside a Questionnaire: what each holds, as far as it says so itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.elements import objects

# RFC 2606, section 3: kept for examples, so nothing is ever published there.
_RESERVED = frozenset({"example.com", "example.org", "example.net"})


class ValueSets:
    """The value sets contained in resources, such as one Questionnaire; a name's first counts."""

    __slots__ = ("_by_name", "_read")

    def __init__(self, *resources: Any) -> None:
        self._by_name: dict[str, Mapping[str, Any]] = {}
        self._read: dict[int, list[dict[str, Any]] | None] = {}
        for value_set in contained(resources, "ValueSet"):
            self._keep(value_set)

    def _keep(self, value_set: Mapping[str, Any]) -> None:
        name, url, version = (value_set.get(key) for key in ("id", "url", "version"))
        if isinstance(name, str):
            self._by_name.setdefault(f"#{name}", value_set)
        if isinstance(url, str):
            self._by_name.setdefault(url, value_set)
            self._by_name.setdefault(f"{url}|{version}", value_set)

    def codings(self, canonical: str) -> list[dict[str, Any]] | None:
        """The codings of a value set named by `#id`, url or `url|version`.

        Its expansion, or the concepts it lists. None: not contained, or it holds what cannot be
        known from here (a whole code system, a filter, other value sets, a part of an expansion).
        Read once, however many items share it: the list is not to be changed.
        """
        value_set = self._by_name.get(canonical) or self._by_name.get(f"#{canonical}")
        if value_set is None:
            return None
        if id(value_set) not in self._read:
            self._read[id(value_set)] = _codings(value_set)
        return self._read[id(value_set)]


def contained(resources: Iterable[Any], resource_type: str) -> Iterator[dict[str, Any]]:
    """The contained resources of a type; whatever is no resource has none."""
    for resource in resources:
        for each in objects(resource.get("contained")) if isinstance(resource, dict) else ():
            if each.get("resourceType") == resource_type:
                yield each


def is_nowhere(canonical: str) -> bool:
    """Whether a value set is said to be where nothing is ever published (RFC 2606)."""
    host = canonical.partition("://")[2].partition("/")[0].lower()
    return host in _RESERVED or any(host.endswith(f".{name}") for name in _RESERVED)


def _codings(value_set: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    expansion = value_set.get("expansion")
    listed = expansion.get("contains") if isinstance(expansion, dict) else None
    if isinstance(listed, list):
        return None if _is_page(expansion, listed) else list(_expanded(listed))
    compose = value_set.get("compose")
    if not isinstance(compose, dict):
        return None
    included, excluded = _composed(compose.get("include")), _composed(compose.get("exclude", []))
    if not included or excluded is None:
        return None
    without = {(each.get("system"), each.get("code")) for each in excluded}
    return [each for each in included if (each.get("system"), each.get("code")) not in without]


def _is_page(expansion: Any, listed: list[Any]) -> bool:
    """Whether an expansion lists a part of its codes only (R4: its total says how many)."""
    total = expansion.get("total")
    if not isinstance(total, int):
        return False
    return total > sum(1 for _ in _all_listed(listed))


def _expanded(listed: list[Any]) -> Iterator[dict[str, Any]]:
    """The codes of an expansion, those inside others after them; abstract ones are no answers."""
    for each in _all_listed(listed):
        if isinstance(each.get("code"), str) and each.get("abstract") is not True:
            yield each


def _all_listed(listed: list[Any]) -> Iterator[dict[str, Any]]:
    waiting = list(reversed(listed))
    while waiting:
        each = waiting.pop()
        if not isinstance(each, dict):
            continue
        yield each
        inside = each.get("contains")
        if isinstance(inside, list):
            waiting.extend(reversed(inside))


def _composed(parts: Any) -> list[dict[str, Any]] | None:
    codings: list[dict[str, Any]] = []
    for part in parts if isinstance(parts, list) else ():
        concepts = part.get("concept") if isinstance(part, dict) else None
        if not isinstance(concepts, list) or "valueSet" in part or "filter" in part:
            # A filter or a whole code system: what it holds cannot be known from here.
            return None
        system = part.get("system")
        codings += [
            {"system": system if isinstance(system, str) else None, **concept}
            for concept in concepts
            if isinstance(concept, dict) and isinstance(concept.get("code"), str)
        ]
    return codings
