"""Reading extensions, by the last part of their URL.

A deployer publishes the template's own extensions under another canonical base, so the base is not
part of the name: `.../StructureDefinition/sdoh-need` is `sdoh-need` wherever it is published.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any


def extensions(element: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Every extension of this name on an element, in order; malformed ones are passed over."""
    found = element.get("extension")
    for extension in found if isinstance(found, list) else ():
        if isinstance(extension, dict) and _name(extension.get("url")) == name:
            yield extension


Named = Mapping[str, list[Mapping[str, Any]]]
"""The extensions of an element by name, to look up many at once."""

_NONE: Named = {}


def by_name(element: Mapping[str, Any]) -> Named:
    """Every extension of an element, by name; malformed ones are passed over."""
    found = element.get("extension")
    if not isinstance(found, list):
        return _NONE
    named: dict[str, list[Mapping[str, Any]]] = {}
    for extension in found:
        name = _name(extension.get("url")) if isinstance(extension, dict) else None
        if name is not None:
            named.setdefault(name, []).append(extension)
    return named


def values_in(named: Named, name: str, kind: str) -> tuple[Any, ...]:
    """As `values`, of extensions already sorted by name."""
    return tuple(_of_kind(named[name], kind)) if name in named else ()


def value_in(named: Named, name: str, kind: str) -> Any:
    """As `value`, of extensions already sorted by name."""
    for extension in named.get(name, ()):
        if _is_of(extension.get(kind), kind):
            return extension[kind]
    return None


def values(element: Mapping[str, Any], name: str, kind: str) -> tuple[Any, ...]:
    """The values of a type (`valueCode`, `valueInteger` ...) of every extension of this name.

    A value of another JSON type than its property promises is left out.
    """
    return tuple(_of_kind(extensions(element, name), kind))


def value(element: Mapping[str, Any], name: str, kind: str) -> Any:
    """The first value of this name and type, or None."""
    if "extension" not in element:
        return None
    return next(_of_kind(extensions(element, name), kind), None)


def _of_kind(found: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Any]:
    for extension in found:
        value = extension.get(kind)
        if _is_of(value, kind):
            yield value


def _is_of(value: object, kind: str) -> bool:
    wanted = _JSON_TYPE[kind]
    # To Python True is a number; to JSON it is not.
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))


_JSON_TYPE: Mapping[str, type | tuple[type, ...]] = {
    "valueBoolean": bool,
    "valueCanonical": str,
    "valueCode": str,
    "valueCoding": dict,
    "valueDecimal": (int, float, Decimal),
    "valueExpression": dict,
    "valueId": str,
    "valueInteger": int,
    "valueMarkdown": str,
    "valueQuantity": dict,
    "valueString": str,
    "valueUri": str,
}


def _name(url: object) -> str | None:
    return url.rsplit("/", 1)[-1] if isinstance(url, str) else None
