"""What the tests of feeds share: a clock nobody waits for, loopback allowed, plain records."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from directory.feeds import Access, Document, Feed
from directory.open_referral.records import Item, Quarantined, Record

LOOPBACK = Access(hosts=frozenset({"127.0.0.1"}), plain_http=True)
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class StoppedClock:
    """Time passes only when somebody waits; `waits` is for how long each time."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def elapsed(self) -> float:
        return (self.moment - START).total_seconds()

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)


def plain_records(documents: Iterable[Document]) -> Iterator[Item]:
    """One record for each document, its fields as they came."""
    for table, content, place in documents:
        if isinstance(content, dict) and content.get("id"):
            fields = {name: value for name, value in content.items() if name != "id"}
            yield Record(table, str(content["id"]), fields, place)
        else:
            yield Quarantined(table, place, "", "no object with an id")


def records_of(items: Iterable[Item], kind: str = "services") -> dict[str, Record]:
    """The records of a kind by id; fails when one was given twice."""
    found: dict[str, Record] = {}
    for item in items:
        if isinstance(item, Record) and item.kind == kind:
            assert item.id not in found
            found[item.id] = item
    return found


def reasons(feed: Feed) -> list[str]:
    """Why a reading that has ended is not complete."""
    assert feed.ending is not None
    return [f"{gap.table} {gap.row}: {gap.reason}" for gap in feed.ending.problems]
