"""`QuestionnaireResponse/$validate` (FHIR R4): what is wrong with a response; keeps nothing."""

from collections.abc import Mapping
from typing import Any, Final

from template_service.errors import Invalid
from template_service.questionnaire.contradictions import contradictions
from template_service.questionnaire.validation import validate
from template_service.service import Service

from .operation_parameters import Input, placed, read_input, refuse, told, written
from .operation_questionnaire import as_named, of_response
from .outcomes import Remark

_RESPONSE: Final = "QuestionnaireResponse"
_NOT_ONE: Final = "The resource must be a QuestionnaireResponse."
_MISSING: Final = "The parameter 'resource' is missing."
_NO_MODE: Final = "Only a general validation is done here: leave 'mode' out."
_PROFILE: Final = Remark(
    "not-supported",
    "The profile was not looked at, only FHIR and the questionnaire.",
    "information",
)


def validate_response(service: Service, resource: Mapping[str, Any] | None) -> bytes:
    """The OperationOutcome about a response, as JSON: of Parameters, or of the response alone.

    A response that cannot be used is an answer like any other (FHIR R4,
    resource-operation-validate.html); raises `Invalid` only for parameters that are none.
    """
    asked = read_input(
        resource,
        operation="validate",
        once=("resource", "profile", "mode", "questionnaire"),
        bare="resource",
        root=_RESPONSE,
    )
    if (mode := asked.one("mode")) is not None:
        raise refuse("not-supported", _NO_MODE, mode.place)
    given = asked.one("resource")
    if given is None:
        raise refuse("required", _MISSING, "Parameters.parameter")
    response = given.resource(_RESPONSE)
    if response is None:
        return written(told([Remark("structure", _NOT_ONE, expression=given.resource_place)]))
    return written(told(_found(service, asked, response, given.resource_place)))


def _found(service: Service, asked: Input, response: Mapping[str, Any], place: str) -> list[Remark]:
    remarks = [_PROFILE] if asked.one("profile") else []
    try:
        form = of_response(service, response, place, asked.one("questionnaire")).compiled()
    except Invalid as refusal:
        return [*placed(refusal.problems, {}), *remarks]
    named = as_named(response, form)
    problems = (*validate(form, named).problems, *contradictions(form, named))
    return [*placed(problems, {_RESPONSE: place}), *remarks]
