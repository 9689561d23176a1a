"""One list of a feed, page by page: loops, gaps and pages that move are seen and said."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import orjson

from directory.feeds.answers import WrongAnswer, parsed_json
from directory.feeds.client import Client, FeedEnded, NotOffered, Unanswered
from directory.feeds.limits import Limits
from directory.feeds.oruk import Api, Page, id_of, page_of
from directory.feeds.state import FeedState, Reading
from directory.open_referral.records import Quarantined

T = TypeVar("T")

# After so many addresses in a row that gave nothing, the feed is left alone for now.
_SILENT_AFTER: Final = 3
# A list may grow by so many pages while it is read, however short it said it was.
_GROWTH_PAGES: Final = 10
# How servers answer a page after the last one.
_PAST_THE_END: Final = frozenset({400, 404, 410, 416, 422})


class Answers:
    """The answers of a feed in one reading: remembered ones at once, others asked for and kept."""

    def __init__(self, client: Client, state: FeedState, reading: Reading, limits: Limits) -> None:
        self._client, self._state, self._reading = client, state, reading
        self.limits = limits
        self._failed = 0

    def get(self, address: str, check: Callable[[Any], T], *, again: bool = False) -> T:
        """The document at an address as `check` reads it; `again` asks although it is remembered.

        Raises NotOffered and Unanswered, and FeedEnded when the feed has stopped answering.
        """
        kept = self._state.kept(self._reading, address)
        if kept is not None and not again:
            try:
                return check(parsed_json(kept.body, kept.content_type, depth=self.limits.depth))
            except WrongAnswer:
                kept = None
        known = kept or self._state.former(self._reading, address)
        try:
            found, answer = self._client.get(address, check, known)
        except NotOffered:
            self._failed = 0
            raise
        except Unanswered as problem:
            self._failed += 1
            if self._failed >= _SILENT_AFTER:
                raise FeedEnded(f"the feed has stopped answering: {problem}") from problem
            raise
        self._failed = 0
        self._state.keep(self._reading, address, answer)
        return found


class Note(Protocol):
    """Takes what could not be had, as soon as it is known.

    `lasting` is whether it would be there again if this reading went on (a loop), so that the next
    reading has to begin anew.
    """

    def __call__(self, gap: Quarantined, *, lasting: bool = False) -> None:
        """Take one gap."""


class NewOnPage(NamedTuple):
    """What one page holds that no page before it held, each with where it stands on the page."""

    number: int
    page: Page
    objects: tuple[tuple[int, Any], ...]


@dataclass(slots=True)
class _Pass:
    """One going through a list: what it said first, and what it has given so far."""

    again: bool
    seen: set[str] = field(default_factory=set)
    pages: int | None = None
    items: int | None = None
    moved: bool = False

    def notice(self, page: Page, number: int) -> None:
        """Take in what a page says of the whole list; a total that changes means it moves."""
        if number == 1:
            self.pages, self.items = page.pages, page.items
        elif page.items != self.items:
            self.moved = True

    def promised(self, number: int) -> bool:
        return self.pages is not None and number <= self.pages


class ListReading:
    """Reads one list; what could not be had, or ended it too early, is noted at once."""

    def __init__(
        self,
        answers: Answers,
        api: Api,
        table: str,
        note: Note,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self._answers, self._api, self._table, self._note = answers, api, table, note
        self._limits = answers.limits
        self._parameters = parameters or {}
        self._given: dict[str, bytes] = {}
        self._whole = True

    def pages(self) -> Iterator[NewOnPage]:
        """Every page, with what is new on it; gives a list that moved a second going through.

        Raises NotOffered or Unanswered when not even the first page is to be had.
        """
        for again in (False, True):
            going = _Pass(again)
            yield from self._through(going)
            if going.items is not None and len(going.seen) < going.items:
                going.moved = True
            if not (self._whole and going.moved):
                return
        total = "a number it does not say" if going.items is None else going.items
        self._gap(
            "the list",
            f"{len(going.seen)} of {total} were found, reading it twice: it has moved",
            lasting=True,
        )

    def _through(self, going: _Pass) -> Iterator[NewOnPage]:
        number = 1
        while True:
            try:
                page = self._page(number, going)
            except NotOffered as problem:
                if number == 1:
                    raise
                # A page that was promised and is gone: the list has become shorter.
                going.moved |= going.promised(number) or problem.status not in _PAST_THE_END
                return
            except Unanswered as problem:
                if number == 1 and not self._given:
                    raise
                self._gap(f"page {number}", str(problem))
                if not going.promised(number + 1):
                    return
            else:
                if not self._goes_on(page, number, going):
                    return
                yield NewOnPage(number, page, tuple(self._new(page, going)))
                if _is_last(page, number) or self._is_endless(number, going):
                    return
            number += 1

    def _page(self, number: int, going: _Pass) -> Page:
        address = self._api.list_address(
            self._table, **self._parameters, page=number, per_page=self._limits.per_page
        )

        def check(document: Any) -> Page:
            page = page_of(document)
            # Some count their pages from 0 in the envelope and from 1 in the address.
            if page.number not in {None, number, number - 1}:
                raise WrongAnswer(f"page {number} was asked for and page {page.number} came")
            return page

        return self._answers.get(address, check, again=going.again)

    def _goes_on(self, page: Page, number: int, going: _Pass) -> bool:
        """Whether a page is one more of the list; says so when it should be and is not."""
        going.notice(page, number)
        if number == 1:
            if page.first is False:
                self._gap("page 1", "the first page says that it is not the first", lasting=True)
            return True
        if not page.contents:
            going.moved |= going.promised(number)
            return False
        if {_key(found) for found in page.contents} <= going.seen:
            if going.promised(number) or number <= (page.pages or 0):
                self._gap(
                    f"page {number}",
                    "everything on it was on earlier pages: the feed repeats itself",
                    lasting=True,
                )
            return False
        return True

    def _new(self, page: Page, going: _Pass) -> Iterator[tuple[int, Any]]:
        """What is new on a page; going through again, whatever has an id that is known is not."""
        for position, found in enumerate(page.contents):
            key, digest = _key(found), _digest(found)
            known = self._given.get(key)
            going.seen.add(key)
            if known is None or (known != digest and not going.again):
                self._given[key] = digest
                yield position, found

    def _is_endless(self, number: int, going: _Pass) -> bool:
        bound = self._limits.pages
        if going.pages is not None:
            grown = max(going.pages * self._limits.growth, going.pages + _GROWTH_PAGES)
            bound = min(bound, grown)
        if number < bound:
            return False
        said = "" if going.pages is None else f"; it first said {going.pages}"
        self._gap(
            f"page {number + 1}",
            f"the list does not end after {number} pages{said}",
            lasting=True,
        )
        return True

    def _gap(self, row: str, reason: str, *, lasting: bool = False) -> None:
        self._whole = False
        self._note(Quarantined(self._table, row, "", reason), lasting=lasting)


def _is_last(page: Page, number: int) -> bool:
    """Whether a list ends with this page; where a feed contradicts itself it is asked on."""
    if page.bare:
        return True
    if page.pages is None:
        return page.last is True
    return number >= page.pages and page.last is not False


def _key(found: Any) -> str:
    return id_of(found) or _digest(found).hex()


def _digest(found: Any) -> bytes:
    return sha256(orjson.dumps(found, option=orjson.OPT_SORT_KEYS)).digest()


def begun(listing: ListReading) -> Iterator[NewOnPage]:
    """The pages of a list whose first page is asked for now; raises as `ListReading.pages`."""
    pages = listing.pages()
    return chain((next(pages),), pages)
