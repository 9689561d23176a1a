"""Whether web pages of entries still answer: each asked once, politely, never on our network."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import requests
from requests.models import REDIRECT_STATI

from directory.feeds.addresses import Access, AddressRefused, checked_url, redirected
from directory.feeds.connections import CheckedAdapter, checked_session
from directory.model import Service

State = Literal["answers", "moved", "gone", "unclear", "refused"]
"""`unclear`: it may be us (busy, forbidden to programs, no answer in time); `refused`: an address
that is never asked."""

_FOR_GOOD: Final = frozenset({301, 308})
_GONE: Final = frozenset({404, 410})
# Asked with GET where HEAD is not offered.
_NO_HEAD: Final = frozenset({403, 404, 405, 501})

# Plain http too, other than for feeds: what such a page says is not taken over from it.
_PUBLIC: Final = Access(plain_http=True)


class Link(NamedTuple):
    """The page of a service and what became of it; `reason` is for people."""

    service: Service
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to connect, between two pieces, and for a page altogether; redirects in a row."""

    connect: float = 10
    read: float = 15
    page: float = 30
    redirects: int = 5


class _Answered(NamedTuple):
    """What asking one address came to."""

    state: State
    reason: str


def check_links(
    services: Iterable[Service], access: Access = _PUBLIC, patience: Patience | None = None
) -> Iterator[Link]:
    """The links of the services that have one, as each is asked, in their order.

    A page that several services have is asked once. Only public addresses are asked, redirects
    included, unless `access` allows others; only the beginning of an answer is read.
    """
    known: dict[str, _Answered] = {}
    with closing(_Asking(access, patience or Patience())) as asking:
        for service in services:
            if not service.url:
                continue
            if service.url not in known:
                known[service.url] = asking.ask(service.url)
            answered = known[service.url]
            yield Link(service, answered.state, answered.reason)


class _Asking:
    def __init__(self, access: Access, patience: Patience) -> None:
        self._access, self._patience = access, patience
        self._adapter = CheckedAdapter(access)
        self._session = checked_session(access, self._adapter)

    def close(self) -> None:
        self._session.close()

    def ask(self, url: str) -> _Answered:
        """Follows a link to its end."""
        try:
            return self._followed(url)
        except AddressRefused as problem:
            return _Answered("refused", str(problem))
        except requests.exceptions.SSLError:
            return _Answered("unclear", "its certificate cannot be trusted")
        except requests.Timeout:
            return _Answered("unclear", "it did not answer in time")
        except (requests.RequestException, OSError):
            return _Answered("unclear", "it could not be reached")

    def _followed(self, url: str) -> _Answered:
        here, moved, for_good = checked_url(url, self._access), False, True
        for _ in range(self._patience.redirects + 1):
            status, towards = self._status(here)
            if status not in REDIRECT_STATI:
                return _judged(status, moved_to=here if moved and for_good else "")
            here = redirected(here, towards, self._access)
            moved, for_good = True, for_good and status in _FOR_GOOD
        return _Answered("unclear", f"it redirects more than {self._patience.redirects} times")

    def _status(self, url: str) -> tuple[int, str]:
        status, towards = self._once("HEAD", url)
        return self._once("GET", url) if status in _NO_HEAD else (status, towards)

    def _once(self, method: str, url: str) -> tuple[int, str]:
        timeout = (self._patience.connect, self._patience.read)
        with (
            self._adapter.cut_off_after(self._patience.page),
            self._session.request(
                method, url, timeout=timeout, allow_redirects=False, stream=True
            ) as response,
        ):
            return response.status_code, response.headers.get("Location", "")


def _judged(status: int, moved_to: str) -> _Answered:
    if status in _GONE:
        return _Answered("gone", f"it answers {status}: the page is not there any more")
    if status >= 400:
        return _Answered("unclear", f"it answers {status}")
    if moved_to:
        return _Answered("moved", f"it has moved for good to {moved_to}")
    return _Answered("answers", "it answers")
