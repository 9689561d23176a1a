"""A feed that misbehaves is tried again, bounded, and said to be incomplete: never endless."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from directory.feeds import FeedProblem, FeedRefused
from directory.open_referral.records import Quarantined, Record
from tests.fakes.oruk_faults import (
    body,
    broken_off,
    dripping,
    dripping_redirect,
    endless,
    redirect,
    rewritten,
    silent,
    status,
)
from tests.fakes.oruk_holdings import Holdings, made_up_id, service
from tests.fakes.oruk_server import Fault, OrukServer
from tests.unit.directory.feeds.conftest import Read
from tests.unit.directory.feeds.made_up import START, StoppedClock, reasons, records_of

PAGE_2 = "/services?full=true&page=2"
DEEP = b"[" * 60 + b"]" * 60
TRUNCATED = b'{"contents": [{"id": "a"'

PASSING: dict[str, Fault] = {
    "500": status(500),
    "503": status(503),
    "429": status(429),
    "truncated JSON": body(TRUNCATED),
    "HTML": body(b"<p>busy</p>", "text/html; charset=utf-8"),
    "another page": rewritten(lambda page: {**page, "page_number": 7}),
    "no page": body(b'{"error": "made up"}'),
    "broken off": broken_off,
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_tried_again(
    read: Read, server: OrukServer, clock: StoppedClock, fault: Fault
) -> None:
    server.misbehave(PAGE_2, fault, times=4)
    feed = read()
    assert len(records_of(feed)) == 12
    assert feed.complete
    assert clock.waits == [1, 2, 4, 8]


LASTING: dict[str, tuple[Fault, str]] = {
    "500": (status(500), "the feed answers 500; tried 5 times"),
    "truncated JSON": (body(TRUNCATED), "not whole JSON (it breaks at line 1, column 25)"),
    "HTML": (body(b"<p>busy</p>", "text/html"), "the answer is text/html, not JSON"),
    "not UTF-8": (body(b'["\xe9"]'), "the answer is not utf-8 (byte 2 cannot be read)"),
    "nested": (body(DEEP), "nested more than 40 levels deep"),
    "unknown charset": (
        body(b"[]", "application/json; charset=elvish"),
        "encoding that JSON does not come in",
    ),
    "a number": (body(b"7"), "not a page of a list"),
    "broken off": (broken_off, "broke"),
    "redirects in a circle": (redirect("services?full=true&page=2"), "redirects more than 5 times"),
    "asks to wait too long": (status(429, {"Retry-After": "7200"}), "come back in 7,200 seconds"),
}


@pytest.mark.parametrize(("fault", "reason"), LASTING.values(), ids=LASTING)
def test_a_page_that_cannot_be_had_is_quarantined_and_the_rest_is_read(
    read: Read, server: OrukServer, fault: Fault, reason: str
) -> None:
    server.misbehave(PAGE_2, fault, times=None)
    feed = read()
    items = list(feed)
    assert len(records_of(items)) == 7
    (gap,) = (item for item in items if isinstance(item, Quarantined))
    assert gap[:3] == ("services", "page 2", "")
    assert reason in gap.reason
    assert feed.ending is not None
    assert feed.ending.problems == (gap,)
    assert not feed.complete
    # What is there again is read where the reading broke off.
    server.behave()
    healed = read()
    assert len(records_of(healed)) == 12
    assert healed.complete
    assert server.asked("/services?full=true&page=1") == []


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ("7", [7]),
        ("Sun, 22 Nov 2026 09:00:30 GMT", [30]),
        ("Sun, 22 Nov 2026 08:00:00 GMT", [0]),
        ("soon", [1]),
    ],
)
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    read: Read, server: OrukServer, clock: StoppedClock, header: str, waits: list[float]
) -> None:
    assert clock.now() == START
    server.misbehave(PAGE_2, status(429, {"Retry-After": header}))
    assert len(records_of(read())) == 12
    assert clock.waits == waits


def test_an_endless_answer_is_cut_at_the_bound_and_not_asked_for_again(
    read: Read, server: OrukServer
) -> None:
    server.misbehave(PAGE_2, endless, times=None)
    feed = read(limits={"answer_bytes": 200_000})
    assert len(records_of(feed)) == 7
    assert reasons(feed) == ["services page 2: the answer has more than 200,000 bytes"]
    assert len(server.asked(PAGE_2)) == 1


def test_a_small_answer_that_unpacks_to_a_big_one_is_cut_at_the_bound(
    read: Read, server: OrukServer
) -> None:
    packed = gzip.compress(b" " * 5_000_000)

    def bomb(exchange: Any) -> bool:
        exchange.send(200, packed, {"Content-Encoding": "gzip"})
        return True

    assert len(packed) < 10_000
    server.misbehave(PAGE_2, bomb, times=None)
    feed = read(limits={"answer_bytes": 200_000})
    list(feed)
    assert reasons(feed) == ["services page 2: the answer has more than 200,000 bytes"]


def test_a_silent_server_is_not_waited_for(read: Read, server: OrukServer) -> None:
    server.misbehave(PAGE_2, silent, times=None)
    feed = read(limits={"read_seconds": 0.05, "tries": 2})
    assert len(records_of(feed)) == 7
    assert reasons(feed) == ["services page 2: the feed did not answer in time; tried 2 times"]


def test_a_dripping_server_is_cut_off(read: Read, server: OrukServer) -> None:
    server.misbehave(PAGE_2, dripping, times=None)
    feed = read(limits={"answer_seconds": 0.1, "tries": 2})
    # Other answers may be slow on a busy machine; this one never ends.
    list(feed)
    assert any("not whole after 0.1 seconds" in reason for reason in reasons(feed))


def test_a_feed_that_stops_answering_is_left_alone_and_gone_on_with(
    read: Read, server: OrukServer
) -> None:
    server.misbehave("/services/", status(500), times=None)
    feed = read(limits={"tries": 1})
    assert records_of(feed) == {}
    assert not feed.complete
    assert "services the feed: the feed has stopped answering" in reasons(feed)[-1]
    assert len(server.requests) == 4
    server.behave()
    again = read()
    assert len(records_of(again)) == 12
    assert again.ending is not None
    assert again.ending.resumed
    assert again.complete


def test_nothing_at_all_is_a_problem_and_no_empty_feed(read: Read, server: OrukServer) -> None:
    server.misbehave("/services", status(500), times=None)
    with pytest.raises(FeedProblem, match="the feed answers 500"):
        next(read())


def test_a_feed_that_asks_for_a_sign_in_is_said_so(read: Read, server: OrukServer) -> None:
    server.misbehave("/services", status(401), times=None)
    with pytest.raises(FeedProblem, match="the feed answers 401"):
        next(read())


PRIVATE = ["http://10.0.0.1/services", "http://169.254.169.254/latest", "http://[::1]/services"]


@pytest.mark.parametrize(
    "to", [*PRIVATE, "ftp://feed.example/", "http://a:b@127.0.0.1/services", "http://["]
)
def test_a_redirect_where_it_may_not_go_ends_the_reading(
    read: Read, server: OrukServer, to: str
) -> None:
    server.misbehave(PAGE_2, redirect(to))
    feed = read()
    assert len(records_of(feed)) == 5
    (reason,) = reasons(feed)
    assert reason.startswith("services the feed: the feed redirects where it may not: ")
    assert not feed.complete


def test_a_redirect_of_the_first_page_to_a_private_address_is_refused(
    read: Read, server: OrukServer
) -> None:
    server.misbehave("/services", redirect(PRIVATE[0]), times=None)
    with pytest.raises(FeedRefused, match="not a public address"):
        next(read())


def test_a_redirect_on_the_feed_itself_is_followed(read: Read, server: OrukServer) -> None:
    server.misbehave("/old/services?", redirect(f"{server.base}/services"), times=None)
    assert len(records_of(read(f"{server.origin}/old/services", limits={"per_page": 50}))) > 0


def test_what_a_redirect_says_is_not_read(read: Read, server: OrukServer) -> None:
    server.misbehave("/old/services?", dripping_redirect(f"{server.base}/services"), times=None)
    feed = read(
        f"{server.origin}/old/services", limits={"per_page": 50, "answer_seconds": 2, "tries": 1}
    )
    assert len(records_of(feed)) > 0


def test_an_address_that_may_not_be_read_is_refused_before_anything_is_asked(
    read: Read, server: OrukServer
) -> None:
    with pytest.raises(FeedRefused, match="credential"):
        read(server.base.replace("http://", "http://me:you@"))
    assert server.requests == []


def _as_page_one(page: Any) -> Any:
    contents = [_listed(number) for number in range(1, 6)]
    return {**page, "contents": contents, "total_pages": page["page_number"] + 1}


def _listed(number: int) -> Any:
    return {name: value for name, value in service(number).items() if name in {"id", "name"}}


def _always_new(page: Any) -> Any:
    number = page["page_number"]
    contents = [service(900 + number * 5 + position) for position in range(5)]
    return {**page, "contents": contents, "total_pages": number + 1, "last_page": False}


def _everywhere(rewrite: Callable[[Any], Any]) -> Fault:
    """The rewriting, with every page number there."""

    def fault(exchange: Any) -> bool:
        asked = re.search(r"[?&]page=(\d+)", exchange.path)
        assert asked is not None
        number = int(asked[1])
        page: dict[str, Any] = {
            "total_items": None,
            "total_pages": 3,
            "page_number": number,
            "first_page": number == 1,
            "last_page": number == 3,
            "contents": [],
        }
        exchange.send(200, json.dumps(rewrite(page)).encode())
        return True

    return fault


LOOPS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "the same ids for ever": (
        _as_page_one,
        "services page 2: everything on it was on earlier pages: the feed repeats itself",
    ),
    "new ids for ever": (
        _always_new,
        "services page 13: the list does not end after 12 pages; it first said 2",
    ),
}


@pytest.mark.parametrize(("rewrite", "reason"), LOOPS.values(), ids=LOOPS)
def test_a_feed_that_loops_ends_with_the_reason(
    read: Read, server: OrukServer, rewrite: Callable[[Any], Any], reason: str
) -> None:
    server.misbehave("/services?", _everywhere(rewrite), times=None)
    server.offers -= {"organizations", "service_at_locations", "taxonomies", "taxonomy_terms"}
    feed = read()
    items = list(feed)
    assert reasons(feed) == [reason]
    assert any(isinstance(item, Record) for item in items)
    assert not feed.complete
    # It would be met again, so the next reading begins anew.
    server.behave()
    again = read()
    assert len(records_of(again)) == 12
    assert again.ending is not None
    assert not again.ending.resumed
    assert again.complete


def test_a_last_page_that_denies_it_and_repeats_is_the_end(read: Read, server: OrukServer) -> None:
    def denying(page: Any) -> Any:
        return {**page, "last_page": False}

    server.misbehave("/services?", rewritten(denying), times=None)
    feed = read()
    assert len(records_of(feed)) == 12
    assert feed.complete


def test_the_number_of_pages_is_bounded(read: Read) -> None:
    feed = read(limits={"pages": 2})
    assert len(records_of(feed)) == 10
    assert reasons(feed)[0] == (
        "services page 3: the list does not end after 2 pages; it first said 3"
    )


def test_the_number_of_objects_is_bounded(read: Read) -> None:
    feed = read(limits={"objects": 8})
    assert len(records_of(feed)) == 8
    assert reasons(feed) == ["services the feed: the feed has more than 8 objects"]
    assert not feed.complete


def test_the_time_for_the_whole_feed_is_bounded_and_it_goes_on_next_time(
    read: Read, server: OrukServer, clock: StoppedClock
) -> None:
    server.misbehave(PAGE_2, status(503, {"Retry-After": "90"}), times=None)
    feed = read(limits={"feed_seconds": 120})
    assert len(records_of(feed)) == 5
    assert reasons(feed) == ["services the feed: the feed was not read to its end within 2 minutes"]
    assert clock.waits == [90]
    server.behave()
    again = read()
    assert len(records_of(again)) == 12
    assert again.complete


def test_a_broken_off_reading_that_is_too_old_begins_anew(
    read: Read, server: OrukServer, clock: StoppedClock, held: Holdings
) -> None:
    server.misbehave(PAGE_2, status(500), times=None)
    list(read())
    server.behave()
    clock.moment += timedelta(hours=7)
    feed = read()
    assert len(records_of(feed)) == len(held.services)
    assert feed.ending is not None
    assert not feed.ending.resumed
    assert len(server.asked("/services?full=true&page=1")) == 1


def test_a_service_that_opens_as_another_is_not_believed(read: Read, server: OrukServer) -> None:
    one = made_up_id("service", 3)
    server.misbehave(f"/services/{one}", rewritten(lambda found: {**found, "id": "x"}), times=None)
    feed = read()
    assert len(records_of(feed)) == 11
    (gap,) = feed.ending.problems if feed.ending else ()
    assert gap.id == one
    assert "not the object that was asked for" in gap.reason


def test_a_declared_encoding_is_believed(read: Read, server: OrukServer) -> None:
    page = '[{"id": "a", "name": "Café", "service_at_locations": []}]'
    latin = body(page.encode("latin-1"), "application/json; charset=ISO-8859-1")
    server.misbehave("/services?", latin, times=None)
    marked = body(b"\xef\xbb\xbf" + b'[{"id": "t"}]')
    server.misbehave("/taxonomies?", marked, times=None)
    items = list(read())
    assert records_of(items)["a"].fields["name"] == "Café"
    assert "t" in records_of(items, "taxonomies")
