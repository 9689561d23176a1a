"""The choice about statistics on the plan: recorded and taken back by the practice, confirmed."""

import re
from collections.abc import Callable

import pytest

from template_service.records import audit, people
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.staff import Staff, title, words, words_of
from tests.web.test_referrals import GOOD
from tests.web.test_template import DAMP_COLD_HUNGRY

OBJECTS = {"statistics": "objects", "confirmed": "yes"}
AGREES = {"statistics": "agrees", "confirmed": "yes"}


@pytest.fixture
def plan(nurse: Staff, person_id: str) -> str:
    """The plan of somebody whose template was saved."""
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    return f"/people/{person_id}/plan"


def objects(service: Service, person_id: str) -> bool:
    with service.store.read() as conn:
        found = people.person(conn, PRACTICE, person_id)
    assert found is not None
    return found.opted_out_at is not None


@pytest.mark.parametrize("username", ["nurse", "navigator"])
def test_staff_of_the_practice_record_an_objection_and_take_it_back(
    staff: Callable[[str], Staff], service: Service, person_id: str, plan: str, username: str
) -> None:
    who = staff(username)
    page = words(who.get(plan))
    assert "Statistics: answers are counted" in page
    assert "They told me that they object" in page
    done = who.post(plan, OBJECTS)
    assert (done.status_code, done.location) == (303, plan)
    assert objects(service, person_id)
    page = words(who.get(plan))
    assert "The choice about statistics is recorded." in page
    assert re.search(r"They objected at \d\d:\d\d", page)
    assert who.post(plan, AGREES).status_code == 303
    assert not objects(service, person_id)
    with service.store.read() as conn:
        actions = [entry.action for entry in audit.entries(conn, PRACTICE, limit=20)]
    assert actions.index("take-back-opt-out") < actions.index("opt-out-of-statistics")


@pytest.mark.parametrize("choice", ["objects", "agrees"])
def test_without_the_confirmation_nothing_is_recorded_and_the_form_says_so(
    nurse: Staff, service: Service, person_id: str, plan: str, choice: str
) -> None:
    if choice == "agrees":
        nurse.post(plan, OBJECTS)
    before = objects(service, person_id)
    refused = nurse.post(plan, {"statistics": choice})
    assert refused.status_code == 422
    assert title(refused).startswith("Error: ")
    assert 'href="#confirmed"' in refused.text
    # The form is open there, and its box is marked.
    form = refused.text[refused.text.index('<details class="fold no-print" open>') :]
    assert form.index("nhsuk-error-message") < form.index('id="confirmed"')
    assert "Confirm that the person said this themselves." in words_of(form)
    assert objects(service, person_id) is before


def test_a_form_that_says_nothing_takes_nothing_back(
    nurse: Staff, service: Service, person_id: str, plan: str
) -> None:
    nurse.post(plan, OBJECTS)
    for broken in ({}, {"confirmed": "yes"}, {"confirmed": "yes", "statistics": "x"}):
        assert nurse.post(plan, broken).status_code == 400
    assert objects(service, person_id)


def test_the_form_needs_its_token(
    nurse: Staff, service: Service, person_id: str, plan: str
) -> None:
    assert nurse.client.post(plan, data=OBJECTS).status_code == 400
    assert not objects(service, person_id)


def test_nobody_else_sees_the_choice_or_makes_it(
    nurse: Staff,
    staff: Callable[[str], Staff],
    service: Service,
    person_id: str,
    plan: str,
) -> None:
    link_worker = staff("link")
    nurse.post(f"/people/{person_id}/refer", GOOD)
    page = link_worker.get(plan)
    assert page.status_code == 200
    assert "Statistics" not in words(page)
    assert link_worker.post(plan, OBJECTS).status_code == 403
    assert staff("elsewhere").post(plan, OBJECTS).status_code == 404
    assert staff("health").post(plan, OBJECTS).status_code == 403
    assert not objects(service, person_id)


def test_it_works_without_a_script_and_by_keyboard(nurse: Staff, plan: str) -> None:
    """Plain elements only: a fold, a labelled box and a button, each in the order of reading."""
    page = nurse.get(plan).text
    form = page[page.index("<summary>Statistics") :].partition("</details>")[0]
    assert 'method="post"' in form
    assert 'for="confirmed"' in form
    order = [form.index(part) for part in ("<summary>", 'type="checkbox"', "<button")]
    assert order == sorted(order)
    assert "onclick" not in form
    assert "tabindex" not in form
