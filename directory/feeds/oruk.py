"""Open Referral UK APIs, v3 and v1: where their lists stand and how their pages are read.

Sources: HSDS 3 API reference (envelope `total_items` ... `contents`); the developer notes of Open
Referral UK v1 (envelope `totalElements` ... `content`, `page` from 1, `per_page`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from directory.feeds.answers import WrongAnswer

LISTS: Final = (
    "services",
    "organizations",
    "service_at_locations",
    "taxonomies",
    "taxonomy_terms",
)
"""What is asked for, in this order; only services must be there."""

_PAGING: Final = frozenset({"page", "per_page"})
# v3 name, v1 name.
_ENVELOPE: Final = {
    "contents": ("contents", "content"),
    "pages": ("total_pages", "totalPages"),
    "items": ("total_items", "totalElements"),
    "number": ("page_number", "number"),
    "first": ("first_page", "first"),
    "last": ("last_page", "last"),
}


class Page(NamedTuple):
    """One page of a list: its objects, and what the feed says of the whole list.

    What a feed leaves out, or says in no readable way, is None. `bare` is a list without an
    envelope: all there is. `v1` is whether the envelope is Open Referral UK v1's.
    """

    contents: tuple[Any, ...]
    number: int | None = None
    pages: int | None = None
    items: int | None = None
    first: bool | None = None
    last: bool | None = None
    bare: bool = False
    v1: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """Where an API stands: `base` without a closing slash; `query` goes with every request.

    `services` is the address of its list of services, when that is not `base` + "/services".
    """

    base: str
    query: tuple[tuple[str, str], ...] = ()
    services: str = ""

    def list_address(self, table: str, **parameters: str | int) -> str:
        """The address of a list with these parameters."""
        return self._with_query(self._list(table), parameters)

    def one_address(self, table: str, object_id: str) -> str:
        """The address of one object of a list."""
        return self._with_query(f"{self._list(table)}/{quote(object_id, safe='')}", {})

    def _list(self, table: str) -> str:
        named = self.services if table == "services" else ""
        return named or f"{self.base}/{table}"

    def _with_query(self, address: str, parameters: Mapping[str, str | int]) -> str:
        query = urlencode((*self.query, *parameters.items()))
        return f"{address}?{query}" if query else address


def api_of(url: str) -> Api:
    """The API that an address belongs to: its base, one of its lists, a page, or one object."""
    parts = urlsplit(url)
    segments = parts.path.rstrip("/").split("/")
    for position in (len(segments) - 1, len(segments) - 2):
        if position > 0 and segments[position] in LISTS:
            segments = segments[:position]
            break
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = tuple(pair for pair in pairs if pair[0] not in _PAGING)
    base = parts._replace(path="/".join(segments), query="", fragment="").geturl()
    return Api(base, query)


def listed_at(url: str) -> Api:
    """The API whose list of services is this very address."""
    found = api_of(url)
    address = urlsplit(url)._replace(query="", fragment="").geturl().rstrip("/")
    return Api(found.base, found.query, address)


def page_of(document: Any) -> Page:
    """The page that a document is; raises WrongAnswer when it is none."""
    if isinstance(document, list):
        return Page(tuple(document), bare=True)
    if not isinstance(document, Mapping):
        raise WrongAnswer("the answer is not a page of a list")
    v1 = "contents" not in document
    said = {name: document.get(names[v1]) for name, names in _ENVELOPE.items()}
    if not isinstance(said["contents"], list):
        raise WrongAnswer("the answer is not a page of a list: it has no `contents`")
    return Page(
        contents=tuple(said["contents"]),
        number=_whole(said["number"]),
        pages=_whole(said["pages"]),
        items=_whole(said["items"]),
        first=_flag(said["first"]),
        last=_flag(said["last"]),
        v1=v1,
    )


def object_of(document: Any, object_id: str) -> Mapping[str, Any]:
    """The object that was asked for by its id; raises WrongAnswer for anything else."""
    if isinstance(document, Mapping) and id_of(document) == object_id:
        return document
    raise WrongAnswer("the answer is not the object that was asked for")


def id_of(found: Any) -> str:
    """The id of an object as text; blank when it has none."""
    value = found.get("id") if isinstance(found, Mapping) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def is_full(service: Mapping[str, Any]) -> bool:
    """Whether a list gives a service with what belongs to it, not only its own properties.

    Both versions carry the places of a service as `service_at_locations`; a list that has them
    has been asked for everything.
    """
    return isinstance(service.get("service_at_locations"), list)


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
