"""The phone round: the list by risk, the script, and the one button that verifies."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from directory.working_copy import edits, graphs, rounds
from directory.working_copy.store import WorkingCopy
from template_service import clock
from template_service.actions.curate_counts import FEWEST, signposted
from template_service.records.given import add_given
from template_service.service import Service
from tests.web.conftest import PRACTICE, make_person
from tests.web.staff import Staff, words

ROUND = "/directory/curate"
FIRST = re.compile(r'class="name" href="/directory/curate/services/([0-9a-f-]+)"')


def listed(page: str) -> list[str]:
    return FIRST.findall(page)


def test_the_round_is_led_by_what_is_urgent(curator: Staff, working: WorkingCopy) -> None:
    page = curator.get(ROUND).text
    calls = rounds.calls(working, today=clock.today())
    assert listed(page) == [call.service.id for call in calls][:50]
    assert calls[0].risk == "urgent"
    assert "nobody has rung yet" in page


def test_the_round_is_narrowed(curator: Staff) -> None:
    everything = listed(curator.get(ROUND).text)
    urgent = listed(curator.get(f"{ROUND}?risk=urgent").text)
    assert set(urgent) < set(everything)
    nothing = curator.get(f"{ROUND}?source=nowhere")
    assert "Nothing matches. See the whole round" in words(nothing)


def test_rang_verifies_and_leads_on(curator: Staff, working: WorkingCopy) -> None:
    first, second = listed(curator.get(ROUND).text)[:2]
    page = curator.get(f"{ROUND}/services/{first}")
    assert 'accesskey="r"' in page.text
    answer = curator.post(f"{ROUND}/services/{first}/rang")
    assert answer.location == f"{ROUND}/services/{first}?next={second}"
    found = edits.current(working, graphs.open_service(working.database, first))
    assert found.verified_on == clock.today()
    assert found.verified_by == curator.name
    shown = words(curator.get(answer.location))
    assert "Noted: rang, still right." in shown
    assert "checked today" in shown
    assert first not in listed(curator.get(ROUND).text)
    assert curator.get(f"{ROUND}/next/{second}").location == f"{ROUND}/services/{third(curator)}"


def third(curator: Staff) -> str:
    return listed(curator.get(ROUND).text)[1]


def test_who_is_in_charge_is_named(curator: Staff) -> None:
    curator.post(f"{ROUND}/in-charge", {"lead": "One Example", "deputy": "Two Example"})
    assert 'value="Two Example"' in curator.get(ROUND).text
    refused = curator.post(f"{ROUND}/in-charge", {"lead": "x" * 101, "deputy": "Kept Example"})
    assert refused.status_code == 422
    assert 'value="Kept Example"' in refused.text


def test_where_many_people_are_sent_comes_first_and_few_are_not_told_apart(
    curator: Staff, running: Service, working: WorkingCopy
) -> None:
    calls = [call for call in rounds.calls(working, today=clock.today()) if call.risk != "urgent"]
    much, little = calls[5].service, calls[6].service
    for service, people in ((much, FEWEST), (little, 2)):
        for _ in range(people):
            person = make_person(running)
            for _ in range(2):
                give(running, person, service.id)
    counts = signposted(running, now=clock.now())
    assert counts == {much.id: FEWEST, little.id: 1}
    assert signposted(running, now=clock.now() + timedelta(days=366)) == {}
    page = curator.get(f"{ROUND}?risk={calls[5].risk}")
    assert listed(page.text)[:2] == [much.id, little.id]
    assert f"{FEWEST} people sent there" in words(page)
    assert f"under {FEWEST} people sent there" in words(page)


def give(running: Service, person: str, service_id: str) -> None:
    with running.store.write() as conn:
        add_given(
            conn,
            PRACTICE,
            person_id=person,
            response_id=None,
            service_id=service_id,
            service_name="Some service",
            need="food-aid",
            channel="print",
            directory_version="x",
            at=clock.now(),
            by="user:1",
            by_name="Somebody",
        )


def test_dates_are_kept_and_wrong_ones_named(curator: Staff) -> None:
    first = listed(curator.get(ROUND).text)[0]
    path = f"{ROUND}/services/{first}"
    ahead = clock.today() + timedelta(days=10)
    days = {"review_by": "", "funding_ends_on": f"{ahead.day}/{ahead.month}/{ahead.year}"}
    assert curator.post(f"{path}/dates", days | {"expires_on": ""}).status_code == 303
    assert "funding ends on" in words(curator.get(ROUND))
    wrong = curator.post(f"{path}/dates", days | {"expires_on": "31/2/2027"})
    assert wrong.status_code == 422
    assert "Last day of the service: write the day like 27/3/2026" in words(wrong)
    assert 'value="31/2/2027"' in wrong.text
    past = curator.post(f"{path}/dates", days | {"review_by": "1/1/2020"})
    assert "Ring again by: choose a day after today" in words(past)


def test_a_review_date_holds_for_what_was_rung(curator: Staff, working: WorkingCopy) -> None:
    first = listed(curator.get(ROUND).text)[0]
    curator.post(f"{ROUND}/services/{first}/rang")
    ahead = clock.today() + timedelta(days=3)
    curator.post(
        f"{ROUND}/services/{first}/dates",
        {"review_by": ahead.isoformat(), "expires_on": "", "funding_ends_on": ""},
    )
    found = edits.current(working, graphs.open_service(working.database, first))
    assert found.review_by == ahead
    assert found.verified_on == clock.today()


@pytest.mark.parametrize("username", ["nurse", "health", "admin"])
def test_only_curators_have_the_pages(sign_in: Callable[[str], Staff], username: str) -> None:
    other = sign_in(username)
    assert other.get(ROUND).status_code == 403
    assert "Curate" not in words(other.get("/directory"))
