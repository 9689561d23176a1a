"""The peers of matching and searching: tantivy, and SQLite's FTS5 asked plainly.

They do less than we do: they find text. Whom a service is for, how far away it is and why it is
offered are ours only.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import tantivy

from directory.model import Service

_FIELDS = ("name", "organisation", "description")
_FTS5 = (
    "SELECT rowid FROM service_text_fts WHERE service_text_fts MATCH ?"
    " ORDER BY bm25(service_text_fts) LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Tantivy:
    """A tantivy index of services in memory."""

    index: Any
    searcher: Any

    @classmethod
    def of(cls, services: Iterable[Service]) -> Self:
        """The index of these services: their text and the codes of their needs."""
        builder = tantivy.SchemaBuilder()
        for field in _FIELDS:
            builder.add_text_field(field, tokenizer_name="en_stem")
        builder.add_text_field("needs", tokenizer_name="raw")
        index = tantivy.Index(builder.build())
        writer = index.writer()
        for service in services:
            document = tantivy.Document()
            for field in _FIELDS:
                document.add_text(field, getattr(service, field))
            for need in service.needs:
                document.add_text("needs", need)
            writer.add_document(document)
        writer.commit()
        index.reload()
        return cls(index, index.searcher())

    def need(self, code: str, limit: int) -> Any:
        """The first services of a need."""
        query = tantivy.Query.term_query(self.index.schema, "needs", code)
        return self.searcher.search(query, limit)

    def words(self, text: str, limit: int) -> Any:
        """The services that hold any of these words, best first."""
        query = self.index.parse_query(" ".join(_words(text)), list(_FIELDS))
        return self.searcher.search(query, limit)


@dataclass(frozen=True, slots=True)
class Fts5:
    """A published file asked as anybody would: any of the words, ordered by bm25."""

    connection: sqlite3.Connection

    def words(self, text: str, limit: int) -> list[tuple[int]]:
        """The rows that hold any of these words, best first."""
        query = " OR ".join(f'"{word}"' for word in _words(text))
        return self.connection.execute(_FTS5, (query, limit)).fetchall()


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold())
