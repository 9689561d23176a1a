"""`QuestionnaireResponse/$extract` (SDC): resources of a response; keeps nothing."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from template_service import clock
from template_service.access.principal import Principal
from template_service.actions.receive_response import read_response
from template_service.errors import Invalid
from template_service.questionnaire.extractable import check_extractable
from template_service.questionnaire.extraction.extract import extract
from template_service.questionnaire.form import Form
from template_service.service import Service

from .operation_parameters import parameters, placed, read_input, refuse, told
from .operation_questionnaire import as_named, of_response
from .outcomes import Remark
from .questionnaire_response import presented

_RESPONSE: Final = "QuestionnaireResponse"
_GIVEN: Final = "questionnaire-response"
_MISSING: Final = f"The parameter '{_GIVEN}' is missing."
_NOT_ONE: Final = f"The parameter '{_GIVEN}' must be a QuestionnaireResponse."
_STORED: Final = "Only what this role may see was extracted."


def extract_response(service: Service, resource: Mapping[str, Any] | None) -> bytes:
    """Parameters with a transaction Bundle (`return`) and remarks (`issues`), as JSON.

    Without anything extracted there is no `return`, and `issues` says why.

    The response is the parameter `questionnaire-response`, or comes alone; its questionnaire is the
    parameter `questionnaire`, contained, or of the library. Raises `Invalid` for a response that is
    not sound enough (`check_extractable`).
    """
    asked = read_input(
        resource, operation="extract", once=(_GIVEN, "questionnaire"), bare=_GIVEN, root=_RESPONSE
    )
    given = asked.one(_GIVEN)
    if given is None:
        raise refuse("required", _MISSING, "Parameters.parameter")
    response = given.resource(_RESPONSE)
    if response is None:
        raise refuse("value", _NOT_ONE, given.resource_place)
    place = given.resource_place
    wanted = of_response(service, response, place, asked.one("questionnaire"))
    form = wanted.compiled()
    remarks = placed(check_extractable(form, as_named(response, form)), {_RESPONSE: place})
    if any(each.severity == "error" for each in remarks):
        raise Invalid(problems=remarks)
    places = {_RESPONSE: place, "Questionnaire": wanted.place}
    return _extracted(form, response, remarks, places)


def extract_stored_response(service: Service, principal: Principal, response_id: str) -> bytes:
    """The same of a response that is kept here, as its reader may see it; the look is audited.

    Raises what `read_response` raises.
    """
    stored = read_response(service, principal, response_id=response_id)
    response = presented(
        service,
        principal,
        orjson.loads(stored.body),
        canonical=stored.canonical,
        response_id=response_id,
        revision=stored.revision,
        saved_at=stored.saved_at,
    )
    # Said to whoever sees no safety content, whether or not there is any: so it tells nothing.
    remarks = [] if principal.sees_safety else [Remark("informational", _STORED, "information")]
    return _extracted(service.forms.find(stored.canonical), response, remarks, {})


def _extracted(
    form: Form, response: Mapping[str, Any], remarks: Iterable[Remark], places: Mapping[str, str]
) -> bytes:
    extraction = extract(form, response, now=clock.now())
    issues = [*remarks, *placed(extraction.problems, places)]
    # Where nothing came out, extraction says why.
    bundle = extraction.bundle if extraction.bundle.get("entry") else None
    return parameters(**{"return": bundle, "issues": told(issues) if issues else None})
