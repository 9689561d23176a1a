"""A Questionnaire compiles to a form, or every reason why not is named."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.definition import DEPTH_LIMIT, compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Problem, QuestionnaireError
from tests.strategies import json_values, leeds_questionnaire, spoiled
from tests.unit.questionnaire.conftest import SYSTEM, coding, small_questionnaire

EXTENSION = "https://template-service.example/fhir/StructureDefinition/"


def problems_of(questionnaire: Any) -> tuple[Problem, ...]:
    with pytest.raises(QuestionnaireError) as caught:
        compile_questionnaire(questionnaire)
    return caught.value.problems  # type: ignore[return-value]


def compiles_or_says_why(questionnaire: Any) -> bool:
    try:
        compile_questionnaire(questionnaire)
    except QuestionnaireError as error:
        return bool(error.problems)
    return True


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    questionnaire = small_questionnaire()
    holder: Any = questionnaire
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return questionnaire


def item_json(questionnaire: dict[str, Any], link_id: str) -> dict[str, Any]:
    waiting: list[dict[str, Any]] = [questionnaire]
    while waiting:
        holder = waiting.pop()
        if holder.get("linkId") == link_id:
            return holder
        waiting.extend(holder.get("item", []))
    raise KeyError(link_id)


def test_the_template_compiles_without_a_warning(form: Form) -> None:
    assert form.problems == ()
    assert form.canonical == f"{form.url}|{form.version}"
    assert [domain.id for domain in form.domains][:3] == ["housing", "energy", "food"]
    assert len(form.domains) == 12
    assert len(form.cards) == 9
    assert [card.id for card in form.cards.values() if card.derived] == [
        "domestic_abuse",
        "safety_disclosed",
        "family_homeless",
    ]


def test_items_are_in_document_order_and_know_their_place(form: Form) -> None:
    link_ids = list(form.items)

    assert link_ids.index("housing.screen") < link_ids.index("housing.security")
    assert form.items["housing.security"].parent == "housing.follow-up"
    assert form.items["housing.security"].domain == "housing"
    assert form.roots[0].link_id == "tab.who"


def test_a_domain_carries_all_its_parts(form: Form) -> None:
    food, safety = form.domain("food"), form.domain("safety")

    assert food.default_needs == ("food-pantry", "food-aid")
    assert dict(food.household_needs)[frozenset({"school"})] == ("free-school-meals",)
    assert (safety.floor, safety.floor_card) == (3, "safety_disclosed")
    assert safety.always_offered
    assert [item.link_id for item in form.domain("energy").follow_ups] == [
        "energy.warm",
        "energy.now",
    ]
    assert form.domain("energy").modifiers[0].id == "vulnerable_cold"


def test_masks_and_gates_hold_for_everything_inside(form: Form) -> None:
    assert form.items["safety.now"].masked
    assert form.items["safety.now"].gate == "seen-alone"
    assert form.items["safety.wants-help"].masked
    assert form.cards["unsafe_home"].masked
    assert form.cards["domestic_abuse"].masked
    assert not form.cards["suicidal"].masked
    assert form.items["housing.security"].by_code["refuge"].masked
    assert not form.items["housing.security"].masked


def test_what_discloses_is_known_per_option(form: Form) -> None:
    assert form.items["housing.security"].by_code["rough"].discloses
    assert form.items["urgent"].by_code["child_risk"].discloses
    assert form.items["safety.who"].by_code["other"].discloses
    assert not form.items["safety.who"].by_code["none-no"].discloses
    assert not form.items["safety.now"].by_code["declined"].discloses
    assert not form.items["money.manage"].by_code["cannot-pay"].discloses


def test_weights_are_whole_levels_or_unknown(form: Form) -> None:
    options = form.items["food.hvs1"].by_code

    assert options["often"].weight == 2
    assert options["never-true"].weight == 0
    assert options["dont-know"].weight is None
    assert options["dont-know"].exclusive


@pytest.mark.parametrize(
    ("questionnaire", "expression", "said"),
    [
        pytest.param([], "Questionnaire", "no Questionnaire", id="not an object"),
        pytest.param({"resourceType": "Patient"}, "Questionnaire", "no Questionnaire", id="type"),
        pytest.param(changed(("item",), {}), "Questionnaire.item", "list", id="item no list"),
        pytest.param(changed(("url",), 3), "Questionnaire.url", "text", id="url no text"),
        pytest.param(
            changed(("item", 1), {"type": "string"}), "Questionnaire.item[1]", "linkId", id="linkId"
        ),
        pytest.param(
            changed(("item", 2, "linkId"), "note"), "Questionnaire.item[2]", "twice", id="duplicate"
        ),
        pytest.param(
            changed(("item", 1, "type"), "poem"), "Questionnaire.item[1]", "type", id="item type"
        ),
        pytest.param(
            changed(("item", 0, "item", 1, "enableWhen", 0, "question"), "nothing"),
            "Questionnaire.item[0].item[1].enableWhen[0]",
            "not there",
            id="unknown question",
        ),
        pytest.param(
            changed(("item", 0, "item", 1, "enableWhen", 0, "operator"), "~"),
            "Questionnaire.item[0].item[1].enableWhen[0]",
            "operator",
            id="unknown operator",
        ),
        pytest.param(
            changed(("item", 0, "item", 1, "enableWhen", 0), {"question": "age", "operator": ">"}),
            "Questionnaire.item[0].item[1].enableWhen[0]",
            "answer of a type",
            id="no answer to compare",
        ),
        pytest.param(
            changed(("item", 0, "item", 0, "answerOption", 0), {"valueCoding": {}}),
            "Questionnaire.item[0].item[0].answerOption[0]",
            "code or text",
            id="option without a code",
        ),
        pytest.param(
            changed(
                ("item", 0, "enableWhen"),
                [{"question": "shade", "operator": "exists", "answerBoolean": True}],
            ),
            "Questionnaire.item[0]",
            "each other",
            id="circle of conditions",
        ),
    ],
)
def test_a_broken_questionnaire_names_the_place(
    questionnaire: Any, expression: str, said: str
) -> None:
    [problem] = problems_of(questionnaire)

    assert problem.severity == "error"
    assert problem.expression == expression
    assert said in problem.message


def test_every_problem_is_found_at_once() -> None:
    questionnaire = changed(("item", 1, "type"), "poem")
    questionnaire["item"][2]["linkId"] = "age"

    assert len(problems_of(questionnaire)) == 2


def test_items_nested_too_deep_are_refused() -> None:
    item: dict[str, Any] = {"linkId": "0", "type": "group"}
    questionnaire = {"resourceType": "Questionnaire", "item": [item]}
    for depth in range(1, 5000):
        inner: dict[str, Any] = {"linkId": str(depth), "type": "group"}
        item["item"] = [inner]
        item = inner

    first, *_ = problems_of(questionnaire)

    assert f"more than {DEPTH_LIMIT} deep" in first.message


@pytest.mark.parametrize(
    ("link_id", "change", "said"),
    [
        ("housing", {"linkId": "home"}, "needs the items"),
        ("housing.screen", {"linkId": "housing.row"}, "needs the items"),
    ],
)
def test_a_domain_without_its_questions_is_refused(
    link_id: str, change: dict[str, Any], said: str
) -> None:
    questionnaire = copy.deepcopy(leeds_questionnaire())
    broken = item_json(questionnaire, link_id)
    broken.update(change)
    if link_id == "housing":
        broken["extension"][0]["extension"][0]["valueCode"] = "home"

    assert any(said in p.message or "not there" in p.message for p in problems_of(questionnaire))


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("condition", {"valueExpression": {"expression": "%level >="}}, "FHIRPath"),
        ("condition", {"valueExpression": {"expression": "%nothing contains 'a'"}}, "no %nothing"),
        ("effect", {"valueCode": "lower"}, "effect"),
        ("card", {"valueCode": "no_such_card"}, "card"),
        ("level", {"valueInteger": 9}, "level from 0 to 4"),
    ],
)
def test_a_broken_modifier_is_named(part: str, value: dict[str, Any], said: str) -> None:
    questionnaire = copy.deepcopy(leeds_questionnaire())
    modifier = item_json(questionnaire, "housing")["extension"][2]["extension"]
    for each in modifier:
        if each["url"] == part:
            each.clear()
            each.update({"url": part, **value})

    [problem] = problems_of(questionnaire)

    assert problem.link_id == "housing"
    assert "child_homeless" in problem.message
    assert said in problem.message


def test_a_weight_that_is_no_level_is_refused_in_a_domain_but_not_elsewhere() -> None:
    weight = {
        "url": "http://hl7.org/fhir/StructureDefinition/itemWeight",
        "valueDecimal": 2.5,
    }
    questionnaire = copy.deepcopy(leeds_questionnaire())
    item_json(questionnaire, "energy.warm")["answerOption"][1]["extension"] = [weight]
    assert "level from 0 to 4" in problems_of(questionnaire)[0].message

    plain = small_questionnaire()
    plain["item"][0]["item"][0]["answerOption"][0]["extension"] = [weight]
    form = compile_questionnaire(plain)
    assert float(form.items["colour"].options[0].weight or 0) == 2.5
    assert form.weighted == ("colour",)


def test_an_option_that_raises_an_unknown_card_is_refused() -> None:
    questionnaire = copy.deepcopy(leeds_questionnaire())
    option = item_json(questionnaire, "energy.now")["answerOption"][2]
    for extension in option["extension"]:
        if extension["url"].endswith("sdoh-urgent"):
            extension["valueCode"] = "no_such_card"

    assert problems_of(questionnaire)[0].link_id == "energy.now"


def test_options_come_from_a_contained_value_set_too() -> None:
    questionnaire = small_questionnaire()
    questionnaire["contained"] = [
        {
            "resourceType": "ValueSet",
            "id": "fruits",
            "expansion": {"contains": [{"system": SYSTEM, "code": "apple", "display": "Apple"}]},
        },
        {
            "resourceType": "ValueSet",
            "id": "berries",
            "compose": {"include": [{"system": SYSTEM, "concept": [{"code": "currant"}]}]},
        },
    ]
    item_json(questionnaire, "fruit")["answerValueSet"] = "#fruits"
    assert [o.display for o in compile_questionnaire(questionnaire).items["fruit"].options] == [
        "Apple"
    ]
    item_json(questionnaire, "fruit")["answerValueSet"] = "#berries"
    form = compile_questionnaire(questionnaire)
    assert form.items["fruit"].by_coding[SYSTEM, "currant"].code == "currant"
    assert not form.items["fruit"].any_coding


def test_an_option_offered_twice_is_a_warning() -> None:
    questionnaire = small_questionnaire()
    questionnaire["item"][0]["item"][0]["answerOption"].append(coding("red"))

    form = compile_questionnaire(questionnaire)

    assert [problem.severity for problem in form.problems] == ["warning"]
    assert len(form.items["colour"].options) == 3


def test_public_questionnaires_compile_or_say_why(shared: Path) -> None:
    refused = {}
    for path in sorted((shared / "data" / "fhir").rglob("*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(resource, dict) and resource.get("resourceType") == "Questionnaire":
            try:
                compile_questionnaire(resource)
            except QuestionnaireError as error:
                refused[path.name] = {problem.message for problem in error.problems}

    # Both really use a linkId twice, which R4 forbids (que-2).
    assert refused == {
        "android-fhir--catalog--layout_paginated.json": {"'10.1': This linkId is used twice."},
        "fhir-test-cases--q-coepi.json": {"'g3.q2': This linkId is used twice."},
    }


@settings(max_examples=150)
@given(json_values())
def test_any_json_compiles_or_is_refused(value: Any) -> None:
    for questionnaire in (value, {"resourceType": "Questionnaire", "item": [value]}):
        assert compiles_or_says_why(questionnaire)


@settings(max_examples=40)
@given(spoiled(st.just(json.dumps(leeds_questionnaire()))))
def test_a_spoiled_template_compiles_or_is_refused(questionnaire: Any) -> None:
    assert compiles_or_says_why(questionnaire)
