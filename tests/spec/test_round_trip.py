"""What is extracted from a response fills the same form again: extraction and population agree."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extraction.extract import extract
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.population.populate import populate
from template_service.questionnaire.validation import validate
from tests.made_questionnaires import made_questionnaire, made_response

UNFIT = frozenset({"too-long", "value", "invariant", "code-invalid"})
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
# R4, Observation.value[x]: no url, attachment or reference; a decimal is a Quantity without a unit.
HELD = frozenset(
    {
        "boolean",
        "integer",
        "decimal",
        "date",
        "dateTime",
        "time",
        "string",
        "text",
        "choice",
        "open-choice",
    }
    | {"quantity"}
)


def held(form: Form, response: dict[str, Any]) -> Answers:
    """The answers that Observations can hold."""
    answers, _ = read_answers(form, response)
    return {
        link_id: given_answers
        for link_id, given_answers in answers.items()
        if form.items[link_id].type in HELD
    }


def entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources of a Bundle, without what each extraction makes anew."""
    return [
        {name: value for name, value in entry["resource"].items() if name != "derivedFrom"}
        for entry in bundle.get("entry", ())
    ]


@given(st.integers(0, 10**9))
def test_what_was_extracted_fills_the_form_again(seed: int) -> None:
    form = compile_questionnaire(made_questionnaire(seed, coded=True))
    response, _ = without_disabled(form, made_response(dict(form.resource), seed))
    # What breaks a rule of the form, as a few made answers do, is not filled in again.
    broken = {each.link_id for each in validate(form, response).problems if each.code in UNFIT}
    assume(broken.isdisjoint(held(form, response)))
    extracted = extract(form, response, now=NOW)

    populated = populate(
        form, {"found": extracted.bundle}, subject="Patient/made", authored=NOW
    ).response

    assert held(form, populated) == held(form, response)
    head = {name: response[name] for name in ("subject", "authored", "status")}
    again = extract(form, {**populated, **head}, now=NOW)
    assert entries(again.bundle) == entries(extracted.bundle)
