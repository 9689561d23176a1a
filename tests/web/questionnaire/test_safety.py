"""Safety in a questionnaire: HARK and forms with masked parts, by who looks and who listens."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from template_service import clock
from template_service.records.cards import cards_of
from template_service.service import Service
from tests.web.conftest import PRACTICE, STAFF, make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import SDC, X, answers, coded, stored
from tests.web.staff import Staff, checked, title, words

OURS = "https://template-service.example/fhir/StructureDefinition"
MASKED = [
    {"url": f"{OURS}/sdoh-masked", "valueBoolean": True},
    {"url": f"{OURS}/sdoh-display-gate", "valueCode": "seen-alone"},
]
MIXED: tuple[dict[str, Any], ...] = (
    {"linkId": "home", "type": "string", "text": "Where do you live?"},
    {
        "linkId": "hurt",
        "type": "choice",
        "text": "Does anybody hurt you?",
        "answerOption": coded("yes", "no"),
        "extension": MASKED,
    },
)
HARK = {
    "q:hark.humiliation": "yes",
    "q:hark.afraid": "no",
    "q:hark.rape": "no",
    "q:hark.kick": "no",
}
WORDS = ("HARK", "humiliated", "afraid of your partner", "hark")


@pytest.fixture
def hark(nurse: Staff, person_id: str) -> Filling:
    filling = Filling.open(nurse, person_id, "hark")
    for name, code in HARK.items():
        filling.answer(name, code)
    return filling


def test_hark_is_asked_behind_the_gate_kept_and_never_shown_again(
    hark: Filling, nurse: Staff, service: Service, person_id: str
) -> None:
    assert 'data-gate="adult"' in hark.page.text
    assert '<div class="gated alone">' in hark.page.text
    hark.answer("gate:seen-alone", "true").press("save")
    assert answers(stored(service, person_id, "hark"))["hark.humiliation"]
    assert checked(hark.page, "q:hark.humiliation") == []
    assert checked(hark.page, "gate:seen-alone") == []
    # Neither a blank nor a "no" erases what was told.
    hark.press("save")
    hark.answer("q:hark.humiliation", "no").press("save")
    [kept] = answers(stored(service, person_id, "hark"))["hark.humiliation"]
    assert kept["valueCoding"]["code"] == "yes"
    hark.press("finish")
    said = words(hark.page)
    assert "They are kept." in said
    assert "humiliated" not in said
    assert "Positive" not in said
    assert title(hark.page).startswith("Questionnaire –")
    with service.store.read() as conn:
        raised = [(row.card_id, row.masked) for row in cards_of(conn, PRACTICE, person_id)]
    assert raised == [("domestic_abuse", True)]


def test_what_hark_raised_is_on_the_private_page_without_a_template(
    hark: Filling, nurse: Staff, person_id: str
) -> None:
    hark.press("finish")
    private = f"/people/{person_id}/private"
    assert private in nurse.get("/people").text
    assert private in hark.page.text
    before = nurse.get(private)
    assert before.status_code == 200
    assert "humiliated" not in before.text
    shown = words(nurse.post(private))
    assert "HARK positive" in shown
    assert "humiliated or emotionally abused" in shown


@pytest.mark.parametrize("who", ["navigator"])
def test_other_roles_do_not_learn_that_hark_is_there(
    who: str, staff: Callable[[str], Staff], hark: Filling, person_id: str
) -> None:
    hark.press("finish")
    result = hark.page.request.path
    other, place = staff(who), f"/people/{person_id}/questionnaires"
    listed = other.get(place)
    assert listed.status_code == 200
    assert not any(word in listed.text for word in WORDS)
    assert other.get(f"{place}/hark").status_code == 404
    assert other.post(f"{place}/hark", {"revision": "0"}).status_code == 404
    assert other.post(f"{place}/hark/look", {"revision": "0"}).status_code == 404
    assert other.get("/questionnaires/hark.css").status_code == 404
    assert other.get(result).status_code == 404


def test_style_sheets_are_for_those_who_may_fill_in(
    staff: Callable[[str], Staff], stranger: Staff
) -> None:
    statuses = {name: staff(name).get("/questionnaires/phq-4.css").status_code for name in STAFF}
    assert {name for name, status in statuses.items() if status == 200} == {
        "nurse",
        "doctor",
        "navigator",
        "elsewhere",
        "link",
        "other-link",
    }
    assert set(statuses.values()) == {200, 403}
    assert stranger.get("/questionnaires/phq-4.css").status_code == 303
    assert staff("nurse").get("/questionnaires/hark.css").status_code == 200


def test_the_list_does_not_tell_whether_hark_was_answered(
    hark: Filling, nurse: Staff, person_id: str
) -> None:
    place = f"/people/{person_id}/questionnaires"
    before = words(nurse.get(place))
    hark.press("save")
    assert words(nurse.get(place)) == before
    hark.press("finish")
    assert words(nurse.get(place)) == before


def test_a_form_with_a_masked_part_is_not_there_for_a_navigator(
    nurse: Staff, navigator: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("mixed", *MIXED)
    mine = Filling.open(nurse, person_id, form).answer("q:hurt", "yes").answer("q:home", "Here")
    mine.press("save")
    address = f"/people/{person_id}/questionnaires/{form}"
    assert navigator.get(address).status_code == 404
    assert navigator.post(address, {"q:home": "There", "revision": "1"}).status_code == 404
    assert answers(stored(service, person_id, form))["home"] == [{"valueString": "Here"}]


def test_a_needed_question_that_is_asked_alone_stops_only_while_it_can_be_asked(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    needed = [{**item, "required": True} for item in MIXED]
    filling = Filling.open(nurse, person_id, add_form("mixed-needed", *needed))
    filling.answer("q:home", "There").answer("gate:seen-alone", "true")
    assert filling.press("finish").status_code == 422
    assert "Does anybody hurt you?: An answer is required." in words(filling.page)
    filling.answer("gate:seen-alone", "").press("finish")
    assert "/results/" in filling.page.request.path
    assert "The private notes say which of them are still to be asked" in words(filling.page)
    assert "hurt" not in filling.page.text.split("<main")[1]


def test_with_the_gate_shut_the_error_summary_names_nothing_that_is_asked_alone(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    weeks = {"linkId": "weeks", "type": "integer", "text": "Weeks hurt", "extension": MASKED}
    filling = Filling.open(nurse, person_id, add_form("mixed-weeks", *MIXED, weeks))
    assert filling.answer("q:weeks", "x").press("save").status_code == 422
    summary = filling.page.text.split('<form method="post" id="questionnaire"')[0].split("<main")[1]
    assert "A question that is asked alone needs an answer" in summary
    assert "Weeks" not in summary
    assert "whole number" not in summary
    filling.answer("gate:seen-alone", "true").press("save")
    assert "Weeks hurt: Type a whole number" in words(filling.page)


def test_a_masked_answer_is_in_no_list_that_opens(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    offered = coded(*(f"place{number}" for number in range(12)))
    offered[3] = {**offered[3], "extension": MASKED[:1]}
    place = {"linkId": "place", "type": "choice", "text": "Place", "answerOption": offered}
    page = Filling.open(nurse, person_id, add_form("places", place)).page.text
    assert "<select" not in page.split("<main")[1]
    assert '<label class="pill alone"><input type="radio" name="q:place" value="place3"' in page


def test_rows_and_columns_of_a_table_stand_behind_the_gate_with_what_they_ask(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    grid = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
        "valueCodeableConcept": {"coding": [{"code": "gtable"}]},
    }
    lines = [
        {
            "linkId": f"line{row}",
            "type": "group",
            "text": f"Line {row}",
            "extension": MASKED if row == "secret" else [],
            "item": [
                {
                    "linkId": f"{row}-{column}",
                    "type": "string",
                    "text": f"Column {column}",
                    "extension": MASKED if column == "hushed" else [],
                }
                for column in ("open", "hushed")
            ],
        }
        for row in ("secret", "plain")
    ]
    table = {"linkId": "t", "type": "group", "text": "T", "extension": [grid], "item": lines}
    page = Filling.open(nurse, person_id, add_form("table", table)).page.text
    assert '<th scope="col">Column open</th>' in page
    assert '<th scope="col"><span class="gated alone">Column hushed</span></th>' in page
    secret, plain = page.split('<th scope="row">Line plain')[0], page.split("Line plain")[1]
    assert '<tr class="gated alone"' in secret
    assert '<tr class="gated alone"' not in plain.split("</table>")[0]


def test_a_masked_answer_gives_way_to_another_one_only(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("mixed", *MIXED)
    filling = Filling.open(nurse, person_id, form).answer("q:hurt", "yes")
    filling.press("save")
    filling.answer("q:hurt", "").press("save")
    assert answers(stored(service, person_id, form))["hurt"][0]["valueCoding"]["code"] == "yes"
    filling.answer("q:hurt", "no").press("save")
    assert answers(stored(service, person_id, form))["hurt"][0]["valueCoding"]["code"] == "no"


def test_a_question_that_keeps_a_disclosure_says_so_behind_the_gate(
    hark: Filling, nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    told = "Once saved, a disclosure is not taken back by a later answer."
    asked = hark.page.text.split('<div class="gated alone">')
    assert told not in asked[0]
    assert sum(each.count(told) for each in asked[1:]) == 4
    # The way out is there before anything was told, so that it tells nothing.
    assert f'<a href="/people/{person_id}/private">private notes</a>' in hark.page.text
    other = Filling.open(nurse, person_id, add_form("mixed", *MIXED))
    assert told not in other.page.text


def test_what_was_typed_behind_the_gate_stands_there_after_a_refusal(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    number = {"linkId": "n", "type": "integer", "text": "N"}
    filling = Filling.open(nurse, person_id, add_form("mixed-number", *MIXED, number))
    filling.answer("gate:seen-alone", "true").answer("q:hurt", "yes").answer("q:n", "x")
    assert filling.press("save").status_code == 422
    assert checked(filling.page, "q:hurt") == ["yes"]
    assert checked(filling.page, "gate:seen-alone") == ["true"]


def test_a_colleagues_masked_answer_is_on_no_conflict_page(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("mixed", *MIXED)
    mine = Filling.open(nurse, person_id, form).answer("q:hurt", "no")
    Filling.open(doctor, person_id, form).answer("q:hurt", "yes").press("save")
    assert mine.press("save").status_code == 409
    assert checked(mine.page, "q:hurt") == ["no"]
    assert 'class="theirs"' not in mine.page.text


def test_of_somebody_young_it_is_asked_who_answers(nurse: Staff, service: Service) -> None:
    born = clock.today() - timedelta(days=14 * 365)
    filling = Filling.open(nurse, make_person(service, born=born), "hark")
    assert 'data-gate="young"' in filling.page.text
    assert 'name="gate:who"' in filling.page.text


def expressed(name: str, text: str) -> dict[str, Any]:
    value = {"language": "text/fhirpath", "expression": text}
    return {"url": f"{SDC}/sdc-questionnaire-{name}", "valueExpression": value}


HURT = "%resource.item.where(linkId='hurt').answer.value"
SCORED = {"url": f"{X}/ordinalValue", "valueDecimal": 1}
WORKED_OUT: tuple[dict[str, Any], ...] = (
    MIXED[0],
    {
        **MIXED[1],
        "answerOption": [{**each, "extension": [SCORED]} for each in coded("yes", "no")],
    },
    {
        "linkId": "total",
        "type": "integer",
        "text": "Total of all",
        "extension": [expressed("calculatedExpression", f"{HURT}.ordinal() + 4070")],
    },
    {
        "linkId": "because",
        "type": "string",
        "text": "Because of it",
        "enableWhen": [{"question": "total", "operator": ">", "answerInteger": 4070}],
    },
    {
        "linkId": "since",
        "type": "string",
        "text": "Since when",
        "extension": [expressed("enableWhenExpression", f"{HURT}.exists()")],
    },
)


def test_what_is_worked_out_of_safety_is_on_no_page_that_others_may_see(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("mixed-worked-out", *WORKED_OUT)
    filling = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    filling.answer("q:hurt", "yes").answer("q:because", "He drinks").answer("q:since", "In May")
    filling.press("save")
    again = Filling.open(nurse, person_id, form)
    assert not any(word in again.page.text for word in ("4071", "Total of all", "He drinks"))
    before, *gated = again.page.text.split('<div class="gated alone')
    assert not any(word in before for word in ("Because of it", "Since when"))
    assert sum(word in each for each in gated for word in ("Because of it", "Since when")) == 2
    again.press("finish")
    said = words(again.page)
    assert "They are kept." in said
    for word in ("4071", "Total of all", "Because of it", "He drinks", "Since when", "In May"):
        assert word not in again.page.text
    kept = answers(stored(service, person_id, form))
    assert [kept[name] for name in ("total", "because", "since")] == [
        [{"valueInteger": 4071}],
        [{"valueString": "He drinks"}],
        [{"valueString": "In May"}],
    ]


def test_what_appeared_by_safety_is_kept_when_it_appears_no_more(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    """Whoever changes what it depends on does not see that it is there."""
    asked = [
        {"question": "hurt", "operator": "=", "answerCoding": {"system": "urn:x", "code": "yes"}}
    ]
    since = {"linkId": "since", "type": "string", "text": "Since when", "enableWhen": asked}
    total = {
        "linkId": "total",
        "type": "integer",
        "text": "Total",
        "extension": [expressed("calculatedExpression", f"iif({HURT}.code = 'yes', 1, {{}})")],
    }
    form = add_form("mixed-since", *MIXED, since, total)
    first = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    first.answer("q:hurt", "yes").answer("q:since", "In May").press("save")
    second = Filling.open(doctor, person_id, form).answer("gate:seen-alone", "true")
    second.answer("q:hurt", "no").press("finish")
    kept = answers(stored(service, person_id, form))
    assert kept["since"] == [{"valueString": "In May"}]
    # What is worked out is not typed by anybody: an old value is not kept.
    assert "total" not in kept


def test_a_colleagues_masked_option_is_on_no_conflict_page(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    offered = coded("flat", "house", "refuge")
    offered[2]["extension"] = MASKED[:1]
    home = {"linkId": "home", "type": "choice", "text": "Home", "answerOption": offered}
    form = add_form("homes", {**home, "repeats": True})
    mine = Filling.open(doctor, person_id, form).answer("q:home", "house")
    theirs = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    theirs.answer("q:home", "flat", "refuge").press("save")
    assert mine.press("save").status_code == 409
    [said] = re.findall('<p class="theirs">(.*?)</p>', mine.page.text)
    assert "“Flat”" in said
    assert "Refuge" not in said


def test_an_answer_that_is_the_tick_of_a_gated_card_is_asked_alone_and_not_shown_again(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    card = {"url": f"{OURS}/sdoh-urgent-card"}
    parts = [
        {"url": "gate", "valueCode": "seen-alone"},
        {"url": "owner", "valueString": "clinician, today"},
        {"url": "action", "valueString": "Act"},
    ]
    offered = coded("nothing", "harm")
    offered[1]["extension"] = [{**card, "extension": parts}]
    ticks = {"linkId": "ticks", "type": "choice", "text": "Any of these", "answerOption": offered}
    form = add_form("gated-tick", {**ticks, "repeats": True})
    filling = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    assert '<label class="pill many alone"><input type="checkbox" name="q:ticks" value="harm"' in (
        filling.page.text
    )
    filling.answer("q:ticks", "harm").press("save")
    assert checked(filling.page, "q:ticks") == []
