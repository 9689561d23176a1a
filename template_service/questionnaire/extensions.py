"""Reading extensions, by the last part of their URL.

A deployer publishes the template's own extensions under another canonical base, so the base is not
part of the name: `.../StructureDefinition/sdoh-need` is `sdoh-need` wherever it is published.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any


def extensions(element: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Every extension of this name on an element, in order; malformed ones are passed over."""
    found = element.get("extension")
    for extension in found if isinstance(found, list) else ():
        if isinstance(extension, dict) and _name(extension.get("url")) == name:
            yield extension


def values(element: Mapping[str, Any], name: str, kind: str) -> tuple[Any, ...]:
    """The values of a type (`valueCode`, `valueInteger` ...) of every extension of this name.

    A value of another JSON type than its property promises is left out.
    """
    wanted = _JSON_TYPE[kind]
    found = (extension.get(kind) for extension in extensions(element, name))
    return tuple(
        value
        for value in found
        if isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    )


def value(element: Mapping[str, Any], name: str, kind: str) -> Any:
    """The first value of this name and type, or None."""
    return next(iter(values(element, name, kind)), None)


_JSON_TYPE: Mapping[str, type | tuple[type, ...]] = {
    "valueBoolean": bool,
    "valueCode": str,
    "valueCoding": dict,
    "valueDecimal": (int, float, Decimal),
    "valueExpression": dict,
    "valueInteger": int,
    "valueString": str,
    "valueUri": str,
}


def _name(url: object) -> str | None:
    return url.rsplit("/", 1)[-1] if isinstance(url, str) else None
