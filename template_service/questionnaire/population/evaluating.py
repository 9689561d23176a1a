"""Expressions evaluated within the time one population may take."""

from collections.abc import Mapping
from time import thread_time
from typing import Any

from template_service.questionnaire.expressions.evaluation import evaluate_nodes
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.expressions.limits import ALLOWANCE, TooCostly
from template_service.questionnaire.population.launch import FHIR_QUERY, resources
from template_service.questionnaire.population.names import Uses, uses
from template_service.questionnaire.population.place import Place
from template_service.questionnaire.problems import QuestionnaireError

SECONDS_LIMIT = ALLOWANCE
"""Processor seconds of all expressions of one population, as of one response."""

_NO_TIME = f"The expressions before it took {SECONDS_LIMIT:.0f} s; it was not evaluated."


_NOTHING = Uses(frozenset(), answers=False)


class Failed(Exception):
    """An expression without a result: a FHIR issue-type, why, and what it needed."""

    def __init__(self, code: str, reason: str, needed: Uses = _NOTHING) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.needed = needed


class Evaluator:
    """Evaluates Expressions at places until its time is over."""

    def __init__(self) -> None:
        self._until = thread_time() + SECONDS_LIMIT

    def results(self, expression: Mapping[str, Any], here: Place) -> tuple[list[Any], Uses]:
        """The collection an Expression gives as FHIR JSON, and what it needed. Raises Failed."""
        if (queried := self._queried(expression, here)) is not None:
            return queried, _NOTHING
        text, needed = self._ready(expression, here)
        try:
            scope = here.fresh() if needed.answers else here.scope
            return scope.evaluate(text), needed
        except QuestionnaireError as error:
            raise _failed(error, needed) from error

    def nodes(self, expression: Mapping[str, Any], here: Place) -> tuple[list[Any], Uses]:
        """As `results`, but each element keeps its FHIR type, to be seen by other expressions."""
        if (queried := self._queried(expression, here)) is not None:
            return queried, _NOTHING
        text, needed = self._ready(expression, here)
        try:
            return evaluate_nodes(text, here.focus, here.scope), needed
        except QuestionnaireError as error:
            raise _failed(error, needed) from error

    def _queried(self, expression: Mapping[str, Any], here: Place) -> list[Any] | None:
        """The result of a query that ran elsewhere; None when the expression is no query."""
        if expression.get("language") != FHIR_QUERY:
            return None
        name = expression.get("name")
        environment = here.root.environment
        if not isinstance(name, str) or name not in environment:
            raise Failed("not-supported", "Its query is not run here, and its result is not given.")
        if name in here.absent:
            raise Failed("not-found", "", Uses(frozenset({name}), False))
        return resources(environment[name])

    def _ready(self, expression: Mapping[str, Any], here: Place) -> tuple[str, Uses]:
        if (reason := refused(expression)) is not None:
            raise Failed("not-supported", reason)
        text: str = expression["expression"]
        needed = uses(text, here.variables)
        if thread_time() > self._until:
            raise Failed("too-costly", _NO_TIME)
        return text, needed


def _failed(error: QuestionnaireError, needed: Uses) -> Failed:
    code = "too-costly" if isinstance(error, TooCostly) else "processing"
    return Failed(code, error.message, needed)
