"""The value sets inside a Questionnaire: what each holds, as far as it says so itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.elements import objects

# RFC 2606, section 3: kept for examples, so nothing is ever published there.
_RESERVED = frozenset({"example.com", "example.org", "example.net"})


class ValueSets:
    """The value sets contained in resources, such as one Questionnaire; a name's first counts."""

    __slots__ = ("_by_name", "_listed", "_read")

    def __init__(self, *resources: Any) -> None:
        self._by_name: dict[str, Mapping[str, Any]] = {}
        self._read: dict[int, list[dict[str, Any]] | None] = {}
        self._listed: dict[int, list[dict[str, Any]]] = {}
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
        value_set = self._named(canonical)
        if value_set is None:
            return None
        if id(value_set) not in self._read:
            self._read[id(value_set)] = _codings(value_set)
        return self._read[id(value_set)]

    def listed(self, canonical: str) -> list[dict[str, Any]]:
        """Every coding that a value set names itself, for what it says of each.

        Those that are no answers too (abstract ones), and whether or not it holds others. Read
        once, as `codings`.
        """
        value_set = self._named(canonical)
        if value_set is None:
            return []
        if id(value_set) not in self._listed:
            self._listed[id(value_set)] = _listed(value_set)
        return self._listed[id(value_set)]

    def _named(self, canonical: str) -> Mapping[str, Any] | None:
        return self._by_name.get(canonical) or self._by_name.get(f"#{canonical}")


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
    expansion, listed = _expansion(value_set)
    if listed is not None:
        return None if _is_page(expansion, listed) else list(_expanded(listed))
    compose = value_set.get("compose")
    if not isinstance(compose, dict):
        return None
    included, excluded = _composed(compose.get("include")), _composed(compose.get("exclude", []))
    if not included or excluded is None:
        return None
    without = {(each.get("system"), each.get("code")) for each in excluded}
    return [each for each in included if (each.get("system"), each.get("code")) not in without]


def _listed(value_set: Mapping[str, Any]) -> list[dict[str, Any]]:
    _, listed = _expansion(value_set)
    if listed is not None:
        return [each for each in _all_listed(listed) if isinstance(each.get("code"), str)]
    compose = value_set.get("compose")
    parts = objects(compose.get("include")) if isinstance(compose, dict) else ()
    return [coding for part in parts for coding in _concepts(part)]


def _expansion(value_set: Mapping[str, Any]) -> tuple[Any, list[Any] | None]:
    """The expansion of a value set, and what it lists; None when it has none."""
    expansion = value_set.get("expansion")
    listed = expansion.get("contains") if isinstance(expansion, dict) else None
    return expansion, listed if isinstance(listed, list) else None


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
        codings += _concepts(part)
    return codings


def _concepts(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The concepts that a part of a compose lists, each with its system."""
    system = _text(part.get("system"))
    for concept in objects(part.get("concept")):
        if isinstance(concept.get("code"), str):
            yield {**concept, "system": _text(concept.get("system")) or system}


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None
