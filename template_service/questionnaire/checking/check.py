"""Everything that can be said of a Questionnaire before anybody answers it."""

from collections.abc import Iterable
from typing import Any

from template_service.questionnaire.checking.bounds import check_bounds
from template_service.questionnaire.checking.codes import check_codes
from template_service.questionnaire.checking.dont_know import check_dont_know
from template_service.questionnaire.checking.extracting import check_extracting
from template_service.questionnaire.checking.formulas import check_formulas
from template_service.questionnaire.checking.invariants import check_invariants
from template_service.questionnaire.checking.marking import check_marking
from template_service.questionnaire.checking.masked import check_masked
from template_service.questionnaire.checking.offers import check_offers
from template_service.questionnaire.checking.reachability import check_reachability
from template_service.questionnaire.checking.shapes import check_shapes
from template_service.questionnaire.checking.source import Report, Source
from template_service.questionnaire.checking.texts import check_head, check_texts
from template_service.questionnaire.checking.unmarked import check_unmarked
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.elements import is_deeper
from template_service.questionnaire.form import Form
from template_service.questionnaire.languages import languages_of
from template_service.questionnaire.problems import Problem, QuestionnaireError

PROBLEM_LIMIT = 500
"""A questionnaire odd in more places is not worth naming each one."""

DEPTH_LIMIT = 100
"""Lists and objects within each other: twice as deep as items may be, and thirty inside one."""

_RANK = {"error": 0, "warning": 1, "information": 2}


def check(resource: Any) -> tuple[Problem, ...]:
    """Every problem of a Questionnaire (parsed JSON), errors first, then in document order.

    All that `compile_questionnaire` says, and what only an author needs: broken invariants, items
    nobody is ever asked, codes and expressions that do not hold, missing translations, and
    calculations that take "don't know" for "no". An error means that it cannot be used, or that
    part of it never works. Never raises on any JSON value. The work is bounded: what
    compiling refuses as too costly is not looked at further.
    """
    form, compiled = _compiled(resource)
    if not isinstance(resource, dict) or any(one.code == "too-costly" for one in compiled):
        return compiled
    if form is None and resource.get("resourceType") != "Questionnaire":
        return compiled
    if is_deeper(resource, DEPTH_LIMIT):
        message = f"The JSON is nested more than {DEPTH_LIMIT} deep; it was not looked at further."
        return (*compiled, Problem("error", "too-costly", "Questionnaire", None, message))
    source, report, work = Source.of(resource), Report(), Work()
    languages = languages_of(resource)
    check_head(source, languages, report)
    check_invariants(source, report)
    check_reachability(source, form, report)
    check_marking(source, report)
    check_shapes(source, report)
    check_bounds(source, form, report)
    check_offers(source, form, report)
    check_codes(source, report)
    check_texts(source, languages, work, report)
    check_extracting(source, work, report)
    check_formulas(source, form, work, report)
    if form is not None:
        check_masked(source, form, report)
        check_unmarked(source, form, languages, report)
    if form is not None and work.all_read:
        check_dont_know(source, form, work, report)
    if work.cut_short:
        message = "There are too many expressions, or too costly ones: not all were tried."
        report.add("Questionnaire", message, "too-costly", "information")
    return _listed(source, compiled, report.problems)


def _compiled(resource: Any) -> tuple[Form | None, tuple[Problem, ...]]:
    try:
        form = compile_questionnaire(resource)
    except QuestionnaireError as refusal:
        return None, tuple(one for one in refusal.problems if isinstance(one, Problem))
    return form, form.problems


def _listed(
    source: Source, compiled: Iterable[Problem], found: list[Problem]
) -> tuple[Problem, ...]:
    """Both lists as one, each problem once."""
    twice = {one.expression for one in found if "que-2: " in one.message}
    kept = [one for one in compiled if one.severity != "error" or one.expression not in twice]
    order = {item.place: index for index, item in enumerate(source.items)}

    def rank(problem: Problem) -> tuple[int, int]:
        return _RANK[problem.severity], _position(problem.expression, order)

    problems = sorted(dict.fromkeys((*kept, *found)), key=rank)
    if len(problems) > PROBLEM_LIMIT:
        more = len(problems) - PROBLEM_LIMIT
        message = f"There are {more} more problems."
        last = Problem("information", "informational", "Questionnaire", None, message)
        return (*problems[:PROBLEM_LIMIT], last)
    return tuple(problems)


def _position(place: str, order: dict[str, int]) -> int:
    """Where the item of a place stands in the document; the questionnaire itself comes first."""
    while place:
        if place in order:
            return order[place]
        place = place.rpartition(".")[0]
    return -1
