"""Made-up answers to a questionnaire, and what one of its calculations gives for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.answers import response_items, to_response
from template_service.questionnaire.checking.formulas import scope_at
from template_service.questionnaire.checking.places import environment
from template_service.questionnaire.checking.source import Source
from template_service.questionnaire.checking.unanswered import is_directed, least, leaving_open
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.expressions.dependencies import linkids
from template_service.questionnaire.expressions.limits import TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.expressions.variables import definitions
from template_service.questionnaire.extensions import value
from template_service.questionnaire.form import Form, Item, Option, Value
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.raw_items import EXPRESSION_LIMIT
from template_service.questionnaire.tokens import variables_of

_TO_TELL_APART = 2
_PLAIN: Mapping[str, tuple[Value, Value]] = {
    "boolean": (False, True),
    "integer": (0, 1),
    "decimal": (0, 1),
}
"""Type -> the answer that says least, and one that says more."""
_SHOWN = 60
_FOLLOWED = 200
"""Variables followed from one expression; published questionnaires need some 25."""

Chosen = Mapping[str, Value]
"""linkId -> the one answer to it"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question a calculation looks at: what leaves it open, what says least, what says more.

    `clear`: that `lowest` says least is known by its weight or its words, not only by its place.
    """

    item: Item
    open: tuple[Option, ...]
    lowest: Value
    others: tuple[Value, ...]
    clear: bool

    @property
    def link_id(self) -> str:
        """The linkId of its item."""
        return self.item.link_id

    @property
    def directed(self) -> bool:
        """Whether `lowest` is good news however the question is put."""
        return self.clear and isinstance(self.lowest, Option) and is_directed(self.lowest)

    @property
    def most(self) -> Value:
        """The answer that counts most, as far as weights say."""
        return max(self.others, key=lambda each: getattr(each, "weight", None) or 0)


def question_of(item: Item) -> Question | None:
    """What an item asks, when its answers can be told apart; None for any other item."""
    if item.calculated is not None:
        return None
    if item.type in _PLAIN and not item.options:
        lowest, more = _PLAIN[item.type]
        return Question(item, (), lowest, (more,), clear=True)
    if item.type not in ("choice", "open-choice") or not item.options:
        return None
    unanswered = leaving_open(item.options)
    real = tuple(option for option in item.options if option not in unanswered)
    if len(real) < _TO_TELL_APART:
        return None
    found = least(real)
    # Scales nearly always run from most to least where nothing says so.
    lowest = found or real[-1]
    others = tuple(option for option in real if option != lowest)
    return Question(item, unanswered, lowest, others, found is not None)


class Trial:
    """One calculated item, tried on made-up responses.

    `questions` are those that it may look at; `lowest` answers each of them with what says least.
    """

    def __init__(
        self,
        source: Source,
        form: Form,
        item: Item,
        questions: Mapping[str, Question],
        work: Work,
    ) -> None:
        self.placed = source.by_link_id[item.link_id]
        self._source = source
        self._form = form
        self._expression = item.calculated or ""
        self._work = work
        self._outside = environment(source)
        self._results: dict[tuple[tuple[str, Value], ...], list[Any] | None] = {}
        self._variables = self._visible()
        names = linkids(self._expression, self._variables, item.link_id)
        self.questions = tuple(
            question
            for link_id, question in questions.items()
            if names is None or not names.isdisjoint(self._around(link_id))
        )
        self.lowest: Chosen = {each.link_id: each.lowest for each in self.questions}

    def is_conditional(self, link_id: str) -> bool:
        """Whether an item is asked of some people only."""
        return any(
            each.json.get("enableWhen")
            or value(each.json, "sdc-questionnaire-enableWhenExpression", "valueExpression")
            for each in self._source.by_link_id[link_id].outwards()
        )

    def in_time(self) -> bool:
        """Whether there is time for more."""
        return self._work.in_time()

    def result(self, chosen: Chosen) -> list[Any] | None:
        """What the calculation gives for these answers; None when it fails, or work is spent."""
        key = tuple(chosen.items())
        if key not in self._results:
            self._results[key] = self._evaluated(chosen)
        return self._results[key]

    def texts(self) -> Iterator[str]:
        """Its expression, and those of the variables it uses, directly or through others."""
        waiting, seen = [self._expression], set[str]()
        while waiting and len(seen) < _FOLLOWED:
            text = waiting.pop()
            # What is longer does not run.
            if len(text) <= EXPRESSION_LIMIT:
                yield text
                names = [name for name in variables_of(text) if name not in seen]
                seen.update(names)
                waiting += [self._variables[name] for name in names if name in self._variables]

    def _evaluated(self, chosen: Chosen) -> list[Any] | None:
        if not self._work.probe():
            return None
        answers = {link_id: (answer,) for link_id, answer in chosen.items()}
        response = to_response(self._form, answers, status="in-progress")
        nodes = {node["linkId"]: node for _, node in response_items(response)}
        root = Scope.of(self._form, response, self._outside)
        root.shared.seconds = self._work.left()
        try:
            return scope_at(root, self._form, self.placed, nodes).evaluate(self._expression)
        except TooCostly:
            self._work.stop()
        except QuestionnaireError:
            pass  # Said by check_formulas, where it can be.
        return None

    def _visible(self) -> dict[str, str]:
        """The variables seen where the item stands; those of inner places hide those around."""
        inwards = reversed(tuple(self.placed.outwards()))
        elements = (self._source.resource, *(one.json for one in inwards))
        return {
            name: given["expression"]
            for element in elements
            for name, given in definitions(element).items()
            if isinstance(given.get("expression"), str)
        }

    def _around(self, link_id: str) -> frozenset[str]:
        return frozenset(one.link_id for one in self._source.by_link_id[link_id].outwards())


def told(result: list[Any]) -> str:
    """A result in words."""
    [first, *_] = result
    if isinstance(first, dict):
        first = first.get("display") or first.get("code") or first.get("value") or "a result"
    if isinstance(first, bool):
        return "true" if first else "false"
    return f"'{str(first)[:_SHOWN]}'"
