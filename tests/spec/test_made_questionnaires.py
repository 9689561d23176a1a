"""Made questionnaires and responses, as a whole: what the engine accepts, everybody accepts."""

from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given
from hypothesis import strategies as st

from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.validation import EMPTY_LIST, validate
from tests.independent import Refusals
from tests.made_questionnaires import annotated, made_questionnaire, made_response, spoil

SEEDS = st.integers(0, 10**9)
BATCH = 120


def submitted(form: Form, seed: int) -> dict[str, Any]:
    """A made response as it is submitted: without what is disabled."""
    response, _ = without_disabled(form, made_response(dict(form.resource), seed))
    if not response.get("item"):
        response.pop("item", None)
    return response


def accepted(form: Form, response: Any) -> bool:
    """Whether the engine accepts it as R4: no error, and no list with nothing in it.

    Such a list, which R4 forbids and senders leave behind, is a warning: refusing it would lose
    what is beside it.
    """
    checked = validate(form, response)
    return not checked.errors and all(each.message != EMPTY_LIST for each in checked.problems)


@given(SEEDS)
def test_a_made_questionnaire_is_sound(seed: int) -> None:
    questionnaire = made_questionnaire(seed)
    form = compile_questionnaire(questionnaire)
    assert [each for each in form.problems if each.severity == "error"] == []
    Questionnaire.model_validate(questionnaire)


def test_most_made_responses_are_accepted() -> None:
    """Otherwise the tests below would say little."""
    count = 0
    for seed in range(200):
        form = compile_questionnaire(made_questionnaire(seed))
        count += accepted(form, submitted(form, seed))
    assert count > 100


@given(SEEDS, SEEDS)
def test_what_is_accepted_is_r4(seed: int, place: int) -> None:
    form = compile_questionnaire(made_questionnaire(seed))
    sound = submitted(form, seed)
    full = annotated(sound)
    for response in (sound, full, spoil(sound, place), spoil(full, place)):
        if accepted(form, response):
            QuestionnaireResponse.model_validate(response)


@given(SEEDS)
def test_leaving_out_what_is_disabled_settles_and_is_accepted_as_that(seed: int) -> None:
    form = compile_questionnaire(made_questionnaire(seed))
    response = submitted(form, seed)
    assert without_disabled(form, response)[0] == response
    disabled = [each for each in validate(form, response).errors if each.code == "business-rule"]
    assert disabled == []


@pytest.mark.timeout(600)
def test_five_validators_accept_what_the_engine_accepts(refusals: Refusals) -> None:
    responses: dict[str, Any] = {}
    for seed in range(BATCH):
        form = compile_questionnaire(made_questionnaire(seed))
        sound = submitted(form, seed)
        for kind, response in (("sound", annotated(sound)), ("spoiled", spoil(sound, seed))):
            if accepted(form, response):
                responses[f"{kind}-{seed}"] = response
    assert len(responses) > 0.6 * BATCH
    assert refusals(responses) == []


@pytest.mark.timeout(600)
def test_a_wrong_response_is_seen_by_the_five_validators(refusals: Refusals) -> None:
    """The comparison above can fail."""
    wrong = {"resourceType": "QuestionnaireResponse", "status": "odd"}
    assert refusals({"wrong": wrong})[0] == "FAIL wrong.json"
