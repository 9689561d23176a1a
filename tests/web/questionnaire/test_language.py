"""A questionnaire in another language, and one written from right to left."""

from typing import Any

from template_service.service import Service
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import answers, stored
from tests.web.staff import Staff, words

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def translated(**texts: str) -> dict[str, Any]:
    return {
        "extension": [
            {
                "url": TRANSLATION,
                "extension": [
                    {"url": "lang", "valueCode": language},
                    {"url": "content", "valueString": text},
                ],
            }
            for language, text in texts.items()
        ]
    }


ITEMS: tuple[dict[str, Any], ...] = (
    {
        "linkId": "food",
        "type": "choice",
        "text": "Have you enough to eat?",
        "_text": translated(ar="هل لديك ما يكفي من الطعام؟", pl="Czy masz co jeść?"),
        "answerOption": [
            {
                "valueCoding": {
                    "system": "urn:x",
                    "code": "yes",
                    "display": "Always",
                    "_display": translated(ar="دائما", pl="Zawsze"),
                }
            }
        ],
    },
    {"linkId": "more", "type": "string", "text": "Only in English"},
)


def form_of(add_form: AddForm) -> str:
    return add_form("languages", *ITEMS, language="en")


def test_a_language_is_chosen_by_address_and_the_answer_is_the_same(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = form_of(add_form)
    arabic = Filling.open(nurse, person_id, form, "?lang=ar")
    assert '<div id="questions" lang="ar" dir="rtl">' in arabic.page.text
    assert 'aria-label="Language of the questions"' in arabic.page.text
    said = words(arabic.page)
    assert "هل لديك ما يكفي من الطعام؟" in said
    assert "Only in English" in said
    arabic.answer("q:food", "yes").press("save")
    assert '<div id="questions" lang="ar" dir="rtl">' in arabic.page.text
    [kept] = answers(stored(service, person_id, form))["food"]
    assert kept["valueCoding"]["display"] == "Always"
    arabic.press("finish")
    assert "هل لديك ما يكفي من الطعام؟ دائما" in words(arabic.page)


def test_the_browser_says_which_language_is_wanted(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    place = f"/people/{person_id}/questionnaires/{form_of(add_form)}"
    for header, text in (
        ("pl-PL,pl;q=0.9,en;q=0.5", "Czy masz co jeść?"),
        ("fr", "Have you enough to eat?"),
    ):
        page = nurse.client.get(place, headers={"Accept-Language": header})
        assert text in words(page)


def test_our_own_words_say_that_they_are_english(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    page = Filling.open(nurse, person_id, form_of(add_form), "?lang=ar").page
    assert '<span lang="en-GB" dir="ltr">Clear</span>' in page.text
    page = Filling.open(nurse, person_id, form_of(add_form), "?lang=en").page
    assert "<span>Clear</span>" in page.text


def test_one_language_needs_no_choice(nurse: Staff, add_form: AddForm, person_id: str) -> None:
    form = add_form("one-language", {"linkId": "a", "type": "string", "text": "A"})
    page = Filling.open(nurse, person_id, form, "?lang=ar").page
    assert 'aria-label="Language of the questions"' not in page.text
    assert '<div id="questions" dir="ltr">' in page.text
