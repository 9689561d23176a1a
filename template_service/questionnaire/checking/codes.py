"""The codes of a questionnaire: there at all, with a system, and meaning what they say."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.checking.known_codes import (
    known_codes,
    own_systems,
    same_term,
)
from template_service.questionnaire.checking.source import Report, Source
from template_service.questionnaire.elements import elements, objects

_SHOWN = 80
_SYSTEMS_SHOWN = 20


def check_codes(source: Source, report: Report) -> None:
    """Report options without codes, and codes whose terms are others than those known here."""
    for item in source.items:
        options = objects(item.json.get("answerOption"))
        plain = [option for option in options if "valueString" in option]
        if plain and item.type in ("choice", "open-choice"):
            message = "Options are texts without codes: another wording is another answer."
            report.on(item, message, "code-invalid", "information")
    unknown: dict[str, str] = {}
    for place, coding in _codings(source):
        code, system = coding.get("code"), coding.get("system")
        if not isinstance(code, str):
            continue
        if not isinstance(system, str):
            # An enableWhen may leave it to its question.
            if not place.endswith(".answerCoding"):
                unknown.setdefault("", place)
        elif code in known_codes().get(system, {}):
            _check_term(place, system, coding, report)
        elif system in own_systems():
            message = f"{code[:_SHOWN]} is no code of {system}."
            report.add(place, message, "code-invalid")
        else:
            unknown.setdefault(system, place)
    _say_unknown(unknown, report)


def _check_term(place: str, system: str, coding: Mapping[str, Any], report: Report) -> None:
    display = coding.get("display")
    terms = known_codes()[system][coding["code"]]
    if isinstance(display, str) and not any(same_term(display, term) for term in terms):
        known = " or ".join(f"'{term}'" for term in sorted(terms))
        message = f"{coding['code']} of {system} is known here as {known}, not by this display."
        report.add(f"{place}.display", message, "code-invalid")


def _say_unknown(unknown: Mapping[str, str], report: Report) -> None:
    for system, place in list(unknown.items())[:_SYSTEMS_SHOWN]:
        if system:
            message = f"The terms of codes of {system[:_SHOWN]} are not known here: not checked."
        else:
            message = "A code without its system means nothing outside this questionnaire."
        report.add(place, message, "code-invalid", "information")


def _codings(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every coding of the items (not those in extensions) and of contained value sets."""
    for item in source.items:
        for index, coding in enumerate(objects(item.json.get("code"))):
            yield f"{item.place}.code[{index}]", coding
        for name in ("answerOption", "initial", "enableWhen"):
            for index, each in enumerate(objects(item.json.get(name))):
                kind = "answerCoding" if name == "enableWhen" else "valueCoding"
                if isinstance(each.get(kind), dict):
                    yield f"{item.place}.{name}[{index}].{kind}", each[kind]
    for index, resource in enumerate(objects(source.resource.get("contained"))):
        if resource.get("resourceType") == "ValueSet":
            yield from _concepts(f"Questionnaire.contained[{index}]", resource)


def _concepts(place: str, value_set: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, node in elements(value_set, place):
        if where.rsplit(".", 1)[-1].startswith("contains["):
            yield where, node
        for index, concept in enumerate(objects(node.get("concept"))):
            yield f"{where}.concept[{index}]", {"system": node.get("system"), **concept}
