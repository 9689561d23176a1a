"""calculatedExpression: the values of a whole response, or of what one change touches.

SDC, "calculatedExpression": the value of an item follows from other answers. Missing answers are
never zero: an expression that gives nothing takes the old value out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from time import thread_time
from types import MappingProxyType
from typing import Any

from template_service.questionnaire.expressions.limits import ALLOWANCE, Allowance
from template_service.questionnaire.expressions.order import (
    Calculated,
    chain_of,
    order_of,
    problem_of,
    touched,
)
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.expressions.withholding import Place, disabled_places, place_of
from template_service.questionnaire.expressions.writing import (
    Node,
    NotAnAnswer,
    Spot,
    Writer,
    as_answers,
)
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.problems import Problem, QuestionnaireError

Environment = Mapping[str, Any]

ROUND_LIMIT = 8
"""How often what is calculated and what is enabled are worked out in turn. A calculated value that
disables another takes one round; they seldom follow one another."""

_NO_TIME = "It was not calculated: the calculations of this form take too long together."
_NOT_SETTLED = "It was not calculated: what is enabled in this form takes too long to find out."


@dataclass(frozen=True, slots=True)
class Calculation:
    """A response with every calculated value in it, and what could not be calculated.

    `response` is a copy; `values` are linkId -> the first value (plain FHIR JSON) of those items
    that have one. Problems never hold what a person answered.
    """

    response: Node
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]


def calculate(
    form: Form,
    response: Mapping[str, Any],
    environment: Environment = MappingProxyType({}),
    seconds: float = ALLOWANCE,
) -> Calculation:
    """Every calculatedExpression of a response, each after those it needs.

    Values that are there already are replaced, and taken out where an expression gives none or
    cannot be evaluated. A value is written once for every occurrence of the repeating groups around
    its item; groups that do not repeat are made as needed. An item that is not enabled gets none,
    so that it counts in no other (`withholding`); what people answered does count, enabled or not:
    take it out before. `seconds` is the processor time there is. Never raises on any JSON value.
    """
    found = Recalculator(form, response, environment, seconds)
    return Calculation(found.response, found.values, found.problems)


class Recalculator:
    """A response that stays calculated: one change costs only what depends on it.

    After any number of changes it holds what `calculate` gives for the same answers.
    """

    def __init__(
        self,
        form: Form,
        response: Mapping[str, Any],
        environment: Environment = MappingProxyType({}),
        seconds: float = ALLOWANCE,
    ) -> None:
        self._form = form
        self._environment = environment
        self._order = order_of(form)
        self._conditional = [one for one in self._order.items if one.item.enabled_by >= 0]
        self._start(response, seconds)

    def _start(self, response: Mapping[str, Any], seconds: float = ALLOWANCE) -> None:
        """Calculates all of a response."""
        started = thread_time()
        self._writer = Writer(response, self._order)
        self._scope: Scope | None = None
        self._found: dict[str, tuple[Problem, ...]] = {}
        self._allowance = Allowance()
        self._allowance.seconds = seconds - (thread_time() - started)
        self._withheld: frozenset[Place] = frozenset()
        self._calculate_all()
        if self._conditional:
            self._withhold()

    def _withhold(self) -> None:
        """Takes the values of items that are not enabled out, until nothing changes any more.

        Each round asks for all of them anew: one may be disabled by a value that is gone by then.
        """
        for _ in range(ROUND_LIMIT):
            started, left = thread_time(), self._allowance.seconds
            scope = Scope.of(self._form, self._writer.response, self._environment)
            scope.shared = self._allowance
            found = disabled_places(self._form, self._writer, self._conditional, scope)
            self._allowance.took(left, started)
            if self._allowance.seconds <= 0 or found is None:
                break
            if found == self._withheld:
                return
            self._withheld = found
            self._take_out()
            self._calculate_all()
        # Any value may count one that nobody asks for.
        self._take_out()
        for one in self._order.items:
            problem = problem_of(one.item, "warning", "too-costly", _NOT_SETTLED)
            self._found[one.item.link_id] = (problem,)

    def _take_out(self) -> None:
        for one in self._order.items:
            self._put(one, [[] for _ in self._writer.spots(one.chain)])

    def _calculate_all(self) -> None:
        for one in self._order.items:
            if self._allowance.seconds > 0:
                self._calculate(one)
            else:
                problem = problem_of(one.item, "warning", "too-costly", _NO_TIME)
                self._found[one.item.link_id] = (problem,)

    @property
    def response(self) -> Node:
        """The response as it is now; not to be changed by others."""
        return self._writer.response

    @property
    def values(self) -> dict[str, Any]:
        """The first value of every calculated item that has one, by linkId, in document order."""
        positions = self._order.positions
        ordered = sorted(self._order.items, key=lambda one: positions[one.item.link_id])
        found = ((one.item.link_id, self._first(one)) for one in ordered)
        return {name: given for name, given in found if given is not None}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be calculated, in document order."""
        found = [problem for problems in self._found.values() for problem in problems]
        found += self._order.problems
        positions = self._order.positions
        return tuple(sorted(found, key=lambda problem: positions.get(problem.link_id or "", -1)))

    def answer(
        self, link_id: str, answers: Iterable[Mapping[str, Any]], at: tuple[int, ...] = ()
    ) -> frozenset[str]:
        """Gives an item these `answer` elements (none: it is not answered any more).

        `at` are the places, from 0, among the occurrences of the repeating groups around it, from
        the outside; places left out are 0. Returns the linkIds of all that has changed: the item,
        and every calculated item with another value, which is what an enableWhenExpression may
        have to be evaluated for. KeyError when the form has no such item, or the response no such
        occurrence. A calculated item keeps the value that is calculated.
        """
        item = self._form.items[link_id]
        if item.calculated is not None:
            return frozenset()
        spot = self._spot_at(item, at)
        self._allowance = Allowance()
        given = [dict(answer) for answer in answers]
        # What is enabled may be another thing with any answer.
        if self._conditional or link_id in self._order.entangled:
            return self._anew(spot, item, given)
        self._write(spot, item, given)
        self._writer.index.answered(given)
        changed, done = {link_id}, -1
        waiting = list(self._readers(link_id, done))
        heapify(waiting)
        while waiting:
            place = heappop(waiting)
            if place > done and self._recalculate(place):
                name = self._order.items[place].item.link_id
                changed.add(name)
                for reader in self._readers(name, place):
                    heappush(waiting, reader)
            done = place
        return frozenset(changed)

    def _anew(self, spot: Spot, item: Item, given: list[Node]) -> frozenset[str]:
        """As `answer`, where the places of calculated items come and go with what is answered."""
        before = {one.item.link_id: self._answers(one) for one in self._order.items}
        self._write(spot, item, given)
        self._start(self._writer.response)
        after = {one.item.link_id: self._answers(one) for one in self._order.items}
        return frozenset({item.link_id, *(name for name in after if after[name] != before[name])})

    def _spot_at(self, item: Item, at: tuple[int, ...]) -> Spot:
        """Where an item stands, by its place among the occurrences around it."""
        spots = self._writer.spots(chain_of(self._form, item), at)
        if not spots:
            raise KeyError(item.link_id)
        return spots[0]

    def _readers(self, link_id: str, after: int) -> Iterator[int]:
        """The places in the order of what reads an item, a group around it, or anything."""
        readers = self._order.readers
        for name in touched(self._form, link_id):
            yield from (place for place in readers.get(name, ()) if place > after)
        yield from (place for place in self._order.anything if place > after)

    def _recalculate(self, place: int) -> bool:
        """Calculates one item anew; whether it has another value now."""
        one = self._order.items[place]
        if not one.broad:
            return self._calculate(one)
        later = self._order.items[place:]
        kept = [(each, self._answers(each)) for each in later]
        for each, _ in kept:
            self._put(each, [[] for _ in self._writer.spots(each.chain)])
        self._calculate(one)
        for each, answers in kept[1:]:
            self._put(each, answers)
        return self._answers(one) != kept[0][1]

    def _calculate(self, one: Calculated) -> bool:
        """Evaluates and writes one item everywhere; whether it has another value now."""
        problems: dict[Problem, None] = {}
        left, started = self._allowance.seconds, thread_time()
        spots = self._writer.spots(one.chain)
        found = [self._evaluated(one, spot, problems) for spot in spots]
        self._found[one.item.link_id] = tuple(problems)
        changed = found != [self._writer.answers(spot, one.item) for spot in spots]
        if changed:
            self._put(one, found)
        self._allowance.took(left, started)
        return changed

    def _answers(self, one: Calculated) -> list[list[Any]]:
        return [self._writer.answers(spot, one.item) for spot in self._writer.spots(one.chain)]

    def _put(self, one: Calculated, answers: list[list[Any]]) -> None:
        for spot, given in zip(self._writer.spots(one.chain), answers, strict=True):
            self._write(spot, one.item, given)

    def _write(self, spot: Spot, item: Item, answers: list[Node]) -> None:
        self._writer.write(spot, item, answers)
        watched = self._order.watched
        if watched is None or not watched.isdisjoint(touched(self._form, item.link_id)):
            self._scope = None

    def _evaluated(
        self, one: Calculated, spot: Spot, problems: dict[Problem, None]
    ) -> list[dict[str, Any]]:
        """The answers that an expression gives at one place; none when something is wrong."""
        if self._withheld and place_of(one, spot) in self._withheld:
            return []
        if self._allowance.seconds <= 0:
            problems[problem_of(one.item, "warning", "too-costly", _NO_TIME)] = None
            return []
        try:
            return as_answers(one.item, self._scope_at(one, spot).evaluate(one.expression))
        except NotAnAnswer as error:
            problems[problem_of(one.item, "warning", "value", str(error))] = None
        except QuestionnaireError as error:
            problems[problem_of(one.item, "warning", "processing", str(error))] = None
        return []

    def _scope_at(self, one: Calculated, spot: Spot) -> Scope:
        if self._scope is None:
            self._scope = Scope.of(self._form, self._writer.response, self._environment)
            self._scope.sight.index = self._writer.index
        scope = self._scope
        scope.shared = self._allowance
        for item, node, scoped in zip(one.chain, spot.trail, one.scoped, strict=False):
            if scoped:
                scope = scope.inside(item, {"linkId": item.link_id} if node is None else node)
        link_id = one.item.link_id
        found = [] if spot.missing else self._writer.nodes(spot.around, link_id)
        return scope.inside(one.item, found[0] if found else {"linkId": link_id})

    def _first(self, one: Calculated) -> Any:
        for answers in self._answers(one):
            for answer in answers:
                # One without a value only holds items.
                if answer:
                    return next(iter(answer.values()))
        return None
