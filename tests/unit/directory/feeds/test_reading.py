"""A feed is read whole, and only what was read whole is called complete."""

import json
import sqlite3
import zlib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from directory.feeds import FeedProblem, FeedState, PageRead
from directory.open_referral.records import Quarantined, Record
from tests.fakes.oruk_faults import body, first, rewritten, status
from tests.fakes.oruk_holdings import Holdings, made_up_id, service
from tests.fakes.oruk_server import Fault, OrukServer, serving
from tests.unit.directory.feeds.conftest import Read
from tests.unit.directory.feeds.made_up import StoppedClock, reasons, records_of

DAY = timedelta(days=1)


def test_every_list_is_read_page_by_page_and_every_service_in_full(
    read: Read, held: Holdings
) -> None:
    pages: list[PageRead] = []
    assert not read().complete
    feed = read(on_page=pages.append)
    items = list(feed)
    services = records_of(items)
    assert services.keys() == held.services.keys()
    number_four = services[made_up_id("service", 4)]
    assert {"id": number_four.id, **number_four.fields} == service(4)
    assert len(records_of(items, "organizations")) == 3
    assert len(records_of(items, "service_at_locations")) == 12
    assert len(records_of(items, "taxonomy_terms")) == 2
    assert pages[:3] == [
        PageRead("services", number, 3, size) for number, size in enumerate((5, 5, 2), 1)
    ]
    assert feed.complete
    assert feed.ending is not None
    assert feed.ending.problems == ()
    assert feed.ending.objects == 12 + 3 + 12 + 1 + 2


def test_records_come_from_the_reader_of_nested_documents(read: Read) -> None:
    feed = read(read_documents=None)
    items = list(feed)
    assert [item for item in items if isinstance(item, Quarantined)] == []
    assert len(records_of(items, "service")) == 12
    assert len(records_of(items, "organization")) == 3
    assert len(records_of(items, "phone")) == 12
    assert len(records_of(items, "location")) == 12
    assert records_of(items, "service")[made_up_id("service", 7)].fields["x_from_elsewhere"] == {
        "kept": 7
    }
    assert feed.complete


@pytest.mark.parametrize(
    "given", ["", "/", "/services", "/services/", "/services?page=3&per_page=5", "/taxonomies"]
)
def test_the_api_is_found_from_any_of_its_addresses(
    read: Read, server: OrukServer, given: str
) -> None:
    assert len(records_of(read(f"{server.base}{given}"))) == 12


def test_the_api_is_found_from_one_service(read: Read, server: OrukServer) -> None:
    assert len(records_of(read(f"{server.base}/services/{made_up_id('service', 3)}"))) == 12


def test_other_parameters_of_the_address_go_with_every_request(
    read: Read, server: OrukServer
) -> None:
    assert len(records_of(read(f"{server.base}/services?area=north&page=2"))) == 12
    assert all("area=north" in request for request in server.requests)


def test_a_list_at_an_address_of_its_own_is_read(
    read: Read, server: OrukServer, held: Holdings
) -> None:
    contents = list(held.services.values())
    page = body(json.dumps({"total_items": 12, "contents": contents, "last_page": True}).encode())
    server.misbehave("/o/our-list?page=1", page, times=None)
    feed = read(f"{server.origin}/o/our-list")
    assert len(records_of(feed)) == 12
    assert feed.complete


def test_version_one_is_read_by_its_own_envelope(read: Read, server: OrukServer) -> None:
    server.version = "v1"
    feed = read()
    services = records_of(feed)
    assert len(services) == 12
    assert feed.complete


def test_a_list_that_is_full_is_not_opened_one_by_one(read: Read, server: OrukServer) -> None:
    server.full = True
    feed = read()
    assert records_of(feed)[made_up_id("service", 4)].place == "services page 1: contents[3]"
    assert feed.complete
    assert server.asked("/services/") == []


def test_a_server_that_knows_no_full_is_asked_without_it(read: Read, server: OrukServer) -> None:
    server.strict = True
    feed = read()
    assert len(records_of(feed)) == 12
    assert feed.complete


def test_where_services_cannot_be_opened_the_list_is_taken(read: Read, server: OrukServer) -> None:
    server.details = False
    feed = read()
    services = records_of(feed)
    assert len(services) == 12
    assert "phones" not in services[made_up_id("service", 1)].fields
    assert feed.complete
    assert len(server.asked("/services/")) == 3


def test_lists_a_feed_does_not_have_are_not_missed(read: Read, server: OrukServer) -> None:
    server.offers = {"services"}
    feed = read()
    assert len(records_of(feed)) == 12
    assert feed.complete
    assert feed.ending is not None
    assert feed.ending.offered == ("services",)


def test_an_address_without_services_is_said_so(read: Read, server: OrukServer) -> None:
    with pytest.raises(FeedProblem, match="no list of services at this address"):
        next(read(f"{server.origin}/nothing/here"))


def test_a_list_without_envelope_is_one_page(read: Read, server: OrukServer) -> None:
    server.page_size = 50
    server.misbehave("/services?", rewritten(lambda page: page["contents"]), times=None)
    feed = read(limits={"per_page": 50})
    assert len(records_of(feed)) == 12
    assert feed.complete


def test_an_empty_feed_is_complete(read: Read, held: Holdings) -> None:
    held.services.clear()
    feed = read()
    assert records_of(feed) == {}
    assert feed.complete


def test_new_changed_and_deleted_services_show_in_the_next_reading(
    read: Read, held: Holdings, server: OrukServer, clock: StoppedClock
) -> None:
    before = records_of(read())
    held.add(13)
    held.remove(2)
    held.change(5, "Another name", modified="2026-11-23T09:00:00Z")
    clock.moment += DAY
    server.requests.clear()
    feed = read()
    after = records_of(feed)
    assert feed.complete
    assert after.keys() - before.keys() == {made_up_id("service", 13)}
    assert before.keys() - after.keys() == {made_up_id("service", 2)}
    changed = {
        id_ for id_ in after.keys() & before.keys() if after[id_].fields != before[id_].fields
    }
    assert changed == {made_up_id("service", 5)}


@pytest.mark.parametrize("dated", ["", "Sun, 01 Nov 2026 09:00:00 GMT"])
def test_what_did_not_change_is_not_sent_again_and_still_given(
    read: Read, server: OrukServer, clock: StoppedClock, dated: str
) -> None:
    server.dated = dated
    before = list(read())
    assert server.unchanged == []
    clock.moment += DAY
    feed = read()
    assert list(feed) == before
    assert feed.complete
    # Three pages and twelve services, and a page of each other list but one of three.
    assert len(server.unchanged) == 3 + 12 + 1 + 3 + 1 + 1


def test_a_page_without_marks_is_sent_again(
    read: Read, server: OrukServer, clock: StoppedClock
) -> None:
    server.misbehave("/taxonomies?", body(b'[{"id": "t"}]'), times=None)
    list(read())
    clock.moment += DAY
    assert "t" in records_of(read(), "taxonomies")


def test_only_changes_are_asked_for_where_the_feed_honours_it(
    read: Read, held: Holdings, server: OrukServer, clock: StoppedClock
) -> None:
    assert len(records_of(read(only_changes=True))) == 12
    held.change(5, "Another name", modified="2026-11-23T10:00:00Z")
    held.remove(2)
    clock.moment += DAY
    feed = read(only_changes=True)
    assert records_of(feed).keys() == {made_up_id("service", 5)}
    assert "modified_after=2026-11-21T09%3A00%3A00Z" in server.asked("/services?full")[-1]
    assert feed.ending is not None
    assert feed.ending.incremental
    assert not feed.complete, "what is missing was not asked for"


def test_a_feed_that_ignores_modified_after_is_read_whole(
    read: Read, held: Holdings, server: OrukServer, clock: StoppedClock
) -> None:
    server.honours_modified_after = False
    list(read())
    held.remove(2)
    clock.moment += DAY
    feed = read(only_changes=True)
    assert len(records_of(feed)) == 11
    assert feed.complete


@pytest.mark.parametrize("gone", [(1,), (7,), (1, 2, 7)], ids=str)
def test_a_service_withdrawn_between_list_and_opening_is_told_and_is_no_gap(
    read: Read, held: Holdings, gone: tuple[int, ...]
) -> None:
    held.gone = {made_up_id("service", number) for number in gone}
    feed = read()
    items = list(feed)
    assert records_of(items).keys() == held.services.keys() - held.gone
    reason = "it is listed, but is no longer there"
    places = {1: "page 1: contents[0]", 2: "page 1: contents[1]", 7: "page 2: contents[1]"}
    assert [item for item in items if isinstance(item, Quarantined)] == [
        Quarantined("services", f"services {places[it]}", made_up_id("service", it), reason)
        for it in gone
    ]
    assert feed.complete


@pytest.mark.parametrize("number", [1, 7])
def test_a_service_that_is_kept_from_us_is_a_gap(
    read: Read, server: OrukServer, number: int
) -> None:
    server.misbehave(f"/services/{made_up_id('service', number)}", status(403), times=None)
    feed = read()
    assert len(records_of(feed)) == 11
    assert [reason.partition(": ")[2] for reason in reasons(feed)] == [
        f"contents[{(number - 1) % 5}]: the feed answers 403"
    ]


def test_a_list_that_moves_while_it_is_read_is_gone_through_again(
    read: Read, held: Holdings, server: OrukServer
) -> None:
    # Number 1 goes after page 1 was read: number 6 slides from page 2 to page 1, unseen.
    server.misbehave("/services?full=true&page=2", first(lambda: held.remove(1)))
    feed = read()
    services = records_of(feed)
    assert services.keys() >= held.services.keys()
    assert feed.complete


def test_a_page_that_is_deleted_while_the_list_is_read_is_no_gap(
    read: Read, held: Holdings, server: OrukServer
) -> None:
    server.misbehave("/services?full=true&page=3", first(lambda: held.remove(11, 12)))
    feed = read()
    assert len(records_of(feed)) == 10
    assert feed.complete


def test_a_service_that_comes_in_front_while_the_list_is_read_is_not_missed(
    read: Read, held: Holdings, server: OrukServer
) -> None:
    def come_in_front() -> None:
        found = service(99)
        held.services = {found["id"]: found, **held.services}

    server.misbehave("/services?full=true&page=2", first(come_in_front))
    feed = read()
    assert records_of(feed).keys() == held.services.keys()
    assert feed.complete


@pytest.mark.parametrize(
    "fault",
    [status(404), rewritten(lambda page: {**page, "total_items": None, "contents": []})],
    ids=["404", "empty"],
)
def test_a_promised_page_that_is_not_there_is_looked_for_again(
    read: Read, server: OrukServer, fault: Fault
) -> None:
    server.misbehave("/services?full=true&page=3", fault)
    untold = rewritten(lambda page: {**page, "total_items": None})
    server.misbehave("/services?", untold, times=None)
    feed = read()
    assert len(records_of(feed)) == 12
    assert feed.complete


def test_a_first_page_that_is_not_the_first_is_not_the_whole(
    read: Read, server: OrukServer
) -> None:
    # A server that counts its pages from 0 answers its second page to page 1.
    server.misbehave("page=1&", rewritten(lambda page: {**page, "first_page": False}), times=None)
    feed = read()
    list(feed)
    assert "services page 1: the first page says that it is not the first" in reasons(feed)


def test_a_memory_that_was_damaged_is_not_believed(
    read: Read, clock: StoppedClock, tmp_path: Path
) -> None:
    assert len(records_of(read())) == 12
    clock.moment += DAY
    with closing(sqlite3.connect(tmp_path / "feeds.sqlite")) as memory, memory:
        memory.execute("UPDATE answer SET body = ?", (zlib.compress(b'{"contents": ['),))
    feed = read()
    assert len(records_of(feed)) == 12
    assert feed.complete


def test_a_list_that_never_stands_still_is_not_called_complete(
    read: Read, server: OrukServer
) -> None:
    server.misbehave("/services?", rewritten(lambda page: {**page, "total_items": 14}), times=None)
    feed = read()
    assert len(records_of(feed)) == 12
    assert reasons(feed) == [
        "services the list: 12 of 14 were found, reading it twice: it has moved"
    ]


def test_contents_that_are_no_objects_reach_the_reader_one_by_one(
    read: Read, server: OrukServer
) -> None:
    server.misbehave(
        "/taxonomies?", rewritten(lambda page: {**page, "contents": ["text", 7, None]})
    )
    items = list(read())
    assert [item.row for item in items if isinstance(item, Quarantined)] == [
        f"taxonomies page 1: contents[{position}]" for position in range(3)
    ]
    assert len(records_of(items)) == 12


def test_two_feeds_in_one_state_do_not_meet(
    read: Read, server: OrukServer, state: FeedState
) -> None:
    with serving(Holdings()) as other:
        assert len(list(read())) > 0
        assert list(read(other.base)) == []


def test_places_name_the_page_or_the_service(read: Read) -> None:
    places = {item.kind: item.place for item in read() if isinstance(item, Record)}
    assert places["services"] == f"services/{made_up_id('service', 12)}"
    assert places["taxonomy_terms"] == "taxonomy_terms page 1: contents[1]"
