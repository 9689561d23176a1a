"""`QuestionnaireResponse/$score`: scores a response and matches its needs; stores nothing."""

from collections.abc import Mapping
from typing import Any

from template_service import clock
from template_service.access.principal import Principal
from template_service.errors import Invalid, NotFound
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import Context, score
from template_service.service import Service
from template_service.signposting.plan import build_plan
from template_service.signposting.seeking import Record, place_of

from .masking import answers_without_safety
from .outcomes import Remark
from .score_parameters import score_parameters
from .score_request import ScoreRequest, read_request, refuse_lost_answers


def score_response(service: Service, principal: Principal, resource: Mapping[str, Any]) -> bytes:
    """The Parameters of `$score` as JSON, for Parameters or a bare QuestionnaireResponse.

    Services are looked for around the practice of the token, since no person is named. Roles that
    must not see safety content get the score of what they may see. Raises Invalid naming every
    parameter, the questionnaire, or every answer that cannot be read.
    """
    request = read_request(resource)
    form = _form(service, request)
    answers, problems = read_answers(form, request.response)
    refuse_lost_answers(form, request, problems)
    if not principal.sees_safety:
        answers = answers_without_safety(form, answers)
    scored = score(form, answers, Context(request.age, request.conditions))
    practice = principal.organisation_id
    plan = build_plan(
        form=form,
        score=scored,
        answers=answers,
        record=Record(
            age=request.age, place=place_of(service.geography, postcode=None, practice=practice)
        ),
        directory=service.directory,
        now=clock.now(),
    )
    parameters = score_parameters(form, answers, scored, plan, sees_safety=principal.sees_safety)
    return bytes(parameters.model_dump_json(), "utf-8")


def _form(service: Service, request: ScoreRequest) -> Form:
    try:
        return service.forms.find(request.questionnaire)
    except NotFound as unknown:
        place = f"{request.place}.questionnaire"
        raise Invalid(
            problems=[Remark("not-found", unknown.message, expression=place)]
        ) from unknown
