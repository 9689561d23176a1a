"""`kill -9` in the middle of a feed: the next reading goes on where it was, and misses nothing."""

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directory.feeds import FeedState
from tests.fakes.oruk_faults import held_back
from tests.fakes.oruk_holdings import Holdings, made_up_id
from tests.fakes.oruk_server import OrukServer
from tests.unit.directory.feeds.conftest import Read
from tests.unit.directory.feeds.made_up import StoppedClock, records_of

pytestmark = pytest.mark.crash


def _killed_at(server: OrukServer, asked: str, path: Path, root: Path) -> list[str]:
    """What a process told before it was killed while it waited for the answer to this request."""
    reached, let_go = threading.Event(), threading.Event()
    server.misbehave(asked, held_back(reached, let_go))
    command = [sys.executable, "-m", "tests.unit.directory.feeds.reading_on"]
    with subprocess.Popen(
        [*command, server.base, str(path)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert reached.wait(60)
        finally:
            process.kill()
            let_go.set()
        assert process.stdout is not None
        return process.stdout.read().splitlines()


def test_a_killed_reading_goes_on_where_it_was(
    server: OrukServer, held: Holdings, read: Read, tmp_path: Path, root: Path
) -> None:
    path = tmp_path / "killed.sqlite"
    told = _killed_at(server, "/services?full=true&page=3", path, root)
    assert told == ["services 1", "services 2"]
    before = set(server.requests) - {"/oruk/v3/services?full=true&page=3&per_page=5"}
    assert len(before) == 2 + 10
    server.behave()

    with FeedState(path) as state:
        feed = read(state=state, clock=StoppedClock(datetime.now(UTC)))
        services = records_of(feed)
    assert services.keys() == held.services.keys()
    assert feed.ending is not None
    assert feed.ending.resumed
    assert feed.complete
    assert not before & set(server.requests), "what was kept is not asked for again"


def test_killed_again_and_again_it_still_comes_to_the_end(
    server: OrukServer, held: Holdings, read: Read, tmp_path: Path, root: Path
) -> None:
    path = tmp_path / "killed.sqlite"
    points = [
        "/services?full=true&page=1",
        f"/services/{made_up_id('service', 3)}",
        "/services?full=true&page=2",
        "/taxonomies?",
    ]
    for point in points:
        _killed_at(server, point, path, root)
    with FeedState(path) as state:
        feed = read(state=state, clock=StoppedClock(datetime.now(UTC)))
        assert records_of(feed).keys() == held.services.keys()
    assert feed.complete
    opened = server.asked(f"/services/{made_up_id('service', 1)}")
    assert len(opened) == 1


def test_a_reading_that_is_closed_early_is_gone_on_with(read: Read, server: OrukServer) -> None:
    with read() as feed:
        for _ in range(7):
            next(feed)
    assert not feed.complete
    asked = set(server.requests)
    server.behave()
    again = read()
    assert len(records_of(again)) == 12
    assert again.complete
    assert not asked & set(server.requests)
