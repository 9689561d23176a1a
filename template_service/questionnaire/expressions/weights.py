"""The weight of an answer: where SDC says the score of a choice may be written.

SDC, FHIRPath supplements, "weight": on the answer or its coding, on the answerOption it chose, on
the concept of a contained value set, on the concept of a contained code system.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.expressions.library import (
    get_data,
)
from template_service.questionnaire.expressions.limits import Work
from template_service.questionnaire.expressions.navigation import link_id
from template_service.questionnaire.expressions.value_sets import concepts, contained, defined
from template_service.questionnaire.extensions import value

Weight = int | Decimal

_NAMES = ("itemWeight", "ordinalValue", "questionnaire-ordinalValue")


def weight_of(work: Work, node: Any, resources: list[Any]) -> Weight | None:
    """The weight of an answer, its value or a coding; None when nobody gave it one.

    `resources` are the questionnaire and the response.
    """
    data = get_data(node)
    for element in (data, getattr(node, "_data", None)):
        if (found := _written(element)) is not None:
            return found
    answered = _value(data) if isinstance(data, dict) else data
    if answered is None:
        return None
    if (found := _written(answered)) is not None:
        return found
    found = _offered(work, answered, link_id(node), resources)
    return found if found is not None else _defined(work, answered, resources)


def _written(element: Any) -> Weight | None:
    if not isinstance(element, dict):
        return None
    for name in _NAMES:
        given = value(element, name, "valueDecimal")
        if given is not None:
            weight = Decimal(str(given))
            return int(weight) if weight == weight.to_integral_value() else weight
    return None


def _value(data: Mapping[str, Any]) -> Any:
    """The value[x] of an answer; anything else, such as a coding, is its own value."""
    return next((data[name] for name in data if name.startswith("value") and name != "value"), data)


def _offered(work: Work, answered: Any, asked: str | None, resources: list[Any]) -> Weight | None:
    """By the answerOption, or the contained value set, of the question that was asked."""
    for item in _items(work, resources).get(asked, ()):
        for option in _objects(item, "answerOption"):
            work.charge(1)
            offered = _value(option)
            if _same(offered, answered):
                found = _written(option)
                return found if found is not None else _written(offered)
        value_set = contained(resources, "ValueSet", str(item.get("answerValueSet")))
        for system, code, element in (concepts(value_set) if value_set else None) or ():
            work.charge(1)
            if _same({"system": system, "code": code}, answered):
                return _written(element)
    return None


def _defined(work: Work, answered: Any, resources: list[Any]) -> Weight | None:
    system = answered.get("system") if isinstance(answered, dict) else None
    found = contained(resources, "CodeSystem", system) if isinstance(system, str) else None
    for _, code, concept in defined(found) if found else ():
        work.charge(1)
        if code == answered.get("code"):
            return _written(concept)
    return None


def _same(offered: Any, answered: Any) -> bool:
    """Codings are the same by system and code, other values by themselves."""
    if isinstance(offered, dict) and isinstance(answered, dict):
        names = ("system", "code") if "code" in offered else tuple(offered)
        return all(offered.get(name) == answered.get(name) for name in names)
    return bool(offered == answered)


def _items(work: Work, resources: list[Any]) -> Mapping[str | None, list[Mapping[str, Any]]]:
    """The items of the questionnaire by linkId, collected once for all that belongs together."""
    known = work.memo.get("items")
    if known is None or known[0] is not (resources[0] if resources else None):
        found: dict[str | None, list[Mapping[str, Any]]] = {}
        for item in _all_items(resources[0] if resources else None):
            found.setdefault(item.get("linkId"), []).append(item)
        known = work.memo["items"] = (resources[0] if resources else None, found)
    items: Mapping[str | None, list[Mapping[str, Any]]] = known[1]
    return items


def _all_items(questionnaire: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [questionnaire]
    while waiting:
        for item in _objects(waiting.pop(), "item"):
            yield item
            waiting.append(item)


def _objects(element: Any, name: str) -> Iterator[Mapping[str, Any]]:
    found = element.get(name) if isinstance(element, dict) else None
    return (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))
