"""One published version as the open directory sees it: its documents, and indexes to find them by.

Documents stay in the published file; the indexes are made once, when they are first asked for.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Final

import orjson

from directory.artefact import file_of
from directory.artefact_file import connect, nested_document, nested_documents
from directory.matching import Directory
from template_service.data_folder import DIRECTORY, GEOGRAPHY
from template_service.service import Service

from .changes import changed_at, in_use_since
from .facts import Facts, facts_of
from .openness import opened

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "services": "service",
        "organizations": "organization",
        "taxonomies": "taxonomy",
        "taxonomy_terms": "taxonomy_term",
        "service_at_locations": "service_at_location",
    }
)
"""The lists of the API, each with the kind of document it holds."""

# Full text search ranks a few hundred candidates; no search finds more than these.
_MOST_FOUND: Final = 10_000


class Catalogue:
    """The open documents of the directory in use; safe to share between threads.

    `version` is its content hash; `places` stands for the table of postcodes beside it.
    """

    def __init__(self, folder: Path, directory: Directory, places: str = "") -> None:
        self.version = directory.version
        self.in_use_since = in_use_since(folder, directory.version)
        self.places = places
        self._folder = folder
        self._directory = directory
        self._path = file_of(folder, directory.version)
        self._facts: dict[str, Mapping[str, Facts]] = {}
        # Making an index twice at the same time costs memory for nothing.
        self._making = Lock()

    def facts(self, table: str) -> Mapping[str, Facts]:
        """The facts of every document of a list, by id, in order of id."""
        with self._making:
            found = self._facts.get(table)
            if found is None:
                found = {facts.id: facts for facts in self._read_facts(table)}
                self._facts[table] = found
        return found

    def document(self, table: str, document_id: str) -> dict[str, Any] | None:
        """The open document with this id; None when there is none."""
        return next(self.documents(table, [document_id]), None)

    def documents(
        self, table: str, ids: Iterable[str], *, lists: bool = True
    ) -> Iterator[dict[str, Any]]:
        """The open documents with these ids, in their order; an unknown id is passed over.

        Without `lists`, only what stands one to one in them.
        """
        with closing(self._connection()) as connection:
            for document_id in ids:
                stored = nested_document(connection, KINDS[table], document_id)
                if stored is not None:
                    yield opened(orjson.loads(stored), lists=lists)

    def found(self, text: str) -> Mapping[str, int]:
        """The ids of the services that suit the words typed, each with its place, best first."""
        services = self._directory.search(text, _MOST_FOUND)
        return {service.id: place for place, service in enumerate(services)}

    def changed_at(self, table: str) -> Mapping[str, datetime]:
        """When each document of a list last became what it is, as far as kept versions tell."""
        return self._changed[KINDS[table]]

    @cached_property
    def areas(self) -> Mapping[str, frozenset[str]]:
        """The ONS codes of the areas each service covers, by its id; empty where none is known."""
        return {one.id: frozenset(one.service_area) for one in self._directory.services()}

    @cached_property
    def _changed(self) -> Mapping[str, Mapping[str, datetime]]:
        with self._making:
            found: dict[str, dict[str, datetime]] = {kind: {} for kind in KINDS.values()}
            dates = changed_at(self._folder, self.version, self.in_use_since)
            for (kind, document_id), moment in dates.items():
                found[kind][document_id] = moment
        return found

    def _read_facts(self, table: str) -> Iterator[Facts]:
        with closing(self._connection()) as connection:
            for found in nested_documents(connection, KINDS[table]):
                yield facts_of(table, orjson.loads(found.document))

    def _connection(self) -> sqlite3.Connection:
        return connect(self._path)


class Shelf:
    """Holds the catalogue of the directory in use; a newly published one gets its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._catalogue: Catalogue | None = None
        self._changing = Lock()
        # Opened once, at the start, as the geography is.
        self._places = _stamp(service.settings.data / GEOGRAPHY)

    def catalogue(self) -> Catalogue:
        """The catalogue of the directory in use."""
        directory = self._service.directory
        with self._changing:
            if self._catalogue is None or self._catalogue.version != directory.version:
                folder = self._service.settings.data / DIRECTORY
                self._catalogue = Catalogue(folder, directory, self._places)
            return self._catalogue


def _stamp(path: Path) -> str:
    try:
        return str(path.stat().st_mtime_ns)
    except OSError:
        return ""
