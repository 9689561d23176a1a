"""Whether what is answered was asked for, and what is asked for is answered.

From the Answers alone where the form allows it (`Form.simple`); otherwise from every occurrence in
the response, with the rules (`questionnaire-constraint`, `targetConstraint`) that hold there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from template_service.questionnaire.answers import disclosures, response_items
from template_service.questionnaire.checks import bound_check
from template_service.questionnaire.conditions import Counted, opened
from template_service.questionnaire.constraints import Constraints, Invariant, Limit
from template_service.questionnaire.enabling import enable
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Answers, Form, Item, Value
from template_service.questionnaire.occurrences import Occurrence, every, read_occurrences
from template_service.questionnaire.problems import (
    ROOT,
    Path,
    QuestionnaireError,
    Severity,
)
from template_service.questionnaire.values import read_plain

RULE_LIMIT = 1_000
"""Rules evaluated for one response; no public questionnaire has a tenth of that."""

Add = Callable[[Severity, str, Path, str | None, str], None]
"""(severity, FHIR issue-type, place, linkId, message)"""

_REQUIRED = "An answer is required."


def judge_answers(
    form: Form, answers: Answers, resource: Mapping[str, Any], *, finished: bool, add: Add
) -> Answers:
    """Answers to items that are not enabled, and required items without one; of a simple form.

    Returns the answers, as `Counted` when every one of them is to an enabled item.
    """
    items = form.items
    outcome = opened(form, answers)
    disabled, missing = [], []
    if not all(outcome):
        for link_id in answers:
            item = items[link_id]
            if item.enabled_by >= 0 and not outcome[item.enabled_by]:
                disabled.append(item)
    for item in form.required if finished else ():
        asked = item.enabled_by < 0 or outcome[item.enabled_by]
        if asked and item.calculated is None and not _is_answered(item, answers):
            missing.append(item)
    if disabled or missing:
        # Most responses come this far without a place ever being written down.
        paths = {node["linkId"]: path for path, node in response_items(resource)}
        for item in disabled:
            _say_disabled(item, answers[item.link_id], paths[item.link_id], add)
        for item in missing:
            if _is_within_reach(form, item, answers):
                path = paths.get(item.link_id) or paths.get(item.parent or "", ROOT)
                add("error", "required", path, item.link_id, _REQUIRED)
    return answers if disabled else Counted(answers)


def judge_occurrences(
    form: Form,
    answers: Answers,
    resource: Mapping[str, Any],
    environment: Mapping[str, Any],
    *,
    finished: bool,
    add: Add,
) -> Answers:
    """The same of any form, occurrence by occurrence, with what is counted and ruled there.

    Returns the answers that count: those of enabled occurrences, and disclosures.
    """
    return _Judge(form, resource, environment, finished=finished, add=add).judged(answers)


class _Judge:
    """One look at every occurrence of one response."""

    def __init__(
        self,
        form: Form,
        resource: Mapping[str, Any],
        environment: Mapping[str, Any],
        *,
        finished: bool,
        add: Add,
    ) -> None:
        self._form = form
        self._add = add
        self._finished = finished
        self._roots = read_occurrences(form, resource)
        self._scope = Scope.of(form, resource, environment)
        self._enabling = enable(form, self._roots, self._scope)
        self._rules_left = RULE_LIMIT
        self._demanding = frozenset(_demanding(form))

    def judged(self, answers: Answers) -> Answers:
        for (path, link_id), message in self._enabling.failures.items():
            self._add("warning", "not-supported", path, link_id, message)
        disabled = [each for each in every(self._roots) if not each.enabled]
        for each in disabled:
            given = each.values()
            if given and each.item.calculated is None:
                _say_disabled(each.item, given, each.path, self._add)
        self._place(self._form.roots, self._roots, None, ROOT)
        if self._form.constraints is not None:
            self._rules(self._form.constraints, None, self._scope, ROOT)
        for each in every(self._roots):
            if each.enabled and each.item.constraints is not None:
                self._constrained(each, each.item.constraints)
        return self._counted(answers) if disabled else Counted(answers)

    def _counted(self, answers: Answers) -> Counted:
        """The answers without those of disabled occurrences, in the order they were read."""
        kept: dict[str, tuple[Value, ...]] = {}
        for each in every(self._roots):
            link_id, given = each.item.link_id, each.values()
            counts = given if each.enabled else disclosures(given)
            if counts and link_id in answers:
                kept[link_id] = kept.get(link_id, ()) + counts
        return Counted({link_id: kept[link_id] for link_id in answers if link_id in kept})

    def _place(
        self,
        items: Sequence[Item],
        occurrences: Sequence[Occurrence],
        parent: Occurrence | None,
        place: Path,
    ) -> None:
        """What one place asks for: the top, a group, or one answer of a question."""
        there: dict[str, list[Occurrence]] = {}
        for each in occurrences:
            there.setdefault(each.item.link_id, []).append(each)
        for item in items:
            found = there.get(item.link_id, [])
            if item.link_id in self._demanding and self._is_asked(item, found, parent, place):
                self._demand(item, found, found[0].path if found else place)
                if found:
                    self._inside(item, found)
                elif item.type == "group" and not item.repeats:
                    # Nobody wrote the group down, but what is in it is asked for all the same.
                    self._place(item.children, (), parent, place)

    def _inside(self, item: Item, found: Sequence[Occurrence]) -> None:
        for each in found if item.children else ():
            held: dict[int, list[Occurrence]] = {}
            for one in each.inside:
                held.setdefault(id(one.path[0]), []).append(one)
            for place in each.places():
                self._place(item.children, held.get(id(place), ()), each, place)

    def _is_asked(
        self, item: Item, found: Sequence[Occurrence], parent: Occurrence | None, place: Path
    ) -> bool:
        if found:
            return any(each.enabled for each in found)
        return self._enabling.would_be(item, parent, place)

    def _demand(self, item: Item, found: Sequence[Occurrence], path: Path) -> None:
        """What an item asks of one place: an answer, so many answers or repetitions."""
        constraints = item.constraints
        least = constraints.min_occurs if constraints is not None else 0
        most = constraints.max_occurs if constraints is not None else None
        if item.type == "group":
            count, of_what = len(found), "repetitions of the group"
            # Of a question, the answers were counted when they were read.
            if most is not None and count > most:
                message = f"At most {most} {of_what} are allowed; take some out."
                self._add("error", "structure", path, item.link_id, message)
        else:
            count, of_what = sum(len(each.values()) for each in found), "answers"
        if not self._finished or item.calculated is not None:
            return
        if item.required and not any(map(_holds_answer, found)):
            self._add("error", "required", path, item.link_id, _REQUIRED)
        elif count < least:
            message = f"At least {least} {of_what} are required."
            self._add("error", "required", path, item.link_id, message)

    def _constrained(self, occurrence: Occurrence, constraints: Constraints) -> None:
        if not (constraints.invariants or constraints.limits):
            return
        scope = self._enabling.scope(occurrence)
        if scope is not None:
            self._rules(constraints, occurrence.item.link_id, scope, occurrence.path)
            for limit in constraints.limits:
                self._limit(limit, occurrence, scope)

    def _rules(
        self, constraints: Constraints, link_id: str | None, scope: Scope, path: Path
    ) -> None:
        for rule in constraints.invariants:
            found = self._evaluated(rule.expression, scope, link_id, path)
            # Nothing (an answer is missing) breaks no rule; it is for `required` to ask for it.
            if found == [False]:
                self._add(self._severity(rule), "invariant", path, link_id, rule.human)

    def _severity(self, rule: Invariant) -> Severity:
        # The rule must hold before a response is complete, says its definition; not before.
        return rule.severity if self._finished else "warning"

    def _limit(self, limit: Limit, occurrence: Occurrence, scope: Scope) -> None:
        link_id, path = occurrence.item.link_id, occurrence.path
        found = self._evaluated(limit.expression, scope, link_id, path)
        bound = read_plain(f"value{limit.kind}", found[0]) if len(found) == 1 else None
        if bound is None:
            return
        check = bound_check(limit.kind, bound, least=limit.least)
        for index, answer in enumerate(occurrence.node.get("answer") or ()):
            kind = f"value{limit.kind}"
            value = read_plain(kind, answer.get(kind)) if isinstance(answer, dict) else None
            finding = None if value is None else check(value, answer, {})
            if finding is not None:
                place = (path, "answer", index)
                self._add(finding.severity, finding.code, place, link_id, finding.message)

    def _evaluated(
        self, expression: str, scope: Scope, link_id: str | None, path: Path
    ) -> list[Any]:
        """What an expression gives; nothing, and a warning, when it cannot be evaluated."""
        self._rules_left -= 1
        if self._rules_left < 0:
            if self._rules_left == -1:
                message = f"More than {RULE_LIMIT} rules: the others were not checked."
                self._add("warning", "too-costly", path, link_id, message)
            return []
        try:
            return scope.evaluate(expression)
        except QuestionnaireError as error:
            message = f"A rule of the questionnaire was not checked. {error.message}"
            self._add("warning", "not-supported", path, link_id, message)
            return []


def _demanding(form: Form) -> set[str]:
    """The linkIds of items that ask for something when a response is complete, and around them."""
    found: set[str] = set()
    for item in form.items.values():
        constraints = item.constraints
        counted = constraints is not None and (
            constraints.min_occurs > 0 or constraints.max_occurs is not None
        )
        link_id: str | None = item.link_id if item.required or counted else None
        while link_id is not None and link_id not in found:
            found.add(link_id)
            link_id = form.items[link_id].parent
    return found


def _holds_answer(occurrence: Occurrence) -> bool:
    if occurrence.item.type == "display":
        return True
    return any(each.item.calculated is None and each.values() for each in every([occurrence]))


def _say_disabled(item: Item, given: tuple[Value, ...], path: Path, add: Add) -> None:
    kept = disclosures(given)
    if len(kept) < len(given):
        message = "The item is answered although the other answers do not ask for it."
        add("error", "business-rule", path, item.link_id, message)
    else:
        message = (
            "The item is answered although the other answers do not ask for it; "
            "the answer is kept because it may be urgent."
        )
        add("warning", "business-rule", path, item.link_id, message)


def _is_within_reach(form: Form, item: Item, answers: Answers) -> bool:
    """Whether every question around an item is answered: R4 puts the item inside the answer."""
    while item.parent is not None:
        item = form.items[item.parent]
        if item.type != "group" and item.link_id not in answers:
            return False
    return True


def _is_answered(item: Item, answers: Answers) -> bool:
    if item.link_id in answers or item.type == "display":
        return True
    return any(_is_answered(child, answers) for child in item.children if child.type != "display")
