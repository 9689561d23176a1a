"""A mark of safety or urgency holds where it stands, or the questionnaire is refused."""

from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from template_service.questionnaire.definition import QuestionnaireError, compile_questionnaire
from template_service.questionnaire.privacy import is_private_item, private_items
from tests.unit.questionnaire.counting import lines_run

Json = dict[str, Any]
OURS = "https://example.org/StructureDefinition"
MASKED = {"url": f"{OURS}/sdoh-masked", "valueBoolean": True}
NOT_MASKED = {"url": f"{OURS}/sdoh-masked", "valueBoolean": False}
ALONE = {"url": f"{OURS}/sdoh-display-gate", "valueCode": "seen-alone"}
STAFF = {"url": f"{OURS}/sdoh-display-gate", "valueCode": "staff-only"}
URGENT = {"url": f"{OURS}/sdoh-urgent", "valueCode": "card"}
CARD = {
    "url": f"{OURS}/sdoh-urgent-card",
    "extension": [{"url": "card", "valueCoding": {"code": "card", "display": "Ring somebody"}}],
}
YES = {"system": "urn:s", "code": "yes", "display": "Yes"}


def questionnaire(*items: Json, **head: Any) -> Json:
    return {"resourceType": "Questionnaire", "item": list(items), **head}


def choice(**option: Any) -> Json:
    return {"linkId": "a", "type": "choice", "answerOption": [{"valueCoding": YES, **option}]}


def asked(**more: Any) -> Json:
    return {"linkId": "a", "type": "boolean", **more}


@pytest.mark.parametrize("mark", [MASKED, ALONE])
def test_a_mark_on_the_questionnaire_holds_for_every_item(mark: Json) -> None:
    group = {"linkId": "g", "type": "group", "item": [asked()]}
    form = compile_questionnaire(questionnaire(group, extension=[mark]))
    assert private_items(form) == {"g", "a"}
    assert all(map(is_private_item, form.items.values()))


@pytest.mark.parametrize("mark", [MASKED, ALONE])
@pytest.mark.parametrize("own", [STAFF, NOT_MASKED])
def test_nothing_inside_takes_safety_back(mark: Json, own: Json) -> None:
    inside = {**choice(extension=[CARD]), "extension": [own]}
    group = {"linkId": "g", "type": "group", "extension": [mark], "item": [inside]}
    form = compile_questionnaire(questionnaire(group))
    assert is_private_item(form.items["a"])
    assert form.cards["yes"].masked


def test_a_gate_inside_another_one_is_its_own() -> None:
    group = {"linkId": "g", "type": "group", "extension": [STAFF]}
    form = compile_questionnaire(questionnaire({**group, "item": [asked(extension=[ALONE])]}))
    assert private_items(form) == {"a"}


def text_of(mark: Json) -> Json:
    return {"url": mark["url"], "valueString": "true"}


CONCEPT = {"code": "yes", "extension": [MASKED]}
VALUES = {"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": [CONCEPT]}]}}


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (questionnaire(asked(extension=[text_of(MASKED)])), ".item[0]"),
        (questionnaire(asked(extension=[text_of(ALONE)])), ".item[0]"),
        (questionnaire(choice(extension=[text_of(URGENT)])), ".item[0].answerOption[0]"),
        (questionnaire(asked(extension=[{**ALONE, "valueCode": "alone"}])), ".item[0]"),
        (questionnaire(asked(extension=[NOT_MASKED, MASKED])), ".item[0]"),
        (questionnaire(choice(extension=[URGENT, URGENT])), ".item[0].answerOption[0]"),
        (questionnaire(asked(modifierExtension=[MASKED])), ".item[0]"),
        (questionnaire(choice(modifierExtension=[CARD])), ".item[0].answerOption[0]"),
        (questionnaire(asked(modifierExtension=ALONE)), ".item[0]"),
        (questionnaire(asked(extension=MASKED)), ".item[0]"),
        (questionnaire(asked(_text={"extension": [MASKED]})), ".item[0].text"),
        (questionnaire(asked(), _item=[{"extension": [MASKED]}]), ".item[0]"),
        (questionnaire(asked(extension=[URGENT])), ".item[0]"),
        (questionnaire(choice(extension=[ALONE])), ".item[0].answerOption[0]"),
        (
            questionnaire(choice(valueCoding={**YES, "extension": [MASKED]})),
            ".item[0].answerOption[0].valueCoding",
        ),
        (questionnaire(asked(), extension=[text_of(MASKED)]), ""),
        (questionnaire(asked(), extension=[MASKED, MASKED]), ""),
        (questionnaire(asked(), modifierExtension=[ALONE]), ""),
        (questionnaire(asked(), contained=[VALUES]), ".contained[0].compose.include[0].concept[0]"),
    ],
)
def test_a_mark_that_would_be_passed_over_is_an_error(resource: Json, place: str) -> None:
    with pytest.raises(QuestionnaireError) as refusal:
        compile_questionnaire(resource)
    [problem] = [each for each in refusal.value.problems if "sdoh-" in str(each)]
    assert (problem.severity, problem.expression) == ("error", f"Questionnaire{place}")
    assert problem in check(resource)


def test_a_sound_mark_makes_compiling_hardly_dearer() -> None:
    many = [{**choice(), "linkId": f"q{each}"} for each in range(200)]

    def work(mark: Json) -> int:
        marked = questionnaire(*many, asked(extension=[mark]))
        return lines_run(lambda: compile_questionnaire(marked))

    # Places are named only where something is wrong.
    assert work(NOT_MASKED) < 1.1 * work({**NOT_MASKED, "url": f"{OURS}/other"})


@pytest.mark.parametrize("odd", [7, "x", [7], [{"url": 7}], [{"url": [MASKED]}], None])
@pytest.mark.parametrize("name", ["extension", "modifierExtension"])
def test_what_is_no_extension_is_no_mark(name: str, odd: Any) -> None:
    inside = asked(extension=[MASKED])
    compile_questionnaire(questionnaire({"linkId": "g", "type": "group", name: odd}, inside))
