"""Which occurrences of a response are enabled, in general: repeating groups, expressions.

R4 Questionnaire.item.enableWhen: of several occurrences of a question the nearest is meant, found
along the ancestors, then what comes before, then what comes after. So the nearest occurrence
around both decides: inside it the question is asked once, or the last before the item counts, or
the first after it. A question without an item there is not answered.
"""

from collections.abc import Iterator, Sequence

from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Clause, Condition, Form, Item
from template_service.questionnaire.occurrences import Occurrence, every
from template_service.questionnaire.problems import ROOT, Path, QuestionnaireError

WORK_LIMIT = 500_000
"""Answers that the conditions of one response look at, which takes about a second; a hundred
conditional items in a thousand repetitions of a group take less."""

_NO_BOOLEAN = "The expression gives something else than true or false."
_TOO_MUCH = "There are too many answers to look at for all conditions."

Position = tuple[Occurrence | None, Path]
"""Where an item is or would be: the occurrence around it (None at the top), the place in it."""


def enable(form: Form, roots: Sequence[Occurrence], scope: Scope | None = None) -> "Enabling":
    """Sets `enabled` of every occurrence; what is returned tells of items that are not there.

    `scope` is the root scope of the response, for enableWhenExpression; without one, and where an
    expression fails (`failures` says so), an item counts as enabled, so that nothing is lost. Takes
    no answer of a disabled question into account, save through expressions, which see them all.
    """
    enabling = Enabling(form, roots, scope)
    for occurrence in every(roots):
        occurrence.enabled = enabling.is_enabled(occurrence)
    return enabling


class Enabling:
    """The outcome of every condition, wherever its item is or may be."""

    def __init__(self, form: Form, roots: Sequence[Occurrence], scope: Scope | None) -> None:
        self._form = form
        self._root_scope = scope
        self._scopes: dict[int, Scope] = {}
        self._by_item: dict[str, list[Occurrence]] = {}
        self._near: dict[tuple[str, int, int], list[Occurrence]] = {}
        self._outcomes: dict[tuple[int, int], bool] = {}
        self._at_top: dict[int, bool] = {}
        self._surroundings: dict[str, set[str]] = {}
        self._held: dict[tuple[int, int], bool] = {}
        self._work_left = WORK_LIMIT
        self._unknown: tuple[int, set[int]] = (-1, set())
        self.failures: dict[tuple[Path, str], str] = {}
        """What conditions could not be told: (place, linkId) -> a plain sentence."""
        for occurrence in every(roots):
            self._by_item.setdefault(occurrence.item.link_id, []).append(occurrence)
        asked = {each.question.link_id for one in form.conditions for each in one.clauses}
        for link_id in asked:
            for occurrence in self._by_item.get(link_id, ()):
                self._note(occurrence)
        for index, condition in enumerate(form.conditions):
            self._decide(index, condition)

    def is_enabled(self, occurrence: Occurrence) -> bool:
        """Whether an occurrence is enabled: its conditions hold, and those around it."""
        index = occurrence.item.enabled_by
        outcome = True if index < 0 else self._known(index, occurrence)
        # The group with the condition is not around it: the item is not where it belongs.
        return self._without_place(index) if outcome is None else outcome

    def would_be(self, item: Item, parent: Occurrence | None, place: Path) -> bool:
        """Whether an item would be enabled that is not there, in this place of an occurrence."""
        return self._open(item.enabled_by, (parent, place))

    def is_unknown(self, item: Item) -> bool:
        """Whether an item counts as enabled, somewhere, only because nobody can tell."""
        counted, unknown = self._unknown
        if counted != len(self.failures):
            unknown = set(self._unknown_conditions())
            self._unknown = len(self.failures), unknown
        return item.enabled_by in unknown

    def _unknown_conditions(self) -> Iterator[int]:
        failed = {link_id for _, link_id in self.failures}
        unknown: set[int] = set()
        for index, condition in enumerate(self._form.conditions):
            needs = {condition.parent, *(each.question.enabled_by for each in condition.clauses)}
            untold = condition.expression is None and not condition.clauses
            if untold or condition.item.link_id in failed or not unknown.isdisjoint(needs):
                unknown.add(index)
                yield index

    @property
    def is_stopped(self) -> bool:
        """Whether there were more answers and conditions than are looked at."""
        return self._work_left < 0

    def scope(self, occurrence: Occurrence) -> Scope | None:
        """What is visible at an occurrence; None without a root scope."""
        if self._root_scope is None:
            return None
        chain: list[Occurrence] = []
        around: Occurrence | None = occurrence
        while around is not None and id(around) not in self._scopes:
            chain.append(around)
            around = around.parent
        scope = self._root_scope if around is None else self._scopes[id(around)]
        for each in reversed(chain):
            scope = self._scopes[id(each)] = scope.inside(each.item, each.node)
        return scope

    def _note(self, question: Occurrence) -> None:
        """Files an occurrence of a question under everything around it."""
        link_id, place, parent = question.item.link_id, question.path[0], question.parent
        while parent is not None:
            self._near.setdefault((link_id, id(parent), id(place)), []).append(question)
            place, parent = parent.path[0], parent.parent

    def _decide(self, index: int, condition: Condition) -> None:
        """The outcome of a condition at every occurrence; what it needs was decided before."""
        for occurrence in self._by_item.get(condition.item.link_id, ()):
            position = (occurrence.parent, occurrence.path[0])
            outcome = self._holds(condition, position, occurrence)
            self._outcomes[index, id(occurrence)] = outcome
        if condition.expression is None:
            self._at_top[index] = self._holds(condition, (None, ROOT))

    def _without_place(self, index: int) -> bool:
        """The outcome of a condition for an item that is not inside the group it belongs to."""
        if index not in self._at_top:
            self._at_top[index] = self._holds(self._form.conditions[index], (None, ROOT))
        return self._at_top[index]

    def _holds(
        self, condition: Condition, position: Position, occurrence: Occurrence | None = None
    ) -> bool:
        if not self._open(condition.parent, position):
            return False
        if condition.expression is not None:
            return self._expressed(condition.expression, condition.item, occurrence, position)
        if not condition.clauses:
            return True
        found = (self._clause(clause, position) for clause in condition.clauses)
        try:
            return all(found) if condition.every else any(found)
        except QuestionnaireError as error:
            self._fail(error, condition.item, occurrence, position)
            return True

    def _open(self, index: int, position: Position) -> bool:
        """The outcome of a condition for what is, or would be, at a position."""
        if index < 0:
            return True
        parent = position[0]
        outcome = self._known(index, parent)
        if outcome is not None:
            return outcome
        # The item with the condition is not there. At the top nothing else tells its places apart.
        if parent is None and index in self._at_top:
            return self._at_top[index]
        return self._holds(self._form.conditions[index], position)

    def _known(self, index: int, occurrence: Occurrence | None) -> bool | None:
        """What was decided for the occurrence with the condition at or around this one."""
        owner = self._form.conditions[index].item
        while occurrence is not None:
            if occurrence.item is owner:
                return self._outcomes[index, id(occurrence)]
            occurrence = occurrence.parent
        return None

    def _clause(self, clause: Clause, position: Position) -> bool:
        question = self._nearest(clause, position)
        if question is None or not self.is_enabled(question):
            return clause.holds(())
        if clause.option is not None:
            self._spend(1)
            return clause.option in question.chosen()
        # Of all that ask the same of one question, such as repetitions of a group, one looks.
        asked = id(clause), id(question)
        if asked not in self._held:
            given = question.values()
            self._spend(1 + len(given))
            self._held[asked] = clause.holds(given)
        return self._held[asked]

    def _spend(self, work: int) -> None:
        self._work_left -= work
        if self._work_left < 0:
            raise QuestionnaireError(_TOO_MUCH)

    def _nearest(self, clause: Clause, position: Position) -> Occurrence | None:
        parent, place = position
        question = clause.question
        around = self._around(question)
        while parent is not None:
            if parent.item is question:
                return parent
            if parent.item.link_id in around:
                return _of_several(
                    self._near.get((question.link_id, id(parent), id(place)), ()), clause
                )
            place, parent = parent.path[0], parent.parent
        return _of_several(self._by_item.get(question.link_id, ()), clause)

    def _around(self, item: Item) -> set[str]:
        """The linkIds of everything around an item of the form."""
        link_id = item.link_id
        if link_id not in self._surroundings:
            found = self._surroundings[link_id] = set()
            while item.parent is not None:
                found.add(item.parent)
                item = self._form.items[item.parent]
        return self._surroundings[link_id]

    def _expressed(
        self, expression: str, item: Item, occurrence: Occurrence | None, position: Position
    ) -> bool:
        parent = position[0]
        around = self._root_scope if parent is None else self.scope(parent)
        if around is None:
            return True
        node = {"linkId": item.link_id} if occurrence is None else occurrence.node
        try:
            found = around.inside(item, node).evaluate(expression)
            if found and not (len(found) == 1 and isinstance(found[0], bool)):
                raise QuestionnaireError(_NO_BOOLEAN)
        except QuestionnaireError as error:
            self._fail(error, item, occurrence, position)
            return True
        return found == [True]

    def _fail(
        self,
        error: QuestionnaireError,
        item: Item,
        occurrence: Occurrence | None,
        position: Position,
    ) -> None:
        path = position[1] if occurrence is None else occurrence.path
        message = f"Whether the item is enabled was not found out. {error.message}"
        self.failures[path, item.link_id] = message


def _of_several(found: Sequence[Occurrence], clause: Clause) -> Occurrence | None:
    if not found:
        return None
    return found[-1] if clause.precedes else found[0]
