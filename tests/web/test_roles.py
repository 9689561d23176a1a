"""Every route of the pages, by every role and by strangers: what is not theirs stays shut."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from template_service.access.policy import POLICY, Public
from template_service.records.cards import cards_of
from template_service.records.referrals import referrals_of
from template_service.service import Service
from tests.web.conftest import PRACTICE, STAFF, make_person
from tests.web.staff import Staff, title
from tests.web.test_referrals import GOOD
from tests.web.test_template import DAMP_COLD_HUNGRY

PERSON_PAGES = {
    "web.template": ("GET", "/people/{person}/template"),
    "web.save_template": ("POST", "/people/{person}/template"),
    "web.preview": ("POST", "/people/{person}/template/preview"),
    "web.plan": ("GET", "/people/{person}/plan"),
    "web.finish": ("POST", "/people/{person}/plan/finish"),
    "web.give": ("POST", "/people/{person}/plan/give"),
    "web.give_print": ("GET", "/people/{person}/leaflet"),
    "web.refer": ("GET", "/people/{person}/refer"),
    "web.acknowledge": ("POST", "/people/{person}/cards/{card}/acknowledge"),
    "web.call_clinician": ("POST", "/people/{person}/call-a-clinician"),
    "web.private_cards": ("GET", "/people/{person}/private"),
    "web.referral": ("GET", "/referrals/{referral}"),
    "web.move_referral": ("POST", "/referrals/{referral}"),
    "web.questionnaires": ("GET", "/people/{person}/questionnaires"),
    "web.questionnaire": ("GET", "/people/{person}/questionnaires/phq-4"),
    "web.save_questionnaire": ("POST", "/people/{person}/questionnaires/phq-4"),
    "web.look_at_questionnaire": ("POST", "/people/{person}/questionnaires/phq-4/look"),
    "web.questionnaire_result": ("GET", "/people/{person}/questionnaires/results/{result}"),
}
OTHER_PAGES = {
    "web.people": ("GET", "/people"),
    "web.add_person": ("GET", "/people/add"),
    "web.worklist": ("GET", "/worklist"),
    "web.directory": ("GET", "/directory"),
    "web.home": ("GET", "/"),
}
ELSEWHERE = {"elsewhere": "nurse", "other-link": "link"}


def ask(who: Staff, method: str, path: str) -> int:
    """The status of one request, with a form token where one is needed."""
    if method == "GET":
        return who.get(path).status_code
    return who.post(path, {"revision": "0"}).status_code


@pytest.fixture(scope="module")
def places(service: Service, staff: Callable[[str], Staff]) -> dict[str, str]:
    """Somebody with a template, an open card and a referral."""
    person_id, nurse = make_person(service), staff("nurse")
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    nurse.post(f"/people/{person_id}/refer", GOOD)
    answered = f"/people/{person_id}/questionnaires/ons-loneliness"
    finished = nurse.post(answered, {"revision": "0", "do": "finish"})
    with service.store.read() as conn:
        card = cards_of(conn, PRACTICE, person_id)[0].card_row_id
        referral = referrals_of(conn, PRACTICE, person_id)[0].referral_id
    result = finished.location.rpartition("/")[2]
    return {"person": person_id, "card": card, "referral": referral, "result": result}


def test_every_endpoint_of_the_pages_has_a_rule_and_is_tried_here(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("web.")}
    assert pages <= set(POLICY)
    # Every page of the reports is tried by every role in tests/web/reports.
    pages -= {rule.endpoint for rule in app.url_map.iter_rules() if "/reports" in rule.rule}
    # And every page of curation in tests/web/curate.
    curating = ("/directory/curate", "/directory/suggest", "/directory/<service_id>/flag")
    pages -= {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(curating)}
    untried = pages - set(PERSON_PAGES) - set(OTHER_PAGES)
    assert untried == {
        "web.sign_in",
        "web.sign_out",
        # By strangers and staff in tests/web/languages.
        "web.choose_language",
        "web.service",
        "web.static",
        "web.form_static",
        # By every role in tests/web/questionnaire/test_safety.py.
        "web.questionnaire_styles",
    }


@pytest.mark.parametrize("endpoint", [*PERSON_PAGES, *OTHER_PAGES])
def test_a_stranger_is_sent_to_sign_in(
    stranger: Staff, places: dict[str, str], endpoint: str
) -> None:
    method, path = (PERSON_PAGES | OTHER_PAGES)[endpoint]
    assert ask(stranger, method, path.format(**places)) == (303 if method == "GET" else 401)


def _never() -> Iterator[tuple[str, str]]:
    """Every endpoint with every account whose role may never use it."""
    for endpoint in (*PERSON_PAGES, *OTHER_PAGES):
        rule = POLICY[endpoint]
        assert not isinstance(rule, Public)
        for username, (role, _, _) in STAFF.items():
            if role not in rule:
                yield endpoint, username


@pytest.mark.parametrize(("endpoint", "username"), list(_never()))
def test_a_role_that_never_may_is_refused(
    staff: Callable[[str], Staff], places: dict[str, str], endpoint: str, username: str
) -> None:
    method, path = (PERSON_PAGES | OTHER_PAGES)[endpoint]
    assert ask(staff(username), method, path.format(**places)) == 403


@pytest.mark.parametrize("username", ELSEWHERE)
@pytest.mark.parametrize("endpoint", PERSON_PAGES)
def test_what_belongs_to_another_organisation_looks_like_nothing(
    staff: Callable[[str], Staff], places: dict[str, str], endpoint: str, username: str
) -> None:
    role = STAFF[username][0]
    method, path = PERSON_PAGES[endpoint]
    rule = POLICY[endpoint]
    assert not isinstance(rule, Public)
    if role not in rule:
        return
    nobody = dict.fromkeys(places, "00000000-0000-4000-8000-000000000000")
    theirs = ask(staff(username), method, path.format(**places))
    nothing = ask(staff(username), method, path.format(**nobody))
    assert theirs == nothing == 404


def test_a_card_of_somebody_else_cannot_be_acknowledged_through_this_person(
    nurse: Staff, places: dict[str, str], person_id: str
) -> None:
    path = f"/people/{person_id}/cards/{places['card']}/acknowledge"
    assert ask(nurse, "POST", path) == 404


def test_no_title_or_address_tells_of_a_person_or_of_safety(
    nurse: Staff, link_worker: Staff, places: dict[str, str]
) -> None:
    for method, path in (*PERSON_PAGES.values(), *OTHER_PAGES.values()):
        if method != "GET" or path in {"/", "/worklist"}:
            continue
        page = nurse.get(path.format(**places))
        assert page.status_code == 200
        for word in ("Alex", "Testperson", "999", "safe", "Safe", "urgent", "Urgent"):
            assert word not in title(page)
        for address in re.findall(r'(?:href|action|src)="([^"]*)"', page.text):
            assert not re.search(r"Alex|Testperson|999\d{7}|LS9", address)
    assert "Alex" not in title(link_worker.get("/worklist"))


def test_every_page_of_a_demonstration_says_so(
    nurse: Staff, link_worker: Staff, stranger: Staff, places: dict[str, str]
) -> None:
    pages = [
        nurse.get(path.format(**places))
        for method, path in PERSON_PAGES.values()
        if method == "GET"
    ]
    pages += [nurse.get("/people"), nurse.get("/people/add"), nurse.get("/directory")]
    pages += [link_worker.get("/worklist"), stranger.get("/sign-in"), nurse.get("/nowhere")]
    for page in pages:
        assert "Demonstration: made-up people" in page.text
