"""The weight of an answer: where SDC says the score of a choice may be written.

SDC, FHIRPath supplements, "weight": on the answer or its coding, on the answerOption it chose, on
the concept of a contained value set, on the concept of a contained code system.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from template_service.questionnaire.elements import items, objects
from template_service.questionnaire.expressions.library import get_data
from template_service.questionnaire.expressions.limits import Work
from template_service.questionnaire.expressions.navigation import link_id
from template_service.questionnaire.extensions import value
from template_service.questionnaire.value_sets import ValueSets, contained

Weight = int | Decimal
Made = TypeVar("Made")

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
        for option in objects(item.get("answerOption")):
            work.charge(1)
            offered = _value(option)
            if _same(offered, answered):
                found = _written(option)
                return found if found is not None else _written(offered)
        for coding in _value_sets(work, resources).listed(str(item.get("answerValueSet"))):
            work.charge(1)
            if _same(coding, answered):
                return _written(coding)
    return None


def codings(work: Work, named: str, resources: list[Any]) -> list[dict[str, Any]] | None:
    """What a contained value set holds; None when it is not contained, or not listed whole."""
    return _value_sets(work, resources).codings(named)


def _value_sets(work: Work, resources: list[Any]) -> ValueSets:
    return _once(work, "value sets", resources, lambda: ValueSets(*resources))


def _defined(work: Work, answered: Any, resources: list[Any]) -> Weight | None:
    """By the contained code system of its own system."""
    if not isinstance(answered, dict) or not isinstance(answered.get("system"), str):
        return None
    for concept in _concepts(answered["system"], resources):
        work.charge(1)
        if concept.get("code") == answered.get("code"):
            return _written(concept)
    return None


def _concepts(system: str, resources: list[Any]) -> Iterator[Mapping[str, Any]]:
    """The concepts of a contained code system, those inside others too."""
    waiting = [one for one in contained(resources, "CodeSystem") if one.get("url") == system][:1]
    while waiting:
        inside = objects(waiting.pop().get("concept"))
        yield from inside
        waiting += inside


def _same(offered: Any, answered: Any) -> bool:
    """Codings are the same by system and code, other values by themselves."""
    if isinstance(offered, dict) and isinstance(answered, dict):
        names = ("system", "code") if "code" in offered else tuple(offered)
        return all(offered.get(name) == answered.get(name) for name in names)
    return bool(offered == answered)


def _items(work: Work, resources: list[Any]) -> Mapping[str | None, list[Mapping[str, Any]]]:
    """The items of the questionnaire by linkId, collected once for all that belongs together."""

    def collected() -> dict[str | None, list[Mapping[str, Any]]]:
        found: dict[str | None, list[Mapping[str, Any]]] = {}
        for _, item in items(resources[0]) if resources else ():
            if isinstance(link_id := item.get("linkId"), str):
                found.setdefault(link_id, []).append(item)
        return found

    return _once(work, "items", resources, collected)


def _once(work: Work, name: str, resources: list[Any], make: Callable[[], Made]) -> Made:
    """What is made of resources, once for all evaluations that belong together."""
    known = work.memo.get(name)
    if known is None or [*map(id, known[0])] != [*map(id, resources)]:
        known = work.memo[name] = (resources, make())
    made: Made = known[1]
    return made
