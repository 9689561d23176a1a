"""What of a response counts when it is extracted: its status, what is calculated or masked."""

from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extractable import check_extractable
from template_service.questionnaire.extraction.masking import LEFT_OUT
from tests.unit.questionnaire.extraction.making import (
    CORE,
    LOINC,
    Json,
    answer,
    group,
    inside,
    item,
    questionnaire,
    resources,
    response,
    run,
    sdc,
    takes,
    template,
    told,
)

OBSERVED = sdc("observationExtract", valueBoolean=True)
MASKED = {"url": "https://example.org/StructureDefinition/sdoh-masked", "valueBoolean": True}
OTHER = (
    "'{}': The answer is not what is calculated from the others; what is calculated is extracted."
)
NONE = "'{}': The answer could not be calculated from the others, so it is not extracted."


def calculated(expression: str) -> Json:
    value = {"language": "text/fhirpath", "expression": expression}
    return sdc("calculatedExpression", valueExpression=value)


def integer(link_id: str, *extensions: Json, **more: Any) -> Json:
    return item(link_id, "integer", *extensions, code=[{"system": LOINC, "code": link_id}], **more)


def number(link_id: str, value: int) -> Json:
    return answer(link_id, {"valueInteger": value})


def values(extraction: Any) -> dict[str, Any]:
    return {
        each["code"]["coding"][0]["code"]: each["valueInteger"] for each in resources(extraction)
    }


SUM = calculated("%resource.descendants().where(linkId in ('a' | 'b')).answer.value.sum()")
SCORED = questionnaire(integer("a"), integer("b"), integer("sum", SUM), extension=[OBSERVED])


@pytest.mark.parametrize("status", ["entered-in-error", "stopped"])
def test_what_is_not_to_be_relied_on_gives_nothing(status: str) -> None:
    asked = questionnaire(integer("a"), extension=[OBSERVED])

    extraction = run(asked, response(number("a", 1), status=status))

    assert resources(extraction) == []
    assert [(each.severity, each.expression) for each in extraction.problems] == [
        ("error", "QuestionnaireResponse.status")
    ]


@pytest.mark.parametrize(
    ("status", "observed", "severities"),
    [
        ("in-progress", "preliminary", ["warning"]),
        ("completed", "final", []),
        ("amended", "final", []),
    ],
)
def test_what_is_not_completed_is_preliminary(
    status: str, observed: str, severities: list[str]
) -> None:
    asked = questionnaire(integer("a"), extension=[OBSERVED])

    extraction = run(asked, response(number("a", 1), status=status))

    assert [each["status"] for each in resources(extraction)] == [observed]
    assert [each.severity for each in extraction.problems] == severities


def test_a_calculated_answer_is_extracted_as_it_is_calculated() -> None:
    extraction = run(SCORED, response(number("a", 1), number("b", 2), number("sum", 0)))

    assert values(extraction) == {"a": 1, "b": 2, "sum": 3}
    assert told(extraction) == [("warning", "sum", OTHER.format("sum"))]
    assert extraction.problems[0].expression == "QuestionnaireResponse.item[2]"


def test_one_that_agrees_is_extracted_without_a_word() -> None:
    extraction = run(SCORED, response(number("a", 1), number("b", 2), number("sum", 3)))

    assert values(extraction) == {"a": 1, "b": 2, "sum": 3}
    assert extraction.problems == ()


def test_one_that_cannot_be_calculated_is_not_extracted() -> None:
    asked = questionnaire(integer("a", calculated("%patient.age")), extension=[OBSERVED])

    extraction = run(asked, response(number("a", 5)))

    assert resources(extraction) == []
    assert told(extraction) == [("warning", "a", NONE.format("a"))]


def test_each_repetition_has_what_is_calculated_in_it() -> None:
    inner = calculated("%context.item.where(linkId='n').answer.value + 1")
    of_group = {**inner["valueExpression"], "name": "next"}
    variable = {"url": f"{CORE}variable", "valueExpression": of_group}
    asked = questionnaire(
        group("g", variable, item=[integer("n"), integer("next", calculated("%next"))])
        | {"repeats": True},
        extension=[OBSERVED],
    )
    pairs = [inside("g", number("next", 9)), inside("g", number("n", 4), number("next", 9))]

    extraction = run(asked, response(*pairs))

    assert [each["valueInteger"] for each in resources(extraction)] == [4, 5]
    assert [(each.expression, each.message) for each in extraction.problems] == [
        ("QuestionnaireResponse.item[0].item[0]", NONE.format("next")),
        ("QuestionnaireResponse.item[1].item[1]", OTHER.format("next")),
    ]


def test_what_a_wrong_calculated_answer_enables_is_not_asked_for() -> None:
    condition = {"question": "sum", "operator": ">", "answerInteger": 2}
    asked = {**SCORED, "item": [*SCORED["item"], integer("c", enableWhen=[condition])]}

    too_much = run(asked, response(number("a", 1), number("sum", 5), number("c", 1)))
    too_little = run(asked, response(number("a", 5), number("sum", 0), number("c", 1)))

    assert values(too_much) == {"a": 1, "sum": 1}
    assert values(too_little) == {"a": 5, "sum": 5, "c": 1}


def test_a_template_takes_what_is_calculated() -> None:
    basic = {"resourceType": "Observation", "id": "t", "status": "final", "code": {"text": "sum"}}
    basic["_valueInteger"] = takes("%resource.item.where(linkId='sum').answer.value")
    asked = {**SCORED, "contained": [basic], "extension": [template("t")]}

    extraction = run(asked, response(number("a", 1), number("b", 2), number("sum", 0)))

    assert [each["valueInteger"] for each in resources(extraction)] == [3]


HIDDEN = group("safe", MASKED, item=[integer("b")])


def test_masked_items_are_never_extracted_and_not_named() -> None:
    whole = takes("%resource.descendants().answer.value.sum()")
    note: Json = {"resourceType": "Basic", "id": "t", "code": {"text": "all"}}
    note["extension"] = [{"url": "https://example.org/all", "_valueInteger": whole}]
    asked = questionnaire(
        integer("a"), HIDDEN, contained=[note], extension=[OBSERVED, template("t")]
    )

    extraction = run(asked, response(number("a", 1), inside("safe", number("b", 2))))

    basic, observation = resources(extraction)
    assert observation["valueInteger"] == 1
    assert basic["extension"][0]["valueInteger"] == 1
    assert extraction.problems == (LEFT_OUT,)
    assert "safe" not in LEFT_OUT.message


def test_nothing_is_told_where_nothing_masked_was_answered() -> None:
    asked = questionnaire(integer("a"), HIDDEN, extension=[OBSERVED])

    extraction = run(asked, response(number("a", 1), inside("safe")))

    assert values(extraction) == {"a": 1}
    assert extraction.problems == ()


def test_what_is_calculated_from_masked_answers_is_left_out_too() -> None:
    asked = questionnaire(integer("a"), HIDDEN, integer("sum", SUM), extension=[OBSERVED])
    safe = inside("safe", number("b", 2))

    extraction = run(asked, response(number("a", 1), safe, number("sum", 3)))

    assert values(extraction) == {"a": 1}
    assert extraction.problems == (LEFT_OUT,)


def test_a_masked_option_of_a_plain_question_is_left_out() -> None:
    offered: list[Json] = [
        {"valueCoding": {"system": LOINC, "code": code}} for code in ("plain", "safety")
    ]
    offered[1]["extension"] = [MASKED]
    asked = questionnaire(
        item("q", "choice", code=[{"system": LOINC, "code": "q"}], answerOption=offered)
        | {"repeats": True},
        extension=[OBSERVED],
    )
    both = answer("q", *({"valueCoding": each["valueCoding"]} for each in offered))

    extraction = run(asked, response(both))

    assert [each["valueCodeableConcept"] for each in resources(extraction)] == [
        {"coding": [offered[0]["valueCoding"]]}
    ]
    assert extraction.problems == (LEFT_OUT,)


def test_a_response_entered_in_error_is_not_extractable() -> None:
    form = compile_questionnaire(SCORED)

    def severities(status: str) -> set[str]:
        problems = check_extractable(form, response(number("a", 1), status=status))
        return {each.severity for each in problems if each.expression.endswith(".status")}

    assert severities("entered-in-error") == severities("stopped") == {"error"}
    assert severities("completed") == set()


def test_an_observation_is_part_only_of_what_r4_lets_it_be_part_of() -> None:
    asked = questionnaire(integer("a"), extension=[OBSERVED])
    head = {
        "basedOn": [{"reference": "CarePlan/1"}, {"reference": "Appointment/1"}],
        "partOf": [{"reference": "Observation/1"}, {"reference": "Procedure/1"}],
    }

    extraction = run(asked, response(number("a", 1), **head))

    (found,) = resources(extraction)
    assert found["basedOn"] == [{"reference": "CarePlan/1"}]
    assert found["partOf"] == [{"reference": "Procedure/1"}]
    assert [(each.severity, each.expression) for each in extraction.problems] == [
        ("warning", "QuestionnaireResponse.basedOn"),
        ("warning", "QuestionnaireResponse.partOf"),
    ]
