import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from directory.feeds import FeedState, StateDamaged
from directory.feeds.client import Kept
from tests.unit.directory.feeds.made_up import START

FEED, PAGE = "https://feed.example", "https://feed.example/services?page=1"
KEPT = Kept(b'{"contents": []}', "application/json", '"one"', "Sun, 01 Nov 2026 09:00:00 GMT")
HOUR = timedelta(hours=1)


def test_an_answer_comes_back_as_it_was_kept(state: FeedState) -> None:
    reading = state.begin(FEED, now=START, resume_within=HOUR)
    assert state.kept(reading, PAGE) is None
    state.keep(reading, PAGE, KEPT)
    assert state.kept(reading, PAGE) == KEPT
    assert state.former(reading, PAGE) is None


def test_a_complete_reading_is_what_the_next_one_compares_with(state: FeedState) -> None:
    first = state.begin(FEED, now=START, resume_within=HOUR)
    state.keep(first, PAGE, KEPT)
    assert state.last_complete(FEED) is None
    state.complete(first)
    assert state.last_complete(FEED) == START
    second = state.begin(FEED, now=START, resume_within=HOUR)
    assert not second.resumed
    assert state.kept(second, PAGE) is None
    assert state.former(second, PAGE) == KEPT
    changed = KEPT._replace(etag='"two"')
    state.keep(second, PAGE, changed)
    state.complete(second)
    third = state.begin(FEED, now=START, resume_within=HOUR)
    assert state.former(third, PAGE) == changed


def test_a_reading_of_changes_leaves_the_whole_one_in_memory(state: FeedState) -> None:
    whole = state.begin(FEED, now=START, resume_within=HOUR)
    state.keep(whole, PAGE, KEPT)
    state.complete(whole)
    changes = state.begin(FEED, now=START + HOUR, resume_within=HOUR, modified_after="2026-11-21")
    state.keep(changes, f"{PAGE}&modified_after=2026-11-21", KEPT)
    state.complete(changes)
    again = state.begin(FEED, now=START + 2 * HOUR, resume_within=HOUR)
    assert state.former(again, PAGE) == KEPT
    assert state.former(again, f"{PAGE}&modified_after=2026-11-21") is None
    assert state.last_complete(FEED) == START + HOUR


@pytest.mark.parametrize(("after", "resumed"), [(-1, False), (0, True), (60, True), (61, False)])
def test_only_a_late_reading_is_gone_on_with(state: FeedState, after: int, resumed: bool) -> None:
    first = state.begin(FEED, now=START, resume_within=HOUR)
    later = state.begin(FEED, now=START + timedelta(minutes=after), resume_within=HOUR)
    assert later.resumed == resumed
    assert (later.number == first.number) == resumed


def test_feeds_are_kept_apart(state: FeedState) -> None:
    one = state.begin(FEED, now=START, resume_within=HOUR)
    state.keep(one, PAGE, KEPT)
    other = state.begin("https://other.example", now=START, resume_within=HOUR)
    assert not other.resumed
    assert state.kept(other, PAGE) is None
    assert state.former(other, PAGE) is None
    assert state.begin(FEED, now=START, resume_within=HOUR).resumed


def test_the_memory_outlives_the_process_that_kept_it(tmp_path: Path) -> None:
    path = tmp_path / "made" / "feeds.sqlite"
    with FeedState(path) as state:
        state.keep(state.begin(FEED, now=START, resume_within=HOUR), PAGE, KEPT)
    with FeedState(path) as state:
        assert state.kept(state.begin(FEED, now=START, resume_within=HOUR), PAGE) == KEPT


def test_a_file_that_is_none_of_ours_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "feeds.sqlite"
    path.write_bytes(b"no database at all, but long enough to look at" * 100)
    with pytest.raises(StateDamaged, match="cannot be read"):
        FeedState(path)


def test_a_file_of_another_format_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "feeds.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(StateDamaged, match="format 99"):
        FeedState(path)
