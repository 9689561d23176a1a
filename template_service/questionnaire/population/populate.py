"""Filling in a questionnaire before anybody sees it: HL7 SDC "Form population".

Expression- and observation-based population and FHIR's own initial values, together. StructureMaps
are refused, queries are never run. https://hl7.org/fhir/uv/sdc/populate.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from template_service import clock
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.head import unfit_subject
from template_service.questionnaire.population.evaluating import Evaluator
from template_service.questionnaire.population.filling import Filling
from template_service.questionnaire.population.groups import Groups
from template_service.questionnaire.population.launch import Supplied, supplied
from template_service.questionnaire.population.names import uses, variables_of
from template_service.questionnaire.population.observations import Observations, link_period
from template_service.questionnaire.population.people import whose_data
from template_service.questionnaire.population.place import Draft, Root
from template_service.questionnaire.population.reporting import Report
from template_service.questionnaire.population.sources import Sources
from template_service.questionnaire.problems import Problem

_TOO_MANY = "The context holds more than is looked through for Observations."


@dataclass(frozen=True, slots=True)
class Population:
    """A draft QuestionnaireResponse (JSON-ready), and what could not be filled in and why."""

    response: dict[str, Any]
    problems: tuple[Problem, ...]


def populate(
    form: Form,
    context: Mapping[str, Any],
    *,
    subject: str | Mapping[str, Any] | None = None,
    authored: datetime | None = None,
) -> Population:
    """A response to a form with everything that is already known.

    `context` is name -> resource (launch contexts such as `patient`), Bundle or list (results of
    queries, Observations). `subject` is a reference such as `Patient/123`, or a Reference:
    Observations of anybody else are passed over; without it they must be of the patient of the
    context, and without that all of one person. A patient of the context who is somebody else than
    the subject is an error and nothing is filled in; one who may be is not used. `authored`
    carries its zone; link periods count back from it, or from now.

    The response is in progress and holds only items that have something, also hidden ones and ones
    that are not enabled (SDC). Every item that has a way to be filled and was not is in the
    problems, whose places are in the Questionnaire: warnings, or information when there was just
    nothing; an error only for a context that cannot be used. Never raises on any JSON value.
    """
    report = Report()
    moment = authored if authored is None or authored.tzinfo else authored.replace(tzinfo=UTC)
    response = _head(form, subject, moment)
    if (why := unfit_subject(form, response.get("subject"))) is not None:
        report.say(Problem("warning", "business-rule", "Questionnaire.subjectType", None, why))
    whose = whose_data(context, subject)
    if whose.problem is not None:
        report.say(whose.problem)
        if whose.problem.severity == "error":
            del response["item"]
            return Population(response, report.problems())
    given = supplied(form, whose.context)
    report.take(given.problems, given.absent)
    evaluator = Evaluator()
    groups = Groups(evaluator, report)
    place = groups.root(Root(form, Draft(response), given.environment), given.absent)
    observations = Observations(whose.person, moment or clock.now())
    if takes_observations(form):
        observations.read(given.environment.values())
    if observations.too_many:
        report.say(Problem("warning", "too-costly", "Questionnaire", None, _TOO_MANY))
    filling = Filling(Sources(evaluator, observations), groups, report)
    filling.fill(form.roots, response["item"], place)
    response["item"] = filling.finish(response["item"])
    response = _calculated(form, response, given, report)
    if not response["item"]:
        del response["item"]
    return Population(response, report.problems())


def takes_observations(form: Form) -> bool:
    """Whether something is filled in from Observations, under whatever name they come."""
    return any(link_period(item) is not None for item in form.items.values())


def _calculated(
    form: Form, response: dict[str, Any], given: Supplied, report: Report
) -> dict[str, Any]:
    """The response with its calculatedExpressions, which follow from what was filled in."""
    items = [item for item in form.items.values() if item.calculated is not None]
    if not items:
        return response
    calculation = calculate(form, response, given.environment)
    link_ids = {item.link_id for item in items}
    for problem in calculation.problems:
        if problem.link_id in link_ids:
            report.say(problem)
    for item in items:
        if item.link_id not in calculation.values:
            needed = uses(item.calculated or "", _variables(form, item)).names
            for absent in given.absent:
                if absent.name in needed:
                    absent.items[item.link_id] = None
    return calculation.response


def _variables(form: Form, item: Item | None) -> dict[str, str]:
    """Every variable that can be seen at an item."""
    found: dict[str, str] = {}
    while item is not None:
        found = {**dict(variables_of(item.raw)), **found}
        item = form.items[item.parent] if item.parent else None
    return {**dict(variables_of(form.resource)), **found}


def _head(
    form: Form, subject: str | Mapping[str, Any] | None, authored: datetime | None
) -> dict[str, Any]:
    head = {
        "questionnaire": form.canonical or None,
        "status": "in-progress",
        "subject": ({"reference": subject} if isinstance(subject, str) else dict(subject))
        if subject
        else None,
        "authored": authored.isoformat() if authored else None,
    }
    given = {name: value for name, value in head.items() if value is not None}
    return {"resourceType": "QuestionnaireResponse", **given, "item": []}
