"""Whether what is answered was asked for, what is asked for is answered, and the rules hold.

For any form, from every occurrence in the response, with the rules (`questionnaire-constraint`,
`targetConstraint`) and calculated bounds that hold there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from template_service.questionnaire.answers import disclosures
from template_service.questionnaire.checks import bound_check
from template_service.questionnaire.completeness import REQUIRED, Add, say_disabled
from template_service.questionnaire.conditions import Counted
from template_service.questionnaire.constraints import Constraints, Invariant, Limit
from template_service.questionnaire.disclosing import telling, unless_told
from template_service.questionnaire.elements import listed
from template_service.questionnaire.enabling import enable
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Answers, Form, Item, Value
from template_service.questionnaire.occurrences import Occurrence, every, read_occurrences
from template_service.questionnaire.problems import ROOT, Path, QuestionnaireError, Severity
from template_service.questionnaire.values import read_plain

RULE_LIMIT = 1_000
"""Rules evaluated for one response; no public questionnaire has a tenth of that."""

_CALCULATED_LIMIT = "the limit that follows from other answers"


def judge_occurrences(
    form: Form,
    answers: Answers,
    resource: Mapping[str, Any],
    environment: Mapping[str, Any],
    *,
    finished: bool,
    add: Add,
) -> Answers:
    """Answers to items that are not enabled, what is missing, counted and ruled; of any form.

    Returns the answers that count: those of enabled occurrences, and disclosures.
    """
    return _Judge(form, answers, resource, environment, finished=finished, add=add).judged()


class _Judge:
    """One look at every occurrence of one response."""

    def __init__(
        self,
        form: Form,
        answers: Answers,
        resource: Mapping[str, Any],
        environment: Mapping[str, Any],
        *,
        finished: bool,
        add: Add,
    ) -> None:
        self._form = form
        self._answers = answers
        self._resource = resource
        self._add = add
        self._finished = finished
        self._roots = read_occurrences(form, resource)
        self._scope = Scope.of(form, resource, environment)
        self._enabling = enable(form, self._roots, self._scope)
        self._rules_left = RULE_LIMIT
        self._demanding = frozenset(_demanding(form))

    def judged(self) -> Answers:
        disabled = [each for each in every(self._roots) if not each.enabled]
        told = telling(self._form, self._resource).link_ids if disabled else frozenset()
        for each in disabled:
            if each.values() and each.item.calculated is None:
                is_told = each.item.link_id in told
                say_disabled(each.item, each.path, self._add, told=is_told)
        self._place(self._form.roots, self._roots, None, ROOT)
        for (path, link_id), message in self._enabling.failures.items():
            self._add("warning", "not-supported", path, link_id, message)
        if self._form.constraints is not None:
            self._rules(self._form.constraints, None, self._scope, ROOT)
        for each in every(self._roots):
            if each.enabled and each.item.constraints is not None:
                self._constrained(each, each.item.constraints)
        return self._counted() if disabled else Counted(self._answers)

    def _counted(self) -> Counted:
        """The answers without those of disabled occurrences, in the order they were read."""
        answers = self._answers
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
                told = any(disclosures(each.values()) for each in every(found))
                self._add(unless_told(told), "structure", path, item.link_id, message)
        else:
            count, of_what = sum(len(each.values()) for each in found), "answers"
        if not self._finished or item.calculated is not None:
            return
        # Nobody may be kept from sending what a condition asks for that could not be told.
        lenient = self._enabling.is_unknown(item) or self._is_told(item)
        severity: Severity = "warning" if lenient else "error"
        if item.required and not any(map(_holds_answer, found)):
            self._add(severity, "required", path, item.link_id, REQUIRED)
        elif count < least:
            message = f"At least {least} {of_what} are required."
            self._add(severity, "required", path, item.link_id, message)

    def _is_told(self, item: Item) -> bool:
        """Whether an item discloses something, be it in the wrong place: it is not to be lost."""
        found = disclosures(self._answers.get(item.link_id, ()))
        return bool(found) or any(map(self._is_told, item.children))

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
        # The bound may be what a person answered elsewhere, which no message may hold.
        check = bound_check(limit.kind, bound, least=limit.least, said=_CALCULATED_LIMIT)
        for index, answer in enumerate(listed(occurrence.node.get("answer"))):
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
    if occurrence.item.type != "group":
        return occurrence.item.type == "display" or bool(occurrence.values())
    return any(each.item.calculated is None and each.values() for each in every([occurrence]))
