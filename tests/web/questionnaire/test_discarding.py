"""A draft is discarded on purpose, and never one that somebody must act on."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from template_service.records.audit import entries
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_beginning import ITEM, count
from tests.web.questionnaire.test_cards_elsewhere import asking
from tests.web.questionnaire.test_losing_nothing import DEEP, UNHELD, raised, text, urgent
from tests.web.questionnaire.test_pages import answers, coded, keep_as, stored
from tests.web.staff import Staff, words

KEPT = "This draft cannot be discarded"


@pytest.fixture
def draft(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    filling = Filling.open(nurse, person_id, add_form("discarding", ITEM)).answer("q:a", "begun")
    assert "discard" not in filling.buttons
    filling.press("save")
    return filling


def discard(filling: Filling, *, sure: bool = True) -> int:
    button = "discard:yes" if sure else "discard"
    sent = {name: filling.fields[name] for name in ("revision", "response", "version")}
    filling.page = filling.staff.post(filling.address, {**sent, "do": [button]})
    return filling.page.status_code


def test_a_draft_is_discarded_after_a_question(
    draft: Filling, service: Service, person_id: str
) -> None:
    assert "discard" in draft.buttons
    assert discard(draft, sure=False) == 200
    assert "Discard this draft?" in words(draft.page)
    assert 'name="do" value="discard:yes"' in draft.page.text
    assert stored(service, person_id, "discarding")["status"] == "in-progress"
    assert discard(draft) == 303
    place = f"/people/{person_id}/questionnaires"
    listed = words(draft.staff.get(place))
    assert "The draft was discarded." in listed
    assert "About discarding Not started" in listed
    kept = stored(service, person_id, "discarding")
    assert kept["status"] == "stopped"
    assert kept["item"]
    with service.store.read() as conn:
        [response_id] = [
            each.entities["response"]
            for each in entries(conn, PRACTICE)
            if each.action == "discard-draft" and each.entities["person"] == person_id
        ]
    # Pressed twice it is discarded once.
    assert discard(draft) == 303
    # It is no result, and the next one begins empty.
    assert draft.staff.get(f"{place}/results/{response_id}").status_code == 404
    again = Filling.open(draft.staff, person_id, "discarding")
    assert again.values("q:a") == [""]
    again.answer("q:a", "new").press("save")
    assert count(service, person_id) == 2


def test_a_draft_that_a_colleague_saved_meanwhile_is_asked_about_again(
    draft: Filling, doctor: Staff, service: Service, person_id: str
) -> None:
    Filling.open(doctor, person_id, "discarding").answer("q:a", "more").press("save")
    assert discard(draft) == 409
    assert "Somebody else saved this draft meanwhile" in words(draft.page)
    assert 'name="revision" value="2"' in draft.page.text
    assert stored(service, person_id, "discarding")["status"] == "in-progress"


def test_what_was_typed_on_a_page_of_a_discarded_draft_begins_a_new_one(
    draft: Filling, service: Service, person_id: str
) -> None:
    typed = Filling.open(draft.staff, person_id, "discarding").answer("q:a", "typed")
    discard(draft)
    assert typed.press("save").status_code == 409
    assert typed.values("q:a") == ["typed"]
    assert typed.press("save").status_code == 303
    assert stored(service, person_id, "discarding")["status"] == "in-progress"


def test_a_draft_that_discloses_or_raised_a_card_is_never_discarded(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form(
        "discarding-urgent",
        {
            "linkId": "u",
            "type": "choice",
            "repeats": True,
            "text": "Anything urgent?",
            "answerOption": [*urgent(service, "homeless_tonight"), *coded("none")],
        },
    )
    filling = Filling.open(nurse, person_id, form).answer("q:u", "homeless_tonight")
    filling.press("save")
    assert discard(filling) == 409
    assert KEPT in words(filling.page)
    assert "discard:yes" not in filling.page.text
    again = Filling.open(nurse, person_id, form).answer("q:u", "none")
    again.press("save")
    assert discard(again) == 409
    assert stored(service, person_id, form)["status"] == "in-progress"
    assert raised(service, person_id) == ["homeless_tonight"]


@pytest.mark.parametrize("told", ["yes", "no"])
def test_the_refusal_of_a_questionnaire_about_safety_tells_nothing(
    told: str, nurse: Staff, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, "hark").answer("q:hark.afraid", told)
    filling.press("save")
    assert discard(filling) == 409
    assert KEPT in words(filling.page)


def test_a_draft_that_no_page_holds_can_be_discarded(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("deep", *DEEP)
    filling = Filling.open(nurse, person_id, form).answer("q:plain", "x")
    filling.press("save")
    odd = {**stored(service, person_id, form), "item": UNHELD["two answers"]}
    keep_as(service, person_id, form, odd)
    stopped = nurse.get(filling.address)
    assert 'name="do" value="discard"' in stopped.text
    filling.fields["revision"] = ["2"]
    assert discard(filling) == 303
    assert nurse.get(filling.address).status_code == 200
    assert count(service, person_id) == 1


def test_the_card_of_a_draft_that_no_page_holds_is_dealt_with_where_it_stopped(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("stopped-urgent", asking("own_stopped", "STOPPEDCARD"), ITEM)
    filling = Filling.open(nurse, person_id, form).answer("q:pain", "yes")
    filling.press("save")
    body = stored(service, person_id, form)
    keep_as(service, person_id, form, {**body, "item": [*body["item"], text("a", "x", "y")]})

    stopped = nurse.get(filling.address)
    assert "holds answers that this page cannot show" in words(stopped)
    assert "STOPPEDCARD" in words(stopped)
    assert "Ring the ward" in words(stopped)
    assert f"/people/{person_id}/private" in stopped.text
    filling.fields["revision"] = ["2"]
    assert discard(filling) == 409
    assert KEPT in words(filling.page)
    assert "Finish it instead" not in words(filling.page)
    assert "Deal with what is urgent in it" in words(filling.page)
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', stopped.text)
    assert nurse.post(where).status_code == 303
    assert "STOPPEDCARD" not in nurse.get("/people").text
    told = words(nurse.get(filling.address))
    assert "STOPPEDCARD Nurse Example is dealing with this since" in told


def test_where_a_draft_stopped_no_masked_card_is_told(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("stopped-masked", asking("own_masked", "MASKEDCARD", masked=True), ITEM)
    filling = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    filling.answer("q:pain", "yes").press("save")
    body = stored(service, person_id, form)
    keep_as(service, person_id, form, {**body, "item": [*body["item"], text("a", "x", "y")]})
    stopped = nurse.get(filling.address)
    assert "holds answers that this page cannot show" in words(stopped)
    assert "MASKEDCARD" not in stopped.text
    assert "MASKEDCARD" in words(nurse.post(f"/people/{person_id}/private"))


class _Hidden(HTMLParser):
    """What the page that asks sends with its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name") != "csrf_token":
            self.fields.setdefault(given["name"] or "", []).append(given["value"] or "")


def asked_again(filling: Filling, button: str) -> int:
    """Press a button of the page that asks whether to discard."""
    form = _Hidden()
    form.feed(filling.page.text.partition('class="box"')[2])
    filling.fields = form.fields
    return filling.press(button).status_code


NOTE: dict[str, Any] = {"linkId": "n", "type": "text", "text": "Note"}
TYPED = 'Two\n"lines" & <more>'


@pytest.fixture
def alarm(add_form: AddForm, service: Service) -> str:
    offered = [*urgent(service, "homeless_tonight"), *coded("none")]
    asked = {"linkId": "u", "type": "choice", "text": "Urgent?", "answerOption": offered}
    number = {"linkId": "i", "type": "integer", "text": "Number"}
    return add_form("discarding-typed", asked, number, ITEM, NOTE)


@pytest.mark.parametrize("number", ["1", "x"])
@pytest.mark.parametrize("button", ["discard", "discard:yes"])
def test_an_urgent_answer_that_was_not_saved_is_kept_and_not_discarded(
    *, button: str, number: str, nurse: Staff, service: Service, alarm: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, alarm).answer("q:a", "begun").press("save")
    filling = Filling.open(nurse, person_id, alarm)
    filling.answer("q:u", "homeless_tonight").answer("q:n", TYPED).answer("q:i", number)
    assert filling.press(button).status_code == 409
    assert KEPT in words(filling.page)
    assert raised(service, person_id) == ["homeless_tonight"]
    assert stored(service, person_id, alarm)["status"] == "in-progress"
    assert set(answers(stored(service, person_id, alarm))) >= {"a", "u", "n"}
    # It goes on from the draft, with what could not be read still on it.
    assert filling.values("q:i") == [number]
    assert filling.values("revision") == ["2"]
    assert filling.answer("q:i", "2").press("finish").status_code == 303


def test_going_on_with_the_draft_comes_back_to_what_was_typed(
    nurse: Staff, service: Service, alarm: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, alarm).answer("q:a", "begun").press("save")
    filling = Filling.open(nurse, person_id, alarm).answer("q:n", TYPED).answer("q:i", "x")
    assert filling.press("discard").status_code == 200
    assert "Discard this draft?" in words(filling.page)
    assert asked_again(filling, "go-on") == 200
    assert [filling.values(f"q:{name}") for name in "ani"] == [["begun"], [TYPED], ["x"]]
    assert "n" not in answers(stored(service, person_id, alarm))
    assert filling.answer("q:i", "").press("save").status_code == 303
    assert answers(stored(service, person_id, alarm))["n"] == [{"valueString": TYPED}]


def test_the_second_press_judges_what_was_typed_and_discards(
    nurse: Staff, service: Service, alarm: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, alarm).answer("q:a", "begun").press("save")
    filling = Filling.open(nurse, person_id, alarm).answer("q:n", TYPED)
    filling.press("discard")
    assert asked_again(filling, "discard:yes") == 303
    assert stored(service, person_id, alarm)["status"] == "stopped"


def test_a_draft_that_a_colleague_saved_since_is_not_discarded_and_what_was_typed_stays(
    nurse: Staff, doctor: Staff, service: Service, alarm: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, alarm).answer("q:a", "begun").press("save")
    for button in ("discard", "discard:yes"):
        filling = Filling.open(nurse, person_id, alarm).answer("q:n", TYPED)
        Filling.open(doctor, person_id, alarm).answer("q:a", f"more {button}").press("save")
        assert filling.press(button).status_code == 409
        assert "Somebody else saved this first" in words(filling.page)
        assert filling.values("q:n") == [TYPED]
        assert filling.values("q:a") == [f"more {button}"]
    assert stored(service, person_id, alarm)["status"] == "in-progress"


def test_an_urgent_answer_typed_on_a_page_of_a_discarded_draft_is_not_thrown_away(
    nurse: Staff, service: Service, alarm: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, alarm).answer("q:a", "begun").press("save")
    typed = Filling.open(nurse, person_id, alarm).answer("q:u", "homeless_tonight")
    discard(Filling.open(nurse, person_id, alarm))
    assert typed.press("discard").status_code == 409
    assert typed.values("q:u") == ["homeless_tonight"]
    assert typed.press("save").status_code == 303
    assert raised(service, person_id) == ["homeless_tonight"]


def test_what_is_typed_about_safety_is_kept_whatever_it_is(
    nurse: Staff, service: Service, person_id: str
) -> None:
    Filling.open(nurse, person_id, "hark").answer("q:hark.afraid", "no").press("save")
    filling = Filling.open(nurse, person_id, "hark").answer("q:hark.humiliation", "no")
    assert filling.press("discard").status_code == 409
    assert KEPT in words(filling.page)
    assert "hark.humiliation" in answers(stored(service, person_id, "hark"))
