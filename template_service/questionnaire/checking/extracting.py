"""What extraction and population would stumble over, told to the author instead of in each Bundle.

HL7 SDC 4, "Form Data Extraction" and "Form Population": templates that are not there or cannot be
filled, definitions of elements R4 does not have, observations without a code.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.checking.masked import extracted
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.elements import elements, listed, objects
from template_service.questionnaire.expressions.evaluation import check_syntax
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.contexts import bare, opens
from template_service.questionnaire.extraction.observations import EXTRACT, RELATIONSHIPS
from template_service.questionnaire.extraction.templates import CONTEXT, VALUE
from template_service.questionnaire.extraction.templating import BUNDLE, TEMPLATE
from template_service.questionnaire.problems import QuestionnaireError, shown
from template_service.questionnaire.r4_elements import child, is_listed
from template_service.questionnaire.raw_items import EXPRESSION_LIMIT
from template_service.questionnaire.tokens import links_of

_LINK_PERIOD = "sdc-questionnaire-observationLinkPeriod"
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_IS_SUBJECT = "sdc-questionnaire-isSubject"
_KNOWN = ", ".join(sorted(RELATIONSHIPS))
_WORDS = 80


def check_extracting(source: Source, work: Work, report: Report) -> None:
    """Report what no extraction or population could do as the questionnaire asks."""
    _check_templates(source, report)
    _check_expressions(source, work, report)
    building = opens(source.resource)
    for item in source.items:
        _check_codes(item, report)
        definition = item.json.get("definition")
        built = building or any(opens(one.json) for one in item.outwards())
        if built and isinstance(definition, str):
            _check_definition(item, definition, report)


def _check_templates(source: Source, report: Report) -> None:
    contained = {
        each["id"]
        for each in objects(source.resource.get("contained"))
        if isinstance(each.get("id"), str)
    }
    for extension in extensions(source.resource, BUNDLE):
        if (missing := _missing(extension, contained)) is not None:
            report.add("Questionnaire", missing, "not-found", "error")
    for extension in extensions(source.resource, TEMPLATE):
        if (missing := _missing(_template(extension), contained)) is not None:
            report.add("Questionnaire", missing, "not-found", "error")
    for item in source.items:
        for extension in item.named.get(TEMPLATE, ()):
            if (missing := _missing(_template(extension), contained)) is not None:
                report.on(item, missing, "not-found", "error")


def _template(extension: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(extensions(extension, "template"), {})


def _missing(named: Mapping[str, Any], contained: set[str]) -> str | None:
    """What is wrong with a reference to a template; None when it is there."""
    reference = named.get("valueReference")
    name = reference.get("reference") if isinstance(reference, dict) else None
    if isinstance(name, str) and name.removeprefix("#") in contained:
        return None
    said = f" {name[:_WORDS]}" if isinstance(name, str) else ""
    return f"The template{said} is not contained in the questionnaire: nothing is extracted by it."


def _check_expressions(source: Source, work: Work, report: Report) -> None:
    """The expressions in templates: whether they parse, and name linkIds that are there."""
    for place, text in _in_templates(source):
        if not work.go_on():
            return
        try:
            check_syntax(text)
        except QuestionnaireError as error:
            message = f"The element is left out. {error.message}"
            report.add(place, message, "invalid", "error")
            continue
        for link_id in links_of(text) if len(text) <= EXPRESSION_LIMIT else ():
            if link_id and link_id not in source.by_link_id:
                message = (
                    f"It names the linkId {shown(link_id)}, which is not in the questionnaire."
                )
                report.add(place, message, "not-found")


def _in_templates(source: Source) -> Iterator[tuple[str, str]]:
    for index, resource in enumerate(listed(source.resource.get("contained"))):
        for place, node in elements(resource, f"Questionnaire.contained[{index}]"):
            for name in (CONTEXT, VALUE) if "extension" in node else ():
                for extension in extensions(node, name):
                    given = extension.get("valueExpression")
                    text = given.get("expression") if isinstance(given, dict) else None
                    text = extension.get("valueString", text)
                    if isinstance(text, str):
                        yield place, text


def _check_codes(item: Placed, report: Report) -> None:
    coded = bool(objects(item.json.get("code")))
    if _LINK_PERIOD in item.named and not coded:
        message = "It has an observationLinkPeriod but no code, so no Observation fills it in."
        report.on(item, message, "required")
    said = extracted(item.json)
    if said is None and EXTRACT in item.named:
        message = f"observationExtract must be a boolean or one of: {_KNOWN}."
        report.on(item, message, "code-invalid", "error")
    about = item.flag(_IS_SUBJECT)
    if said and not coded and not about and item.type not in ("group", "display"):
        message = "It has observationExtract but no code: no Observation is made."
        report.on(item, message, "required")


def _check_definition(item: Placed, definition: str, report: Report) -> None:
    canonical, _, element_id = definition.partition("#")
    around, *names = element_id.split(".")
    if not names or bare(canonical) != f"{_CORE}{around}" or not is_listed(around):
        return
    for name in names:
        plain, _, slice_ = name.partition(":")
        found = child(around, slice_ if plain.endswith("[x]") and slice_ else plain)
        if found is None and not _is_choice(around, slice_ or plain):
            message = f"R4 has no element {element_id[:_WORDS]}: nothing is extracted into it."
            report.on(item, message, "not-found", "error", at=".definition")
        if found is None or found.choices:
            return
        around = found.path


def _is_choice(around: str, name: str) -> bool:
    """Whether a name is a choice with its type, such as `valueQuantity`."""
    ends = (at for at, letter in enumerate(name) if letter.isupper())
    return any(
        found.choices and name[at:] in found.choices
        for at in ends
        if (found := child(around, name[:at])) is not None
    )
