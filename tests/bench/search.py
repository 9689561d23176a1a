"""Searching the words of the relevance set in 5,000 and in 100,000 services, beside peers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from directory.filters import Search
from template_service import clock
from tests.bench.city import city
from tests.bench.figures import Figure, interleaved
from tests.bench.match import beside, p95_ms
from tests.bench.peers import Fts5, Tantivy
from tests.relevance.judging import read_queries

SHOWN = 20


def search_5k_p95_ms() -> Iterator[Figure]:
    """Searching what people type in 5,000 services, reasons for leaving out included."""
    yield _search("search_5k_p95_ms", 5_000)


def search_100k_p95_ms() -> Iterator[Figure]:
    """Searching what people type in 100,000 services."""
    yield _search("search_100k_p95_ms", 100_000)


def _search(figure: str, services: int) -> Figure:
    texts = [query.text for query in read_queries()]
    with city(services) as town, closing(sqlite3.connect(town.file)) as connection:
        tantivy, fts5 = Tantivy.of(town.services), Fts5(connection)
        place, now = town.places[0], clock.now()

        def look(text: str) -> None:
            town.directory.look(Search(now=now, text=text, place=place, age=40), SHOWN)

        medians = interleaved(
            {
                "ours": lambda: p95_ms(look, texts),
                "tantivy": lambda: p95_ms(lambda text: tantivy.words(text, SHOWN), texts),
                "fts5": lambda: p95_ms(lambda text: fts5.words(text, SHOWN), texts),
            }
        )
    return beside(figure, medians, None)
