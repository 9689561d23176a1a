"""What `QuestionnaireResponse/$score` is asked (`fhir/OperationDefinition/score.json`)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from template_service.errors import Invalid
from template_service.questionnaire.form import Form
from template_service.questionnaire.misshapen import misshapen
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.scoring import OLDEST_AGE
from template_service.questionnaire.validation import PROBLEM_LIMIT
from template_service.questionnaire.values import read_value

from .operation_parameters import Given, Input, placed, read_input, refuse
from .outcomes import Remark

_RESPONSE: Final = "QuestionnaireResponse"
_STEP: Final = re.compile(r"(item|answer)\[(\d+)\]")
_MISSING: Final = "The parameter 'response' is missing."
_UNNAMED: Final = "The response must name its questionnaire."


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What `$score` was asked: a response as JSON, where it stood, and its context.

    `age` is in whole years; `conditions` are codes such as `heart`.
    """

    response: Mapping[str, Any]
    place: str
    questionnaire: str
    age: int | None
    conditions: frozenset[str]


def read_request(resource: Mapping[str, Any]) -> ScoreRequest:
    """A score request from Parameters or from a bare QuestionnaireResponse.

    Raises Invalid naming every parameter that is unknown or repeated, else every one that is
    missing or of a wrong type.
    """
    asked = read_input(
        resource,
        operation="score",
        once=("response", "questionnaire", "age"),
        often=("condition",),
        bare="response",
        root=_RESPONSE,
    )
    problems = [*_problems(asked)]
    if problems:
        raise Invalid(problems=problems)
    values = {given.name: _READERS[given.name](given) for given in asked.given}
    (given,) = asked.all("response")
    named = values.get("questionnaire") or values["response"].get("questionnaire")
    if not named or not isinstance(named, str):
        raise refuse("required", _UNNAMED, f"{given.resource_place}.questionnaire")
    return ScoreRequest(
        response=values["response"],
        place=given.resource_place,
        questionnaire=named,
        age=values.get("age"),
        conditions=frozenset(each for given in asked.all("condition") if (each := _code(given))),
    )


def refuse_lost_answers(form: Form, request: ScoreRequest, problems: Iterable[Problem]) -> None:
    """Raise Invalid when an answer of the response could not be read, or not be found, at all.

    Reading for a score is lenient about where an answer stands, but a score that silently left one
    out could hide a need.
    """
    unread = (problem for problem in problems if _is_lost(form, request.response, problem))
    if lost := [*islice(misshapen(request.response), PROBLEM_LIMIT), *unread]:
        errors = (replace(problem, severity="error") for problem in lost)
        raise Invalid(problems=placed(errors, {_RESPONSE: request.place}))


def refuse_unfinished(request: ScoreRequest, problems: Iterable[Problem]) -> None:
    """Raise Invalid when not all of a score could be worked out: half of one could hide a need."""
    if errors := [replace(problem, severity="error") for problem in problems]:
        raise Invalid(problems=placed(errors, {_RESPONSE: request.place}))


def _problems(asked: Input) -> Iterator[Remark]:
    if asked.one("response") is None:
        yield Remark("required", _MISSING, expression="Parameters.parameter")
    for given in asked.given:
        if _READERS[given.name](given) is None:
            sentence = f"The parameter '{given.name}' is not of its type."
            yield Remark("value", sentence, expression=given.place)


def _age(given: Given) -> int | None:
    value = given.content.get("valueInteger")
    return value if type(value) is int and 0 <= value <= OLDEST_AGE else None


def _code(given: Given) -> str | None:
    return given.text("valueCode", "valueString")


_READERS: Final[Mapping[str, Callable[[Given], Any]]] = {
    "response": lambda given: given.resource(_RESPONSE),
    "questionnaire": lambda given: given.text("valueCanonical", "valueUri"),
    "age": _age,
    "condition": _code,
}


def _is_lost(form: Form, response: Mapping[str, Any], problem: Problem) -> bool:
    item = form.items.get(problem.link_id or "")
    if item is None:
        return True
    node: Any = response
    for name, index in _STEP.findall(problem.expression):
        node = node[name][int(index)]
    return isinstance(node, dict) and read_value(item, node)[0] is None
