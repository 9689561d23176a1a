"""What the style sheet of a questionnaire decides, and what it leaves to the server."""

from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.web.questionnaire_styles import shown_by_styles, styles_of
from tests.web.questionnaire.test_pages import coded

YES = {"question": "b", "operator": "=", "answerBoolean": True}
CODED = {"question": "c", "operator": "=", "answerCoding": {"system": "urn:x", "code": "x"}}
LISTED = {"question": "l", "operator": "=", "answerCoding": {"system": "urn:x", "code": "x"}}
B = ':has([name="q\\3a b"][value="true"]:checked)'
C = ':has([name="q\\3a c"][value="x"]:checked)'
L = ':has([name="q\\3a l"] option[value="x"]:checked)'


def form_with(*conditional: dict[str, Any]) -> Any:
    drop_down = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
        "valueCodeableConcept": {"coding": [{"code": "drop-down"}]},
    }
    items = [
        {"linkId": "b", "type": "boolean", "text": "B"},
        {"linkId": "c", "type": "choice", "text": "C", "answerOption": coded("x", "y")},
        {
            "linkId": "l",
            "type": "choice",
            "text": "L",
            "answerOption": coded("x", "y"),
            "extension": [drop_down],
        },
        {"linkId": "n", "type": "integer", "text": "N"},
        *conditional,
    ]
    return compile_questionnaire(
        {"resourceType": "Questionnaire", "url": "urn:f", "status": "active", "item": items}
    )


def follow(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "linkId": "f",
        "type": "string",
        "text": "F",
        "enableWhen": list(entries),
        "enableBehavior": "any",
        **more,
    }


@pytest.mark.parametrize(
    ("conditional", "selector"),
    [
        (follow(YES), B),
        (follow(YES, CODED), f":is({B},{C})"),
        (follow(YES, CODED, enableBehavior="all"), B + C),
        (follow(LISTED), L),
        (follow({**CODED, "operator": "!="}), f":not({C})"),
        (
            follow({"question": "c", "operator": "exists", "answerBoolean": True}),
            ':has([name="q\\3a c"]:not([value=""]):checked)',
        ),
    ],
)
def test_conditions_on_ticks_are_styles(conditional: dict[str, Any], selector: str) -> None:
    form = form_with(conditional)
    assert shown_by_styles(form) == {"f": selector}
    assert f'#questionnaire{selector} [data-when="f"]{{display:block}}' in styles_of(form)


@pytest.mark.parametrize(
    "conditional",
    [
        follow({"question": "n", "operator": ">", "answerInteger": 3}),
        follow({"question": "n", "operator": "exists", "answerBoolean": True}),
        follow({**CODED, "answerCoding": {"system": "urn:other", "code": "x"}}),
        {"linkId": "g", "type": "group", "repeats": True, "text": "G", "item": [follow(YES)]},
        follow(
            extension=[
                {
                    "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
                    "sdc-questionnaire-enableWhenExpression",
                    "valueExpression": {"language": "text/fhirpath", "expression": "true"},
                }
            ]
        ),
    ],
)
def test_numbers_rows_and_expressions_are_the_servers(conditional: dict[str, Any]) -> None:
    assert shown_by_styles(form_with(conditional)) == {}


def test_a_question_that_is_itself_hidden_opens_nothing() -> None:
    second = {
        **follow({"question": "f", "operator": "=", "answerBoolean": True}),
        "linkId": "second",
    }
    form = form_with(follow(YES, type="boolean"), second)
    assert shown_by_styles(form)["second"] == f':has([name="q\\3a f"][value="true"]:checked){B}'


def test_selectors_that_double_with_each_step_are_left_to_the_server() -> None:
    chain = [follow(YES, type="boolean")]
    for number in range(30):
        before = chain[-1]["linkId"]
        entry = {"question": before, "operator": "=", "answerBoolean": True}
        other = {"question": before, "operator": "=", "answerBoolean": False}
        chain.append({**follow(entry, other, type="boolean"), "linkId": f"f{number}"})
    assert len(styles_of(form_with(*chain))) < 60_000
