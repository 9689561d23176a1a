"""A referral from a plan to its outcome."""

import re

import pytest

from template_service.records.referrals import referrals_of
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.staff import Staff, words, words_of
from tests.web.test_template import DAMP_COLD_HUNGRY, DISCLOSED

GOOD = {
    "domain": ["housing"],
    "reason": "Damp bedroom, landlord does not answer",
    "contact": "Phone call",
    "consent": "yes",
}


@pytest.fixture
def referred(nurse: Staff, service: Service, person_id: str) -> str:
    """The path of a new referral of that person."""
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    assert nurse.post(f"/people/{person_id}/refer", GOOD).status_code == 303
    with service.store.read() as conn:
        return f"/referrals/{referrals_of(conn, PRACTICE, person_id)[0].referral_id}"


def test_one_press_beside_a_need_opens_the_referral_with_it_chosen(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    plan = nurse.get(f"/people/{person_id}/plan").text
    path = f"/people/{person_id}/refer?domain=housing"
    assert f'href="{path}"' in plan
    page = nurse.get(path).text
    assert re.search(r'name="domain"[^>]*value="housing"[^>]*checked', page)


def test_a_referral_needs_agreement_a_reason_and_a_safe_way_to_answer(
    nurse: Staff, link_worker: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    page = nurse.post(f"/people/{person_id}/refer", {"domain": ["housing"], "reason": " "})
    assert page.status_code == 422
    for name in ("reason", "contact", "consent"):
        assert f'href="#{name}"' in page.text
        assert f'id="{name}"' in page.text
    kept = nurse.post(f"/people/{person_id}/refer", GOOD | {"consent": ""})
    assert "Damp bedroom, landlord does not answer" in kept.text
    assert person_id not in link_worker.get("/worklist").text


def test_a_referral_for_what_the_plan_does_not_hold_is_refused(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, DISCLOSED)
    page = nurse.post(f"/people/{person_id}/refer", GOOD | {"domain": ["safety"]})
    assert page.status_code == 422
    assert "safety" not in page.text.lower().replace("clinical safety officer", "")


def test_the_worklist_shows_it_and_it_moves_to_an_outcome(
    link_worker: Staff, nurse: Staff, referred: str
) -> None:
    assert referred in link_worker.get("/worklist").text
    page = words(link_worker.get(referred))
    for text in (
        "Damp, mould and repairs",
        "landlord does not answer",
        "Phone call",
        "Nurse Example",
    ):
        assert text in page
    assert link_worker.post(referred, {"to": "accepted", "reason": "Rang"}).status_code == 303
    moved = link_worker.post(referred, {"to": "completed", "outcome": "partly"})
    assert moved.status_code == 303
    page = words(link_worker.get(referred))
    assert "This referral is closed." in page
    assert "The need is partly met" in page
    assert "Rang" in page
    assert referred not in link_worker.get("/worklist").text
    assert referred in link_worker.get("/worklist?show=closed").text
    assert "The need is partly met" in words(nurse.get(referred))


def test_how_to_reach_them_safely_and_where_they_live_stand_first(
    link_worker: Staff, referred: str
) -> None:
    page = link_worker.get(referred).text
    reach = page[page.index('<dl class="summary reach">') :]
    assert words_of(reach[: reach.index("</dl>")]).startswith(
        "Safe contact Phone call Lives in LS9"
    )
    assert reach.index("Lives in") < reach.index("<dt>State</dt>")


def test_a_move_that_lacks_something_says_what_and_keeps_the_text(
    link_worker: Staff, referred: str
) -> None:
    nothing = link_worker.post(referred, {"to": "", "reason": "Rang twice"})
    assert nothing.status_code == 422
    assert "Rang twice" in nothing.text
    assert 'href="#to"' in nothing.text
    declined = link_worker.post(referred, {"to": "declined"})
    assert declined.status_code == 422
    assert 'href="#reason"' in declined.text
    link_worker.post(referred, {"to": "accepted"})
    completed = link_worker.post(referred, {"to": "completed"})
    assert completed.status_code == 422
    assert 'href="#outcome"' in completed.text
    impossible = link_worker.post(referred, {"to": "requested"})
    assert impossible.status_code == 422


def test_two_link_workers_moving_at_once_are_told(link_worker: Staff, referred: str) -> None:
    link_worker.post(referred, {"to": "accepted"})
    page = link_worker.post(referred, {"to": "accepted"})
    assert page.status_code == 409
    assert "already" in words(page)


def test_the_practice_sees_its_referral_and_may_only_cancel_it(nurse: Staff, referred: str) -> None:
    page = nurse.get(referred).text
    assert re.findall(r'name="to"[^>]*value="([^"]+)"', page) == ["cancelled"]
    assert nurse.post(referred, {"to": "accepted"}).status_code == 422


def test_a_link_worker_sees_the_plan_of_somebody_referred_and_nothing_of_safety(
    nurse: Staff, link_worker: Staff, person_id: str, referred: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY | DISCLOSED)
    for path in ("/worklist", referred, f"/people/{person_id}/plan"):
        page = link_worker.get(path)
        assert page.status_code == 200
        for word in ("Feeling safe", "Afraid", "HARK", "domestic"):
            assert word not in page.text


def test_an_empty_worklist_says_what_to_expect(link_worker: Staff) -> None:
    page = words(link_worker.get("/worklist?show=closed"))
    assert "Worklist" in page


def test_the_practice_sees_what_became_of_a_referral_and_how_to_reach_the_person(
    nurse: Staff, link_worker: Staff, person_id: str
) -> None:
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    nurse.post(
        f"/people/{person_id}/refer",
        {
            "domain": "housing",
            "reason": "Damp",
            "contact": "Phone call",
            "reach": "After four, at the sister's",
            "consent": "yes",
        },
    )
    plan = nurse.get(f"/people/{person_id}/plan")
    (path,) = re.findall(r'href="(/referrals/[^"]+)"', plan.text)
    assert "Phone call: After four, at the sister's" in words(link_worker.get(path))
    link_worker.post(path, {"to": "accepted"})
    link_worker.post(path, {"to": "completed", "outcome": "partly"})
    assert "Completed: The need is partly met" in words(nurse.get(f"/people/{person_id}/plan"))
