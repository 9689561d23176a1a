"""Words typed by people to an FTS5 query that can hold no operator of theirs."""

import re
import sqlite3
from pathlib import Path
from typing import Final

# Letters and digits of any script: what FTS5's unicode61 tokenizer keeps, so nothing else gets in.
_WORD = re.compile(r"[^\W_]+")

# Words that say nothing about a service; used only when they are all there is.
_SMALL_WORDS: Final = frozenset(
    (Path(__file__).parent / "data" / "small_words.txt").read_text(encoding="utf-8").split()
)

MOST_CHARACTERS: Final = 200
MOST_WORDS: Final = 12
# bm25 over every hit of a very common word is slow (34 ms among 100,000 services): rank this many.
MOST_CANDIDATES: Final = 1000

# Weights of service_text: name, organisation, description, needs, synonyms.
_SEARCH: Final = (
    "SELECT row FROM (SELECT rowid AS row, bm25(service_text_fts, 5.0, 2.0, 1.0, 2.0, 1.0) AS rank"
    " FROM service_text_fts WHERE service_text_fts MATCH ? LIMIT ?) ORDER BY rank, row LIMIT ?"
)


def find(connection: sqlite3.Connection, text: str, limit: int) -> list[int]:
    """The rows of the services that suit the words typed, best first; none for no words.

    All words must occur; when that finds nothing, any of them may.
    """
    words = _words(text)
    for joint in (" AND ", " OR ") if len(words) > 1 else (" ",):
        query = joint.join(words)
        if query:
            rows = connection.execute(_SEARCH, (query, MOST_CANDIDATES, limit)).fetchall()
            if rows:
                return [row for (row,) in rows]
    return []


def _words(text: str) -> list[str]:
    """The words as FTS5 strings; the last may be the beginning of a word still being typed."""
    found = _WORD.findall(text[:MOST_CHARACTERS].casefold())[:MOST_WORDS]
    telling = [word for word in found if word not in _SMALL_WORDS] or found
    quoted = [f'"{word}"' for word in telling]
    return [*quoted[:-1], f"{quoted[-1]} *"] if quoted else []
