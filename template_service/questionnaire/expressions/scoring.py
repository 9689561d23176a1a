"""What scoring asks of FHIRPath: modifiers of any shape."""

from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.expressions.evaluation import evaluate
from template_service.questionnaire.form import Facts


def fhirpath_rule(expression: str, variables: Mapping[str, str]) -> Callable[..., bool]:
    """A modifier's condition of any shape, as `rules.compile_rule` makes it of simple shapes.

    It looks at a response pruned to the answers that count. Raises QuestionnaireError when the
    expression does not parse or fails on an empty response.
    """

    def holds(level: int | None, facts: Facts) -> bool:
        response = facts.response()
        known: dict[str, Any] = {
            "resource": response,
            "level": [] if level is None else level,
            "age": [] if facts.age is None else facts.age,
            "conditions": sorted(facts.conditions),
        }
        for name, definition in variables.items():
            known[name] = evaluate(definition, response, known)
        return evaluate(expression, response, known) == [True]

    empty = {"resourceType": "QuestionnaireResponse"}
    holds(None, Facts(None, frozenset(), {}, lambda: empty))
    return holds
