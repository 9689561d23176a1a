"""The plan and the leaflet: what fits, why, and nothing of safety on paper."""

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from template_service.service import Service
from template_service.signposting.plan import PlanNeed
from template_service.web.plan_view import need_view
from template_service.web.service_view import ServiceView, present
from tests.web.staff import Staff, words
from tests.web.test_template import DAMP_COLD_HUNGRY, DISCLOSED

NEED = re.compile(r'<section class="box" aria-labelledby="need-(\w+)">(.*?)</section>', re.DOTALL)


def plan(person_id: str) -> str:
    return f"/people/{person_id}/plan"


def given(service: Service, page: str) -> list[str]:
    """The ids of the services a page offers to give, each known to the directory."""
    ids = re.findall(r'name="give" value="([^"]+)"', page)
    return [service.directory.service(one).id for one in ids]


def test_each_wanted_need_has_real_services_with_reasons_and_a_way_in(
    nurse: Staff, person_id: str, service: Service
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    page = nurse.get(plan(person_id)).text
    wanted = {name: html for name, html in NEED.findall(page) if name in {"housing", "energy"}}
    assert set(wanted) == {"housing", "energy"}
    for html in wanted.values():
        offered = given(service, html)
        assert 1 <= len(offered) <= 3
        assert "Helps with" in html
        assert "check first" in html
        assert "tel:" in html


def test_urgent_cards_come_first_and_the_open_ones_before_the_others(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY | {"urgent": ["no_food", "no_energy"]})
    page = nurse.get(plan(person_id)).text
    row = re.search(r"/cards/([^/]+)/acknowledge", page[page.index('id="card-no_food"') :])
    assert row is not None
    done = nurse.post(f"/people/{person_id}/cards/{row.group(1)}/acknowledge")
    assert done.location == plan(person_id)
    page = nurse.get(plan(person_id)).text
    first, second = page.index('id="card-no_energy"'), page.index('id="dealt-')
    assert first < second < page.index('id="chosen"')
    assert re.search(r"Nurse Example is dealing with this since \d\d:\d\d", page[second:])


def test_needs_nobody_asked_help_for_are_folded_away(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY | {"money.screen": "need", "money.wants-help": "no"})
    page = nurse.get(plan(person_id)).text
    folded = page[page.index('<details class="fold others') :]
    assert 'id="need-money"' in folded
    assert "No help wanted" in folded
    assert 'id="need-housing"' not in folded


def test_services_that_do_not_fit_are_counted_and_say_why(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY | {"tenure": "owner"})
    page = words(nurse.get(plan(person_id)))
    assert re.search(r"Not shown: \d+ service", page)
    assert "Only for people who rent" in page


def test_a_need_that_nothing_fits_says_so(service: Service) -> None:
    need = PlanNeed(
        domain=service.form.domain("housing"),
        level=2,
        wants_help="yes-now",
        chosen=(),
        needs=("repairs-damp-mould",),
        matches=(),
        excluded=(),
        unmet=("repairs-damp-mould",),
    )
    assert need_view(need, date(2026, 11, 22)).nothing.endswith("Recorded as a gap.")


TODAY = date(2026, 11, 22)


def service_row(app: Flask, view: ServiceView) -> str:
    """A service of the plan, as somebody who may give it sees it."""
    source = (
        '{% from "web/_services.html" import service_row %}{{ service_row(need, service, true) }}'
    )
    with app.app_context():
        return app.jinja_env.from_string(source).render(need={"title": "Home"}, service=view)


def test_a_service_nobody_can_reach_is_for_the_link_worker_to_find(
    app: Flask, service: Service
) -> None:
    found = replace(service.directory.services()[0], phone=(), url="", email="", address="")
    row = service_row(app, present(found, TODAY))
    assert "No contact known yet: ask the link worker" in row
    assert "Give" not in row
    assert "Choose" not in row
    for reachable in (
        replace(found, url="https://example.org"),
        replace(found, email="a@example.org"),
        replace(found, address="1 Example Street"),
    ):
        assert 'name="give"' in service_row(app, present(reachable, TODAY))


@pytest.mark.parametrize(
    ("reason", "to_check"),
    [
        ("For people who rent privately: check", True),
        ("Area not stated: check first", True),
        ("For people who rent privately", False),
    ],
)
def test_a_reason_to_check_is_marked_as_a_question(
    app: Flask, service: Service, reason: str, *, to_check: bool
) -> None:
    row = service_row(app, present(service.directory.services()[0], TODAY, reasons=(reason,)))
    assert (f'<li class="check">{reason}' in row) is to_check


def test_answers_stand_in_small_text_below_the_title_of_their_row(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    page = nurse.get(plan(person_id)).text
    assert 'id="need-housing">Home</h2>' in page
    housing = page[page.index('id="need-housing"') :]
    assert '<p class="small">Damp or mould</p>' in housing


def test_without_any_need_the_plan_says_what_to_do_next(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, {"housing.screen": "no-need"})
    page = words(nurse.get(plan(person_id)))
    assert "The answers so far show no need for help from a service." in page
    assert "Go back to the template" in page


def test_giving_a_service_leads_to_its_leaflet(
    nurse: Staff, person_id: str, service: Service
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    first, second = given(service, nurse.get(plan(person_id)).text)[:2]
    sent = nurse.post(f"{plan(person_id)}/give", {"give": first, "service": [second]})
    assert sent.location == f"/people/{person_id}/leaflet"
    leaflet = nurse.get(sent.location or "")
    for service_id in (first, second):
        assert service.directory.service(service_id).name in words(leaflet)
    for private in ("Alex", "Testperson", "999", "LS9", "Damp or mould", "No food"):
        assert private not in re.sub(r"href=\"[^\"]*\"", "", leaflet.text)
    assert service.directory.service(first).name in words(nurse.get(plan(person_id)))


def test_printing_with_nothing_chosen_says_what_to_do(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    sent = nurse.post(f"{plan(person_id)}/give", {"give": ""})
    page = nurse.get(sent.location or "")
    assert "Choose at least one service to print." in words(page)
    assert "Choose at least one" not in words(nurse.get(plan(person_id)))


def test_a_service_that_the_plan_does_not_offer_cannot_be_given(
    nurse: Staff, person_id: str, service: Service
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY | DISCLOSED)
    refuge = next(one for one in service.directory.services() if "domestic-abuse" in one.needs)
    assert nurse.post(f"{plan(person_id)}/give", {"give": refuge.id}).status_code == 404
    assert nurse.post(f"{plan(person_id)}/give", {"give": "nothing"}).status_code == 404
    assert "Nothing has been chosen yet" in words(nurse.get(f"/people/{person_id}/leaflet"))


@pytest.mark.parametrize("who", ["nurse", "doctor", "navigator"])
def test_nothing_of_safety_is_on_the_plan(
    nurse: Staff, request: pytest.FixtureRequest, person_id: str, who: str
) -> None:
    nurse.save(
        person_id,
        DAMP_COLD_HUNGRY | DISCLOSED | {"housing.security": "refuge", "urgent": ["unsafe_home"]},
    )
    page = request.getfixturevalue(who).get(plan(person_id)).text
    for word in (
        "Feeling safe",
        "Afraid",
        "HARK",
        "Refuge",
        "domestic",
        "Domestic",
        "Private follow",
    ):
        assert word not in page


def test_the_link_to_private_notes_is_the_same_whether_or_not_there_are_any(
    nurse: Staff, navigator: Staff, person_id: str
) -> None:
    nurse.save(person_id, {})
    assert f'href="/people/{person_id}/private"' in nurse.get(plan(person_id)).text
    assert "/private" not in navigator.get(plan(person_id)).text


def test_private_notes_open_only_after_one_deliberate_press(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, DISCLOSED)
    closed = nurse.get(f"/people/{person_id}/private")
    assert "Nobody else can see this screen" in words(closed)
    assert "Afraid of someone" not in closed.text
    assert "HARK" not in closed.text
    opened = nurse.post(f"/people/{person_id}/private")
    assert "Afraid of someone, or not safe at home" in words(opened)
    assert "0808 2000 247" in words(opened)
    assert opened.headers["Cache-Control"] == "no-store"


def test_a_masked_card_is_dealt_with_from_the_private_page(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, DISCLOSED)
    people = nurse.get("/people").text
    assert f'href="/people/{person_id}/private"' in people
    page = nurse.post(f"/people/{person_id}/private").text
    for row in re.findall(r"/cards/([^/]+)/acknowledge", page):
        assert nurse.post(f"/people/{person_id}/cards/{row}/acknowledge").status_code == 303
    told = words(nurse.post(f"/people/{person_id}/private"))
    assert "Nurse Example is dealing with this since" in told
    assert f'href="/people/{person_id}/private"' not in nurse.get("/people").text


def test_a_finished_template_makes_room_for_the_next(nurse: Staff, person_id: str) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    done = nurse.post(f"{plan(person_id)}/finish", {"revision": "1"})
    page = words(nurse.get(done.location or ""))
    assert "Finished. The next template starts empty." in page
    assert "Finish this template" not in page
    template = nurse.get(f"/people/{person_id}/template")
    assert 'name="revision" value="0"' in template.text
    assert "Last time" in words(template)


def test_a_template_somebody_saved_meanwhile_is_not_finished(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    doctor.save(person_id, DAMP_COLD_HUNGRY | {"matters": "More"})
    done = nurse.post(f"{plan(person_id)}/finish", {"revision": "1"})
    assert "Not finished: a colleague saved changes" in words(nurse.get(done.location or ""))
