"""What a question offers: that it offers anything, of the right type, and each with its weight."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.checking.unanswered import leaving_open
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.form import Form, Option

# Options that come from elsewhere, or answers that nobody picks.
_OTHERWISE = (
    "sdc-questionnaire-answerExpression",
    "sdc-questionnaire-candidateExpression",
    "sdc-questionnaire-calculatedExpression",
    "sdc-questionnaire-initialExpression",
    "questionnaire-unitValueSet",
    "questionnaire-referenceProfile",
)
# R4 has options of these types only for items of their own type; choice may have any.
_OPTION_KIND: Mapping[str, str] = {
    "integer": "valueInteger",
    "date": "valueDate",
    "time": "valueTime",
    "string": "valueString",
}
_WEIGHTS = ("itemWeight", "ordinalValue", "questionnaire-ordinalValue")
_WEIGHTED = 2
_WORDS = 60


def check_offers(source: Source, form: Form | None, report: Report) -> None:
    """Report questions without options, value sets that are not there, options that do not fit."""
    named = _contained(source.resource)
    for item in source.items:
        _check_value_set(item, named, report)
        _check_options(item, report)
        _check_written_weights(item, report)
        _check_translations(item, report)
    for item_ in form.items.values() if form is not None and form.weighted else ():
        _check_weights(source.by_link_id[item_.link_id], item_.options, report)


def _check_weights(item: Placed, options: tuple[Option, ...], report: Report) -> None:
    lacking = [option for option in options if option.weight is None]
    if len(options) - len(lacking) < _WEIGHTED:
        return
    # That "don't know" has none is right.
    unanswered = leaving_open(lacking)
    for option in lacking:
        if option not in unanswered:
            words = option.display[:_WORDS]
            message = f"'{words}' has no weight, as others have: it adds nothing to a score."
            report.on(item, message, "incomplete", "information")


def _contained(resource: Mapping[str, Any]) -> frozenset[str]:
    """The names of the contained value sets, as `#id`."""
    return frozenset(
        f"#{each['id']}"
        for each in objects(resource.get("contained"))
        if each.get("resourceType") == "ValueSet" and isinstance(each.get("id"), str)
    )


def _check_value_set(item: Placed, named: frozenset[str], report: Report) -> None:
    value_set = item.json.get("answerValueSet")
    if isinstance(value_set, str):
        if value_set.startswith("#") and value_set not in named:
            message = f"No value set {value_set[:_WORDS]} is contained: there is nothing to choose."
            report.on(item, message, "not-found", "error", at=".answerValueSet")
        return
    # An open-choice still takes what is typed.
    if item.type != "choice" or objects(item.json.get("answerOption")):
        return
    closed = any(one.flag("questionnaire-hidden") for one in item.outwards())
    closed = closed or item.json.get("readOnly") is True
    if closed or not item.named.keys().isdisjoint(_OTHERWISE):
        return
    message = "It has neither answerOption nor answerValueSet: there is nothing to choose."
    report.on(item, message, "incomplete")


def _check_options(item: Placed, report: Report) -> None:
    wanted = _OPTION_KIND.get(item.type)
    for index, option in enumerate(objects(item.json.get("answerOption"))):
        kind = value_of(option)[0]
        if wanted is not None and kind not in ("", wanted):
            message = f"An item of type {item.type} cannot have an option given as {kind}."
            report.on(item, message, "value", "error", at=f".answerOption[{index}]")


def _check_written_weights(item: Placed, report: Report) -> None:
    for index, option in enumerate(objects(item.json.get("answerOption"))):
        coding = option.get("valueCoding")
        for element in (option, coding) if isinstance(coding, dict) else (option,):
            for name in _WEIGHTS if "extension" in element else ():
                for extension in extensions(element, name):
                    given = extension.get("valueDecimal")
                    if not isinstance(given, int | float | Decimal) or isinstance(given, bool):
                        message = f"{name} must have a number as valueDecimal; it has no effect."
                        at = f".answerOption[{index}]"
                        report.on(item, message, "structure", "error", at=at)


def _check_translations(item: Placed, report: Report) -> None:
    for index, option in enumerate(objects(item.json.get("answerOption"))):
        beside = option.get("_valueString")
        if isinstance(beside, dict) and next(extensions(beside, "translation"), None) is not None:
            message = (
                "The option is a text, which is stored as it stands: its translation is not shown. "
                "An option with a code can be translated."
            )
            at = f".answerOption[{index}].valueString"
            report.on(item, message, "not-supported", at=at)
