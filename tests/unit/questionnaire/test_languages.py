"""A questionnaire in several languages: each text falls back by itself, codes never change."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.languages import (
    best_language,
    direction,
    languages_of,
    translated,
    untranslated,
)
from tests.strategies import json_values

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
XHTML = "http://hl7.org/fhir/StructureDefinition/rendering-xhtml"
ENTRY_FORMAT = "http://hl7.org/fhir/StructureDefinition/entryFormat"


def into(**texts: str) -> dict[str, Any]:
    return {
        "extension": [
            {
                "url": TRANSLATION,
                "extension": [
                    {"url": "lang", "valueCode": language.replace("_", "-")},
                    {"url": "content", "valueString": text},
                ],
            }
            for language, text in texts.items()
        ]
    }


@pytest.fixture
def questionnaire() -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "language": "en-GB",
        "title": "Food",
        "_title": into(es="Comida"),
        "contained": [
            {
                "resourceType": "ValueSet",
                "id": "colours",
                "compose": {
                    "include": [
                        {
                            "system": "https://example.org/colours",
                            "concept": [
                                {
                                    "code": "red",
                                    "display": "Red",
                                    "designation": [{"language": "es", "value": "Rojo"}],
                                }
                            ],
                        }
                    ]
                },
            }
        ],
        "item": [
            {
                "linkId": "worried",
                "_linkId": into(es="preocupado"),
                "prefix": "A1",
                "_prefix": into(es="P1"),
                "text": "Did you worry?",
                "_text": into(es="¿Le preocupó?", es_MX="¿Te preocupó?", ar="هل قلقت؟"),
                "type": "choice",
                "answerOption": [
                    {"valueCoding": {"code": "y", "display": "Yes", "_display": into(es="Sí")}},
                    {"valueString": "Other", "_valueString": into(es="Otro")},
                ],
            },
            {
                "linkId": "when",
                "text": "When?",
                "type": "string",
                "extension": [
                    {"url": ENTRY_FORMAT, "valueString": "day", "_valueString": into(es="día")}
                ],
            },
        ],
    }


def test_the_languages_of_a_questionnaire_start_with_its_own(questionnaire: Any) -> None:
    assert languages_of(questionnaire) == ("en-GB", "es", "es-MX", "ar")
    del questionnaire["language"]
    assert languages_of(questionnaire)[0] == "und"


def test_every_kind_of_text_is_translated(questionnaire: Any) -> None:
    spanish = translated(questionnaire, "es")
    first, second = spanish["item"]
    assert spanish["language"] == "es"
    assert spanish["title"] == "Comida"
    assert (first["text"], first["prefix"]) == ("¿Le preocupó?", "P1")
    assert first["answerOption"][0]["valueCoding"]["display"] == "Sí"
    assert second["extension"][0]["valueString"] == "día"
    concept = spanish["contained"][0]["compose"]["include"][0]["concept"][0]
    assert (concept["code"], concept["display"]) == ("red", "Rojo")


def test_what_identifies_an_answer_is_never_translated(questionnaire: Any) -> None:
    first = translated(questionnaire, "es")["item"][0]
    assert first["linkId"] == "worried"
    assert first["answerOption"][0]["valueCoding"]["code"] == "y"
    # A string option is the value that is stored.
    assert first["answerOption"][1]["valueString"] == "Other"


def test_each_text_falls_back_by_itself(questionnaire: Any) -> None:
    mexican = translated(questionnaire, "es-MX")
    assert mexican["item"][0]["text"] == "¿Te preocupó?"
    assert mexican["title"] == "Comida"
    assert mexican["item"][1]["text"] == "When?"
    assert mexican["language"] == "es-MX"


@pytest.mark.parametrize("language", ["en-GB", "EN-gb", "en-GB-oxendict", "fr", "", "not a tag"])
def test_without_a_translation_the_texts_stay(questionnaire: Any, language: str) -> None:
    assert translated(questionnaire, language) == questionnaire


def test_a_region_of_the_questionnaires_own_language_is_shown() -> None:
    item = {"text": "Color?", "_text": into(en_GB="Colour?", fr="Couleur ?")}
    american = {"language": "en", "title": "Form", "item": [item]}
    british = translated(american, "en-GB")
    assert (british["language"], british["item"][0]["text"]) == ("en-GB", "Colour?")
    assert untranslated(american, "en-GB") == ()
    assert translated(american, "en") == american
    assert translated(american, "en-AU") == american


def test_the_original_is_not_touched(questionnaire: Any) -> None:
    before = copy.deepcopy(questionnaire)
    translated(questionnaire, "es")["item"][0]["answerOption"].clear()
    assert questionnaire == before


def test_html_in_the_old_language_goes_when_its_text_is_translated(questionnaire: Any) -> None:
    texts = questionnaire["item"][0]["_text"]
    texts["extension"].append({"url": XHTML, "valueString": "<b>Did you worry?</b>"})
    spanish = translated(questionnaire, "es")["item"][0]["_text"]["extension"]
    assert all(each["url"] != XHTML for each in spanish)

    texts["extension"][-1]["_valueString"] = into(es="<b>¿Le preocupó?</b>")
    spanish = translated(questionnaire, "es")["item"][0]["_text"]["extension"]
    assert spanish[-1]["valueString"] == "<b>¿Le preocupó?</b>"


def test_the_places_without_a_translation_are_named(questionnaire: Any) -> None:
    # The string option has a translation, which is not shown: the option is what is stored.
    expected = (
        "Questionnaire.item[0].answerOption[1].valueString",
        "Questionnaire.item[1].text",
    )
    assert untranslated(questionnaire, "es") == expected
    assert untranslated(questionnaire, "es-MX") == expected
    assert untranslated(questionnaire, "en-GB") == ()
    assert untranslated(questionnaire, "ar") == (
        "Questionnaire.title",
        "Questionnaire.contained[0].compose.include[0].concept[0].display",
        "Questionnaire.item[0].answerOption[0].valueCoding.display",
        "Questionnaire.item[0].answerOption[1].valueString",
        "Questionnaire.item[1].text",
        "Questionnaire.item[1].extension[0].valueString",
    )


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (None, "en-GB"),
        ("", "en-GB"),
        ("fr", "en-GB"),
        ("es", "es"),
        ("es-MX", "es-MX"),
        ("es-MX-x-private", "es-MX"),
        ("es-AR, ar;q=0.5", "es"),
        ("fr, ar;q=0.5, es;q=0.8", "es"),
        ("es;q=0, ar;q=0.1", "ar"),
        ("*", "en-GB"),
        ("fr, *;q=0.5, ar;q=0.1", "en-GB"),
        ("en", "en-GB"),
        ("ES-mx", "es-MX"),
        ("es;q=2, ar", "ar"),
        ("; ,,=;q", "en-GB"),
    ],
)
def test_the_language_asked_for_is_found(asked: str | None, given_: str) -> None:
    assert best_language(asked, ("en-GB", "es", "es-MX", "ar")) == given_


def test_without_any_language_it_is_not_known() -> None:
    assert best_language("es", ()) == "und"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "rtl"),
        ("ar-XB", "rtl"),
        ("UR", "rtl"),
        ("he-IL", "rtl"),
        ("ur-Latn", "ltr"),
        ("pa-Arab-PK", "rtl"),
        ("pa", "ltr"),
        ("pa-PK", "rtl"),
        ("pa-Guru-PK", "ltr"),
        ("uz-AF", "rtl"),
        ("az-IR", "rtl"),
        ("ku-IQ", "rtl"),
        ("ku", "ltr"),
        ("kk-CN", "rtl"),
        ("kk", "ltr"),
        ("ha-SD", "rtl"),
        ("ms-CC", "rtl"),
        ("sd-IN", "ltr"),
        ("sd-PK", "rtl"),
        ("rhg", "rtl"),
        ("lah", "rtl"),
        ("brh", "rtl"),
        ("pa-x-pk", "ltr"),
        ("en-x-arab", "ltr"),
        ("en-GB", "ltr"),
        ("und", "ltr"),
        ("", "ltr"),
    ],
)
def test_the_direction_is_that_of_the_script(language: str, expected: str) -> None:
    assert direction(language) == expected


@given(st.dictionaries(st.text(max_size=8), json_values(), max_size=4), st.text(max_size=12))
@settings(max_examples=40)
def test_nothing_is_raised_on_any_json(resource: dict[str, Any], language: str) -> None:
    languages_of(resource)
    translated(resource, language)
    untranslated(resource, language)
    assert best_language(language, (language,)) == language


def test_depth_is_no_matter() -> None:
    node: dict[str, Any] = {"text": "Deep", "_text": into(es="Hondo")}
    for _ in range(5_000):
        node = {"item": [node]}
    assert languages_of(node) == ("und", "es")
    innermost = translated(node, "es")
    while "item" in innermost:
        [innermost] = innermost["item"]
    assert innermost["text"] == "Hondo"
