"""The FTS5 index of a published directory: queries built from words, and what they find."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

# bm25 over every hit of a very common word is slow (34 ms among 100,000 services): rank this many.
MOST_CANDIDATES: Final = 1000

# Weights of service_text: name, organisation, description, needs, synonyms; the rest weighs 1.
_ANY: Final = "SELECT 1 FROM service_text_fts WHERE service_text_fts MATCH ? LIMIT 1"
_ROWS: Final = "SELECT rowid FROM service_text_fts WHERE service_text_fts MATCH ? LIMIT ?"
_RANKED: Final = (
    "SELECT rowid, -bm25(service_text_fts, 5.0, 2.5, 2.0, 2.0, 0.3) FROM service_text_fts"
    " WHERE service_text_fts MATCH ? LIMIT ?"
)
_RANKED_ADMITTED: Final = _RANKED.replace("LIMIT", "AND admits(rowid) LIMIT")

_TOLD: Final = "{name organisation description details}"

# Whether the service in a row may be found.
Admits = Callable[[int], bool]


class Term(NamedTuple):
    """One word typed and what else may stand for it; phrases hold spaces.

    `is_told`: only what a service says of itself is looked in, not the everyday words of its needs.
    """

    words: tuple[str, ...]
    is_beginning: bool = False
    is_told: bool = False

    @property
    def query(self) -> str:
        """The FTS5 query of this term: quoted strings only."""
        prefix = " *" if self.is_beginning else ""
        alternatives = " OR ".join(f'"{word}"' for word in self.words)
        column = f"{_TOLD} : " if self.is_told else ""
        return f"({column}({alternatives}{prefix}))"


class Candidates(NamedTuple):
    """Rows with their bm25 score (above 0 is better); those of them that hold every term; those
    that hold every term in their name or their organisation's.
    """

    scores: dict[int, float]
    complete: frozenset[int]
    named: frozenset[int]


def occurs(connection: sqlite3.Connection, term: Term) -> bool:
    """Whether any service holds the term."""
    return connection.execute(_ANY, (term.query,)).fetchone() is not None


def candidates(
    connection: sqlite3.Connection, terms: Sequence[Term], admits: Admits | None = None
) -> Candidates:
    """The services that hold any term and are admitted; those that hold all terms are among them.

    When more than MOST_CANDIDATES hold a term, those with all terms, and with all in the name, are
    looked for on their own.
    """
    any_term = " OR ".join(term.query for term in terms)
    every = " AND ".join(term.query for term in terms)
    in_name = f"{{name organisation}} : ({every})"
    scores = _ranked(connection, any_term, admits)
    if len(scores) < MOST_CANDIDATES:
        return Candidates(scores, _rows(connection, every), _rows(connection, in_name))
    # Only the first of many were ranked: the best may be further back.
    complete = _ranked(connection, every, admits)
    named = _ranked(connection, in_name, admits)
    return Candidates(scores | complete | named, frozenset(complete | named), frozenset(named))


def _ranked(connection: sqlite3.Connection, query: str, admits: Admits | None) -> dict[int, float]:
    if admits is None:
        return dict(connection.execute(_RANKED, (query, MOST_CANDIDATES)))
    connection.create_function("admits", 1, admits)
    return dict(connection.execute(_RANKED_ADMITTED, (query, MOST_CANDIDATES)))


def _rows(connection: sqlite3.Connection, query: str) -> frozenset[int]:
    return frozenset(row for (row,) in connection.execute(_ROWS, (query, MOST_CANDIDATES)))
