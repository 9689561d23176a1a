"""`QuestionnaireResponse/$score`: scores a response and matches its needs; stores nothing."""

from collections.abc import Mapping
from typing import Any

from template_service import clock
from template_service.access.principal import Principal
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.counts import counts, has_rows
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.privacy import is_private, private_items
from template_service.questionnaire.scoring import Context, score
from template_service.service import Service
from template_service.signposting.plan import build_plan
from template_service.signposting.seeking import Record, place_of

from .masking import answers_without_safety
from .operation_questionnaire import kept
from .score_parameters import score_parameters
from .score_request import read_request, refuse_lost_answers, refuse_unfinished


def score_response(service: Service, principal: Principal, resource: Mapping[str, Any]) -> bytes:
    """The Parameters of `$score` as JSON, for Parameters or a bare QuestionnaireResponse.

    Services are looked for around the practice of the token, since no person is named. Roles that
    must not see safety content get the score of what they may see. Raises Invalid naming every
    parameter, the questionnaire, every answer that cannot be read, or a form that takes too long.
    """
    request = read_request(resource)
    form = kept(service, request.questionnaire, f"{request.place}.questionnaire").compiled()
    answers, problems = read_answers(form, request.response)
    refuse_lost_answers(form, request, problems)
    counted = counts(form, answers, request.response)
    refuse_unfinished(request, counted.problems)
    answers, values = counted.answers, counted.values
    if not principal.sees_safety and is_private(form):
        answers = answers_without_safety(form, answers)
        values = _calculated_without_safety(form, answers)
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
    parameters = score_parameters(
        form, answers, scored, plan, calculated=values, sees_safety=principal.sees_safety
    )
    return bytes(parameters.model_dump_json(), "utf-8")


def _calculated_without_safety(form: Form, answers: Answers) -> dict[str, Any]:
    """What is calculated from what may be seen; among rows nothing, for one left out would tell."""
    if has_rows(form):
        return {}
    found = counts(form, answers, {}).values
    return {name: found[name] for name in found if name not in private_items(form)}
