"""Pages in the test language: no English is left that nobody marked, and it runs right to left."""

import re
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from werkzeug.test import TestResponse

from template_service.service import Service
from template_service.web.pseudo_locale import PSEUDO
from tests.web.conftest import make_person
from tests.web.languages.leftovers import leftovers
from tests.web.staff import Staff, response, revision
from tests.web.test_carried import OWN, save, sign_in
from tests.web.test_template import DAMP_COLD_HUNGRY

FULL: dict[str, Sequence[str]] = DAMP_COLD_HUNGRY | {
    "urgent": ["no_food", "unsafe_home"],
    "seen-alone": "true",
    "interpreter": "no-interpreter",
    "tenure": "owner",
    "matters": "My dog",
    "money.screen": "need",
    "money.wants-help": "no",
    "family.screen": "declined",
    "safety.screen": "need",
}
# What a role without safety has on its page.
OPEN = FULL | {"urgent": ["no_food"]}
del OPEN["safety.screen"]
MirroredStaff = Callable[[str], Staff]


def assert_speaks(page: TestResponse) -> None:
    """The page is in the test language as a whole."""
    assert f'<html lang="{PSEUDO}" dir="rtl">' in page.text
    assert page.headers["Content-Language"] == PSEUDO
    assert "Cookie" in page.vary
    assert "Accept-Language" in page.vary
    assert leftovers(page.text) == []


def test_the_finder_of_leftovers_finds_one() -> None:
    page = (
        f'<html lang="{PSEUDO}"><p title="Tip">Left <bdi>Alex</bdi></p>'
        f'<p lang="en-GB">x<b lang="{PSEUDO}">Within</b></p>'
    )
    assert leftovers(page) == ["Tip", "Left", "Within"]


def test_signing_in(visitor: Staff) -> None:
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = PSEUDO
    assert_speaks(visitor.get("/sign-in"))
    assert_speaks(visitor.sign_in("nurse", "wrong"))


def test_what_is_not_carried(visitor: Staff, mirrored_nurse: Staff, person_id: str) -> None:
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = PSEUDO
    assert_speaks(visitor.post(f"/people/{person_id}/call-a-clinician"))
    lost = {"matters": "My dog", "csrf_token": mirrored_nurse.token()}
    path = f"/people/{person_id}/template"
    page = mirrored_nurse.client.post(path, data=lost, headers=OWN)
    assert "My dog" in page.text
    assert f'<html lang="{PSEUDO}" dir="rtl">' in page.text


def test_what_was_typed_before_signing_in(visitor: Staff, person_id: str) -> None:
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = PSEUDO
    refused = save(visitor, person_id)
    wrong = sign_in(visitor, refused, "nurse", "wrong")
    other_role = sign_in(visitor, wrong, "health")
    mine = sign_in(visitor, other_role, "nurse")
    for page in (refused, wrong, other_role, mine):
        assert_speaks(page)
        # Choosing another language would open the page anew, without what is in it.
        assert 'name="language"' not in page.text


@pytest.mark.parametrize(("username", "answers"), [("nurse", FULL), ("navigator", OPEN)])
def test_the_template_and_the_plan(
    mirrored_staff: MirroredStaff,
    person_id: str,
    username: str,
    answers: dict[str, Sequence[str]],
) -> None:
    staff = mirrored_staff(username)
    template, plan = f"/people/{person_id}/template", f"/people/{person_id}/plan"
    assert_speaks(staff.get(template))
    staff.save(person_id, {})
    assert_speaks(staff.get(plan))
    assert staff.save(person_id, answers).status_code == 303
    for path in (template, plan):
        assert_speaks(staff.get(path))
    assert leftovers(staff.post(f"{template}/preview", answers).text) == []
    staff.post(f"/people/{person_id}/call-a-clinician")
    for path in (template, plan):
        assert_speaks(staff.get(path))
    staff.save(person_id, answers | {"housing.screen": "no-need"})
    set_aside = staff.get(template)
    assert "Set aside" in set_aside.text
    assert_speaks(set_aside)


def test_a_link_workers_view_of_the_plan(
    mirrored_staff: MirroredStaff, nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, FULL)
    assert_speaks(mirrored_staff("link").get(f"/people/{person_id}/plan"))


def test_what_is_refused_and_what_colleagues_saved(
    mirrored_nurse: Staff, doctor: Staff, person_id: str
) -> None:
    path = f"/people/{person_id}/template"
    assert_speaks(mirrored_nurse.save(person_id, {"housing.screen": "nonsense"}))
    assert_speaks(mirrored_nurse.save(person_id, {"nonsense.screen": "need"}))
    old = mirrored_nurse.get(path)
    doctor.save(person_id, DAMP_COLD_HUNGRY)
    sent = {"housing.screen": "no-need", "revision": revision(old), "response": response(old)}
    clash = mirrored_nurse.post(path, sent)
    assert clash.status_code == 409
    assert_speaks(clash)
    assert_speaks(mirrored_nurse.get("/people/nobody/plan"))


def test_statistics_giving_and_the_leaflet(mirrored_nurse: Staff, person_id: str) -> None:
    plan, leaflet = f"/people/{person_id}/plan", f"/people/{person_id}/leaflet"
    mirrored_nurse.save(person_id, FULL)
    page = mirrored_nurse.get(plan)
    mirrored_nurse.post(f"{plan}/give")
    assert_speaks(mirrored_nurse.get(plan))
    assert_speaks(mirrored_nurse.post(plan, {"statistics": "objects"}))
    mirrored_nurse.post(plan, {"statistics": "objects", "confirmed": "yes"})
    assert_speaks(mirrored_nurse.get(plan))
    card = re.search(r"/cards/([^/]+)/acknowledge", page.text)
    given = re.search(r'name="give" value="([^"]+)"', page.text)
    assert card
    assert given
    mirrored_nurse.post(f"/people/{person_id}/cards/{card[1]}/acknowledge")
    assert_speaks(mirrored_nurse.get(leaflet))
    mirrored_nurse.post(f"{plan}/give", {"give": given[1]})
    for path in (leaflet, plan):
        assert_speaks(mirrored_nurse.get(path))
    mirrored_nurse.post(f"{plan}/finish", {"revision": revision(mirrored_nurse.get(plan))})
    assert_speaks(mirrored_nurse.get(plan))


def test_somebody_under_16(mirrored_nurse: Staff, service: Service) -> None:
    young = make_person(service, born=date(2014, 5, 4))
    assert_speaks(mirrored_nurse.get(f"/people/{young}/template"))


def test_urgent_wording_stays_as_the_questionnaire_has_it(
    mirrored_nurse: Staff, service: Service, person_id: str
) -> None:
    page = mirrored_nurse.get(f"/people/{person_id}/template").text.replace("&#39;", "'")
    cards = [card for code, card in service.form.cards.items() if f'id="card-{code}"' in page]
    assert cards
    for card in cards:
        for text in (card.text, card.owner, *card.actions):
            assert f'<bdi lang="en-GB" dir="ltr">{text}</bdi>' in page


def test_a_phone_number_keeps_its_order(mirrored_nurse: Staff, person_id: str) -> None:
    mirrored_nurse.save(person_id, FULL)
    page = mirrored_nurse.get(f"/people/{person_id}/plan").text
    assert re.search(r'href="tel:\d+"><bdi dir="ltr">[\d ]+</bdi></a>', page)
    assert re.search(r'<bdi dir="ltr">999 \d{3} \d{4}</bdi>', page)


@pytest.mark.parametrize("path", ["/people", "/directory", "/reports"])
def test_pages_for_staff_alone_stay_english_as_a_whole(mirrored_nurse: Staff, path: str) -> None:
    page = mirrored_nurse.get(path)
    assert '<html lang="en-GB">' in page.text
    assert "\u202e" not in page.text
    assert page.headers["Content-Language"] == "en-GB"
