"""Values matched to the options an item offers.

A Coding by its system and code; a code or text alone only when one option has it.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.form import Item, Option
from template_service.questionnaire.population.fitting import Answer, Unfit, scalars

_SEVERAL_CODINGS = "The concept has several codings, and nothing says which to take."


def is_coded(item: Item) -> bool:
    """Whether the answers of an item are options, or codings of a value set elsewhere."""
    return bool(item.options) or item.type in ("choice", "open-choice")


def from_options(item: Item, given: Any) -> Answer:
    """The option a Coding, CodeableConcept, code, text ... stands for. Raises Unfit."""
    if isinstance(given, dict) and isinstance(given.get("coding"), list):
        return _from_concept(item, given)
    option = _option(item, given)
    if option is not None:
        return option.as_answer()
    if isinstance(given, dict) and "code" in given and _takes_others(item):
        return {"valueCoding": _coding(given)}
    if item.type == "open-choice" and isinstance(given, str):
        return {"valueString": given}
    if isinstance(given, str) and item.any_coding:
        reason = "A code alone cannot be told: the value set is published elsewhere."
        raise Unfit("code-invalid", reason)
    raise Unfit("code-invalid", "The value is not one of the options offered.")


def _takes_others(item: Item) -> bool:
    return item.any_coding or item.type == "open-choice"


def _from_concept(item: Item, concept: Mapping[str, Any]) -> Answer:
    codings = [each for each in concept["coding"] if isinstance(each, dict) and "code" in each]
    offered = {option for each in codings if (option := _option(item, each)) is not None}
    if len(offered) == 1:
        return offered.pop().as_answer()
    if not offered and item.type == "open-choice" and not codings:
        return {"valueString": concept.get("text")}
    if not offered and not _takes_others(item):
        raise Unfit("code-invalid", "None of the concept's codings is one of the options offered.")
    chosen = [each for each in codings if each.get("userSelected") is True] or codings
    if offered or len(chosen) != 1:
        raise Unfit("multiple-matches", _SEVERAL_CODINGS)
    return {"valueCoding": _coding(chosen[0])}


def _option(item: Item, given: Any) -> Option | None:
    """The one offered option a value names; None when there is none, or more than one."""
    if isinstance(given, dict):
        code, system = given.get("code"), given.get("system")
        if isinstance(code, str) and isinstance(system, str):
            return item.by_coding.get((system, code))
        wanted, kinds = (code, "valueCoding") if system is None else (None, "")
        if "reference" in given:
            wanted, kinds = given["reference"], "valueReference"
    elif isinstance(given, int) and not isinstance(given, bool):
        wanted, kinds = str(given), "valueInteger"
    else:
        found = [each for each in item.options if given in (each.code, each.display)]
        return found[0] if isinstance(given, str) and len(found) == 1 else None
    found = [each for each in item.options if each.kind == kinds and each.code == wanted]
    return found[0] if len(found) == 1 else None


def _coding(given: Mapping[str, Any]) -> dict[str, Any]:
    """A Coding with the properties FHIR gives it; what is of another type is left out."""
    return {
        **scalars(given, ("system", "version", "code", "display"), str),
        **scalars(given, ("userSelected",), bool),
    }
