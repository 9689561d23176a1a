"""axe finds nothing on any page and state, on a desktop and a phone; nothing scrolls sideways.

What is pressed is pressed on the phone, where things hide each other first.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import NARROW, Pages

pytestmark = pytest.mark.browser

OpenPages = Callable[..., Pages]

EVERYTHING = (
    ("seen-alone", "true"),
    ("interpreter", "professional"),
    ("household", "under5"),
    ("household", "school"),
    ("urgent", "no_food"),
    ("urgent", "unsafe_home"),
    ("urgent", "suicidal"),
    ("housing.screen", "need"),
    ("housing.security", "notice"),
    ("housing.condition", "damp"),
    ("housing.wants-help", "yes-now"),
    ("energy.screen", "unsure"),
    ("food.screen", "no-need"),
    ("money.screen", "declined"),
    ("family.screen", "need"),
    ("safety.screen", "need"),
    ("safety.hark.afraid", "yes"),
    ("wellbeing.screen", "need"),
)


def visit(pages: Pages, *paths: str) -> None:
    for path in paths:
        pages.page.goto(path)
        pages.check()


def test_signing_in(open_pages: OpenPages) -> None:
    pages = open_pages("", NARROW)
    visit(pages, "/sign-in")
    pages.page.fill("#username", "nurse")
    pages.page.click("main button")
    expect(pages.page.locator(".nhsuk-error-summary")).to_be_visible()
    pages.check()


def test_people(open_pages: OpenPages) -> None:
    pages = open_pages("nurse", NARROW)
    visit(pages, "/people", "/people/add", "/nowhere")
    pages.page.goto("/people/add")
    pages.page.locator("main form button").click()
    pages.check()
    pages.page.goto("/people")
    pages.page.fill("#find", "Nobodyhasthisname")
    pages.page.get_by_role("button", name="Search").click()
    expect(pages.page.get_by_text("Nobody here matches.")).to_be_visible()
    pages.check()
    pages.page.get_by_role("button", name="Search").focus()
    pages.page.fill("#find", "")
    pages.page.get_by_role("button", name="Search").click()
    expect(pages.page.locator(".nhsuk-error-summary")).to_be_visible()
    pages.check()


def test_the_template_empty_full_refused_and_dealt_with(open_pages: OpenPages) -> None:
    pages = open_pages("nurse", NARROW)
    person_id = pages.add_person()
    pages.check()
    for link_id, code in EVERYTHING:
        pages.answer(link_id, code)
    expect(pages.card("family_homeless")).to_be_visible()
    pages.check()
    other = open_pages("doctor", NARROW)
    other.page.goto(f"/people/{person_id}/template")
    other.answer("food.screen", "need")
    other.save()
    pages.page.locator("#template > button.nhsuk-button").click()
    expect(pages.page.get_by_text("Somebody else saved this first")).to_be_visible()
    pages.check()
    pages.page.locator('[name="acknowledge"][value="no_food"]').click()
    expect(pages.page.get_by_text("Nurse Example is dealing with this since")).to_be_visible()
    pages.check()


def test_the_template_of_a_care_navigator(open_pages: OpenPages) -> None:
    pages = open_pages("navigator", NARROW)
    pages.add_person()
    pages.answer("urgent", "suicidal")
    expect(pages.card("suicidal")).to_be_visible()
    pages.check()
    pages.page.locator('[name="call"][value="suicidal"]').click()
    expect(pages.page.get_by_text("Reception Example called a clinician")).to_be_visible()
    pages.check()


def test_the_plan_and_what_follows_from_it(open_pages: OpenPages) -> None:
    pages = open_pages("nurse", NARROW)
    person_id = pages.add_person()
    pages.save()
    pages.check()
    pages.page.goto(f"/people/{person_id}/template")
    for link_id, code in EVERYTHING:
        pages.answer(link_id, code)
    pages.save()
    for details in pages.page.locator("main details").all():
        details.locator("summary").first.click()
    pages.check()
    pages.page.locator("#chosen > section button[name=give]").first.click()
    pages.page.wait_for_url("**/leaflet")
    pages.check()
    visit(pages, f"/people/{person_id}/private", f"/people/{person_id}/refer?domain=housing")
    pages.page.get_by_role("button", name="Send the referral").click()
    expect(pages.page.locator(".nhsuk-error-summary")).to_be_visible()
    pages.check()
    pages.page.goto(f"/people/{person_id}/private")
    pages.page.get_by_role("button", name="Nobody else can see this screen").click()
    expect(pages.page.get_by_text("What was said")).to_be_visible()
    expect(pages.card("unsafe_home")).to_be_visible()
    expect(pages.card("domestic_abuse")).to_be_visible()
    pages.check()
    visit(pages, "/people")


def test_a_link_worker(open_pages: OpenPages) -> None:
    nurse = open_pages("nurse", NARROW)
    person_id = nurse.add_person()
    nurse.answer("housing.screen", "need")
    nurse.save()
    nurse.page.goto(f"/people/{person_id}/refer?domain=housing")
    nurse.page.get_by_label("Why, in a sentence").fill("Cold house")
    nurse.page.get_by_label("Safe way to contact them").select_option("Letter")
    nurse.page.get_by_label("They agree to this referral").check()
    nurse.page.get_by_role("button", name="Send the referral").click()
    nurse.page.wait_for_url("**/plan")

    pages = open_pages("link", NARROW)
    visit(pages, "/worklist", "/worklist?show=closed", f"/people/{person_id}/plan", "/worklist")
    pages.page.locator(".list a").first.click()
    pages.check()
    pages.page.get_by_role("button", name="Save").click()
    expect(pages.page.locator(".nhsuk-error-summary")).to_be_visible()
    pages.check()


def test_the_directory(open_pages: OpenPages) -> None:
    pages = open_pages("health", NARROW)
    visit(pages, "/directory", "/directory?search=zzzz", "/directory?need=food-aid")
    pages.page.locator("h3 a").first.click()
    pages.check()
    visit(pages, "/people")
