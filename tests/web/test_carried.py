"""A form that was refused is not lost: its page holds what was typed, to be sent again."""

import html
import logging
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from template_service.app import create_app
from template_service.service import Service
from tests.web.conftest import PASSWORD
from tests.web.staff import Staff, checked, title, words
from tests.web.test_template import DAMP_COLD_HUNGRY

OWN = {"Sec-Fetch-Site": "same-origin"}
TYPED = 'My "dog" & <b>cat</b>\r\nsecond line'


class Form(HTMLParser):
    """The form in the main part of a page: where it goes, and its hidden fields."""

    def __init__(self, page: TestResponse) -> None:
        super().__init__()
        self.action = ""
        self.fields: MultiDict[str, str] = MultiDict()
        self.feed(page.text.split("<main", 1)[1].split("</main", 1)[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.action = found.get("action") or ""
        if tag == "input" and found.get("type") == "hidden":
            self.fields.add(found["name"] or "", found["value"] or "")


def send(who: Staff, form: Form, **typed: str) -> TestResponse:
    """Press the button of a form, as a browser does on one of our pages."""
    fields = form.fields.copy()
    fields.update(typed)
    return who.client.post(form.action, data=fields, headers=OWN)


def save(who: Staff, person_id: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Save a template on which something was typed, from a page of ours unless said otherwise."""
    fields = {"matters": TYPED, "revision": "0", "response": "", "csrf_token": who.token()}
    return who.client.post(
        f"/people/{person_id}/template", data=fields, headers=OWN if headers is None else headers
    )


def shown(page: TestResponse) -> str:
    """What a page holds to be copied."""
    found = re.search(r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def sign_in(
    who: Staff, page: TestResponse, username: str, password: str = PASSWORD
) -> TestResponse:
    return send(who, Form(page), username=username, password=password)


@pytest.fixture
def refused(stranger: Staff, person_id: str) -> TestResponse:
    """What came of saving a template without a session."""
    return save(stranger, person_id)


def test_what_was_typed_is_held_signed_in_and_sent(
    stranger: Staff, nurse: Staff, person_id: str, refused: TestResponse
) -> None:
    assert refused.status_code == 401
    assert refused.headers["Cache-Control"] == "no-store"
    assert "You have been signed out" in words(refused)
    assert "Nothing was saved." in words(refused)
    assert "What you typed is kept in this page" in words(refused)
    page = sign_in(stranger, refused, "nurse")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert "You are signed in as Nurse Example." in words(page)
    assert "What you typed is then lost." in words(page)
    form = Form(page)
    assert form.action == f"/people/{person_id}/template"
    assert set(form.fields) == {"csrf_token", "matters", "revision", "response"}
    saved = send(stranger, form)
    assert (saved.status_code, saved.location) == (303, f"/people/{person_id}/plan")
    assert "second line" in nurse.get(f"/people/{person_id}/template").text


def test_every_value_of_a_field_and_every_blank_one_comes_along(
    stranger: Staff, person_id: str
) -> None:
    sent = MultiDict([("q", "a"), ("blank", ""), ("q", "b "), ("csrf_token", stranger.token())])
    path = f"/people/{person_id}/questionnaires/phq-4?lang=cy"
    page = stranger.client.post(path, data=sent, headers=OWN)
    form = Form(sign_in(stranger, page, "nurse"))
    assert form.action == path
    assert form.fields.getlist("q") == ["a", "b "]
    assert form.fields.getlist("blank") == [""]


def test_a_wrong_password_keeps_what_was_typed(stranger: Staff, refused: TestResponse) -> None:
    wrong = sign_in(stranger, refused, "nurse", "not the password")
    assert wrong.status_code == 401
    assert title(wrong).startswith("Error: ")
    assert "The username or password is not right" in words(wrong)
    assert "not the password" not in wrong.text
    again = Form(sign_in(stranger, wrong, "nurse"))
    assert again.fields["matters"] == TYPED


def test_too_many_tries_keep_what_was_typed_and_signing_in_so_is_no_failure(
    service: Service, person_id: str
) -> None:
    made = create_app(replace(service.settings, sign_ins_per_minute=1))
    try:
        somebody = Staff(made.test_client())
        page = save(somebody, person_id)
        for _ in range(2):
            assert sign_in(somebody, page, "nurse").status_code == 200
        other = Staff(made.test_client())
        wrong = sign_in(other, save(other, person_id), "nurse", "wrong")
        slowed = sign_in(other, wrong, "nurse")
        assert slowed.status_code == 429
        assert Form(slowed).fields["carried:matters"] == TYPED
    finally:
        made.extensions["template_service"].close()


def test_a_lost_token_keeps_what_was_typed(nurse: Staff, person_id: str) -> None:
    fields = {"matters": TYPED, "revision": "0", "csrf_token": "an older one"}
    page = nurse.client.post(f"/people/{person_id}/template", data=fields, headers=OWN)
    assert page.status_code == 400
    assert "You are signed in as Nurse Example." in words(page)
    assert send(nurse, Form(page)).status_code == 303


def test_a_lost_token_of_the_sign_in_itself_keeps_it_too(
    stranger: Staff, refused: TestResponse
) -> None:
    form = Form(refused)
    form.fields["csrf_token"] = "an older one"
    page = send(stranger, form, username="nurse", password=PASSWORD)
    assert page.status_code == 400
    assert PASSWORD not in page.text
    assert Form(sign_in(stranger, page, "nurse")).fields["matters"] == TYPED


def test_a_form_that_needs_nobody_signed_in_is_sent_again_without_signing_in(
    stranger: Staff,
) -> None:
    path = "/directory/suggest/0123456789"
    page = stranger.client.post(path, data={"note": TYPED}, headers=OWN)
    assert page.status_code == 400
    assert "Send it from here." in words(page)
    assert Form(page).action == path
    assert Form(page).fields["note"] == TYPED


def test_a_fault_of_ours_keeps_what_was_typed(
    app: Flask, nurse: Staff, person_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(person_id: str) -> str:
        raise RuntimeError(person_id)

    with monkeypatch.context() as fault:
        fault.setitem(app.view_functions, "web.save_template", broken)
        page = save(nurse, person_id)
    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    assert send(nurse, Form(page)).status_code == 303


def test_whoever_signs_in_sends_under_their_own_name(
    stranger: Staff, nurse: Staff, person_id: str, refused: TestResponse
) -> None:
    page = sign_in(stranger, refused, "doctor")
    assert "You are signed in as Dr Other." in words(page)
    send(stranger, Form(page))
    assert "Dr Other" in words(nurse.get(f"/people/{person_id}/template"))


def test_a_role_that_may_not_send_it_leaves_it_to_somebody_who_may(
    stranger: Staff, refused: TestResponse
) -> None:
    page = sign_in(stranger, refused, "health")
    assert "You are signed in as Public Health Example, who cannot send this." in words(page)
    assert Form(page).action == "/sign-in"
    assert send(stranger, Form(sign_in(stranger, page, "nurse"))).status_code == 303


def test_the_rules_of_the_route_hold_when_it_is_sent_and_nothing_is_lost(
    stranger: Staff, nurse: Staff, person_id: str, refused: TestResponse
) -> None:
    page = send(stranger, Form(sign_in(stranger, refused, "elsewhere")))
    assert page.status_code == 404
    assert "You are signed in as Nurse Elsewhere, who cannot send this." in words(page)
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404
    assert send(stranger, Form(sign_in(stranger, page, "nurse"))).status_code == 303


def test_a_disclosure_sent_by_whoever_may_not_see_it_is_kept_and_not_shown_to_them(
    stranger: Staff, nurse: Staff, person_id: str
) -> None:
    told = {"seen-alone": "true", "safety.screen": "need", "revision": "0", "response": ""}
    refused = stranger.client.post(f"/people/{person_id}/template", data=told, headers=OWN)
    page = send(stranger, Form(sign_in(stranger, refused, "navigator")))
    assert page.status_code == 403
    assert "You are signed in as Reception Example, who cannot send this." in words(page)
    private = f"/people/{person_id}/private"
    assert "control what you do? Yes" not in words(nurse.post(private))
    assert send(stranger, Form(sign_in(stranger, page, "nurse"))).status_code == 303
    assert "control what you do? Yes" in words(nurse.post(private))


def test_a_disclosure_outlives_a_clash_although_somebody_without_safety_sent_it(
    stranger: Staff, nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, {"housing.screen": "no-need"})
    told = {
        "seen-alone": "true",
        "safety.screen": "need",
        "housing.screen": "need",
        "revision": "0",
        "response": "",
    }
    refused = stranger.client.post(f"/people/{person_id}/template", data=told, headers=OWN)
    page = send(stranger, Form(sign_in(stranger, refused, "navigator")))
    assert page.status_code == 403
    page = send(stranger, Form(sign_in(stranger, page, "doctor")))
    assert page.status_code == 409
    assert checked(page, "safety.screen") == ["need"]


def test_blank_fields_of_safety_are_no_disclosure(navigator: Staff, person_id: str) -> None:
    told = {"safety.screen": " ", "safety.who": "", "matters": TYPED}
    assert navigator.save(person_id, told).status_code == 303


def test_a_masked_answer_of_another_question_is_refused_too(
    navigator: Staff, nurse: Staff, person_id: str
) -> None:
    page = navigator.save(person_id, {"housing.screen": "need", "housing.security": "refuge"})
    assert page.status_code == 403
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404


def test_a_questionnaire_of_safety_is_refused_to_whoever_may_not_know_of_it_and_not_lost(
    stranger: Staff, nurse: Staff, person_id: str
) -> None:
    told = {"gate:seen-alone": "true", "q:hark.afraid": "yes", "revision": "0", "do": "save"}
    path = f"/people/{person_id}/questionnaires/hark"
    refused = stranger.client.post(path, data=told, headers=OWN)
    page = send(stranger, Form(sign_in(stranger, refused, "navigator")))
    assert page.status_code == 404
    page = send(stranger, Form(sign_in(stranger, page, "nurse")))
    assert page.status_code == 303
    assert "afraid" in words(nurse.post(f"/people/{person_id}/private"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_nothing_of_another_site_is_carried(
    stranger: Staff, nurse: Staff, person_id: str, headers: dict[str, str]
) -> None:
    page = save(stranger, person_id, headers)
    assert page.status_code == 401
    assert "second line" not in page.text
    assert "could not be kept" in words(page)
    fields = {"matters": TYPED, "csrf_token": "forged"}
    forged = nurse.client.post(f"/people/{person_id}/template", data=fields, headers=headers)
    assert forged.status_code == 400
    assert "second line" not in forged.text


def test_a_browser_that_only_says_its_origin_is_believed(stranger: Staff, person_id: str) -> None:
    page = save(stranger, person_id, {"Origin": "http://localhost"})
    assert Form(page).fields["carried:matters"] == TYPED


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/people/1/template",
        "//elsewhere.example/people/1/template",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/sign-in",
        "/sign-out",
        "/language",
        "/worklist",
        "/fhir/QuestionnaireResponse",
        "/people/1/template/preview",
        "/people/1/private",
        "/people/1/plan/finish",
        "/people/1/cards/1/acknowledge",
        "/people/1/call-a-clinician",
        "/nowhere",
        "",
    ],
)
def test_nothing_is_sent_anywhere_but_to_a_form_of_ours(stranger: Staff, address: str) -> None:
    fields = {
        "carried-for": address,
        "carried:matters": TYPED,
        "username": "nurse",
        "password": PASSWORD,
        "csrf_token": stranger.token(),
    }
    answer = stranger.client.post("/sign-in", data=fields, headers=OWN)
    assert (answer.status_code, answer.location) == (303, "/")


def test_no_field_of_signing_in_is_carried(stranger: Staff, person_id: str) -> None:
    fields = {
        "carried-for": f"/people/{person_id}/template",
        "carried:matters": "x",
        "carried:password": "secret one",
        "carried:username": "secret two",
        "carried:csrf_token": "secret three",
        "username": "nurse",
        "password": PASSWORD,
        "csrf_token": stranger.token(),
    }
    page = stranger.client.post("/sign-in", data=fields, headers=OWN)
    assert page.status_code == 200
    assert "secret" not in page.text
    assert PASSWORD not in page.text


def test_what_would_not_come_back_through_a_form_is_not_promised(
    stranger: Staff, nurse: Staff, person_id: str
) -> None:
    for size in (199_500, 300_000):
        page = stranger.client.post(
            f"/people/{person_id}/template", data={"matters": "x" * size}, headers=OWN
        )
        assert page.status_code == 401
        assert "could not be kept" in words(page)
        assert "xxxx" not in page.text
    page = nurse.save(person_id, {"matters": "x" * 300_000})
    assert page.status_code == 413
    assert "could not be kept" in words(page)


def open_card(who: Staff, person_id: str) -> str:
    """The path that deals with the open card on a plan."""
    page = who.get(f"/people/{person_id}/plan").text
    found = re.findall(rf'action="(/people/{person_id}/cards/[^"]+/acknowledge)"', page)
    assert found
    return str(found[0])


@pytest.mark.parametrize(
    "path", ["private", "plan/finish", "call-a-clinician", "plan/give", "plan"]
)
def test_a_press_is_not_carried_to_somebody_else(
    stranger: Staff, person_id: str, path: str
) -> None:
    fields = {"revision": "1", "card_row_id": "1", "service": "a", "csrf_token": stranger.token()}
    page = stranger.client.post(f"/people/{person_id}/{path}", data=fields, headers=OWN)
    assert page.status_code == 401
    assert "What you pressed was not recorded." in words(page)
    assert "could not be kept" not in words(page)
    assert 'href="/sign-in"' in page.text
    assert "carried" not in page.text


def test_a_card_is_not_closed_by_whoever_signs_in_next(
    stranger: Staff, nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    press = open_card(nurse, person_id)
    page = stranger.client.post(press, data={"csrf_token": stranger.token()}, headers=OWN)
    assert "What you pressed was not recorded." in words(page)
    assert open_card(nurse, person_id) == press


@pytest.mark.parametrize("button", ["acknowledge", "acknowledge-call", "call", "finish", "discard"])
def test_of_a_template_only_what_was_typed_is_carried(
    stranger: Staff, person_id: str, button: str
) -> None:
    fields = {"matters": TYPED, "revision": "0", "response": "", button: "no_food"}
    fields["csrf_token"] = stranger.token()
    page = stranger.client.post(f"/people/{person_id}/template", data=fields, headers=OWN)
    assert "is saved as a draft; then look at it and finish it." in words(page)
    assert f"carried:{button}" not in page.text
    assert "nobody is called, and no card is dealt with." in words(page)
    page = sign_in(stranger, page, "nurse")
    assert "is saved as a draft; then look at it and finish it." in words(page)
    assert set(Form(page).fields) == {"csrf_token", "matters", "revision", "response"}


def test_a_button_handed_in_through_signing_in_is_dropped(
    stranger: Staff, person_id: str, refused: TestResponse
) -> None:
    form = Form(refused)
    form.fields["carried:acknowledge"] = "no_food"
    page = send(stranger, form, username="nurse", password=PASSWORD)
    assert "acknowledge" not in Form(page).fields


@pytest.mark.parametrize(
    ("pressed", "carried"),
    [
        ("finish", []),
        ("save", []),
        ("discard:yes", []),
        ("acknowledge:x", []),
        ("call:", []),
        ("clear:q:a", ["clear:q:a"]),
        ("remove:row:a|1", ["remove:row:a|1"]),
    ],
)
def test_a_questionnaire_is_carried_without_its_button_but_for_what_changes_the_page_alone(
    stranger: Staff, person_id: str, pressed: str, carried: list[str]
) -> None:
    sent = {"q:a": "x", "do": pressed, "token": "t", "csrf_token": stranger.token()}
    path = f"/people/{person_id}/questionnaires/phq-4"
    form = Form(sign_in(stranger, stranger.client.post(path, data=sent, headers=OWN), "nurse"))
    assert form.fields.getlist("do") == carried
    assert form.fields["q:a"] == "x"


def test_discarding_a_draft_without_its_page_is_a_press(stranger: Staff, person_id: str) -> None:
    sent = {"do": "discard", "revision": "1", "csrf_token": stranger.token()}
    path = f"/people/{person_id}/questionnaires/phq-4"
    page = stranger.client.post(path, data=sent, headers=OWN)
    assert "What you pressed was not recorded." in words(page)
    assert "carried" not in page.text


def test_what_is_not_there_any_more_is_not_laid_on_whoever_sent_it(nurse: Staff) -> None:
    fields = {"kind": "wrong", "reason": "Moved to the library", "csrf_token": nurse.token()}
    page = nurse.client.post("/directory/gone/flag", data=fields, headers=OWN)
    assert page.status_code == 404
    assert "cannot send this" not in words(page)
    assert "What this was for is not there any more." in words(page)
    assert "Moved to the library" in shown(page)
    assert 'href="/people"' in page.text


def test_a_questionnaire_that_is_gone_tells_nothing_of_what_was_typed(
    nurse: Staff, person_id: str
) -> None:
    fields = {"q:a": TYPED, "token": "t", "csrf_token": nurse.token()}
    path = f"/people/{person_id}/questionnaires/gone"
    page = nurse.client.post(path, data=fields, headers=OWN)
    assert page.status_code == 404
    assert "What this was for is not there any more." in words(page)
    assert "second line" not in page.text
    assert "Ask again what was answered about safety" in words(page)


def test_a_template_that_lost_its_start_shows_what_was_typed_but_for_safety(
    nurse: Staff, person_id: str
) -> None:
    fields = {
        "matters": TYPED,
        "seen-alone": "true",
        "housing.condition": "damp",
        "housing.security": "refuge",
        "safety.screen": "need",
        "urgent": "suicidal",
        "csrf_token": nurse.token(),
    }
    path = f"/people/{person_id}/template"
    page = nurse.client.post(path, data=fields, headers=OWN)
    assert page.status_code == 400
    assert "second line" in shown(page)
    assert "amp" in shown(page)
    for private in ("efuge", "hurt", "uicid", "alone?"):
        assert private not in shown(page)
    assert not Form(page).action.startswith("/people")
    assert f'href="{path}"' in page.text
    assert "Ask again what was answered about safety" in words(page)


def test_a_questionnaire_that_lost_its_start_shows_what_was_typed_but_for_safety(
    nurse: Staff, person_id: str
) -> None:
    sent = {"q:phq4.nervous": "x", "token": "t", "csrf_token": nurse.token()}
    asked = nurse.get(f"/people/{person_id}/questionnaires/phq-4").text
    found = re.search(r'type="radio"[^>]* name="(q:[^"]+)" value="([^"]+)"', asked)
    assert found
    path = f"/people/{person_id}/questionnaires/phq-4"
    page = nurse.client.post(path, data=sent | {found[1]: found[2]}, headers=OWN)
    assert page.status_code == 400
    assert len(shown(page)) > 10
    told = {"gate:seen-alone": "true", "q:hark.afraid": "yes", "csrf_token": nurse.token()}
    path = f"/people/{person_id}/questionnaires/hark"
    page = nurse.client.post(path, data=told, headers=OWN)
    assert page.status_code == 400
    assert "afraid" not in page.text
    assert "Ask again what was answered about safety" in words(page)


def test_nothing_that_is_carried_is_told_elsewhere(
    stranger: Staff, person_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        refused = save(stranger, person_id)
        page = sign_in(stranger, refused, "nurse")
    logged = "".join(str(vars(record)) for record in caplog.records)
    for told in (logged, *(title(one) + str(one.headers) for one in (refused, page))):
        assert "second line" not in told
        assert "second+line" not in told
        assert person_id not in told
    assert len(refused.headers.get("Set-Cookie", "")) < 300


@pytest.mark.parametrize(
    "path", ["/people/{}/template/preview", "/people/{}/questionnaires/phq-4/look"]
)
def test_a_script_is_told_and_gets_no_page_to_send(
    stranger: Staff, person_id: str, path: str
) -> None:
    answer = stranger.client.post(path.format(person_id), data={"matters": TYPED}, headers=OWN)
    assert answer.status_code == 401
    assert "second line" not in answer.text


def test_whoever_signs_out_twice_is_told_of_nothing_lost(stranger: Staff) -> None:
    assert stranger.post("/sign-out").location == "/sign-in"
