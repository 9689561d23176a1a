"""The export `oruk-v3`: a folder of Open Referral UK v3 pages, one for each kind of document."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import orjson

from directory.open_referral.export_folder import replaced_folder
from directory.open_referral.json_nesting import DOCUMENTS, Document, Nesting
from directory.open_referral.records import Record
from directory.open_referral.schemas import table_of

OTHERS: Final = "others.json"
"""The file of what no page holds: what nobody points at, and kinds that HSDS does not have."""


def write(records: Mapping[str, Iterable[Record]], folder: Path) -> None:
    """Write the records of each source (its name -> its records) as a folder of pages.

    `services.json`, `organizations.json`, `service_at_locations.json`, `taxonomies.json` and
    `taxonomy_terms.json` are pages with their envelope, a document a line, by id; `others.json`,
    if there is anything else, has a list for each table. Everything is in the folder at least
    once, so that reading it and writing it again gives the same bytes. The folder is replaced as
    a whole or not at all. Raises ExportRefused where it holds anything else.
    """
    nestings = [Nesting(held, source) for source, held in sorted(records.items())]
    with replaced_folder(folder) as unfinished:
        for kind in DOCUMENTS:
            found = [list(nesting.documents(kind, lean=True)) for nesting in nestings]
            _write_page(unfinished / f"{table_of(kind)}.json", merge(*found, key=_key), found)
        others = list(merge(*(nesting.others() for nesting in nestings), key=_key))
        if others:
            _write_tables(unfinished / OTHERS, others)


def envelope(total: int, page: int, per_page: int, size: int) -> dict[str, Any]:
    """What stands before the `contents` of a page: `page` from 1, `size` documents on it.

    SOURCE: Open Referral UK profile 3.0, the page of a list.
    """
    pages = max(1, -(-total // per_page))
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": size,
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": size == 0,
    }


def _key(document: Document) -> tuple[str, str]:
    return document.kind, document.id


def _write_page(path: Path, ordered: Iterable[Document], found: list[list[Document]]) -> None:
    total = sum(map(len, found))
    head = orjson.dumps(envelope(total, 1, max(1, total), total))
    with path.open("wb") as stream:
        stream.write(head[:-1] + b',"contents":[\n')
        stream.writelines(_lines(ordered))
        stream.write(b"]}\n")


def _write_tables(path: Path, ordered: Iterable[Document]) -> None:
    with path.open("wb") as stream:
        before = b"{"
        for kind, listed in groupby(ordered, key=lambda document: document.kind):
            stream.write(before + orjson.dumps(table_of(kind)) + b":[\n")
            stream.writelines(_lines(listed))
            before = b"],\n"
        stream.write(b"]}\n")


def _lines(documents: Iterable[Document]) -> Iterator[bytes]:
    """Each document a line, with a comma after all but the last."""
    before = b""
    for document in documents:
        yield before + orjson.dumps(document.content)
        before = b",\n"
    if before:
        yield b"\n"
