"""The template page: everything from the form, saved without JavaScript, nothing lost."""

import gzip
import re
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from template_service import clock
from template_service.questionnaire.form import Form
from template_service.service import Service
from template_service.web.answers_form import answerable
from tests.web.conftest import PRACTICE, make_person
from tests.web.staff import Staff, checked, response, revision, words

DAMP_COLD_HUNGRY = {
    "urgent": ["no_food"],
    "household": ["under5"],
    "housing.screen": "need",
    "housing.condition": ["damp"],
    "housing.wants-help": "yes-now",
    "energy.screen": "need",
    "energy.warm": "cost",
    "energy.wants-help": "yes-now",
}
ALONE = {"seen-alone": "true", "interpreter": "no-interpreter"}
DISCLOSED = {
    **ALONE,
    "urgent": ["unsafe_home"],
    "safety.screen": "need",
    "safety.hark.afraid": "yes",
    "safety.wants-help": "yes-now",
}


@pytest.fixture(scope="module")
def form(service: Service) -> Form:
    return service.form


def template(person_id: str) -> str:
    return f"/people/{person_id}/template"


def test_the_page_holds_every_question_option_and_card_of_the_form(
    nurse: Staff, person_id: str, form: Form
) -> None:
    said = words(nurse.get(template(person_id)))
    for item in answerable(form):
        assert item.text in said
        for option in item.options:
            assert option.display in said
    for domain in form.domains:
        assert domain.why_we_ask in said
    for card in form.cards.values():
        if card.id != "family_homeless":  # follows from several answers: the preview raises it
            assert all(action in said for action in card.actions)
    assert form.items["opening"].text in said


def test_every_answer_on_offer_can_be_saved_and_comes_back(
    nurse: Staff, person_id: str, form: Form
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY | {"matters": "A dry room\r\nfor the children"})
    page = nurse.get(template(person_id))
    for link_id, codes in DAMP_COLD_HUNGRY.items():
        assert checked(page, link_id) == ([codes] if isinstance(codes, str) else codes)
    assert "A dry room\nfor the children</textarea>" in page.text
    assert revision(page) == "1"


def test_saving_leads_to_the_plan_and_can_be_done_with_nothing_answered(
    nurse: Staff, person_id: str
) -> None:
    saved = nurse.save(person_id, {})
    assert (saved.status_code, saved.location) == (303, f"/people/{person_id}/plan")


def test_whether_somebody_is_alone_is_asked_again_each_time(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, {"who": "patient", "seen-alone": "true", "interpreter": "professional"})
    page = nurse.get(template(person_id))
    assert checked(page, "who") == ["patient"]
    assert checked(page, "seen-alone") == checked(page, "interpreter") == []


def test_what_was_said_of_safety_is_never_on_the_page_again_and_never_erased(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DISCLOSED | {"housing.screen": "need", "housing.security": "refuge"})
    page = nurse.get(template(person_id))
    for link_id in ("safety.screen", "safety.hark.afraid", "safety.wants-help"):
        assert checked(page, link_id) == []
    assert checked(page, "urgent") == checked(page, "housing.security") == []
    assert 'class="card alone raised"' not in page.text
    assert "Dealt with" not in page.text

    nurse.save(person_id, {"housing.screen": "need", "urgent": ["no_food"]})
    private = words(nurse.post(f"/people/{person_id}/private"))
    assert "Afraid of someone, or not safe at home" in private
    assert "been afraid of your partner or ex-partner? Yes" in private
    assert "Where are you living now? Refuge" in private


def test_what_stands_behind_the_safety_gate_is_marked_for_the_style_sheet(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.get(template(person_id)).text
    assert '<div class="row alone" data-row="safety">' in page
    assert re.search(r'class="tick alone"><input [^>]*value="unsafe_home"', page)
    assert re.search(r'class="pill alone"><input [^>]*name="housing.security" value="refuge"', page)
    assert re.search(r'class="pill alone"><input [^>]*name="priority" value="safety"', page)
    for card in ("unsafe_home", "domestic_abuse", "safety_disclosed"):
        assert f'<div class="card alone" id="card-{card}"' in page


def test_a_care_navigator_has_nothing_of_safety_on_the_page_and_erases_nothing(
    nurse: Staff, navigator: Staff, person_id: str, form: Form
) -> None:
    nurse.save(person_id, DISCLOSED | {"housing.screen": "need", "housing.security": "refuge"})
    page = navigator.get(template(person_id))
    for private in (
        'name="safety.',
        'value="safety"',
        'class="row alone',
        "tick alone",
        "pill alone",
    ):
        assert private not in page.text
    for card in form.cards.values():
        assert (card.text in words(page)) is not (card.masked or card.id == "family_homeless")
    assert "Refuge" not in words(page)
    assert "A child may be at risk of harm" in words(page)

    navigator.save(person_id, {"housing.screen": "need", "matters": "A quiet room"})
    private = words(nurse.post(f"/people/{person_id}/private"))
    assert "been afraid of your partner or ex-partner? Yes" in private
    assert "Where are you living now? Refuge" in private


def test_urgent_cards_are_in_the_page_before_anything_is_ticked(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.get(template(person_id)).text
    start = page.index('id="card-no_food"')
    card = page[start : page.index('id="card-no_energy"')]
    assert 'href="tel:' in card
    assert "check first" in card
    assert 'name="acknowledge" value="no_food"' in card
    suicidal = page[page.index('id="card-suicidal"') : page.index('id="card-child_risk"')]
    assert "116 123" in suicidal


def test_acknowledging_saves_everything_and_names_who_and_when(
    nurse: Staff, person_id: str
) -> None:
    saved = nurse.save(person_id, DAMP_COLD_HUNGRY, acknowledge="no_food")
    assert saved.location == template(person_id)
    page = nurse.get(template(person_id))
    assert checked(page, "housing.condition") == ["damp"]
    assert re.search(r"Nurse Example is dealing with this since \d\d:\d\d", words(page))
    assert 'name="acknowledge" value="no_food"' not in page.text
    assert f'href="/people/{person_id}/plan"' not in nurse.get("/people").text


def test_a_card_stays_in_sight_until_somebody_deals_with_it(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, {"urgent": ["no_food"]})
    nurse.save(person_id, {})
    page = nurse.get(template(person_id))
    assert checked(page, "urgent") == []
    assert 'class="card raised" id="card-no_food"' in page.text


def test_a_care_navigator_calls_a_clinician_to_a_clinicians_card(
    navigator: Staff, nurse: Staff, person_id: str
) -> None:
    page = navigator.get(template(person_id)).text
    assert 'name="call" value="suicidal"' in page
    assert 'name="acknowledge" value="suicidal"' not in page
    assert 'name="acknowledge" value="no_food"' in page

    refused = navigator.save(person_id, {"urgent": ["suicidal"]}, acknowledge="suicidal")
    assert refused.status_code == 403
    called = navigator.save(person_id, {"urgent": ["suicidal"]}, call="suicidal")
    assert called.location == template(person_id)
    assert "Reception Example called a clinician at" in words(navigator.get(template(person_id)))
    assert "Thoughts of ending their life" in words(nurse.get("/people"))


def test_anybody_can_call_a_clinician_without_saying_why(
    navigator: Staff, nurse: Staff, person_id: str
) -> None:
    saved = navigator.save(person_id, {"matters": "Wants to talk"}, call="")
    assert saved.location == template(person_id)
    page = navigator.get(template(person_id))
    assert "Wants to talk" in page.text
    assert "Reception Example called a clinician at" in words(page)
    assert "Clinician called" in words(nurse.get("/people"))


def test_answers_of_a_row_that_no_longer_says_yes_are_set_aside_and_named(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    changed = DAMP_COLD_HUNGRY | {"energy.screen": "no-need"}
    saved = nurse.save(person_id, changed)
    plan = words(nurse.get(saved.location or ""))
    assert "Set aside" in plan
    assert "In the last 12 months, could you keep your home warm enough?" in plan
    assert "Is any of this a problem at home?" not in plan
    assert "Set aside" not in words(nurse.get(f"/people/{person_id}/plan"))
    assert checked(nurse.get(template(person_id)), "energy.warm") == []


def test_an_urgent_answer_under_a_row_that_says_no_is_kept(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, {"energy.screen": "no-need", "energy.now": "off"})
    page = nurse.get(template(person_id))
    assert checked(page, "energy.now") == ["off"]
    assert 'class="card raised" id="card-no_energy"' in page.text


def test_set_aside_safety_answers_are_not_named(nurse: Staff, person_id: str) -> None:
    alone = {"seen-alone": "true", "interpreter": "no-interpreter"}
    nurse.save(person_id, alone | {"safety.screen": "need", "safety.hark.rape": "no"})
    saved = nurse.save(person_id, alone | {"safety.screen": "no-need"})
    assert "Set aside" not in words(nurse.get(saved.location or ""))


def test_an_option_that_is_not_on_offer_comes_back_with_everything_typed(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.save(
        person_id,
        {"matters": "A dry room", "housing.screen": "maybe", "food.screen": "need"}
        | {"seen-alone": "true", "safety.screen": "need"},
    )
    assert page.status_code == 422
    assert 'class="nhsuk-error-summary"' in page.text
    assert '<a href="#ask-housing-screen"' in page.text
    assert "Choose one of the answers on the page." in words(page)
    assert "A dry room</textarea>" in page.text
    assert checked(page, "food.screen") == checked(page, "safety.screen") == ["need"]
    assert checked(page, "seen-alone") == ["true"]
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404


def test_none_of_these_beside_another_answer_is_refused_by_name(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.save(person_id, {"housing.screen": "need", "housing.condition": ["damp", "none"]})
    assert page.status_code == 422
    assert '<a href="#ask-housing-condition"' in page.text
    assert checked(page, "housing.condition") == ["damp", "none"]


@pytest.mark.parametrize("sent", ["", "one", "-1", "99999999999999999999"])
def test_a_form_that_lost_its_revision_is_refused(nurse: Staff, person_id: str, sent: str) -> None:
    page = nurse.post(template(person_id), {"matters": "x", "revision": sent})
    assert page.status_code == 400


def test_two_colleagues_who_answer_different_questions_are_both_kept(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    before = revision(nurse.get(template(person_id)))
    doctor.post(template(person_id), {"food.screen": "need", "revision": before})
    saved = nurse.post(template(person_id), {"money.screen": "need", "revision": before})
    assert saved.status_code == 303
    assert "Theirs and yours are both kept" in words(nurse.get(saved.location or ""))
    page = nurse.get(template(person_id))
    assert checked(page, "food.screen") == checked(page, "money.screen") == ["need"]


def test_a_clash_keeps_what_was_typed_and_names_the_colleagues_answer(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    before = revision(nurse.get(template(person_id)))
    theirs = {"food.screen": "no-need", "work.screen": "need", "urgent": ["no_energy"]}
    doctor.post(template(person_id), theirs | {"revision": before})
    mine = {"food.screen": "need", "matters": "A dry room", "urgent": ["no_food"]}
    mine |= {"seen-alone": "true", "safety.screen": "unsure"}
    page = nurse.post(template(person_id), mine | {"revision": before})
    assert page.status_code == 409
    assert re.search(r"Dr Other answered “No” at \d\d:\d\d", words(page))
    assert '<a href="#ask-food-screen"' in page.text
    assert checked(page, "food.screen") == ["need"]
    assert checked(page, "work.screen") == ["need"]
    assert checked(page, "urgent") == ["no_food", "no_energy"]
    assert checked(page, "seen-alone") == ["true"]
    assert checked(page, "safety.screen") == ["unsure"]
    assert "A dry room</textarea>" in page.text

    saved = nurse.post(template(person_id), mine | {"revision": revision(page)})
    assert saved.status_code == 303
    assert checked(nurse.get(template(person_id)), "food.screen") == ["need"]


def spans(page: TestResponse) -> list[str]:
    return re.findall(r'name="meanwhile" value="([^"]+)"', page.text)


def again(page: TestResponse, fields: dict[str, Any]) -> dict[str, Any]:
    """What the page that came sends: `fields` and where it starts from."""
    [response] = re.findall(r'name="response" value="([^"]+)"', page.text)
    start = {"revision": revision(page), "response": response, "meanwhile": spans(page)}
    return fields | start


@pytest.mark.parametrize("sent", [{"clear": "food.screen"}, {"work.screen": "x"}, {"gone": "x"}])
def test_what_a_colleague_answered_stands_there_until_the_page_is_saved(
    nurse: Staff, doctor: Staff, person_id: str, sent: dict[str, str]
) -> None:
    before = revision(nurse.get(template(person_id)))
    theirs = {"food.screen": "no-need", "money.screen": "need", "urgent": ["no_energy"]}
    doctor.post(template(person_id), theirs | {"revision": before})
    mine = {"food.screen": "need", "urgent": ["no_food"]}
    page = nurse.post(template(person_id), mine | {"revision": before})
    assert spans(page) == ["0-1"]
    mine |= {"money.screen": "need", "urgent": ["no_food", "no_energy"]}
    for _again in range(2):
        page = nurse.post(template(person_id), again(page, mine | sent))
        assert "What somebody else answered differently stands at its question." in words(page)
        assert "Dr Other answered “No”" in words(page)
        # Neither what came along nor what was put together is told as a clash.
        assert page.text.count('class="theirs"') == 1
        assert len(re.findall(r"<[^>]* autofocus[ >=]", page.text)) == 1
    page = nurse.post(template(person_id), again(page, {**mine, "clear": "money.screen"}))
    assert page.text.count('class="theirs"') == 2
    assert nurse.post(template(person_id), again(page, mine)).status_code == 303
    assert spans(nurse.get(template(person_id))) == []


@pytest.mark.parametrize("told", [True, False])
def test_a_safety_answer_of_a_colleague_is_told_again_only_behind_the_open_gate(
    nurse: Staff, doctor: Staff, person_id: str, *, told: bool
) -> None:
    nurse.save(person_id, {})
    theirs = {"safety.screen": "need", "safety.wants-help": "later", "food.screen": "need"}
    doctor.post(template(person_id), theirs | {"revision": "1"})
    mine = {"food.screen": "no-need", "safety.screen": "need", "safety.wants-help": "no"}
    mine |= {"seen-alone": "true", "interpreter": "professional"} if told else {}
    page = nurse.post(template(person_id), mine | {"revision": "1"})
    page = nurse.post(template(person_id), again(page, {**mine, "clear": "food.screen"}))
    assert page.text.count('class="theirs"') == 1 + told
    # Where I typed nothing of safety there is nothing to decide: theirs stays stored.
    bare = {name: text for name, text in mine.items() if not name.startswith("safety")}
    page = nurse.post(template(person_id), again(page, {**bare, "clear": "food.screen"}))
    assert page.text.count('class="theirs"') == 1


def test_a_page_that_comes_back_with_a_problem_overtakes_no_colleague(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    before = revision(nurse.get(template(person_id)))
    doctor.post(template(person_id), {"food.screen": "no-need", "revision": before})
    mine = {"food.screen": "need", "revision": before}
    page = nurse.post(template(person_id), mine | {"work.screen": "x"})
    assert page.status_code == 422
    assert revision(page) == before
    assert nurse.post(template(person_id), mine).status_code == 409


@pytest.mark.parametrize(
    ("visit", "told"),
    [
        ({}, False),
        ({"seen-alone": "false", "interpreter": "no-interpreter"}, False),
        ({"seen-alone": "true", "interpreter": "informal"}, False),
        ({"seen-alone": "true", "interpreter": "professional"}, True),
    ],
)
def test_a_clash_of_safety_answers_is_told_only_behind_the_open_gate(
    nurse: Staff, doctor: Staff, person_id: str, visit: dict[str, str], *, told: bool
) -> None:
    nurse.save(person_id, {})
    row = {"safety.screen": "need", "revision": "1"}
    doctor.post(template(person_id), row | {"safety.wants-help": "later"})
    page = nurse.post(template(person_id), row | visit | {"safety.wants-help": "no"})
    assert page.status_code == 409
    assert ("Dr Other answered" in words(page)) is told


def test_a_no_never_silently_replaces_a_safety_disclosure(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    nurse.save(person_id, DISCLOSED)
    for answer in ("no-need", "unsure", "declined"):
        saved = doctor.save(
            person_id, {"safety.screen": answer, "safety.hark.afraid": "no"} | ALONE
        )
        assert "Set aside" not in words(doctor.get(saved.location or ""))
    private = words(nurse.post(f"/people/{person_id}/private"))
    assert "been afraid of your partner or ex-partner? Yes" in private


@pytest.mark.parametrize("who", ["doctor", "navigator"])
@pytest.mark.parametrize(
    "typed",
    [
        {"housing.screen": "need", "housing.security": "notice"},
        {"housing.screen": "no-need"},
        {"housing.screen": "declined"},
    ],
)
def test_a_hidden_refuge_survives_whoever_was_not_shown_it_and_is_never_named(
    nurse: Staff,
    request: pytest.FixtureRequest,
    person_id: str,
    who: str,
    typed: dict[str, str],
) -> None:
    refuge = {"housing.screen": "need", "housing.security": "refuge", "priority": "safety"}
    nurse.save(person_id, ALONE | refuge)
    colleague = request.getfixturevalue(who)
    saved = colleague.save(person_id, typed | {"priority": "housing"})
    said = words(colleague.get(saved.location or ""))
    assert "Where are you living now" not in said
    private = words(nurse.post(f"/people/{person_id}/private"))
    assert "Where are you living now? Refuge" in private
    assert "Feeling safe" in private


def test_a_page_whose_gate_was_open_may_change_where_they_live(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, ALONE | {"housing.screen": "need", "housing.security": "refuge"})
    nurse.save(person_id, ALONE | {"housing.screen": "need", "housing.security": "notice"})
    assert "Refuge" not in words(nurse.post(f"/people/{person_id}/private"))


def test_what_was_never_saved_is_not_said_to_be_in_an_earlier_version(
    nurse: Staff, person_id: str
) -> None:
    saved = nurse.save(person_id, {"energy.screen": "no-need", "energy.warm": "cost"})
    plan = words(nurse.get(saved.location or ""))
    assert "Not saved, because" in plan
    assert "Earlier versions" not in plan


def test_what_was_set_aside_is_named_on_the_pages_of_that_person_only(
    nurse: Staff, person_id: str, service: Service
) -> None:
    other = make_person(service)
    nurse.save(other, {})
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    nurse.save(person_id, DAMP_COLD_HUNGRY | {"energy.screen": "no-need"}, acknowledge="no_food")
    assert "Set aside" not in words(nurse.get(f"/people/{other}/plan"))
    assert "Set aside" not in words(nurse.get(template(other)))
    assert "Set aside" in words(nurse.get(template(person_id)))
    assert "Set aside" not in words(nurse.get(template(person_id)))


def test_a_neutral_call_is_dealt_with_by_a_clinician(
    nurse: Staff, navigator: Staff, person_id: str
) -> None:
    navigator.save(person_id, {"matters": "Wants to talk"}, call="")
    assert 'name="acknowledge-call"' not in navigator.get(template(person_id)).text
    said = r"Reception Example called a clinician at \d\d:\d\d"
    plan = nurse.get(f"/people/{person_id}/plan")
    assert re.search(said, words(plan))
    assert re.search(r"/cards/[^/]+/acknowledge", plan.text)
    page = nurse.get(template(person_id))
    assert re.search(said, words(page))
    row = re.search(r'name="acknowledge-call" value="([^"]+)"', page.text)
    assert row is not None
    assert f'href="{template(person_id)}"' in nurse.get("/people").text.split('id="find"')[0]
    done = nurse.save(person_id, {"matters": "Talked"}, **{"acknowledge-call": row.group(1)})
    assert done.location == template(person_id)
    page = nurse.get(template(person_id))
    assert "Talked</textarea>" in page.text
    assert not re.search(said, words(page))
    assert f'href="{template(person_id)}"' not in nurse.get("/people").text.split('id="find"')[0]


def test_a_template_finished_meanwhile_keeps_everything_typed_for_a_new_one(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    nurse.save(person_id, {"food.screen": "need"})
    before = nurse.get(template(person_id))
    start = {"revision": revision(before), "response": response(before)}
    assert start["response"]
    doctor.post(f"/people/{person_id}/plan/finish", {"revision": start["revision"]})
    mine = {"food.screen": "need", "matters": "A dry room"}
    page = nurse.post(template(person_id), mine | start)
    assert page.status_code == 409
    assert re.search(
        r"Dr Other finished this template at \d\d:\d\d\. Save again to start a new one with what "
        r"is on this page\.",
        words(page),
    )
    assert "A dry room</textarea>" in page.text
    assert checked(page, "food.screen") == ["need"]
    assert (revision(page), response(page)) == ("0", "")
    again = nurse.post(template(person_id), mine | {"revision": "0", "response": ""})
    assert again.status_code == 303
    assert response(nurse.get(template(person_id))) not in ("", start["response"])


@pytest.mark.parametrize("field", ["housing.gone", "housing.level", "colour"])
def test_a_page_older_than_the_template_comes_back_with_everything_known(
    nurse: Staff, person_id: str, field: str
) -> None:
    page = nurse.save(person_id, {"matters": "A dry room", "food.screen": "need", field: "x"})
    assert page.status_code == 422
    assert "This page is older than the template:" in words(page)
    assert "A dry room</textarea>" in page.text
    assert checked(page, "food.screen") == ["need"]
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404


def test_under_16_safety_and_suicide_wait_for_the_young_person_alone(
    nurse: Staff, service: Service, person_id: str
) -> None:
    young = make_person(service, born=date(clock.today().year - 15, 1, 1))
    page = nurse.get(template(young)).text
    assert 'data-gate="young"' in page
    assert re.search(r'class="tick alone"><input [^>]*value="suicidal"', page)
    assert '<div class="card alone" id="card-suicidal"' in page
    assert "Under 16: some questions appear only when the young person answers" in page
    adult = nurse.get(template(person_id)).text
    assert 'data-gate="adult"' in adult
    assert re.search(r'class="tick"><input [^>]*value="suicidal"', adult)
    assert "Under 16" not in adult


@pytest.mark.parametrize("answers", ["parent", "patient"])
def test_under_16_the_side_panel_names_suicide_only_behind_the_gate(
    nurse: Staff, service: Service, answers: str
) -> None:
    young = make_person(service, born=date(clock.today().year - 15, 1, 1))
    sent = ALONE | {"who": answers, "urgent": ["suicidal"]}
    page = words(nurse.post(f"{template(young)}/preview", sent))
    assert ("Thoughts of ending their life" in page) is (answers == "patient")


def test_no_browser_keeps_what_was_chosen_on_the_template(nurse: Staff, person_id: str) -> None:
    form = re.search(r'<form [^>]*id="template"[^>]*>', nurse.get(template(person_id)).text)
    assert form is not None
    assert 'autocomplete="off"' in form.group()


def test_the_preview_shows_needs_and_cards_and_stores_nothing(nurse: Staff, person_id: str) -> None:
    answers = {"household": ["under5"], "housing.screen": "need", "housing.security": "notice"}
    page = nurse.post(f"{template(person_id)}/preview", answers)
    assert page.status_code == 200
    assert "Urgent: Homeless or about to be, with a child or pregnancy" in words(page)
    assert 'data-card="family_homeless"' in page.text
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404


def test_the_preview_counts_nothing_of_safety(nurse: Staff, person_id: str) -> None:
    plain = nurse.post(f"{template(person_id)}/preview", {})
    disclosed = nurse.post(f"{template(person_id)}/preview", DISCLOSED)
    assert words(plain) == words(disclosed)


def test_a_name_or_text_is_never_markup(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, {"matters": "</textarea><script>alert(1)</script>"})
    assert "<script>alert" not in nurse.get(template(person_id)).text
    assert "<script>alert" not in nurse.get(f"/people/{person_id}/plan").text


def test_pages_about_a_person_are_kept_by_no_cache(nurse: Staff, person_id: str) -> None:
    assert nurse.get(template(person_id)).headers["Cache-Control"] == "no-store"


def test_the_first_page_stays_under_100_kb(nurse: Staff, person_id: str) -> None:
    page = nurse.get(template(person_id))
    files = re.findall(r'(?:href|src)="(/static/[^"]+|/template/[^"]+)"', page.text)
    assert len(files) == 5
    sizes = []
    for path in (template(person_id), *files):
        with nurse.client.get(path.replace("&amp;", "&")) as answer:
            sizes.append(len(gzip.compress(answer.data)))
    assert sum(sizes) <= 100_000, sizes


def test_files_named_by_their_content_are_kept_for_good(nurse: Staff, person_id: str) -> None:
    page = nurse.get(template(person_id)).text
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert len(sheets) == 3
    for sheet in sheets:
        with nurse.client.get(sheet.replace("&amp;", "&")) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.mimetype == "text/css"


def test_the_practice_is_the_one_of_the_sign_in(nurse: Staff, person_id: str) -> None:
    assert f"Surgery {PRACTICE}" in words(nurse.get(template(person_id)))


@pytest.mark.parametrize(
    ("born", "view"),
    [("2024-01-01", "early"), ("2015-01-01", "school-age"), ("1980-01-01", "adult")],
)
def test_the_page_opens_in_the_view_of_the_person_s_age(
    nurse: Staff, service: Service, born: str, view: str
) -> None:
    person_id = make_person(service, born=date.fromisoformat(born))
    assert checked(nurse.get(template(person_id)), "view") == [view]


def test_every_question_is_shown_where_the_age_is_not_known(nurse: Staff, service: Service) -> None:
    person_id = make_person(service, born=None)
    assert checked(nurse.get(template(person_id)), "view") == ["every"]


def test_a_row_that_a_view_folds_away_is_on_the_page_and_keeps_its_answer(
    nurse: Staff, service: Service
) -> None:
    person_id = make_person(service, born=date(2024, 1, 1))
    nurse.save(person_id, {"work.screen": "need", "view": "every"})
    page = nurse.get(template(person_id))
    assert checked(page, "view") == ["early"]
    nurse.save(person_id, {"work.screen": checked(page, "work.screen")[0], "view": "early"})
    assert checked(nurse.get(template(person_id)), "work.screen") == ["need"]


def test_an_answer_is_cleared_without_scripts_and_nothing_is_saved(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.get(template(person_id))
    assert not re.search(r'type="radio"[^>]* value=""', page.text)
    sent = {
        **DAMP_COLD_HUNGRY,
        "matters": "Typed",
        "revision": revision(page),
        "response": response(page),
        "clear": "housing.screen",
    }
    again = nurse.post(template(person_id), sent)
    assert again.status_code == 200
    assert checked(again, "housing.screen") == []
    assert checked(again, "housing.condition") == ["damp"]
    assert "Typed" in again.text
    assert "data-unsaved" in again.text
    assert re.search(r'<div class="answer"[^>]* autofocus', again.text)
    assert again.text.count(" autofocus") == 1
    assert checked(nurse.get(template(person_id)), "housing.condition") == []
    pills = nurse.post(template(person_id), {**sent, "clear": "housing.wants-help"})
    assert checked(pills, "housing.wants-help") == []
    assert re.search(r'<fieldset class="ask [^>]* autofocus', pills.text)


def test_clearing_on_a_page_that_was_overtaken_overtakes_nobody(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    page = nurse.get(template(person_id))
    doctor.save(person_id, {"energy.screen": "need", "energy.warm": "cost"})
    sent = {"energy.screen": "no-need", "revision": revision(page), "response": response(page)}
    again = nurse.post(template(person_id), {**sent, "clear": "housing.screen"})
    assert (revision(again), response(again)) == (revision(page), response(page))
    assert checked(again, "energy.screen") == ["no-need"]
