"""The page of an import: its quarantine by cause, and its source taken out and put back."""

import orjson

from directory.working_copy import taking_out
from directory.working_copy.store import WorkingCopy
from template_service.service import Service
from tests.web.curate.conftest import CAFE, CLUB, SOURCE, feed, publish, upload
from tests.web.staff import Staff, words

CURATE = "/directory/curate"


def with_bad_phones(count: int) -> bytes:
    """The feed, with phones of one service that have no number, and one without an id."""
    content = orjson.loads(feed())
    content[0]["phones"] = [{"id": f"phone-{number}"} for number in range(count)]
    return orjson.dumps(content)


def test_quarantine_is_told_by_cause_and_folded(curator: Staff) -> None:
    page = curator.get(upload(curator, with_bad_phones(60)).location)
    assert words(page).count("60 phones: number: missing") == 2
    assert page.text.count('<details class="fold"><summary>60 phones') == 1
    assert page.text.count(">phone-") == 50
    assert "… and 10 more." in words(page)
    one = words(curator.get(upload(curator, with_bad_phones(1), source="another").location))
    assert "phone-0: number: missing" in one
    assert "1 phones" not in one


def test_when_nothing_at_all_counts_as_withdrawn_that_is_said_in_a_word(curator: Staff) -> None:
    upload(curator, feed())
    nameless = orjson.loads(feed())
    del nameless[1]["id"]
    page = words(curator.get(upload(curator, orjson.dumps(nameless)).location))
    assert "nothing counts as withdrawn of anything." in page


def test_a_source_is_taken_out_and_its_file_brings_it_back(
    curator: Staff, running: Service, working: WorkingCopy
) -> None:
    before = {one.id for one in running.directory.services()}
    path = upload(curator, feed()).location
    curator.post(f"{CURATE}/services/{CLUB}/rang", {})
    publish(curator)
    page = words(curator.get(path))
    assert f"Take {SOURCE} out" in page
    assert "2 services (2 published before, 1 edited, dated or rung by a curator)" in page
    out = {"act": "out", "sure": "yes", "reason": "another county"}
    unsure = curator.post(path, out | {"sure": ""})
    assert (unsure.status_code, "Tick that you are sure" in words(unsure)) == (422, True)
    assert 'value="another county"' in unsure.text
    unsaid = curator.post(path, out | {"reason": ""})
    assert (unsaid.status_code, "Say why" in words(unsaid)) == (422, True)
    assert taking_out.taken_out(working, SOURCE) is None
    assert curator.post(path, out).location == path
    after = words(curator.get(path))
    assert f"2 services of {SOURCE} taken out. Publish to put that in use." in after
    assert f"{SOURCE} is taken out By {curator.name}, at" in after
    assert "another county" in after
    assert curator.post(path, out).status_code == 422
    publish(curator)
    assert {one.id for one in running.directory.services()} == before
    again = words(curator.get(upload(curator, feed()).location))
    assert f"{SOURCE} had been taken out: what it holds is in again." in again
    publish(curator)
    assert {one.id for one in running.directory.services()} == before | {CLUB, CAFE}


def test_a_source_is_put_back_on_the_page(curator: Staff, working: WorkingCopy) -> None:
    path = upload(curator, feed()).location
    curator.post(path, {"act": "out", "sure": "yes", "reason": "another county"})
    assert curator.get(f"{CURATE}/services/{CLUB}").status_code == 404
    assert curator.post(path, {"act": "back"}).location == path
    assert f"2 services of {SOURCE} put back" in words(curator.get(path))
    assert curator.get(f"{CURATE}/services/{CLUB}").status_code == 200
    refused = curator.post(path, {"act": "back"})
    assert (refused.status_code, "is not taken out" in words(refused)) == (422, True)
