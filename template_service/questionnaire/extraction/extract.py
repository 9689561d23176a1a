"""What a response says, as resources: HL7 SDC 4, "Form Data Extraction".

One transaction Bundle with what all three ways give: templates (`templating`), definitions
(`definitions`) and observations (`observations`). Nothing is left out without a problem saying so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from template_service.questionnaire.elements import objects
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.asking import enabled_part
from template_service.questionnaire.extraction.bundle import Entries
from template_service.questionnaire.extraction.contexts import EXTRACT as DEFINITION
from template_service.questionnaire.extraction.contexts import LEGACY
from template_service.questionnaire.extraction.definitions import build
from template_service.questionnaire.extraction.observations import EXTRACT, observe
from template_service.questionnaire.extraction.observed import Head, status_problem
from template_service.questionnaire.extraction.places import Place, places
from template_service.questionnaire.extraction.references import resolve, template_ids
from template_service.questionnaire.extraction.templating import BUNDLE, TEMPLATE, fill_templates
from template_service.questionnaire.extraction.work import TooMuch, Work
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Problem

STRUCTURE_MAP = "sdc-questionnaire-targetStructureMap"

_WAYS = frozenset((EXTRACT, DEFINITION, LEGACY, TEMPLATE, BUNDLE))

_NO_WAY = "the questionnaire has none of SDC's extensions for extraction."
_NO_ANSWER = "no question is answered."
_ELSEWHERE = "no question that is to be extracted is answered."
_NO_RESPONSE = "This is no QuestionnaireResponse."
_TOO_MUCH = "The extraction takes too much work, so nothing is extracted. {}"
_NO_MAPS = "Extraction by StructureMap is not supported; nothing is extracted by it."


@dataclass(frozen=True, slots=True)
class Extraction:
    """A transaction Bundle, and everything that was not extracted or is not sound."""

    bundle: dict[str, Any]
    problems: tuple[Problem, ...]


def extract(
    form: Form, response: Any, environment: Mapping[str, Any] = {}, *, now: datetime
) -> Extraction:
    """The resources a response to the form gives, as a transaction that is ready to be sent.

    `environment` is what expressions see besides (launch contexts, results of queries: name
    without % -> FHIR JSON), `now` the Bundle's timestamp. Disabled items give nothing, nor do
    unanswered ones; a calculated item gives what is calculated now, whatever was handed in. Masked
    items (safety content) are always left out, however extraction is asked for; only that something
    was left out is told. SDC's $extract is for what is completed: a response that was entered in
    error or stopped has no entry, and one in progress gives preliminary Observations and a warning.
    Never raises on any JSON: what is wrong, missing or not supported is in the problems, also why
    nothing came out; an extraction that takes too much work has no entry at all.
    """
    work = Work()
    entries = Entries(work)
    if not isinstance(response, dict) or response.get("resourceType") != "QuestionnaireResponse":
        work.tell("error", "structure", "QuestionnaireResponse", None, _NO_RESPONSE)
        return Extraction(entries.bundle(now), work.told())
    problem = status_problem(response)
    work.problems.extend([problem] if problem else [])
    if problem is not None and problem.severity == "error":
        return Extraction(entries.bundle(now), work.told())
    try:
        _extract(form, response, environment, entries, work)
    except TooMuch as error:
        entries = Entries(work)
        work.tell("error", "too-costly", "Questionnaire", None, _TOO_MUCH.format(error))
    return Extraction(entries.bundle(now), work.told())


def _extract(
    form: Form,
    response: Mapping[str, Any],
    environment: Mapping[str, Any],
    entries: Entries,
    work: Work,
) -> None:
    told = len(work.problems)
    if next(extensions(form.resource, STRUCTURE_MAP), None) is not None:
        work.tell("warning", "not-supported", "Questionnaire", None, _NO_MAPS)
    work.look_at(response)
    counted, paths, dropped = enabled_part(form, response, environment, work)
    work.problems.extend(dropped)
    found = places(form, counted, paths, environment, work)
    fill_templates(form.resource, found, entries, work)
    build(form.resource, found, entries, work)
    observe(found, Head(response, work), entries, work)
    resolve(entries, template_ids(form.resource), work)
    if not entries.made and len(work.problems) == told:
        place, why = _why_nothing(form, found[0])
        work.tell("information", "informational", place, None, f"Nothing is extracted: {why}")


def _why_nothing(form: Form, whole: Place) -> tuple[str, str]:
    """Why nothing came out of a response, where nothing else was told; the place goes first."""
    if not any(map(_asks, (form.resource, *(item.raw for item in form.items.values())))):
        return "Questionnaire", _NO_WAY
    return "QuestionnaireResponse", _ELSEWHERE if whole.answered else _NO_ANSWER


def _asks(element: Mapping[str, Any]) -> bool:
    """Whether an item, a code of it, or the Questionnaire asks for extraction."""
    holders = (element, *objects(element.get("code")))
    names = {
        str(each.get("url")).rpartition("/")[2]
        for one in holders
        for each in objects(one.get("extension"))
    }
    return not _WAYS.isdisjoint(names)
