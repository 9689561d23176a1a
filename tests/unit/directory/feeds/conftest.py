from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from directory.feeds import Feed, FeedState, Limits, fetch
from tests.fakes.oruk_server import OrukServer
from tests.unit.directory.feeds.made_up import LOOPBACK, StoppedClock, plain_records

# Short enough for a test of what never ends, long enough for a busy machine.
QUICK = replace(Limits(), read_seconds=20, answer_seconds=20, per_page=5)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[FeedState]:
    with FeedState(tmp_path / "feeds.sqlite") as opened:
        yield opened


Read = Callable[..., Feed]


@pytest.fixture
def read(server: OrukServer, state: FeedState, clock: StoppedClock) -> Read:
    """Begins to read the server, or another address; `limits` by name."""

    def begin(url: str = "", *, limits: dict[str, Any] | None = None, **options: Any) -> Feed:
        given: dict[str, Any] = {
            "state": state,
            "read_documents": plain_records,
            "access": LOOPBACK,
            "clock": clock,
        }
        return fetch(url or server.base, limits=replace(QUICK, **(limits or {})), **given | options)

    return begin
