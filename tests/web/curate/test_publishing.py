"""From a file to a published version and back; duplicates and gaps."""

import re

import orjson
import pytest

from directory.link_checks import Link
from directory.open_referral import reading
from directory.working_copy import edits, graphs, links
from directory.working_copy.drafting import changes_since, draft
from directory.working_copy.store import WorkingCopy
from template_service import clock, data_folder
from template_service.service import Service
from template_service.web import curate
from tests.web.curate.conftest import CAFE, CLUB, SOURCE, feed, publish, upload
from tests.web.staff import Staff, words

CURATE = "/directory/curate"
ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
NUMBER = re.compile(r'numeric">([\d,]+)<')


def test_counts_of_an_import_add_up_and_refused_rows_say_why(curator: Staff) -> None:
    broken = feed(minimum_age="young")
    page = curator.get(upload(curator, broken).location)
    rows = [
        [int(found.replace(",", "")) for found in NUMBER.findall(row)]
        for row in ROW.findall(page.text)
    ]
    counted = [row for row in rows if len(row) == 6]
    assert counted
    for read, new, changed, unchanged, quarantined, _ in counted:
        assert read == new + changed + unchanged + quarantined
    assert "minimum_age" in words(page)
    assert SOURCE in words(curator.get(f"{CURATE}/imports"))


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\x00\x01\x02", "feed.bin", "This file cannot be read"),
        (b"PK\x03\x04 not a zip", "feed.zip", "This file cannot be read"),
        (b"", "feed.json", "This file cannot be read: the file is empty"),
        (
            b'{"resourceType": "Bundle", "entry": []}',
            "feed.json",
            "This file cannot be read: this is a FHIR Bundle, not a directory",
        ),
        (
            b"Club,Ward\nMade-up Chess Club,Armley\n",
            "clubs.csv",
            "This file cannot be read: no column is one of HSDS (it has: Club, Ward). A mapping",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "clubs.csv",
            "This file cannot be read: this seems to be an old Excel file",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_reason(
    curator: Staff, content: bytes, name: str, said: str
) -> None:
    page = upload(curator, content, name)
    assert page.status_code == 422
    assert said in words(page)
    assert f'value="{SOURCE}"' in page.text
    assert "/tmp" not in page.text
    # A page has no options of a command.
    assert " --" not in words(page)


def test_a_file_that_breaks_off_says_so_and_withdraws_nothing(curator: Staff) -> None:
    upload(curator, feed())
    page = words(curator.get(upload(curator, feed()[:-40]).location))
    assert "The source was not read whole" in page
    assert "These rows were not taken" in page
    assert "No change waits" in words(curator.get(f"{CURATE}/proposals"))


def test_what_a_whole_feed_leaves_out_is_said_once(curator: Staff) -> None:
    upload(curator, feed(status="").replace(b'"status":"active"', b'"status":""'))
    page = curator.get(f"{CURATE}/publish")
    said = f"2 services of {SOURCE}: status: not stated, so nobody knows whether it runs"
    assert words(page).count("not stated, so nobody knows") == 1
    assert said in words(page)
    for service_id in (CLUB, CAFE):
        assert page.text.count(f'/directory/curate/services/{service_id}"') == 1


def test_what_is_missing_from_the_form_is_named(curator: Staff) -> None:
    page = curator.post(f"{CURATE}/imports", {"source": "", "mapping": "own"})
    for said in ("Name the source", "Choose a file", "Choose your mapping file"):
        assert said in words(page)
    assert "choose another" in words(upload(curator, feed(), source="starter"))


def test_a_plain_table_comes_with_its_mapping(curator: Staff) -> None:
    import io

    mapping = b"""
files:
  - file: clubs.csv
    records:
      organization: {id: "organization/{Club}"}
      service: {id: "service/{Club}", refers: [organization]}
    columns:
      Club: [service.name, organization.name]
    constants:
      service.status: active
      organization.description: Made up
"""
    answer = curator.client.post(
        f"{CURATE}/imports",
        data={
            "source": "clubs",
            "mapping": "own",
            "file": (io.BytesIO(b"Club\nMade-up Chess Club\n"), "clubs.csv"),
            "own_mapping": (io.BytesIO(mapping), "mine.yaml"),
            "csrf_token": curator.token(),
        },
    )
    assert answer.status_code == 303, words(answer)
    assert "Made-up Chess Club" in words(curator.get(f"{CURATE}/services?search=chess"))


def test_a_file_may_be_larger_than_a_form_but_not_endless(
    curator: Staff, running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "x" * 2 * running.settings.max_body_bytes
    assert upload(curator, feed(description=text)).status_code == 303
    assert curator.post(f"{CURATE}/publish", {"reason": text}).status_code == 413
    monkeypatch.setattr(curate, "LARGEST_UPLOAD", len(text))
    assert upload(curator, feed(description=text)).status_code == 413


def test_a_file_that_says_the_same_again_is_not_read_again(
    curator: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(curator, feed())
    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_source", None)
        page = curator.get(upload(curator, feed()).location)
    read, new, changed, unchanged, *_ = totals(page.text)
    assert (new, changed, unchanged) == ("0", "0", read)
    other = curator.get(upload(curator, feed(name="Made-up Supper Club")).location)
    assert totals(other.text)[:3] == [read, "0", "1"]


def totals(page: str) -> list[str]:
    """The counts of all tables together."""
    return NUMBER.findall(page.partition('class="total"')[2])


def test_tables_with_a_row_without_id_are_named_on_the_import(curator: Staff) -> None:
    upload(curator, feed())
    nameless = orjson.loads(feed())
    del nameless[1]["id"]
    page = words(curator.get(upload(curator, orjson.dumps(nameless)).location))
    assert "The source has rows without an id: nothing counts as withdrawn of" in page
    assert "was not read whole" not in page


def test_a_page_opens_no_geography_of_its_own(
    curator: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "open_geography", None)
    assert curator.get(CURATE).status_code == 200


def test_from_a_file_to_a_version_and_back(
    curator: Staff, running: Service, working: WorkingCopy
) -> None:
    before = {one.id for one in running.directory.services()}
    upload(curator, feed())
    page = words(curator.get(f"{CURATE}/publish"))
    assert "2 added, 0 removed, 0 changed" in page
    assert "Made-up Lunch Club" in page
    answer = publish(curator, "two clubs")
    assert answer.location == f"{CURATE}/versions"
    listed = words(curator.get(answer.location))
    assert "two clubs" in listed
    assert curator.name in listed
    assert {one.id for one in running.directory.services()} == before | {CLUB, CAFE}
    assert "Nothing differs." in words(curator.get(f"{CURATE}/publish"))
    compared = words(curator.get(f"{CURATE}/versions/compare?from=1&to=2"))
    assert "From version 1 to version 2" in compared
    assert "2 added" in compared
    back = curator.post(f"{CURATE}/versions/1", {"reason": ""})
    assert (back.status_code, "Say why" in words(back)) == (422, True)
    curator.post(f"{CURATE}/versions/1", {"reason": "they asked us to wait"})
    assert {one.id for one in running.directory.services()} == before
    assert "they asked us to wait" in words(curator.get(f"{CURATE}/versions"))


@pytest.mark.parametrize("query", ["", "?from=1", "?from=1&to=99", "?from=x&to=y"])
def test_what_cannot_be_compared_says_so(curator: Staff, query: str) -> None:
    page = curator.get(f"{CURATE}/versions/compare{query}")
    assert page.status_code == 422
    assert "These cannot be compared" in words(page)


def test_what_the_page_announces_is_what_publishing_does(
    curator: Staff, running: Service, working: WorkingCopy
) -> None:
    upload(curator, feed())
    upload(curator, feed(name="Made-up Twin"), source="another feed")
    yesterday = "1/1/2020"
    curator.post(f"{CURATE}/services/{CAFE}/dates", {"expires_on": yesterday})
    announced = draft(working, today=clock.today())
    assert [one.name for one in announced.left_out] == ["Made-up Twin", "Made-up Repair Cafe"]
    page = words(curator.get(f"{CURATE}/publish"))
    assert "Cannot be published: 2" in page
    publish(curator)
    published = running.directory.services()
    assert {one.id: one for one in published} == {one.id: one for one in announced.services}
    nothing = changes_since(running.settings.data / "directory", announced.services)
    assert not any(nothing)


def test_a_pair_is_told_apart_for_good(curator: Staff) -> None:
    upload(curator, feed(name="Made-up Repair Cafe"))
    path = f"{CURATE}/duplicates"
    page = curator.get(path)
    assert "the same name" in words(page)
    pair = f"{path}/{CLUB}/{CAFE}"
    assert pair in page.text
    assert "Made-up Society" in words(curator.get(pair))
    refused = curator.post(pair, {"reason": "Kept text"})
    assert 'value="Kept text"' in refused.text
    curator.post(pair, {"decision": "apart", "reason": "two towns"})
    assert pair not in curator.get(path).text
    for service_id in (CLUB, CAFE):
        assert "two towns" in words(curator.get(f"{CURATE}/services/{service_id}"))


def test_telling_a_pair_apart_is_taken_back(curator: Staff) -> None:
    upload(curator, feed(name="Made-up Repair Cafe"))
    path = f"{CURATE}/duplicates"
    pair = f"{path}/{CLUB}/{CAFE}"
    assert "Nobody told these two services apart" in words(
        curator.post(pair, {"decision": "again"})
    )
    curator.post(pair, {"decision": "apart", "reason": "two towns"})
    assert "1 pair is told apart" in words(curator.get(path))
    apart = curator.get(f"{path}?show=apart")
    assert pair in apart.text
    assert f"{curator.name}, at" in words(apart)
    assert "They may be the same after all" in words(curator.get(pair))
    curator.post(pair, {"decision": "again", "reason": "one town"})
    assert pair in curator.get(path).text
    assert pair not in curator.get(f"{path}?show=apart").text
    assert "one town" in words(curator.get(f"{CURATE}/services/{CLUB}"))


def test_links_that_did_not_answer_are_listed_with_the_last_check(
    curator: Staff, working: WorkingCopy
) -> None:
    upload(curator, feed(url="https://club.example.org/"))
    path = f"{CURATE}/links"
    assert "No web page was asked yet" in words(curator.get(path))
    found = edits.current(working, graphs.open_service(working.database, CLUB))
    links.keep(working, Link(found, "gone", "it answers 410"), now=clock.now())
    page = curator.get(path)
    assert f"{CURATE}/services/{CLUB}" in page.text
    said = words(page)
    assert "1 link does not answer" in said
    assert "Made-up Lunch Club Gone https://club.example.org/: it answers 410" in said
    assert "1 web page was asked, last on" in said
    links.keep(working, Link(found, "answers", "it answers"), now=clock.now())
    assert "Every web page that was asked answers." in words(curator.get(path))


def test_one_of_a_pair_is_ended(curator: Staff) -> None:
    upload(curator, feed(name="Made-up Repair Cafe"))
    pair = f"{CURATE}/duplicates/{CLUB}/{CAFE}"
    refused = curator.post(pair, {"decision": "end-other"})
    assert (refused.status_code, "Say why you end it" in words(refused)) == (422, True)
    curator.post(pair, {"decision": "end-other", "reason": "it moved in"})
    ended = words(curator.get(f"{CURATE}/services/{CAFE}"))
    assert f"the same as Made-up Repair Cafe of {SOURCE} ({CLUB}): it moved in" in ended
    assert "defunct" in words(curator.get(f"{CURATE}/services?search=made-up&status=defunct"))
    assert f"/{CLUB}/{CAFE}" not in curator.get(f"{CURATE}/duplicates").text


def test_gaps_are_those_the_reports_tell(curator: Staff) -> None:
    page = curator.get(f"{CURATE}/gaps")
    assert page.status_code == 200
    assert "Needs without a service" in words(page)


@pytest.mark.parametrize(
    "path",
    [
        "/services/nothing",
        "/services/nothing/edit",
        "/proposals/999",
        "/imports/999",
        "/versions/999",
        f"/duplicates/{CLUB}/{CAFE}",
    ],
)
def test_what_is_not_there_is_not_found(curator: Staff, path: str) -> None:
    assert curator.get(f"{CURATE}{path}").status_code == 404
