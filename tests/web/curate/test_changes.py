"""Edits, proposals and their decisions: from feeds, from staff, from the organisation."""

import logging
import re
from collections.abc import Callable

import pytest

from directory.model import NEEDS, service_record
from directory.model import Service as DirectoryService
from directory.working_copy import decisions, edits, graphs
from directory.working_copy.store import WorkingCopy
from template_service import clock
from template_service.web.curate_edit import seen
from template_service.web.curate_fields import typed
from template_service.web.curate_sections import FIELDS
from tests.web.curate.conftest import CAFE, CLUB, SOURCE, feed, publish, upload
from tests.web.staff import Sent, Staff, words

CURATE = "/directory/curate"
ASK = "ask whoever sent it for a new link"


def current(working: WorkingCopy, service_id: str) -> DirectoryService:
    return edits.current(working, graphs.open_service(working.database, service_id))


def form_of(found: DirectoryService, **changed: str) -> Sent:
    """The edit form as the page has it, with some fields typed over."""
    record = service_record(found)
    values = {name: typed(field, record.get(name, field.blank)) for name, field in FIELDS.items()}
    return values | {"seen": seen(found), "reason": "they told us"} | changed


@pytest.fixture
def known(curator: Staff) -> Staff:
    """A curator with the made-up source imported and published."""
    assert upload(curator, feed()).status_code == 303
    assert publish(curator).status_code == 303
    return curator


def test_every_service_goes_through_the_form_unchanged(
    curator: Staff, working: WorkingCopy
) -> None:
    for one in every_service(working):
        answer = curator.post(f"{CURATE}/services/{one.id}/edit", form_of(one))
        assert answer.status_code == 303, words(answer)
        assert current(working, one.id) == one


def every_service(working: WorkingCopy) -> list[DirectoryService]:
    from directory.working_copy.services import current_services

    return [one.service for one in current_services(working) if one.service]


def test_an_edit_is_kept_protected_and_in_the_history(known: Staff, working: WorkingCopy) -> None:
    found = current(working, CLUB)
    changed = form_of(found, cost="Pay as you feel", phone="0113 496 0000 | desk | mornings")
    assert known.post(f"{CURATE}/services/{CLUB}/edit", changed).status_code == 303
    after = current(working, CLUB)
    assert after.cost == "Pay as you feel"
    assert after.phone[0].label == "desk"
    page = words(known.get(f"{CURATE}/services/{CLUB}"))
    assert "Pay as you feel protected from feeds" in page
    assert "they told us" in page
    assert known.name in page
    assert "Name Made-up Lunch Club protected" not in page


def test_a_wrong_edit_names_the_field_and_keeps_what_was_typed(
    known: Staff, working: WorkingCopy
) -> None:
    found = current(working, CLUB)
    sent = form_of(found, minimum_age="old", schedules="someday", cost="Kept text", reason="")
    page = known.post(f"{CURATE}/services/{CLUB}/edit", sent)
    assert page.status_code == 422
    text = words(page)
    assert "Youngest age: “old” is not a whole number" in text
    assert "write “someday” as monday 09:00-17:00" in text
    assert "Say why, for the history" in text
    assert 'value="Kept text"' in page.text
    assert current(working, CLUB) == found


def test_rules_of_a_service_are_told_at_their_fields(known: Staff, working: WorkingCopy) -> None:
    found = current(working, CLUB)
    sent = form_of(found, minimum_age="70", maximum_age="16", name="", service_area="Leeds")
    page = known.post(f"{CURATE}/services/{CLUB}/edit", sent)
    text = words(page)
    assert "Youngest age: 70 is above the highest age, 16" in text
    assert "Name: write a name" in text
    assert "Areas covered: 'Leeds' is not an ONS area code" in text
    assert 'href="#service_area"' in page.text


def test_two_curators_do_not_overwrite_each_other(known: Staff, working: WorkingCopy) -> None:
    old = form_of(current(working, CLUB), cost="Mine")
    known.post(f"{CURATE}/services/{CLUB}/edit", form_of(current(working, CLUB), cost="Theirs"))
    page = known.post(f"{CURATE}/services/{CLUB}/edit", old)
    assert "Somebody changed this entry since you opened it" in words(page)
    assert 'value="Mine"' in page.text
    assert current(working, CLUB).cost == "Theirs"


def test_a_feed_proposes_and_a_curator_decides(known: Staff, working: WorkingCopy) -> None:
    upload(known, feed(description="Soup on Fridays", email="soup@example.org"))
    waiting = decisions.proposals(working)
    assert {one.field for one in waiting} == {"description", "email"}
    page = words(known.get(f"{CURATE}/services/{CLUB}"))
    assert "Waiting for a decision: 2" in page
    assert "Soup on Fridays" in page
    first, second = waiting
    path = f"{CURATE}/proposals/{first.id}"
    refused = known.post(path, {"decision": "reject", "reason": ""})
    assert refused.status_code == 422
    assert "Say why" in words(refused)
    known.post(path, {"decision": "changed", "value": "Soup on Mondays"})
    known.post(f"{CURATE}/proposals/{second.id}", {"decision": "reject", "reason": "a typo"})
    found = current(working, CLUB)
    assert (found.description, found.email) == ("Soup on Mondays", "")
    assert "Take the decision back" in words(known.get(path))
    known.post(path, {"decision": "undo", "reason": "they rang again"})
    assert current(working, CLUB).description != "Soup on Mondays"
    assert [one.id for one in decisions.proposals(working)] == [first.id]


def test_many_are_decided_at_once_or_none(known: Staff, working: WorkingCopy) -> None:
    upload(known, feed(description="Soup on Fridays", email="soup@example.org"))
    numbers = [str(one.id) for one in decisions.proposals(working)]
    path = f"{CURATE}/proposals"
    assert all(f'value="{number}"' in known.get(path).text for number in numbers)
    assert "Tick at least one" in words(known.post(path, {"decision": "accept"}))
    wrong = known.post(path, {"decision": "accept", "proposal": [*numbers, "999"]})
    assert "Nothing was decided" in words(wrong)
    assert len(decisions.proposals(working)) == 2
    assert known.post(path, {"decision": "accept", "proposal": numbers}).status_code == 303
    assert current(working, CLUB).description == "Soup on Fridays"
    assert "No change waits" in words(known.get(path))


def test_many_services_are_changed_at_once(known: Staff, working: WorkingCopy) -> None:
    path = f"{CURATE}/services"
    page = known.get(f"{path}?search=made-up")
    assert words(page).count("Made-up") >= 2
    both = {"service": [CLUB, CAFE], "caution": "Moving in May", "review_by": "1/6/2099"}
    refused = known.post(path, both)
    assert "Say why, for the history" in words(refused)
    assert "Moving in May" in refused.text
    assert known.post(path, both | {"reason": "a letter came"}).status_code == 303
    for service_id in (CLUB, CAFE):
        assert current(working, service_id).caution == "Moving in May"
        assert str(current(working, service_id).review_by) == "2099-06-01"
    assert "Tick at least one service" in words(known.post(path, {"status": "defunct"}))


def test_staff_say_that_something_is_wrong(
    known: Staff, sign_in: Callable[[str], Staff], working: WorkingCopy
) -> None:
    nurse = sign_in("nurse")
    assert "Something wrong?" in words(nurse.get(f"/directory/{CLUB}"))
    assert "Curate this service" not in words(nurse.get(f"/directory/{CLUB}"))
    path = f"/directory/{CLUB}/flag"
    refused = nurse.post(path, {"reason": "they moved"})
    assert refused.status_code == 422
    assert "Choose what is the matter" in words(refused)
    assert 'value="they moved"' in refused.text
    answer = nurse.post(path, {"what": "closed", "reason": "they moved"})
    assert answer.location == f"/directory/{CLUB}"
    assert "Thank you." in words(nurse.get(answer.location))
    (waiting,) = decisions.proposals(working)
    assert (waiting.origin, waiting.by, waiting.wanted) == (
        "staff",
        nurse.name,
        "temporarily closed",
    )
    assert current(working, CLUB).status == "active"
    assert "staff said: closed: they moved" in words(known.get(f"{CURATE}?source={SOURCE}"))


def test_an_nhs_number_is_not_taken_into_the_directory(
    known: Staff, sign_in: Callable[[str], Staff], working: WorkingCopy
) -> None:
    nurse = sign_in("nurse")
    sent = {"what": "wrong", "reason": "ask 999 000 0018 about it"}
    assert "never about a person" in words(nurse.post(f"/directory/{CLUB}/flag", sent))
    assert decisions.proposals(working) == ()


def test_an_organisation_sees_its_entry_and_proposes(
    known: Staff, somebody: Staff, working: WorkingCopy
) -> None:
    page = known.post(f"{CURATE}/services/{CLUB}/link")
    link = re.search(r"http://[^/]+(/directory/suggest/[^<\s]+)", page.text)
    assert link is not None
    path = link.group(1)
    entry = somebody.get(path)
    assert "Is this right? Made-up Lunch Club" in words(entry)
    sent = suggestion(working, description="Lunch at noon")
    assert "Thank you" in words(somebody.post(path, sent))
    (waiting,) = decisions.proposals(working)
    assert (waiting.origin, waiting.field, waiting.wanted) == (
        "organisation",
        "description",
        "Lunch at noon",
    )
    assert current(working, CLUB).description != "Lunch at noon"
    wrong = somebody.post(path, suggestion(working, minimum_age="ten"))
    assert wrong.status_code == 422
    assert "Nothing was changed" in words(somebody.post(path, suggestion(working)))
    # What it only says in words is no colleague's word either.
    assert "Thank you" in words(somebody.post(path, {**suggestion(working), "reason": "we moved"}))
    said = decisions.proposals(working)[-1]
    assert (said.origin, said.action) == ("organisation", "flag")


def test_the_token_of_a_link_is_in_no_log_and_in_nothing_that_is_kept(
    known: Staff,
    somebody: Staff,
    working: WorkingCopy,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reads a token may speak for the organisation until it expires."""
    with caplog.at_level(logging.DEBUG):
        page = known.post(f"{CURATE}/services/{CLUB}/link")
        found = re.search(r"/directory/suggest/([^<\s]+)", page.text)
        assert found is not None
        path, token = found.group(0, 1)
        sent = [
            somebody.get(path),
            somebody.get(f"{path}x"),
            somebody.post(path, suggestion(working, cost="Free")),
        ]
        monkeypatch.setattr(edits, "current", _broken)
        sent.append(somebody.get(path))
    assert [answer.status_code for answer in sent] == [200, 404, 200, 500]
    logged = [str(vars(record)) for record in caplog.records]
    assert len([line for line in logged if "/directory/suggest/<token>" in line]) == 4
    assert any("unexpected-error" in line for line in logged)
    dumped = "".join(working.database.conn.iterdump())
    assert "Made-up Lunch Club" in dumped
    # The body of the token alone names the service; its signature is what gives the right.
    secret = token.rpartition(".")[2]
    assert secret not in "".join(logged) + dumped
    assert all(answer.headers["Referrer-Policy"] == "same-origin" for answer in sent)


def _broken(*_: object) -> DirectoryService:
    raise RuntimeError("made up")


def suggestion(working: WorkingCopy, **changed: str) -> Sent:
    return {**form_of(current(working, CLUB)), "reason": "", **changed}


def test_a_link_is_of_no_use_when_it_is_old_forged_or_used_too_often(
    known: Staff, somebody: Staff, working: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = known.post(f"{CURATE}/services/{CLUB}/link")
    found = re.search(r"(/directory/suggest/[^<\s]+)", page.text)
    assert found is not None
    path = found.group(1)
    forged = somebody.get(f"{path[:-3]}abc")
    assert (forged.status_code, ASK in words(forged)) == (404, True)
    assert "look the person up" not in words(forged)
    statuses = [somebody.post(path, suggestion(working)).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    often = words(somebody.post(path, suggestion(working)))
    assert "Wait an hour and open it again. What was sent last was not saved" in often
    assert "password" not in often
    from itsdangerous.timed import TimestampSigner

    later = int(clock.now().timestamp()) + 31 * 24 * 3600
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later)
    expired = somebody.get(path)
    assert (expired.status_code, "expired" in words(expired)) == (404, True)
    assert ASK in words(expired).casefold()


def test_an_organisation_sees_all_that_staff_read_about_it(
    known: Staff, somebody: Staff, working: WorkingCopy
) -> None:
    edits.edit(
        working,
        [CLUB],
        {
            "caution": "Ring before anybody goes",
            "needs": ["food-aid"],
            "channels": ["in-person"],
            "schedules": [{"day": "monday", "opens": "10:00", "closes": "12:00"}],
        },
        by="a test",
        now=clock.now(),
        reason="made up",
    )
    found = re.search(
        r"(/directory/suggest/[^<\s]+)", known.post(f"{CURATE}/services/{CLUB}/link").text
    )
    assert found is not None
    page = somebody.get(found.group(1))
    told = words(page)
    for fact in ("Ring before anybody goes", NEEDS["food-aid"], "In person"):
        assert fact in told
    assert "monday 10:00-12:00" in page.text
    sent = suggestion(working, schedules="saturday 10:00-12:00")
    assert "Thank you" in words(somebody.post(found.group(1), sent))
    (waiting,) = decisions.proposals(working)
    assert (waiting.field, waiting.wanted) == (
        "schedules",
        [{"day": "saturday", "opens": "10:00", "closes": "12:00"}],
    )


WRONG = {
    "url": ("javascript:alert(1)", "Web page: is not the address of a web page"),
    "postcode": ("BANANA", "Postcode: not a UK postcode"),
    "email": ("notanemail", "Email: is not an e-mail address"),
    "phone": ("ask at the desk", "Phone numbers: 'ask at the desk' is not a phone number"),
    "maximum_age": ("131", "Oldest age: 131 is not an age"),
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_value_is_told_at_its_field_and_what_was_typed_stays(
    known: Staff, working: WorkingCopy, field: str
) -> None:
    found = current(working, CLUB)
    text, said = WRONG[field]
    sent = form_of(found, **{field: text}, cost="Kept text")
    page = known.post(f"{CURATE}/services/{CLUB}/edit", sent)
    assert (page.status_code, said in words(page)) == (422, True)
    assert f'href="#{field}"' in page.text
    assert text in page.text
    assert 'value="Kept text"' in page.text
    assert current(working, CLUB) == found


@pytest.mark.parametrize("field", WRONG)
def test_an_organisation_is_told_at_the_field_and_nothing_is_sent(
    known: Staff, somebody: Staff, working: WorkingCopy, field: str
) -> None:
    made = known.post(f"{CURATE}/services/{CLUB}/link")
    link = re.search(r"/directory/suggest/[^<\s]+", made.text)
    assert link is not None
    text, said = WRONG[field]
    page = somebody.post(link.group(0), suggestion(working, **{field: text}, cost="Kept text"))
    assert (page.status_code, said in words(page)) == (422, True)
    assert f'href="#{field}"' in page.text
    assert text in page.text
    assert 'value="Kept text"' in page.text
    assert decisions.proposals(working) == ()


JUNK = (
    "javascript:alert(1)",
    "x | y | z | w",
    "| only a label",
    "{}",
    "9" * 400,
    "31/2/2026/1",
    "²",
)


@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_any_field_is_never_our_fault(
    known: Staff, somebody: Staff, working: WorkingCopy, junk: str
) -> None:
    made = known.post(f"{CURATE}/services/{CLUB}/link")
    link = re.search(r"/directory/suggest/[^<\s]+", made.text)
    assert link is not None
    everywhere = dict.fromkeys(FIELDS, junk)
    assert somebody.post(link.group(0), suggestion(working, **everywhere)).status_code == 422
    for field in FIELDS:
        path = f"{CURATE}/services/{CLUB}/edit"
        page = known.post(path, form_of(current(working, CLUB), **{field: junk}))
        assert (field, page.status_code in (303, 422)) == (field, True)
    assert known.get(f"{CURATE}/services/{CLUB}").status_code == 200


def test_another_value_for_a_proposal_is_checked_too(known: Staff, working: WorkingCopy) -> None:
    upload(known, feed(url="https://club.example.org/", email="soup@example.org"))
    before = current(working, CLUB)
    wrong = {"url": "javascript:alert(1)", "email": "notanemail"}
    for one in decisions.proposals(working):
        sent = {"decision": "changed", "value": wrong[one.field], "reason": "they rang"}
        page = known.post(f"{CURATE}/proposals/{one.id}", sent)
        assert (page.status_code, wrong[one.field] in page.text) == (422, True)
    assert current(working, CLUB) == before
    assert len(decisions.proposals(working)) == 2
