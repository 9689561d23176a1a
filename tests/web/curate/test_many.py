"""Many changes at once: the wrong file taken back, the list of changes narrowed; areas and gaps."""

import re
from dataclasses import replace
from datetime import date

import orjson
import pytest

from directory.model import NEEDS
from directory.working_copy import decisions, edits, graphs
from directory.working_copy.store import WorkingCopy
from template_service import clock
from template_service.service import Service
from template_service.web.curate_gaps import tally_of
from tests.web.curate.conftest import CLUB, SOURCE, feed, publish, upload
from tests.web.staff import Staff, words

CURATE = "/directory/curate"
MANY = 60
SHOWN = re.compile(r'name="shown" value="([^"]+)"')
BOXES = re.compile(r'name="proposal" value="(\d+)"')


def clubs(first: int, count: int) -> bytes:
    """A source of made-up clubs, numbered."""
    return orjson.dumps(
        [
            {
                "id": f"{number:08d}-1111-4111-8111-111111111111",
                "name": f"Made-up Club {number}",
                "status": "active",
                "organization": {
                    "id": "33333333-3333-4333-8333-333333333333",
                    "name": "Made-up Society",
                    "description": "Made up for a test",
                },
            }
            for number in range(first, first + count)
        ]
    )


@pytest.fixture
def emptied(curator: Staff) -> str:
    """The address of an import that held nothing of what was there before."""
    assert upload(curator, clubs(0, MANY)).status_code == 303
    return upload(curator, clubs(MANY, 1)).location


def test_a_wrong_file_is_told_and_taken_back_by_one_button(
    curator: Staff, emptied: str, working: WorkingCopy
) -> None:
    page = words(curator.get(emptied))
    assert f"{MANY} of {MANY} services of {SOURCE} are not in this file" in page
    assert "If it was the wrong file" in page
    unsure = curator.post(emptied, {"reason": "Kept text"})
    assert (unsure.status_code, "Tick that" in words(unsure)) == (422, True)
    assert 'value="Kept text"' in unsure.text
    unsaid = curator.post(emptied, {"sure": "yes"})
    assert (unsaid.status_code, "Say why" in words(unsaid)) == (422, True)
    assert len(decisions.proposals(working)) == MANY
    done = curator.post(emptied, {"sure": "yes", "reason": "the wrong file"})
    assert (done.status_code, done.location) == (303, emptied)
    after = words(curator.get(emptied))
    assert f"{MANY} withdrawals rejected" in after
    assert "Reject every withdrawal" not in after
    assert decisions.proposals(working) == ()
    assert curator.post(emptied, {"sure": "yes", "reason": "again"}).status_code == 422


def test_an_import_without_a_great_loss_says_nothing_of_one(curator: Staff) -> None:
    upload(curator, feed())
    page = words(curator.get(upload(curator, clubs(0, 1)).location))
    assert "wrong file" not in page


@pytest.fixture
def mixed(curator: Staff, emptied: str, working: WorkingCopy) -> Staff:
    """Withdrawals of a feed, and after them a word of an organisation and one of staff."""
    upload(curator, feed(), source="another feed")
    publish(curator)
    now = clock.now()
    decisions.propose(working, CLUB, {"cost": "Pay as you feel"}, by="them", now=now)
    decisions.flag(working, CLUB, "wrong", by="Staff Example", now=now, reason="they moved")
    return curator


def test_people_come_first_and_a_page_has_fifty(mixed: Staff, working: WorkingCopy) -> None:
    path = f"{CURATE}/proposals"
    first = mixed.get(path)
    assert f"{MANY + 2} changes wait" in words(first)
    numbers = BOXES.findall(first.text)
    by_number = {str(one.id): one for one in decisions.proposals(working)}
    assert [by_number[it].origin for it in numbers[:2]] == ["organisation", "staff"]
    assert len(numbers) == 50
    second = BOXES.findall(mixed.get(f"{path}?page=2").text)
    assert {*numbers, *second} == by_number.keys()


def test_changes_are_narrowed_by_origin_and_source(mixed: Staff, working: WorkingCopy) -> None:
    path = f"{CURATE}/proposals"
    for query, count in (
        ("origin=organisation", 1),
        ("origin=staff", 1),
        ("origin=feed", MANY),
        (f"source={SOURCE}", MANY),
        ("source=another+feed", 2),
        ("source=another+feed&origin=staff", 1),
        (f"source={SOURCE}&origin=staff", 0),
    ):
        page = mixed.get(f"{path}?{query}")
        assert (query, len(BOXES.findall(page.text))) == (query, min(count, 50))
    assert 'origin=feed&amp;source=&amp;page=2"' in mixed.get(f"{path}?origin=feed").text
    none = mixed.get(f"{path}?source={SOURCE}&origin=staff")
    assert "No change of this kind waits" in words(none)
    (mine,) = decisions.proposals(working, service_id=CLUB)[:1]
    sent = {"decision": "accept", "proposal": str(mine.id)}
    answer = mixed.post(f"{path}?origin=organisation", sent)
    assert answer.location.endswith("?origin=organisation")


def test_a_whole_page_is_decided_or_changed_at_once(mixed: Staff, working: WorkingCopy) -> None:
    path = f"{CURATE}/proposals?origin=feed"
    page = mixed.get(path)
    assert "All 50 on this page" in words(page)
    sent = {"decision": "reject", "every": "yes", "shown": SHOWN.findall(page.text)}
    unsaid = mixed.post(path, sent)
    assert (unsaid.status_code, unsaid.text.count(" checked")) == (422, 51)
    assert len(decisions.proposals(working)) == MANY + 2
    assert mixed.post(path, sent | {"reason": "still there"}).status_code == 303
    assert len(decisions.proposals(working)) == MANY + 2 - 50
    # Those that the page did not show stay, as do those shown where nothing says all of them.
    assert mixed.post(path, sent | {"every": "", "reason": "none ticked"}).status_code == 422

    path = f"{CURATE}/services?search=club+1&source={SOURCE}&endpoint=nowhere&_scheme=none"
    ids = SHOWN.findall(mixed.get(path).text)
    sent = {"every": "yes", "shown": ids, "caution": "Moving in May", "reason": "a letter came"}
    answer = mixed.post(path, sent)
    assert (answer.status_code, len(ids)) == (303, 15)
    assert answer.location.endswith("/services?search=club+1&source=made-up+feed")
    assert all(
        edits.current(working, graphs.open_service(working.database, it)).caution for it in ids
    )


@pytest.mark.parametrize("place", ["proposals/{0}", "imports/{0}", "versions/{0}"])
def test_a_number_nobody_has_is_not_found(curator: Staff, place: str) -> None:
    assert curator.get(f"{CURATE}/{place.format('9' * 30)}").status_code == 404


def test_a_ticked_number_nobody_has_is_told(curator: Staff) -> None:
    sent = {"decision": "accept", "proposal": "9" * 30}
    assert curator.post(f"{CURATE}/proposals", sent).status_code == 422


@pytest.mark.parametrize("query", ["origin=nobody", "source=no-such-source"])
def test_a_choice_that_is_none_is_told(mixed: Staff, query: str) -> None:
    page = mixed.get(f"{CURATE}/proposals?{query}")
    assert (page.status_code, "choose one of the list" in words(page)) == (422, True)


def test_areas_are_told_by_their_names(
    curator: Staff, running: Service, working: WorkingCopy
) -> None:
    upload(curator, feed())
    code, name = next(iter(running.geography.area_names().items()))
    changes = {"service_area": [code, "E99999999"]}
    edits.edit(working, [CLUB], changes, by="them", now=clock.now(), reason="they said so")
    page = words(curator.get(f"{CURATE}/services/{CLUB}"))
    assert f"Areas covered {name} ({code}); E99999999" in page


def test_gaps_say_what_is_counted_and_how_much_of_it_was_rung(
    curator: Staff, running: Service
) -> None:
    services = [one for one in running.directory.services() if one.status == "active"]
    food = [one for one in services if "food-aid" in one.needs]
    rung = sum(one.verified_on is not None for one in food)
    page = words(curator.get(f"{CURATE}/gaps"))
    assert "also one without any contact" in page
    phrase = NEEDS["food-aid"]
    assert f"{phrase[:1].upper()}{phrase[1:]} {len(food)} {rung} " in page


def test_the_first_sentence_of_gaps_says_how_much_was_checked(
    curator: Staff, running: Service
) -> None:
    services = [one for one in running.directory.services() if one.status == "active"]
    rung = sum(one.verified_on is not None for one in services)
    silent = sum(not (one.phone or one.email or one.url) for one in services)
    page = words(curator.get(f"{CURATE}/gaps"))
    told = f"; of the running services ({len(services)}) somebody has rung {rung}, and {silent} "
    assert re.search(rf"for (every|these) needs?{re.escape(told)}ha(s|ve) no phone number", page)


def test_services_are_tallied_by_what_is_known_of_them(running: Service) -> None:
    one, two, three, *_ = (
        replace(each, verified_on=None, phone=(), email="", url="")
        for each in running.directory.services()
    )
    rung = replace(one, verified_on=date(2026, 3, 27), verified_by="a test")
    reached = (replace(two, email="hello@example.org"), replace(two, url="https://example.org/"))
    assert tally_of([rung, two, three, *reached]) == (5, 1, 3)
