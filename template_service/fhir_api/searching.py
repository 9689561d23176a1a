"""Searches over resources that are few and known: parameters read strictly, answers in pages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlencode

from template_service.errors import Invalid

from .outcomes import Remark

Resource = dict[str, Any]
Query = Sequence[tuple[str, str]]
_T = TypeVar("_T")

FEWEST: Final = 1
# A report of every breakdown is about 300 kB.
MOST: Final = 20
USUAL: Final = 10


class Page(NamedTuple):
    """Which of the matches to give: so many, after leaving so many out."""

    size: int
    offset: int

    def of(self, found: Sequence[_T]) -> Sequence[_T]:
        """What is on this page."""
        return found[self.offset : self.offset + self.size]


def criteria(query: Query, names: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Each parameter with its values: one of the values must hold, of all the parameters.

    Raises `Invalid` for a parameter not among `names`: left out, it would widen the search (a
    server may refuse, FHIR R4, search.html#errors).
    """
    unknown = [name for name, _ in query if name not in (*names, "_format", "_count", "_offset")]
    if unknown:
        sentence = f"Search by {', '.join(sorted(names))} only."
        raise Invalid(problems=[Remark("not-supported", sentence)])
    return [(name, tuple(text.split(","))) for name, text in query if name in names]


def page_of(query: Query) -> Page:
    """The page that is asked for; raises `Invalid` for numbers that make no page."""
    given = dict(query)
    count, offset = given.get("_count", str(USUAL)), given.get("_offset", "0")
    if not (_is_number(count) and int(count) >= FEWEST):
        raise Invalid(problems=[Remark("value", "_count must be a number from 1.")])
    if not _is_number(offset):
        raise Invalid(problems=[Remark("value", "_offset must be a number from 0.")])
    # A server may give fewer than asked for (FHIR R4, search.html#count).
    return Page(min(int(count), MOST), int(offset))


def bundle(
    resources: Iterable[Resource], *, total: int, page: Page, base: str, query: Query
) -> Resource:
    """A searchset Bundle of one page; `base` is the address of the type, as clients know it."""
    links = [{"relation": "self", "url": _address(base, query, page)}]
    following = page._replace(offset=page.offset + page.size)
    if following.offset < total:
        links.append({"relation": "next", "url": _address(base, query, following)})
    entries = [
        {"fullUrl": f"{base}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in resources
    ]
    found: Resource = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return found | ({"entry": entries} if entries else {})


def token(value: str, system: str) -> str:
    """The code of a token that may name its system (`system|code`); empty for another system."""
    given, bar, code = value.rpartition("|")
    return code if not bar or given == system else ""


def _address(base: str, query: Query, page: Page) -> str:
    kept = [(name, value) for name, value in query if name not in ("_count", "_offset")]
    pages: Mapping[str, int] = {"_count": page.size, "_offset": page.offset}
    return f"{base}?{urlencode([*kept, *pages.items()])}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
