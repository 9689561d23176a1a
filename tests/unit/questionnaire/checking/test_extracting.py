"""What extraction and population would stumble over is told to the author."""

from collections.abc import Callable

import pytest

from tests.unit.questionnaire.checking.conftest import R4, SDC, Json, item

Said = Callable[..., list[tuple[str, str, str]]]
CODE = [{"system": "https://example.org/s", "code": "a"}]
OBSERVED = {"url": f"{SDC}observationExtract", "valueBoolean": True}


def template(name: str) -> Json:
    part = {"url": "template", "valueReference": {"reference": f"#{name}"}}
    return {"url": f"{SDC}templateExtract", "extension": [part]}


def observation(text: str) -> Json:
    filled = {"extension": [{"url": f"{SDC}templateExtractValue", "valueString": text}]}
    return {"resourceType": "Observation", "id": "t", "_valueString": filled}


def filled(said: Said, text: str) -> list[tuple[str, str, str]]:
    return said(item("x", extension=[template("t")]), contained=[observation(text)])


def test_a_template_that_is_not_there(said: Said) -> None:
    [(severity, place, message)] = said(item("x", extension=[template("no")]))
    assert (severity, place, "#no" in message) == ("error", "Questionnaire.item[0]", True)
    bundle = {"url": f"{SDC}templateExtractBundle", "valueReference": {"reference": "#no"}}
    assert [one[0] for one in said(item("x"), extension=[bundle])] == ["error"]


def test_the_expressions_of_templates(said: Said) -> None:
    assert filled(said, "answer.value") == []
    [(severity, place, _)] = filled(said, "answer.value.(")
    assert (severity, place) == ("error", "Questionnaire.contained[0].valueString")
    [(severity, _, message)] = filled(said, "%resource.item.where(linkId='zz').answer.value")
    assert (severity, "'zz'" in message) == ("warning", True)


def built(said: Said, element: str) -> list[tuple[str, str, str]]:
    part = {"url": "definition", "valueCanonical": f"{R4}Patient"}
    opened = {"url": f"{SDC}definitionExtract", "extension": [part]}
    return said(item("x", definition=f"{R4}Patient#{element}"), extension=[opened])


@pytest.mark.parametrize("element", ["Patient.nope", "Patient.name.nope", "Patient.contact.nope"])
def test_a_definition_of_an_unknown_element(said: Said, element: str) -> None:
    [(severity, place, _)] = built(said, element)
    assert (severity, place) == ("error", "Questionnaire.item[0].definition")


@pytest.mark.parametrize(
    "element",
    [
        "Patient.birthDate",
        "Patient.telecom:phone.value",
        "Patient.deceased[x]",
        "Patient.deceasedBoolean",
        "Patient.contact.name.family",
        "Patient.extension:birthPlace.value[x]",
    ],
)
def test_definitions_of_r4_are_sound(said: Said, element: str) -> None:
    assert built(said, element) == []


def test_a_definition_that_builds_nothing_only_documents(said: Said) -> None:
    assert said(item("x", definition=f"{R4}Patient#Patient.nope")) == []


@pytest.mark.parametrize(
    "given",
    [OBSERVED, {"url": f"{SDC}observationLinkPeriod", "valueDuration": {"value": 1, "code": "a"}}],
)
def test_observations_without_a_code(said: Said, given: Json) -> None:
    [(severity, _, message)] = said(item("x", extension=[given]))
    assert (severity, "no code" in message) == ("warning", True)
    assert said(item("x", code=CODE, extension=[given])) == []


def test_an_unknown_way_of_extracting(said: Said) -> None:
    told = {"url": f"{SDC}observationExtract", "valueBoolean": "true"}
    [(severity, _, _)] = said(item("x", code=CODE, extension=[told]))
    assert severity == "error"
