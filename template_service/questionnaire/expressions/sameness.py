"""When two values are the same: `=` of FHIRPath, and a key for sets of values."""

import json
from hashlib import blake2b
from typing import Any

from template_service.questionnaire.expressions.library import (
    FP_DateTime,
    FP_Time,
    equality,
    get_data,
    is_number,
)
from template_service.questionnaire.expressions.limits import CHARACTERS_PER_STEP, Work
from template_service.questionnaire.expressions.quantities import measured, same_measure

_PLAIN = (str, bool, int)


def key(work: Work, node: Any) -> Any:
    """Equal for equal values: sets of values are compared in the time it takes to read them."""
    value = get_data(node)
    if isinstance(value, bool):
        return value, bool
    if is_number(value):
        return value
    if (quantity := measured(node)) is not None:
        return quantity
    if isinstance(value, (FP_DateTime, FP_Time)):
        return str(value.asStr)
    if isinstance(value, (dict, list)):
        text = json.dumps(value, sort_keys=True, default=str)
        work.charge(len(text) // CHARACTERS_PER_STEP)
        return blake2b(text.encode("utf-8", "surrogatepass")).digest(), dict
    return str(value)


def distinct(work: Work, collection: list[Any]) -> list[Any]:
    """The collection without what is there before, types kept."""
    found: dict[Any, Any] = {}
    for each in collection:
        found.setdefault(key(work, each), each)
    return list(found.values())


def equal(context: dict[str, Any], left: list[Any], right: list[Any]) -> bool | list[Any]:
    """FHIRPath 6.1, "=": the same number of elements, in this order; empty when not known."""
    if len(left) != len(right):
        return False
    known = True
    for one, other in zip(left, right, strict=True):
        found = _same(context, one, other)
        if found is None:
            known = False
        elif not found:
            return False
    return True if known else []


def _same(context: dict[str, Any], one: Any, other: Any) -> bool | None:
    """Whether two values are equal; None when that is not known."""
    first, second = get_data(one), get_data(other)
    if type(first) is type(second) and type(first) in _PLAIN:
        return bool(first == second)
    if (measured := same_measure(one, other)) is not None:
        return measured
    # A number as its decimal: fhirpathpy compares 0.1 of JSON as the binary fraction it is.
    left, right = (
        value if is_number(value) else node for value, node in ((first, one), (second, other))
    )
    found: bool | None = equality.equality(context, [left], [right])
    return found
