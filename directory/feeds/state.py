"""What is remembered of feeds between readings: one SQLite file, each page kept at once.

A reading that was killed goes on with the pages it had; the next reading asks only for what
changed (`ETag`, `Last-Modified`) and takes the rest from here.
"""

import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from directory.feeds.client import Kept

# 1: tables reading and answer.
STATE_FORMAT: Final = 1

_SCHEMA: Final = """
CREATE TABLE reading (
    reading INTEGER PRIMARY KEY,
    feed TEXT NOT NULL,
    started TEXT NOT NULL,
    modified_after TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'complete', 'given-up'))
);
CREATE TABLE answer (
    reading INTEGER NOT NULL REFERENCES reading (reading),
    address TEXT NOT NULL,
    content_type TEXT NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (reading, address)
) WITHOUT ROWID;
"""
_ANSWER: Final = "SELECT body, content_type, etag, last_modified FROM answer"


class StateDamaged(RuntimeError):
    """The file that remembers the feeds is none of ours, or not whole; it may be deleted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a feed; `modified_after` is blank when the whole feed is read."""

    number: int
    feed: str
    started: datetime
    modified_after: str
    resumed: bool


class FeedState:
    """The memory of feeds in a file, made when it is not there. Close it, or use `with`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path)
        try:
            self._prepare()
        except sqlite3.DatabaseError as problem:
            self._connection.close()
            raise StateDamaged("the memory of feeds cannot be read; delete it") from problem
        except StateDamaged:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # What a power cut loses is asked for again; a killed process loses nothing.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {STATE_FORMAT}; COMMIT;"
            )
        elif version != STATE_FORMAT:
            raise StateDamaged(f"the memory of feeds has format {version}, not {STATE_FORMAT}")

    def begin(
        self, feed: str, *, now: datetime, resume_within: timedelta, modified_after: str = ""
    ) -> Reading:
        """Go on with the reading of this feed that broke off lately, or begin a new one.

        Only a reading that asked for the same changes is gone on with; `now` is an aware moment.
        """
        for number, started in self._connection.execute(
            "SELECT reading, started FROM reading"
            " WHERE feed = ? AND modified_after = ? AND state = 'open' ORDER BY reading DESC",
            (feed, modified_after),
        ):
            moment = datetime.fromisoformat(started)
            if timedelta(0) <= now - moment <= resume_within:
                return Reading(number, feed, moment, modified_after, resumed=True)
            break
        with self._connection:
            self._connection.execute(
                "UPDATE reading SET state = 'given-up' WHERE feed = ? AND state = 'open'", (feed,)
            )
            number = self._connection.execute(
                "INSERT INTO reading (feed, started, modified_after, state)"
                " VALUES (?, ?, ?, 'open')",
                (feed, now.isoformat(), modified_after),
            ).lastrowid
        return Reading(number or 0, feed, now, modified_after, resumed=False)

    def kept(self, reading: Reading, address: str) -> Kept | None:
        """What this reading was answered at the address, if it was asked already."""
        return self._answer(
            f"{_ANSWER} WHERE reading = ? AND address = ?", (reading.number, address)
        )

    def former(self, reading: Reading, address: str) -> Kept | None:
        """What the latest earlier reading of the feed was answered at the address."""
        return self._answer(
            f"{_ANSWER} JOIN reading USING (reading) WHERE feed = ? AND reading < ?"
            " AND address = ? ORDER BY reading DESC LIMIT 1",
            (reading.feed, reading.number, address),
        )

    def keep(self, reading: Reading, address: str, answer: Kept) -> None:
        """Keep an answer; once this returns it survives the process."""
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)",
                (
                    reading.number,
                    address,
                    answer.content_type,
                    answer.etag,
                    answer.last_modified,
                    zlib.compress(answer.body, 1),
                ),
            )

    def complete(self, reading: Reading) -> None:
        """Mark a reading as having reached the end of the feed; what it replaces is forgotten.

        A reading of changes replaces nothing: its answers are lists that are never asked again.
        """
        older = "reading = ?" if reading.modified_after else "reading < ?"
        with self._connection:
            self._connection.execute(
                "UPDATE reading SET state = 'complete' WHERE reading = ?", (reading.number,)
            )
            self._connection.execute(
                f"DELETE FROM answer WHERE {older} AND reading IN"  # noqa: S608 one of two texts
                " (SELECT reading FROM reading WHERE feed = ?)",
                (reading.number, reading.feed),
            )

    def give_up(self, reading: Reading) -> None:
        """Mark a reading that must not be gone on with; the next one begins anew."""
        with self._connection:
            self._connection.execute(
                "UPDATE reading SET state = 'given-up' WHERE reading = ?", (reading.number,)
            )

    def last_complete(self, feed: str) -> datetime | None:
        """When the latest reading began that reached the end of the feed."""
        with closing(
            self._connection.execute(
                "SELECT started FROM reading WHERE feed = ? AND state = 'complete'"
                " ORDER BY reading DESC LIMIT 1",
                (feed,),
            )
        ) as found:
            row = found.fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def _answer(self, query: str, values: tuple[object, ...]) -> Kept | None:
        row = self._connection.execute(query, values).fetchone()
        return Kept(zlib.decompress(row[0]), *row[1:]) if row else None
