"""FHIRPath of a questionnaire, through fhirpathpy with the FHIR R4 model.

fhirpathpy and its parser take a tenth of a second to import; nothing on the way of a submission
needs them unless an expression is of a shape that nothing quicker knows.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from template_service.questionnaire.expressions.limits import Allowance
from template_service.questionnaire.problems import QuestionnaireError

RESPONSE_ITEM = "QuestionnaireResponse.item"
QUESTIONNAIRE_ITEM = "Questionnaire.item"
_SHOWN = 120


class UnknownVariable(QuestionnaireError):
    """An expression needs a variable that is not there, such as a launch context; `name` is it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no %{name[:_SHOWN]} here.")
        self.name = name


class Variables(Protocol):
    """Where variables are looked up, such as a dict or a Scope; KeyError when there is none."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of %name."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A part of a resource as a focus or a variable, with its path in the FHIR model.

    Without its path (`QuestionnaireResponse.item`) FHIRPath could not know that `answer.value`
    means `valueCoding` and its like. Whole resources need none.
    """

    data: Any
    path: str


def evaluate(
    expression: str,
    focus: Any,
    variables: Variables,
    allowance: Allowance | None = None,
) -> list[Any]:
    """The collection an expression gives, as plain FHIR JSON.

    `focus` and the values of `variables` (name without %) are FHIR JSON, Typed, or lists of them;
    None is the empty collection. A whole number is an int, any other a float; a date or time is
    text; a quantity a Quantity. Neither `focus` nor `variables` is ever changed. `allowance` is
    the time several evaluations share.

    Raises QuestionnaireError: it does not parse, it fails, it uses a variable that is not there
    (UnknownVariable), or it takes too much work (TooCostly). Never another exception.
    """
    from template_service.questionnaire.expressions import engine  # noqa: PLC0415 - see above

    found = engine.nodes(expression, focus, variables, allowance)
    return [engine.plain(node) for node in found]


def evaluate_nodes(
    expression: str,
    focus: Any,
    variables: Variables,
    allowance: Allowance | None = None,
) -> list[Any]:
    """As `evaluate`, but what comes back keeps its types, to be a variable of other expressions.

    Its elements are opaque; `evaluate` takes them as a focus or in `variables`.
    """
    from template_service.questionnaire.expressions import engine  # noqa: PLC0415 - see above

    return engine.nodes(expression, focus, variables, allowance)


def check_syntax(expression: str) -> None:
    """Raises QuestionnaireError when an expression is not FHIRPath, or is too long or too deep."""
    from template_service.questionnaire.expressions import engine, quick  # noqa: PLC0415 - see above

    # What closures take is FHIRPath, and known in a thousandth of the time.
    if quick.compile_quick(expression) is None:
        engine.parsed(expression)


def typed(node: Any) -> tuple[str | None, Any]:
    """What `evaluate_nodes` found: its FHIR type, and itself as plain FHIR JSON.

    The type is that of a date, a time or a structure; None for other primitives, whose JSON says
    enough, for resources, and for elements R4 has no type for.
    """
    from template_service.questionnaire.expressions import engine  # noqa: PLC0415 - see above

    return engine.type_of(node), engine.plain(node)


def plain(value: Any) -> list[Any]:
    """A value of a variable, or what `evaluate_nodes` gave, as a collection of plain FHIR JSON."""
    from template_service.questionnaire.expressions import engine  # noqa: PLC0415 - see above

    return [engine.plain(node) for node in engine.wrapped(value)]
