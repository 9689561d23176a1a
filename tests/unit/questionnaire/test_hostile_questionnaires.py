"""A questionnaire made to do harm is refused with the reason, or does none; large ones work."""

import tracemalloc
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.options import ALL_OPTIONS_LIMIT, OPTION_LIMIT, TEXT_LIMIT
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.raw_items import (
    CONDITION_LIMIT,
    DEPTH_LIMIT,
    EXPRESSION_LIMIT,
    ITEM_LIMIT,
)
from template_service.questionnaire.validation import validate

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition"
MEMORY_LIMIT = 100 * 2**20


def questionnaire(*items: Json, **head: Any) -> Json:
    return {"resourceType": "Questionnaire", "item": list(items), **head}


def many(count: int, **more: Any) -> list[Json]:
    return [{"linkId": str(index), "type": "boolean", **more} for index in range(count)]


def options(count: int) -> list[Json]:
    return [{"valueString": str(index)} for index in range(count)]


def nested(depth: int) -> Json:
    item: Json = {"linkId": str(depth), "type": "group"}
    for index in range(depth):
        item = {"linkId": str(index), "type": "group", "item": [item]}
    return item


def asking(question: int) -> Json:
    return {"question": str(question), "operator": "=", "answerBoolean": True}


def circle(count: int) -> list[Json]:
    items = many(count)
    for index, item in enumerate(items):
        item["enableWhen"] = [asking((index + 1) % count)]
    return items


def variable(text: str) -> Json:
    value = {"name": "v", "language": "text/fhirpath", "expression": text}
    return {"url": f"{CORE}/variable", "valueExpression": value}


HOSTILE = [
    pytest.param(questionnaire(*many(10_000)), f"{ITEM_LIMIT} items", id="10,000 items"),
    pytest.param(questionnaire(nested(500)), f"more than {DEPTH_LIMIT} deep", id="500 levels"),
    pytest.param(questionnaire(*circle(3_000)), "depend on each other", id="circle"),
    pytest.param(questionnaire(*many(3_000)[:1] * 3_000), "used twice", id="one linkId"),
    pytest.param(
        questionnaire({"linkId": "q", "type": "choice", "answerOption": options(100_000)}),
        f"{OPTION_LIMIT} options",
        id="options of one item",
    ),
    pytest.param(
        questionnaire(*many(2 + ALL_OPTIONS_LIMIT // OPTION_LIMIT, answerOption=options(2_000))),
        f"{ALL_OPTIONS_LIMIT} options",
        id="options in all",
    ),
    pytest.param(
        questionnaire(*many(3_000, enableWhen=[asking(0)] * 50)),
        f"{CONDITION_LIMIT} enableWhen",
        id="conditions",
    ),
    pytest.param(
        questionnaire({"linkId": "q", "type": "display", "text": "x" * (TEXT_LIMIT + 1)}),
        "text is longer",
        id="text",
    ),
    pytest.param(
        questionnaire(*many(1, extension=[variable("1+" * EXPRESSION_LIMIT)])),
        "expression is longer",
        id="expression",
    ),
]


@pytest.mark.parametrize(("hostile", "reason"), HOSTILE)
def test_it_is_refused_with_the_reason_before_it_costs_anything(hostile: Json, reason: str) -> None:
    tracemalloc.start()
    with pytest.raises(QuestionnaireError) as caught:
        compile_questionnaire(hostile)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert reason in " ".join(problem.message for problem in caught.value.problems)
    assert all(problem.expression.startswith("Questionnaire") for problem in caught.value.problems)
    assert peak < MEMORY_LIMIT


@pytest.mark.parametrize("kind", [[], {}, 1, None])
def test_whatever_the_type_of_a_questionnaire_is_nothing_is_raised(kind: Any) -> None:
    form = questionnaire(*many(1), type=kind, extension=[variable("1")])
    assert compile_questionnaire(form).items
    check(form)


def test_a_number_too_large_for_any_float_is_compared() -> None:
    conditions = [
        {"question": "0", "operator": operator, "answerInteger": number}
        for operator, number in ((">", 10**400), ("<", 5))
    ]
    first, second = many(2, type="integer")
    check(questionnaire(first, second | {"enableWhen": conditions, "enableBehavior": "all"}))


def test_3_000_items_that_depend_on_each_other_work() -> None:
    items = many(3_000)
    for index, item in enumerate(items[1:]):
        item["enableWhen"] = [asking(index)]
    form = compile_questionnaire(questionnaire(*items))
    answered = [
        {"linkId": str(index), "answer": [{"valueBoolean": True}]} for index in range(3_000)
    ]
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "item": answered,
    }

    assert validate(form, response).problems == ()
    answered[1]["answer"] = [{"valueBoolean": False}]
    assert [each.link_id for each in validate(form, response).errors[:2]] == ["2", "3"]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "((a{1,100}){1,100}){1,100}", "(?=a)b"])
def test_a_catastrophic_pattern_harms_nobody(pattern: str) -> None:
    extension = [{"url": f"{CORE}/regex", "valueString": pattern}]
    form = compile_questionnaire(
        questionnaire({"linkId": "q", "type": "text", "extension": extension})
    )
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "item": [{"linkId": "q", "answer": [{"valueString": "a" * 5_000 + "b"}]}],
    }

    [problem] = validate(form, response).problems

    usable = form.problems == ()
    assert (problem.severity == "error") is usable


def test_rules_of_a_response_share_one_allowance() -> None:
    costly = (
        "(1 | 2 | 3).repeat($this | 4).where($this > 0).select(%resource.descendants()).count() > 0"
    )
    parts = [
        {"url": "key", "valueId": "k"},
        {"url": "severity", "valueCode": "error"},
        {"url": "expression", "valueString": costly},
        {"url": "human", "valueString": "Never."},
    ]
    extension = [{"url": f"{CORE}/questionnaire-constraint", "extension": parts}]
    group = {"linkId": "g", "type": "group", "repeats": True, "extension": extension}
    inner = {"linkId": "q", "type": "boolean"}
    form = compile_questionnaire(questionnaire({**group, "item": [inner]}))
    node = {"linkId": "g", "item": [{"linkId": "q", "answer": [{"valueBoolean": True}]}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "item": [node] * 3_000,
    }

    problems = validate(form, response).problems

    assert problems
    assert {each.severity for each in problems} <= {"warning", "error"}


@pytest.mark.parametrize("system", [[], {}, 7, None])
@pytest.mark.parametrize("name", ["include", "exclude"])
def test_the_system_of_a_concept_may_be_anything(name: str, system: Any) -> None:
    part = {"concept": [{"code": "a", "system": system}]}
    other = {"system": "urn:s", "concept": [{"code": "a"}, {"code": "b"}]}
    compose = {"include": [other], name: [other, part] if name == "include" else [part]}
    values = {"resourceType": "ValueSet", "id": "v", "compose": compose}
    item = {"linkId": "q", "type": "choice", "answerValueSet": "#v"}
    resource = questionnaire(item, contained=[values])
    codes = [
        (each.system, each.code) for each in compile_questionnaire(resource).items["q"].options
    ]
    without = [(None, "a")] if name == "include" else []
    assert codes == [("urn:s", "a"), ("urn:s", "b"), *without]
    check(resource)
