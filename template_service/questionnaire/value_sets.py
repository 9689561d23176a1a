"""The value sets inside a Questionnaire: what each holds, as far as it says so itself."""

from collections.abc import Iterator, Mapping
from typing import Any

# RFC 2606, section 3: kept for examples, so nothing is ever published there.
_RESERVED = frozenset({"example.com", "example.org", "example.net"})


class ValueSets:
    """The contained value sets of one Questionnaire."""

    __slots__ = ("_by_name",)

    def __init__(self, resource: Mapping[str, Any]) -> None:
        self._by_name: dict[str, Mapping[str, Any]] = {}
        contained = resource.get("contained")
        for each in contained if isinstance(contained, list) else ():
            if isinstance(each, dict) and each.get("resourceType") == "ValueSet":
                self._keep(each)

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
        known from here (a whole code system, a filter, other value sets).
        """
        value_set = self._by_name.get(canonical) or self._by_name.get(f"#{canonical}")
        return None if value_set is None else _codings(value_set)


def is_nowhere(canonical: str) -> bool:
    """Whether a value set is said to be where nothing is ever published (RFC 2606)."""
    host = canonical.partition("://")[2].partition("/")[0].lower()
    return host in _RESERVED or any(host.endswith(f".{name}") for name in _RESERVED)


def _codings(value_set: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    expansion = value_set.get("expansion")
    listed = expansion.get("contains") if isinstance(expansion, dict) else None
    if isinstance(listed, list):
        return list(_expanded(listed))
    compose = value_set.get("compose")
    if not isinstance(compose, dict):
        return None
    included, excluded = _composed(compose.get("include")), _composed(compose.get("exclude", []))
    if not included or excluded is None:
        return None
    without = {(each.get("system"), each.get("code")) for each in excluded}
    return [each for each in included if (each.get("system"), each.get("code")) not in without]


def _expanded(listed: list[Any]) -> Iterator[dict[str, Any]]:
    """The codes of an expansion, those inside others after them; abstract ones are no answers."""
    waiting = list(reversed(listed))
    while waiting:
        each = waiting.pop()
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("code"), str) and each.get("abstract") is not True:
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
