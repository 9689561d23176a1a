"""How a list is written: the page envelope, and its documents whole, short or as dates only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from .catalogue import Catalogue
from .query import Query

PER_PAGE: Final = 50
"""How many documents a page holds when nobody says."""

Write = Callable[[Sequence[str]], Iterator[Mapping[str, Any]]]


def page(catalogue: Catalogue, table: str, query: Query, ids: Sequence[str]) -> dict[str, Any]:
    """One page with the envelope of the specification; beyond the last it is empty.

    With `minimal` and no page size, one page holds everything.
    """
    per_page = query.per_page or (max(len(ids), 1) if query.minimal else PER_PAGE)
    first = (query.page - 1) * per_page
    contents = list(writer(catalogue, table, query)(ids[first : first + per_page]))
    total_pages = -(-len(ids) // per_page)
    return {
        "total_items": len(ids),
        "total_pages": total_pages,
        "page_number": query.page,
        "size": len(contents),
        "first_page": query.page == 1,
        "last_page": query.page >= total_pages,
        "empty": not contents,
        "contents": contents,
    }


def lines(catalogue: Catalogue, table: str, query: Query, ids: Sequence[str]) -> Iterator[bytes]:
    """Every document asked for, each as one line of JSON."""
    for document in writer(catalogue, table, query)(ids):
        yield orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def writer(catalogue: Catalogue, table: str, query: Query) -> Write:
    """How the documents of a list are written for this query."""
    if query.minimal:
        dates = catalogue.changed_at(table)
        return lambda ids: ({"id": one, "modified_date": dates[one].isoformat()} for one in ids)
    if query.full:
        return lambda ids: catalogue.documents(table, ids)
    return lambda ids: catalogue.documents(table, ids, lists=False)
