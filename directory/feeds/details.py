"""Services in full, where the list of a feed gives only their own properties."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from directory.feeds.client import NotOffered, Unanswered
from directory.feeds.lists import Answers, Note
from directory.feeds.oruk import Api, id_of, is_full, object_of
from directory.open_referral.records import Quarantined

_GONE: Final = frozenset({404, 410})
# So many services that cannot be opened before any could: the feed offers none in full.
_TRIES: Final = 3


class Document(NamedTuple):
    """One object as a feed gave it. `table` is the list it is of, `place` where it stood.

    `place` is "services page 2: contents[3]", or the address within the API: "services/{id}".
    """

    table: str
    content: Any
    place: str


class FullServices:
    """Opens each service of a list; what could not be read in full is noted as a gap.

    A service that is listed and then not there (404, 410) was withdrawn in between: that is told
    to `gone`, and is no gap. Where a feed gives no service in full, the list is all it has.
    """

    def __init__(
        self, answers: Answers, api: Api, note: Note, gone: Callable[[Quarantined], None]
    ) -> None:
        self._answers, self._api, self._note, self._gone = answers, api, note, gone
        self._opened = False
        self._offered = True
        self._waiting: list[tuple[Document, NotOffered]] = []

    def of(self, listed: Document) -> Iterator[Document]:
        """The service in full; nothing yet, or several, until it is known what the feed offers."""
        if not self._offered or not _has_more(listed.content):
            yield listed
            return
        object_id = id_of(listed.content)
        address = self._api.one_address("services", object_id)
        try:
            full = self._answers.get(address, lambda found: object_of(found, object_id))
        except NotOffered as problem:
            yield from self._missing(listed, problem)
        except Unanswered as problem:
            self._note(Quarantined("services", listed.place, object_id, str(problem)))
        else:
            self._opened = True
            self._settle()
            yield Document("services", full, f"services/{object_id}")

    def rest(self) -> Iterator[Document]:
        """What was still waiting when the list ended: the feed offers no more than its list."""
        yield from (listed for listed, _ in self._waiting)
        self._waiting.clear()

    def _missing(self, listed: Document, problem: NotOffered) -> Iterator[Document]:
        self._waiting.append((listed, problem))
        if self._opened:
            self._settle()
        elif len(self._waiting) >= _TRIES:
            self._offered = False
            yield from self.rest()

    def _settle(self) -> None:
        """Say what became of those that could not be opened, where others can."""
        for listed, problem in self._waiting:
            refused = Quarantined("services", listed.place, id_of(listed.content), str(problem))
            if problem.status in _GONE:
                self._gone(refused._replace(reason="it is listed, but is no longer there"))
            else:
                self._note(refused)
        self._waiting.clear()


def _has_more(listed: Any) -> bool:
    return isinstance(listed, Mapping) and bool(id_of(listed)) and not is_full(listed)
