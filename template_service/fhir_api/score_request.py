"""What `QuestionnaireResponse/$score` is asked (`fhir/OperationDefinition/score.json`)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.errors import Invalid
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.values import read_value

from .outcomes import Remark

# The oldest verified human age is 122 years; 130 leaves room and refuses a typing slip.
OLDEST = 130
_STEP = re.compile(r"(item|answer)\[(\d+)\]")


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

    Raises Invalid naming every parameter that is missing, repeated, unknown or of a wrong type.
    """
    kind = resource.get("resourceType")
    if kind == "QuestionnaireResponse":
        parameters: Any = [{"name": "response", "resource": resource}]
        place = "QuestionnaireResponse"
    elif kind == "Parameters":
        parameters = resource.get("parameter")
        place = ""
    else:
        raise Invalid(problems=[Remark("invalid", _NEITHER, expression="resourceType")])
    reader = _Reader()
    for index, parameter in enumerate(parameters if isinstance(parameters, list) else ()):
        reader.read(parameter, f"Parameters.parameter[{index}]")
    return reader.request(place)


def refuse_lost_answers(form: Form, request: ScoreRequest, problems: Iterable[Problem]) -> None:
    """Raise Invalid when an answer of the response could not be read at all.

    Reading for a score is lenient about where an answer stands, but a score that silently left one
    out could hide a need.
    """
    lost = [
        Remark(problem.code, problem.message, expression=_within(request.place, problem.expression))
        for problem in problems
        if _is_lost(form, request.response, problem)
    ]
    if lost:
        raise Invalid(problems=lost)


_NEITHER = "Send a Parameters or a QuestionnaireResponse resource."


class _Reader:
    """Collects the parameters of a request and what is wrong with them."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._conditions: set[str] = set()
        self._place = ""
        self._problems: list[Remark] = []

    def read(self, parameter: Any, place: str) -> None:
        """Takes one entry of `Parameters.parameter`."""
        name = parameter.get("name") if isinstance(parameter, dict) else None
        if not isinstance(name, str) or name not in _READERS:
            self._refuse("not-supported", "This is not a parameter of $score.", place)
            return
        value = _READERS[name](parameter)
        if value is None:
            self._refuse("value", f"The parameter '{name}' is not of its type.", place)
        elif name == "condition":
            self._conditions.add(str(value))
        elif name in self._values:
            self._refuse("duplicate", f"The parameter '{name}' is given twice.", place)
        else:
            self._values[name] = value
            if name == "response":
                self._place = f"{place}.resource"

    def request(self, place: str) -> ScoreRequest:
        """The whole request; `place` is where the response stands when it came alone."""
        place = place or self._place
        response = self._values.get("response")
        named = self._values.get("questionnaire") or (response or {}).get("questionnaire")
        if response is None and not self._problems:
            self._refuse("required", "The parameter 'response' is missing.", "Parameters.parameter")
        elif response is not None and not (named and isinstance(named, str)):
            sentence = "The response must name its questionnaire."
            self._refuse("required", sentence, f"{place}.questionnaire")
        if self._problems or response is None or named is None:
            raise Invalid(problems=self._problems)
        return ScoreRequest(
            response=response,
            place=place,
            questionnaire=named,
            age=self._values.get("age"),
            conditions=frozenset(self._conditions),
        )

    def _refuse(self, code: str, sentence: str, place: str) -> None:
        self._problems.append(Remark(code, sentence, expression=place))


def _read_response(parameter: Mapping[str, Any]) -> Mapping[str, Any] | None:
    resource = parameter.get("resource")
    is_response = isinstance(resource, dict) and resource.get("resourceType") == _RESPONSE
    return resource if is_response else None


def _read_canonical(parameter: Mapping[str, Any]) -> str | None:
    value = parameter.get("valueCanonical", parameter.get("valueUri"))
    return value if isinstance(value, str) else None


def _read_age(parameter: Mapping[str, Any]) -> int | None:
    value = parameter.get("valueInteger")
    is_age = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= OLDEST
    return value if is_age else None


def _read_condition(parameter: Mapping[str, Any]) -> str | None:
    value = parameter.get("valueCode", parameter.get("valueString"))
    return value if isinstance(value, str) else None


_RESPONSE = "QuestionnaireResponse"
_READERS = {
    "response": _read_response,
    "questionnaire": _read_canonical,
    "age": _read_age,
    "condition": _read_condition,
}


def _within(place: str, expression: str) -> str:
    return place + expression.removeprefix(_RESPONSE)


def _is_lost(form: Form, response: Mapping[str, Any], problem: Problem) -> bool:
    item = form.items.get(problem.link_id or "")
    if item is None:
        return True
    node: Any = response
    for name, index in _STEP.findall(problem.expression):
        node = node[name][int(index)]
    return isinstance(node, dict) and read_value(item, node)[0] is None
