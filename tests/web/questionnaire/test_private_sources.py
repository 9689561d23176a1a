"""The private notes say of which questionnaire, and of when, each card and each answer is."""

import re

from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_cards_elsewhere import asking, finished, private
from tests.web.questionnaire.test_safety import HARK, MIXED
from tests.web.staff import Staff, words

RESULTS = re.compile(r'<a href="(/people/[^"]+/questionnaires/results/[^"]+)">([^<]+)</a>')


def opened(staff: Staff, person_id: str) -> str:
    return staff.post(f"/people/{person_id}/private", {}).text


def test_identical_cards_of_several_responses_are_told_apart(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    forms = [
        add_form(f"source-{name}", asking(f"own_{name}", "SAMECARD", masked=True))
        for name in ("first", "second")
    ]
    for form in (*forms, forms[0]):
        finished(nurse, person_id, form, **{"q:pain": "yes"})
    page = opened(nurse, person_id)
    cards, answers = page.split("What was said")
    for part in (cards, answers):
        found = RESULTS.findall(part)
        assert sorted(title for _, title in found) == [
            "About source-first",
            "About source-first",
            "About source-second",
        ]
        assert len({href for href, _ in found}) == 3
        assert len(re.findall(r"Finished at \d\d:\d\d by Nurse Example", part)) == 3
    assert cards.count("I am dealing with this") == 3
    for href, _ in RESULTS.findall(page):
        assert nurse.get(href).status_code == 200


def test_none_of_it_stands_there_before_the_press(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    finished(nurse, person_id, "hark", **HARK)
    before = nurse.get(f"/people/{person_id}/private").text
    assert "/results/" not in before
    assert "HARK" not in before
    assert "/results/" in opened(nurse, person_id)


def test_a_draft_leads_to_its_page_and_the_template_to_the_plan(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("source-draft", *MIXED)
    draft = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    draft.answer("q:hurt", "yes").press("save")
    told = {"seen-alone": "true", "interpreter": "no-interpreter", "urgent": ["unsafe_home"]}
    nurse.save(person_id, told)
    page = opened(nurse, person_id)
    assert f'href="/people/{person_id}/questionnaires/{form}">About source-draft</a>' in page
    assert re.search(rf'<a href="/people/{person_id}/plan">[^<]+</a>\. Saved at', page)
    assert re.search(r"About source-draft \. Saved at \d\d:\d\d", private(nurse, person_id))


def test_an_open_card_comes_before_one_that_somebody_deals_with(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("source-order", asking("own_order", "ORDERCARD", masked=True))
    finished(nurse, person_id, form, **{"q:pain": "yes"})
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', opened(nurse, person_id))
    nurse.post(where)
    finished(nurse, person_id, form, **{"q:pain": "yes"})
    told = words(nurse.post(f"/people/{person_id}/private", {}))
    assert told.index("I am dealing with this") < told.index("is dealing with this since")
