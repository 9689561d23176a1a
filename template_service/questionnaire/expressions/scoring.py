"""What scoring asks of FHIRPath: modifiers of any shape, and calculated values."""

from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.answers import to_response
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.expressions.evaluation import evaluate
from template_service.questionnaire.form import Answers, Facts, Form


def calculated(form: Form, answers: Answers, response: Any) -> dict[str, Any]:
    """The first value of every item with a calculatedExpression, by linkId.

    Expressions see the response with these answers only, nested as the form nests them; one with
    rows they see as received, because answers do not tell of which row they are. Left out: empty
    results, and expressions that cannot be evaluated because they need what is not there (a launch
    context such as %patient). Never raises on any JSON value.
    """
    seen: dict[str, Any] = response if isinstance(response, dict) else {}
    if not has_rows(form):
        nested = to_response(form, answers, status="in-progress")
        seen = {**seen, "item": nested.get("item", [])}
    return dict(calculate(form, seen).values)


def has_rows(form: Form) -> bool:
    """Whether an item may be there more than once, because something around it repeats."""
    return any(item.inside_repeats for item in form.items.values())


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
