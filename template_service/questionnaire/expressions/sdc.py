"""Functions of FHIR and of Structured Data Capture that need no server.

FHIR R4, "FHIRPath": extension, hasValue, getValue, resolve, memberOf; SDC, "Using Expressions",
FHIRPath supplements: weight (ordinal in older guides), answers. What would need a server (a
reference to elsewhere, a value set that is not contained) is never fetched.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.expressions.library import ResourceNode, get_data
from template_service.questionnaire.expressions.navigation import inside, member
from template_service.questionnaire.expressions.weights import codings, weight_of
from template_service.questionnaire.problems import QuestionnaireError

Context = dict[str, Any]

_ANSWER = "QuestionnaireResponse.item.answer"
_NO_VALUE_SET = (
    "The value set of memberOf() is not part of this questionnaire, or not listed whole."
)


def _resources(context: Context) -> list[Any]:
    """The resources whose contained resources count: %questionnaire and %resource."""
    found = [context["vars"].get(name) for name in ("questionnaire", "resource")]
    return [get_data(node) for nodes in found if nodes for node in nodes]


def _weight(context: Context, given: list[Any]) -> list[Any]:
    resources = _resources(context)
    found = (weight_of(context["work"], node, resources) for node in given)
    return [weight for weight in found if weight is not None]


def _answers(context: Context, given: list[Any]) -> list[Any]:
    """Every answer at or below items, or a response, in document order."""
    found: list[Any] = []
    waiting = list(reversed(given))
    while waiting:
        context["work"].charge(1)
        node = waiting.pop()
        if isinstance(node, ResourceNode) and node.path == _ANSWER:
            found.append(node)
        below = [*member([node], "answer"), *member([node], "item")]
        waiting.extend(reversed(below))
    return found


def _extension(_: Context, given: list[Any], url: Any) -> list[Any]:
    found = member(given, "extension")
    return [each for each in found if (inside(each) or {}).get("url") == url]


def _has_value(_: Context, given: list[Any]) -> bool:
    return len(given) == 1 and not isinstance(get_data(given[0]), (dict, list))


def _get_value(_: Context, given: list[Any]) -> list[Any]:
    return [get_data(given[0])] if _has_value(_, given) else []


def _resolve(context: Context, given: list[Any]) -> list[Any]:
    found: list[Any] = []
    for each in given:
        data = get_data(each)
        reference = data.get("reference") if isinstance(data, dict) else data
        if isinstance(reference, str) and reference.startswith("#"):
            found += _contained(context, reference[1:])
    return found


def _contained(context: Context, name: str) -> Iterator[Any]:
    within = context["vars"].get("resource") or []
    return (each for each in member(within, "contained") if (inside(each) or {}).get("id") == name)


def _member_of(context: Context, given: list[Any], named: Any) -> Any:
    if len(given) != 1 or not isinstance(named, str):
        return []
    listed = codings(context["work"], named, _resources(context))
    if listed is None:
        raise QuestionnaireError(_NO_VALUE_SET)
    wanted = list(_codes(get_data(given[0])))
    for each in listed:
        context["work"].charge(1)
        if any(each["code"] == code and own in (None, each.get("system")) for own, code in wanted):
            return True
    return False


def _codes(data: Any) -> Iterator[tuple[Any, Any]]:
    """(system, code) of a code, a Coding or a CodeableConcept."""
    if isinstance(data, str):
        yield None, data
    elif isinstance(data, dict):
        listed = data.get("coding")
        for each in listed if isinstance(listed, list) else (data,):
            if isinstance(each, dict):
                yield each.get("system"), each.get("code")


SDC_FUNCTIONS: Mapping[str, Mapping[str, Any]] = {
    "answers": {"fn": _answers},
    "extension": {"fn": _extension, "arity": {1: ["String"]}},
    "getValue": {"fn": _get_value},
    "hasValue": {"fn": _has_value},
    "memberOf": {"fn": _member_of, "arity": {1: ["String"]}},
    "ordinal": {"fn": _weight},
    "resolve": {"fn": _resolve},
    "weight": {"fn": _weight},
}
