"""What was typed before somebody was signed out, in Chromium: signed in again, and sent."""

from collections.abc import Callable

import orjson
import pytest
from playwright.sync_api import expect

from template_service.actions.library import add_questionnaire
from template_service.service import open_service
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import Pages
from tests.web.conftest import PASSWORD
from tests.web.questionnaire.test_rows import CHILDREN

pytestmark = pytest.mark.browser

TYPED = 'My "dog" & <cat>\nsecond line'
OpenPages = Callable[..., Pages]


@pytest.fixture(scope="module")
def children(live_server: server.Running) -> str:
    """A questionnaire with rows; its resource id."""
    service = open_service(Settings(data=live_server.log.parent))
    resource = {
        "resourceType": "Questionnaire",
        "url": "https://questionnaires.example/children",
        "status": "active",
        "title": "Children",
        "item": list(CHILDREN),
    }
    added = add_questionnaire(service.store, service.forms, orjson.dumps(resource), by="test")
    service.close()
    return added.listed.id


@pytest.fixture
def pages(open_pages: OpenPages) -> Pages:
    """A nurse in a session of their own, which may end."""
    opened = open_pages("")
    opened.sign_in("nurse", PASSWORD)
    return opened


def press(pages: Pages, name: str) -> None:
    pages.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def sign_out_elsewhere(pages: Pages) -> None:
    other = pages.page.context.new_page()
    other.goto("/people")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in")
    other.close()


def sign_in_here(pages: Pages) -> None:
    expect(pages.page.locator("h1")).to_have_text("You have been signed out")
    pages.check()
    pages.page.fill("#username", "nurse")
    pages.page.fill("#password", PASSWORD)
    press(pages, "Sign in")
    expect(pages.page.get_by_role("main")).to_contain_text("You are signed in as Nurse Example.")
    pages.check()
    press(pages, "Send what you typed")


def test_a_template(pages: Pages) -> None:
    person_id = pages.add_person()
    pages.page.fill('[name="matters"]', TYPED)
    pages.page.context.clear_cookies()
    with pages.page.expect_request(lambda request: request.method == "POST") as sent:
        pages.page.locator("#template > button.nhsuk-button").click()
    # All that an older browser says of where a form comes from.
    origin = sent.value.all_headers()["origin"]
    assert sent.value.url.startswith(f"{origin}/people/")
    sign_in_here(pages)
    pages.page.wait_for_url("**/plan")
    pages.page.goto(f"/people/{person_id}/template")
    expect(pages.page.locator('[name="matters"]')).to_have_value(TYPED)


def test_a_questionnaire_with_a_row_added_before(pages: Pages, children: str) -> None:
    person_id = pages.add_person()
    address = f"/people/{person_id}/questionnaires/{children}"
    pages.page.goto(address)
    names = pages.page.locator('[name$=":name"]')
    names.first.fill("Ada")
    press(pages, "Add another Child")
    expect(names).to_have_count(2)
    names.last.fill("Bob")
    sign_out_elsewhere(pages)
    press(pages, "Save and go on later")
    sign_in_here(pages)
    expect(names).to_have_count(2)
    pages.page.goto(address)
    assert [names.nth(row).input_value() for row in range(2)] == ["Ada", "Bob"]
