"""Reading a live feed from its first page to its last, and saying whether it was all there."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Self

from directory.feeds.addresses import Access, AddressRefused, checked_url
from directory.feeds.client import (
    Client,
    FeedEnded,
    FeedProblem,
    FeedRefused,
    NotOffered,
    Unanswered,
)
from directory.feeds.details import Document, FullServices
from directory.feeds.limits import Clock, Limits, SystemClock
from directory.feeds.lists import Answers, ListReading, NewOnPage, begun
from directory.feeds.oruk import LISTS, Api, Page, api_of, listed_at, page_of
from directory.feeds.state import FeedState, Reading
from directory.open_referral.records import Item, Quarantined

# Feeds write the time of a change in their own clock and zone: look back a little further.
_LOOK_BACK: Final = timedelta(days=1)
_FAR_AHEAD: Final = timedelta(days=365)
# An address that asks for services in full; strict servers refuse parameters they do not know.
_IN_FULL: Final = {"full": "true"}

ReadDocuments = Callable[[Iterable[Document]], Iterator[Item]]
"""Makes records of the documents of one feed, in their order, as they come."""


class PageRead(NamedTuple):
    """A page that is safely kept: its list, its number, how many there are, how many objects.

    `of` is None where the feed does not say how many pages there are.
    """

    table: str
    number: int
    of: int | None
    objects: int


class FeedEnd(NamedTuple):
    """How a reading ended.

    `complete` is whether everything the feed holds was given: only then may what is missing be
    taken for withdrawn. `incremental`: only changes were asked for, so it is never complete.
    `offered` are the lists the feed has; `problems` why it is not complete, each of them also
    given as an item. `objects` counts documents, `requests` what was sent in this reading.
    """

    complete: bool
    incremental: bool
    resumed: bool
    offered: tuple[str, ...]
    problems: tuple[Quarantined, ...]
    objects: int
    requests: int


class Feed(Iterator[Item]):
    """The items of a feed, read while they are asked for; `ending` says how it ended.

    `next` raises FeedProblem when not even the first page of services can be had. Any later
    problem is an item, and makes the ending not complete. Closing it early (or `with`) leaves the
    reading open: the next `fetch` goes on from there.
    """

    def __init__(self, items: Callable[["Feed"], Iterator[Item]]) -> None:
        self.ending: FeedEnd | None = None
        self._items = items(self)

    @property
    def complete(self) -> bool:
        """Whether the feed has been read to its end and without a gap; False until then."""
        return self.ending is not None and self.ending.complete

    def __next__(self) -> Item:
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the connections."""
        close = getattr(self._items, "close", None)
        if close is not None:
            close()


def fetch(
    url: str,
    *,
    state: FeedState,
    read_documents: ReadDocuments | None = None,
    on_page: Callable[[PageRead], None] | None = None,
    only_changes: bool = False,
    access: Access | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
) -> Feed:
    """Read an Open Referral UK API, v3 or v1, live; nothing is asked before the first `next`.

    `url` is the base of the API, one of its lists, or a page of one. Its services are read in
    full, then organizations, service_at_locations, taxonomies and taxonomy_terms as far as it
    offers them. A reading that was broken off within `limits.resume_within` is gone on with: its
    pages come from `state`. `on_page` is called when a page has been kept. With `only_changes`
    the services are those changed since the last complete reading (a day further back), if the
    feed honours `modified_after`; otherwise all.

    Raises FeedRefused for an address that no feed is read from.
    """
    access = access or Access()
    try:
        checked = checked_url(url, access)
    except AddressRefused as problem:
        raise FeedRefused(str(problem)) from problem
    chosen_limits, chosen_clock = limits or Limits(), clock or SystemClock()

    def items(feed: Feed) -> Iterator[Item]:
        client = Client(access, chosen_limits, chosen_clock)
        try:
            source = _Source(checked, client, state, chosen_limits, chosen_clock)
            source.begin(only_changes=only_changes)
            yield from source.items(read_documents or _default_reader(), on_page)
            feed.ending = source.end()
        finally:
            client.close()

    return Feed(items)


def _default_reader() -> ReadDocuments:
    # marshmallow is loaded only where a feed is read.
    from directory.open_referral.json_documents import read_documents  # noqa: PLC0415

    return read_documents


class _Source:
    """One reading of one feed."""

    def __init__(
        self, url: str, client: Client, state: FeedState, limits: Limits, clock: Clock
    ) -> None:
        self._url, self._client, self._state = url, client, state
        self._limits, self._clock = limits, clock
        self._problems: list[Quarantined] = []
        self._waiting: deque[Quarantined] = deque()
        self._offered: list[str] = []
        self._objects = 0
        self._lasting = False
        self._reading: Reading
        self._answers: Answers

    def begin(self, *, only_changes: bool) -> None:
        """Open the reading in the state: a new one, or the one that broke off."""
        since = self._changes_since() if only_changes else ""
        self._reading = self._state.begin(
            self._url,
            now=self._clock.now(),
            resume_within=self._limits.resume_within,
            modified_after=since,
        )
        self._answers = Answers(self._client, self._state, self._reading, self._limits)

    def items(
        self, read_documents: ReadDocuments, on_page: Callable[[PageRead], None] | None
    ) -> Iterator[Item]:
        """Every item, and what could not be had at the place where it is missing."""
        for item in read_documents(self._documents(on_page)):
            while self._waiting:
                yield self._waiting.popleft()
            yield item
        yield from self._waiting

    def end(self) -> FeedEnd:
        """Close the reading in the state, and say how it ended."""
        complete = not self._problems
        if complete:
            self._state.complete(self._reading)
        elif self._lasting:
            self._state.give_up(self._reading)
        incremental = bool(self._reading.modified_after)
        return FeedEnd(
            complete=complete and not incremental,
            incremental=incremental,
            resumed=self._reading.resumed,
            offered=tuple(self._offered),
            problems=tuple(self._problems),
            objects=self._objects,
            requests=self._client.requests_sent,
        )

    def _changes_since(self) -> str:
        """From when changes are asked for; blank when the feed has to be read whole.

        A feed that honours `modified_after` has nothing that was modified after next year.
        """
        last = self._state.last_complete(self._url)
        if last is None:
            return ""
        address = api_of(self._url).list_address(
            "services", modified_after=_moment(self._clock.now() + _FAR_AHEAD), page=1, per_page=1
        )
        try:
            page, _ = self._client.get(address, page_of)
        except (NotOffered, Unanswered):
            return ""
        return "" if page.contents else _moment(last - _LOOK_BACK)

    def _documents(self, on_page: Callable[[PageRead], None] | None) -> Iterator[Document]:
        table = LISTS[0]
        try:
            api, pages = self._services()
            services = FullServices(self._answers, api, self._note, self._waiting.append)
            for listed in self._tell(table, pages, on_page):
                yield from services.of(listed)
            yield from services.rest()
            for table in LISTS[1:]:
                yield from self._tell(table, self._optional(api, table), on_page)
        except FeedEnded as problem:
            if not self._objects:
                raise
            self._note(Quarantined(table, "the feed", "", str(problem)))

    def _services(self) -> tuple[Api, Iterator[NewOnPage]]:
        """The API and the pages of its services, at whichever address has them."""
        changes = {"modified_after": self._reading.modified_after}
        asked = changes if self._reading.modified_after else {}
        api, itself = api_of(self._url), listed_at(self._url)
        refused: NotOffered | None = None
        for candidate, parameters in ((api, _IN_FULL | asked), (api, asked), (itself, asked)):
            try:
                return candidate, self._begun(candidate, "services", parameters)
            except NotOffered as problem:
                refused = refused or problem
        raise FeedProblem(f"there is no list of services at this address: {refused}")

    def _optional(self, api: Api, table: str) -> Iterator[NewOnPage]:
        try:
            return self._begun(api, table, {})
        except NotOffered:
            pass
        except Unanswered as problem:
            self._note(Quarantined(table, "page 1", "", str(problem)))
        return iter(())

    def _begun(self, api: Api, table: str, parameters: Mapping[str, str]) -> Iterator[NewOnPage]:
        pages = begun(ListReading(self._answers, api, table, self._note, parameters))
        self._offered.append(table)
        return pages

    def _tell(
        self,
        table: str,
        pages: Iterator[NewOnPage],
        on_page: Callable[[PageRead], None] | None,
    ) -> Iterator[Document]:
        """The documents of a list, as many as the bound on objects lets through."""
        for number, page, objects in pages:
            if on_page is not None:
                on_page(PageRead(table, number, page.pages, len(page.contents)))
            for position, found in objects:
                if self._objects >= self._limits.objects:
                    self._lasting = True
                    raise FeedEnded(f"the feed has more than {self._limits.objects:,} objects")
                self._objects += 1
                yield Document(table, found, _place(table, number, page, position))

    def _note(self, gap: Quarantined, *, lasting: bool = False) -> None:
        self._problems.append(gap)
        self._waiting.append(gap)
        self._lasting |= lasting


def _place(table: str, number: int, page: Page, position: int) -> str:
    name = "" if page.bare else "content" if page.v1 else "contents"
    return f"{table} page {number}: {name}[{position}]"


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
