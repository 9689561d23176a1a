"""Three-valued logic of FHIRPath, where any one value in the place of a boolean is true.

FHIRPath 4.5 "Singleton evaluation of collections" and 6.5 "Boolean logic".
"""

from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.expressions.library import get_data

Truth = bool | None


def truth(collection: list[Any]) -> Truth:
    """A collection as a boolean: None when it is empty. ValueError when it has several values."""
    if not collection:
        return None
    if len(collection) > 1:
        raise ValueError(len(collection))
    value = get_data(collection[0])
    return value if isinstance(value, bool) else True


def _and(left: Truth, right: Truth) -> Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: Truth, right: Truth) -> Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _xor(left: Truth, right: Truth) -> Truth:
    return None if left is None or right is None else left is not right


def _implies(left: Truth, right: Truth) -> Truth:
    return _or(None if left is None else not left, right)


def _operator(decide: Callable[[Truth, Truth], Truth]) -> Mapping[str, Any]:
    def operator(_: dict[str, Any], left: list[Any], right: list[Any]) -> list[bool]:
        found = decide(truth(left), truth(right))
        return [] if found is None else [found]

    return {"fn": operator, "arity": {2: ["Any", "Any"]}}


LOGIC: Mapping[str, Mapping[str, Any]] = {
    "and": _operator(_and),
    "or": _operator(_or),
    "xor": _operator(_xor),
    "implies": _operator(_implies),
}
