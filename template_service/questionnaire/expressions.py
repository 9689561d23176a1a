"""FHIRPath of a questionnaire, through fhirpathpy: compiled once, imported when first needed.

fhirpathpy and its parser take a tenth of a second to import; nothing on the way of a submission
needs them unless a template's condition asks for more than `rules` compiles.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from template_service.questionnaire.form import Facts, Form
from template_service.questionnaire.problems import QuestionnaireError

Evaluate = Callable[[Any, dict[str, Any]], list[Any]]

_NO_PARSE = "This FHIRPath cannot be parsed: {}"
_FAILS = "This FHIRPath cannot be evaluated: {}"
_SHOWN = 120


@lru_cache(maxsize=1024)
def compiled(expression: str) -> Evaluate:
    """A FHIRPath expression, parsed once: `(resource, variables) -> collection`.

    Raises QuestionnaireError when it does not parse.
    """
    import fhirpathpy  # noqa: PLC0415 - see the module docstring

    try:
        run: Evaluate = fhirpathpy.compile(expression)
    except Exception as error:
        raise QuestionnaireError(_NO_PARSE.format(expression[:_SHOWN])) from error
    return run


def calculated(form: Form, resource: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every item with a calculatedExpression, by linkId.

    `resource` is the QuestionnaireResponse (%resource); %questionnaire and the form's root
    variables are there too. Left out: empty results, and expressions that cannot be evaluated
    because they need what is not there (a launch context such as %patient).
    """
    known: dict[str, Any] = {"resource": resource, "questionnaire": form.resource}
    expressions = {
        item.link_id: item.calculated for item in form.items.values() if item.calculated is not None
    }
    if not expressions:
        return {}
    for name, definition in form.variables.items():
        with suppress(QuestionnaireError):
            known[name] = evaluate(definition, resource, known)
    found: dict[str, Any] = {}
    for link_id, expression in expressions.items():
        with suppress(QuestionnaireError):
            found.update(zip((link_id,), evaluate(expression, resource, known), strict=False))
    return found


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


def evaluate(expression: str, resource: Any, variables: dict[str, Any]) -> list[Any]:
    """The collection an expression gives. Raises QuestionnaireError when it cannot be evaluated."""
    run = compiled(expression)
    try:
        return run(resource, variables)
    except Exception as error:
        raise QuestionnaireError(_FAILS.format(expression[:_SHOWN])) from error
