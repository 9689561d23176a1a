"""`Questionnaire/$assemble` (SDC): modules of the library put into one; keeps nothing."""

from collections.abc import Mapping
from typing import Any, Final

from template_service.errors import Invalid, NotFound
from template_service.questionnaire.assembly.assemble import assemble
from template_service.questionnaire.problems import QuestionnaireError
from template_service.service import Service

from .operation_parameters import parameters, placed, read_input, refuse_other_bodies, told
from .operation_questionnaire import asked_for

_KIND: Final = "Questionnaire"


def assemble_questionnaire(
    service: Service, resource: Mapping[str, Any] | None, questionnaire_id: str | None = None
) -> bytes:
    """Parameters with the assembled Questionnaire (`return`) and remarks (`outcome`), as JSON.

    The modular one is that of the address, else the parameter `questionnaire` (a canonical, a
    reference, or the resource, which may also come alone). Modules are looked for in the library
    only. Raises `NotFound` for the address, `NoParameters` for another body beside one, `Invalid`
    with everything that stands in the way.
    """
    if resource is not None and questionnaire_id is not None:
        refuse_other_bodies(resource)
    asked = read_input(
        resource, operation="assemble", once=("questionnaire",), bare="questionnaire", root=_KIND
    )
    modular = asked_for(service, asked, questionnaire_id, of=("questionnaire",))
    assembly = assemble(modular.resource, lambda canonical: _module(service, canonical))
    remarks = placed(assembly.problems, {_KIND: modular.place})
    if assembly.errors:
        raise Invalid(problems=remarks)
    outcome = told(remarks) if remarks else None
    return parameters(**{"return": assembly.resource, "outcome": outcome})


def _module(service: Service, canonical: str) -> Mapping[str, Any] | None:
    try:
        return service.forms.find(canonical).resource
    except (NotFound, QuestionnaireError):
        return None
