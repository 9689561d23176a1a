"""What of a response counts when it is extracted: its status, what is calculated or masked."""

from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extractable import check_extractable
from template_service.questionnaire.extraction.masking import LEFT_OUT
from tests.unit.questionnaire.extraction.making import (
    CORE,
    ELSEWHERE,
    LOINC,
    NO_ANSWER,
    NO_WAY,
    Json,
    answer,
    group,
    inside,
    item,
    part,
    questionnaire,
    resources,
    response,
    run,
    sdc,
    takes,
    template,
    told,
)

UUID = "-0000-0000-0000-000000000000"
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


def ladder(rungs: int) -> tuple[Json, Json]:
    """Each question is asked only for what is calculated from the one before; all are answered."""
    asked, given = [integer("start")], [number("start", 0)]
    for at in range(rungs):
        before = f"sum{at - 1}" if at else "start"
        condition = {"question": before, "operator": ">", "answerInteger": 0}
        copied = calculated(f"%resource.item.where(linkId='q{at}').answer.value")
        asked += [integer(f"q{at}", enableWhen=[condition]), integer(f"sum{at}", copied)]
        given += [number(f"q{at}", 1), number(f"sum{at}", 1)]
    return questionnaire(*asked, extension=[OBSERVED]), response(*given)


def test_what_is_left_out_takes_what_is_calculated_from_it_along() -> None:
    extraction = run(*ladder(5))

    assert values(extraction) == {"start": 0}
    assert {f"sum{at}" for at in range(5)} <= {link_id for _, link_id, _ in told(extraction)}


def test_what_can_never_be_settled_gives_nothing_and_says_so() -> None:
    extraction = run(*ladder(12))

    assert resources(extraction) == []
    ((severity, _, message),) = told(extraction)
    assert severity == "error"
    assert "depend on each other too often" in message


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


GATED = {"url": "https://example.org/StructureDefinition/sdoh-display-gate"}
GATED["valueCode"] = "seen-alone"
WHY = {"valueString": "since May"}
WHYS = answer("why", WHY)
CARD: Json = {"url": "https://example.org/StructureDefinition/sdoh-urgent-card"}
CARD["extension"] = [part("gate", valueCode="seen-alone"), part("owner", valueString="clinician")]


def chosen(link_id: str, code: str) -> Json:
    return answer(link_id, {"valueCoding": {"system": LOINC, "code": code}})


def offering(*extensions: Json) -> list[Json]:
    """Two answers, the first with these extensions."""
    first, second = ({"valueCoding": {"system": LOINC, "code": code}} for code in ("yes", "no"))
    return [{**first, "extension": list(extensions)}, second]


def follow_up(question: str, **value: Any) -> Json:
    asked = [{"question": question, "operator": "exists", "answerBoolean": True, **value}]
    return item("why", "string", code=[{"system": LOINC, "code": "why"}], enableWhen=asked)


def shown_by(question: str) -> Json:
    text = f"%resource.item.where(linkId='{question}').answer.exists()"
    value = {"language": "text/fhirpath", "expression": text}
    return sdc("enableWhenExpression", valueExpression=value)


SAFE = number("safe", 1)
TOTAL = integer("total", calculated("%resource.item.where(linkId='safe').answer.value"))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        # Asked only of somebody seen alone.
        ([integer("safe", GATED)], [SAFE]),
        ([item("safe", "text", GATED, code=[{"code": "safe"}])], [answer("safe", WHY)]),
        # Appears because of a masked answer, or of what is calculated from one.
        ([integer("safe", MASKED), follow_up("safe")], [SAFE, WHYS]),
        ([integer("safe", MASKED), TOTAL, follow_up("total")], [SAFE, number("total", 1), WHYS]),
        (
            [integer("safe", MASKED), group("g", shown_by("safe"), item=[integer("in")])],
            [SAFE, inside("g", number("in", 1))],
        ),
        # Stands for a card that is only for somebody seen alone.
        (
            [item("q", "choice", code=[{"code": "q"}], answerOption=offering(CARD))],
            [chosen("q", "yes")],
        ),
        # Typed beside an option of safety: it may say what that says.
        (
            [item("q", "open-choice", code=[{"code": "q"}], answerOption=offering(MASKED))],
            [answer("q", WHY)],
        ),
    ],
)
def test_whatever_tells_of_safety_is_left_out_without_a_word_of_it(
    asked: list[Json], given: list[Json]
) -> None:
    whole = questionnaire(integer("free"), *asked, extension=[OBSERVED])

    extraction = run(whole, response(number("free", 0), *given))

    assert values(extraction) == {"free": 0}
    assert extraction.problems == (LEFT_OUT,)


def test_that_a_value_worked_out_of_safety_is_wrong_is_not_told() -> None:
    asked = questionnaire(integer("safe", MASKED), TOTAL, integer("free"), extension=[OBSERVED])

    extraction = run(asked, response(number("total", 2), number("free", 0)))

    assert values(extraction) == {"free": 0}
    assert "total" not in str(extraction.problems)


def test_what_appears_by_the_level_of_a_domain_goes_with_it() -> None:
    read = calculated("%resource.item.where(linkId='safe').answer.value")
    domain = {"url": "https://example.org/StructureDefinition/sdoh-domain", "extension": []}
    questions = [item(f"home.{name}", "choice") for name in ("screen", "wants-help")]
    home = group("home", domain, item=[*questions, integer("home.level", read)])
    shown = follow_up("home.level")
    asked = questionnaire(integer("safe", MASKED), home, shown, extension=[OBSERVED])
    given = response(SAFE, inside("home", number("home.level", 1)), WHYS)

    extraction = run(asked, given)

    assert resources(extraction) == []
    assert LEFT_OUT in extraction.problems


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


def reasons(*answers: Json, asked: Json, **head: Any) -> list[str]:
    """Why nothing came out."""
    extraction = run(asked, response(*answers, **head))
    assert resources(extraction) == []
    told_ = [each for each in extraction.problems if each.severity == "information"]
    return [each.message for each in told_]


def test_that_nothing_came_out_is_told_with_its_reason() -> None:
    silent = questionnaire(integer("a"))
    observed = questionnaire(integer("a", OBSERVED), integer("b"))

    assert reasons(number("a", 1), asked=silent) == [NO_WAY]
    assert reasons(asked=observed) == [NO_ANSWER]
    assert reasons(asked=observed, status="in-progress") == [NO_ANSWER]
    assert reasons(number("b", 1), asked=observed) == [ELSEWHERE]


def test_where_something_else_says_why_no_more_is_told() -> None:
    condition = {"question": "a", "operator": "=", "answerInteger": 2}
    asked = questionnaire(integer("a"), integer("b", OBSERVED, enableWhen=[condition]))

    (message,) = reasons(number("a", 1), number("b", 1), asked=asked)
    assert "the other answers do not ask for it" in message


def test_a_subject_the_questionnaire_is_not_for_is_a_warning() -> None:
    form = compile_questionnaire({**SCORED, "subjectType": ["Patient", "Group"]})

    def about(reference: str) -> list[tuple[str, str]]:
        given = response(number("a", 1), subject={"reference": reference})
        found = check_extractable(form, given)
        return [(each.severity, each.expression) for each in found]

    assert about("Location/1") == [("warning", "QuestionnaireResponse.subject")]
    assert about("Patient/1") == about("Group/1") == about("urn:uuid:" + 8 * "0" + UUID) == []
