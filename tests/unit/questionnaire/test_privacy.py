"""What counts as safety: what is marked, stands behind the gate, or is worked out of either."""

from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import is_private, is_wholly_private, private_items
from tests.strategies import leeds_form

Json = dict[str, Any]
OURS = "https://template-service.example/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
MASKED = {"url": f"{OURS}/sdoh-masked", "valueBoolean": True}
GATED = {"url": f"{OURS}/sdoh-display-gate", "valueCode": "seen-alone"}
HURT = "%resource.item.where(linkId='hurt').answer.value"


def expressed(name: str, text: str) -> Json:
    value = {"language": "text/fhirpath", "expression": text}
    return {"url": SDC + name, "valueExpression": value}


def form_of(*items: Json, **head: Any) -> Form:
    return compile_questionnaire({"resourceType": "Questionnaire", "item": list(items), **head})


def item(link_id: str, *extensions: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": "boolean", "extension": list(extensions), **more}


@pytest.mark.parametrize("mark", [MASKED, GATED])
def test_what_is_marked_or_gated_is_safety_with_all_inside(mark: Json) -> None:
    form = form_of({"linkId": "g", "type": "group", "extension": [mark], "item": [item("in")]})
    assert private_items(form) == {"g", "in"}
    assert is_private(form)
    assert is_wholly_private(form)


@pytest.mark.parametrize("name", ["calculatedExpression", "enableWhenExpression"])
@pytest.mark.parametrize("text", [f"{HURT} = true", "%told", "%resource.descendants().exists()"])
def test_what_is_worked_out_of_safety_is_safety(name: str, text: str) -> None:
    told = {
        "url": "http://hl7.org/fhir/StructureDefinition/variable",
        "valueExpression": {"name": "told", "language": "text/fhirpath", "expression": HURT},
    }
    form = form_of(
        item("hurt", MASKED), item("more", expressed(name, text)), item("free"), extension=[told]
    )
    assert private_items(form) == {"hurt", "more"}
    assert not is_wholly_private(form)


def test_what_is_worked_out_of_that_is_safety_too() -> None:
    form = form_of(
        item("hurt", MASKED),
        item("a", expressed("calculatedExpression", HURT)),
        item(
            "b", expressed("calculatedExpression", "%resource.item.where(linkId='a').answer.value")
        ),
    )
    assert private_items(form) == {"hurt", "a", "b"}


def test_what_reads_an_item_with_an_option_of_safety_is_safety() -> None:
    option = {"valueString": "Refuge", "extension": [MASKED]}
    home = {"linkId": "home", "type": "choice", "answerOption": [option, {"valueString": "Flat"}]}
    text = "%resource.item.where(linkId='home').answer.value = 'Refuge'"
    form = form_of(home, item("told", expressed("calculatedExpression", text)))
    assert private_items(form) == {"told"}
    assert is_private(form)


def test_a_form_without_safety_has_none_whatever_it_calculates() -> None:
    form = form_of(
        item("a"), item("b", expressed("calculatedExpression", "descendants().exists()"))
    )
    assert private_items(form) == frozenset()
    assert not is_private(form)


def test_the_levels_of_the_template_follow_its_own_rules() -> None:
    private = private_items(leeds_form())
    assert {"safety", "safety.screen", "safety.level", "safety.wants-help"} <= private
    assert "housing.level" not in private
