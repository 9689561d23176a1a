"""The expressions of a questionnaire: whether they run, and whether what they name is there."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from template_service.questionnaire.assembly.module import PREFIX
from template_service.questionnaire.checking.paths import Tree, lost_links
from template_service.questionnaire.checking.places import (
    CONDITION,
    QUERY,
    VARIABLE,
    Names,
    Written,
    brought_by,
    environment,
    written_in,
)
from template_service.questionnaire.checking.results import (
    CALCULATED,
    ENABLED_BY,
    check_results,
)
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.elements import objects
from template_service.questionnaire.expressions.evaluation import check_syntax
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.expressions.limits import TooCostly
from template_service.questionnaire.expressions.order import order_of
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError, shown

_SDC = "sdc-questionnaire-"
# What becomes of an item whose expression does not run.
_OTHERWISE: Mapping[str, str] = {
    CALCULATED: "Nothing is calculated.",
    f"{_SDC}initialExpression": "Nothing is filled in.",
    f"{_SDC}answerExpression": "No options come of it.",
    f"{_SDC}candidateExpression": "Nothing is suggested.",
    f"{_SDC}answerOptionsToggleExpression": "All options are offered.",
    f"{_SDC}itemPopulationContext": "Nothing is filled in from it.",
    "variable": "Its name stands for nothing.",
    "questionnaire-constraint": "Answers are not checked by it.",
    "targetConstraint": "Answers are not checked by it.",
    "cqf-expression": "The text is shown as it stands.",
}
_CIRCLE_SHOWN = 8
_FAIR_SECONDS = 0.2
"""An expression that had so much time, and was not done, is too costly; the slowest published one
needs a fifth of it on an empty response."""
_ONLY_ONCE = (CALCULATED, f"{_SDC}initialExpression")
_ASSEMBLE_CONTEXT = "sdc-questionnaire-assembleContext"
_GIVEN_TO_CONDITIONS: Mapping[str, Any] = {"level": [], "age": [], "conditions": []}


def check_formulas(source: Source, form: Form | None, work: Work, report: Report) -> None:
    """Report expressions that do not parse, fail on an empty response, or name what is not there.

    Also those in languages that are not run, with what happens then, and hidden variables.
    """
    expressions = tuple(takewhile(lambda one: work.read(len(one.text)), written_in(source)))
    failing: set[str] = set()
    empty = _Empty(source, form) if form is not None else None
    names = Names(source)
    # What runs nothing comes first: the rest may take all the time that is left.
    _check_names(expressions, names, source, report)
    if not _is_module(source):
        _check_paths(expressions, source, work, report)
    _check_twice(expressions, report)
    _check_hiding(source, expressions, report)
    _check_unseen(source, expressions, form, report)
    check_results(expressions, work, report)
    if form is not None and work.all_read and work.in_time():
        _check_circles(source, form, report)
    for one in expressions:
        if not one.runs:
            _say_not_run(one, report)
        elif work.go_on():
            lacking = bool(names.unknown(one))
            _check_running(one, None if lacking else empty, failing, work, report)
            if lacking:
                _remember(one, failing)


def _say_not_run(one: Written, report: Report) -> None:
    is_query = one.given.get("language") == QUERY
    if one.kind == ENABLED_BY and not is_query:
        # The compiler says it.
        return
    if is_query:
        named = f" as %{one.name[:64]}" if one.name else ""
        message = f"Queries are not sent from here: give what it would find{named}, or it is empty."
        one.say(message, "not-supported", report, "information")
    else:
        otherwise = _OTHERWISE.get(one.kind, "It has no effect.")
        one.say(f"{refused(one.given)} {otherwise}", "not-supported", report)


def _is_module(source: Source) -> bool:
    """Whether it is to be part of another, at whose items it may look."""
    return next(extensions(source.resource, _ASSEMBLE_CONTEXT), None) is not None


def _check_names(
    expressions: tuple[Written, ...], names: Names, source: Source, report: Report
) -> None:
    """Variables and linkIds that are not there, each name once, where it is used first."""
    is_module = _is_module(source)
    said: set[str] = set()
    for one in expressions:
        if not one.runs:
            continue
        for name in names.unknown(one):
            if name not in said:
                said.add(name)
                one.say(f"%{name[:64]} is defined nowhere around it.", "not-found", report)
        for link_id in () if is_module else one.links:
            if link_id and link_id not in source.by_link_id:
                message = (
                    f"It names the linkId {shown(link_id)}, which is not in the questionnaire."
                )
                one.say(message, "not-found", report)


def _check_paths(
    expressions: tuple[Written, ...], source: Source, work: Work, report: Report
) -> None:
    """Paths that lead nowhere, and conditions of an item on itself."""
    tree = Tree(source)
    for one in expressions:
        lost = lost_links(one.text, tree) if one.runs and one.links and work.in_time() else ()
        for link_id in lost:
            if link_id in source.by_link_id:
                message = f"The path to {shown(link_id)} leads nowhere: the item stands elsewhere."
                one.say(message, "not-found", report)
        if one.kind == ENABLED_BY and one.item is not None and one.item.link_id in one.links:
            one.say("The item waits for an answer to itself.", "business-rule", report)


def _check_circles(source: Source, form: Form, report: Report) -> None:
    """Items calculated from each other: `expressions.calculation` leaves them without a value."""
    for circle in order_of(form).circles:
        names = ", ".join(shown(name) for name in circle[:_CIRCLE_SHOWN])
        more = ", ..." if len(circle) > _CIRCLE_SHOWN else ""
        message = f"These items are calculated from each other, so none of them is: {names}{more}."
        report.on(source.by_link_id[circle[0]], message, "business-rule", "error")


class _Empty:
    """A response to the questionnaire without an answer, and what comes from outside empty."""

    def __init__(self, source: Source, form: Form) -> None:
        response = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
        self._form = form
        self._outside = environment(source)
        self._root = Scope.of(form, response, self._outside)
        self._response = response

    def evaluate(self, one: Written, seconds: float) -> None:
        """Raises QuestionnaireError when the expression fails, in the time there is."""
        root = self._root
        if one.kind == CONDITION:
            given = {**self._outside, **_GIVEN_TO_CONDITIONS}
            root = Scope.of(self._form, self._response, given)
        root.shared.seconds = seconds
        scope_at(root, self._form, one.item).evaluate(one.text)


def scope_at(
    root: Scope,
    form: Form,
    item: Placed | None,
    nodes: Mapping[str, Mapping[str, Any]] = {},
) -> Scope:
    """The scope of an item; `nodes` are the items of the response by linkId, where there are."""
    scope = root
    for each in reversed(tuple(item.outwards()) if item else ()):
        if each.link_id in form.items:
            node = nodes.get(each.link_id, {"linkId": each.link_id})
            scope = scope.inside(form.items[each.link_id], node)
    return scope


def _check_running(
    one: Written, empty: _Empty | None, failing: set[str], work: Work, report: Report
) -> None:
    # A prefix for linkIds is for assembly, which does without FHIRPath.
    runs = empty is not None and one.name != PREFIX and not failing.intersection(one.variables)
    seconds = work.left()
    try:
        if empty is not None and runs:
            empty.evaluate(one, seconds)
        else:
            check_syntax(one.text)
    except QuestionnaireError as error:
        if isinstance(error, TooCostly) and seconds < _FAIR_SECONDS and not work.in_time():
            # The others took the time, so nothing is known of this one.
            return
        _remember(one, failing)
        _say_failing(one, error, work, report)


def _say_failing(one: Written, error: QuestionnaireError, work: Work, report: Report) -> None:
    try:
        check_syntax(one.text)
    except QuestionnaireError as mistake:
        one.say(mistake.message, "invalid", report, "error")
        return
    if isinstance(error, TooCostly):
        work.stop()
        one.say(error.message, "too-costly", report, "error")
    else:
        one.say(f"On an empty response: {error.message}", "processing", report)


def _remember(one: Written, failing: set[str]) -> None:
    if one.kind == VARIABLE and one.name:
        failing.add(one.name)


def _check_twice(expressions: tuple[Written, ...], report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for one in expressions:
        key = (one.item.place if one.item else "", one.kind)
        if one.kind in _ONLY_ONCE and key in seen:
            one.say("The item has more than one; only the first counts.", "duplicate", report)
        seen.add(key)


def _check_hiding(source: Source, expressions: tuple[Written, ...], report: Report) -> None:
    """A variable that hides one of the same name further out, or stands twice in one place."""
    seen: set[tuple[str, str]] = set()
    for one in expressions:
        # A prefix for linkIds is meant to be made anew from the one around it (SDC).
        if one.kind != VARIABLE or one.name in ("", PREFIX):
            continue
        key = (one.item.place if one.item else "", one.name)
        if key in seen:
            one.say(f"%{one.name[:64]} is defined twice here.", "duplicate", report)
        seen.add(key)
        if one.name in _around(source, one):
            one.say(f"It hides the %{one.name[:64]} defined around it.", "duplicate", report)


def _around(source: Source, one: Written) -> Iterator[str]:
    if one.item is not None:
        for item in list(one.item.outwards())[1:]:
            yield from brought_by(item.json)
        yield from brought_by(source.resource)


def _check_unseen(
    source: Source, expressions: tuple[Written, ...], form: Form | None, report: Report
) -> None:
    """Calculated items that nobody sees, and that nothing else uses or takes out."""
    domains = form.domains if form else ()
    used = {domain.level.link_id for domain in domains if domain.level is not None}
    used |= {text for one in expressions for text in one.links}
    for item in source.items:
        used |= {str(entry.get("question")) for entry in objects(item.json.get("enableWhen"))}
    for one in expressions:
        item_of = one.item
        if one.kind != CALCULATED or item_of is None or item_of.link_id in used:
            continue
        hidden = any(each.flag("questionnaire-hidden") for each in item_of.outwards())
        if hidden and not item_of.json.get("code") and not item_of.json.get("definition"):
            message = "The result is hidden, and nothing here uses it."
            report.on(item_of, message, "informational", "information")
