"""Which needs are behind the words somebody types: "hits me" means domestic abuse."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from directory.model import NEEDS, SYNONYMS
from directory.searching.words import PEOPLE_WORDS, Words

# Every phrase is a short document of its own, so that bm25 puts the need first whose phrase is
# typed whole, and a rare word above a common one.
_CREATE: Final = (
    "CREATE VIRTUAL TABLE phrase USING"
    " fts5(words, tokenize = 'porter unicode61 remove_diacritics 2')"
)
_SEARCH: Final = "SELECT rowid, -bm25(phrase) FROM phrase WHERE phrase MATCH ?"


class NeedsMeant:
    """The phrases of every need, indexed in memory; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._phrases = sqlite3.connect(":memory:", check_same_thread=False)
        self._phrases.execute(_CREATE)
        phrases = list(_phrases())
        self._phrases.executemany("INSERT INTO phrase VALUES (?)", [(text,) for _, text in phrases])
        # What each phrase would score had somebody typed it whole.
        self._whole = [
            (need, self._scores(Words.of(text).telling)[row])
            for row, (need, text) in enumerate(phrases, start=1)
        ]
        self._sayings = {
            words.every: text for _, text in phrases if _is_saying(words := Words.of(text))
        }
        self._longest = max(map(len, self._sayings))

    def said(self, every: Sequence[str]) -> tuple[str, ...]:
        """The phrases mostly of small words that stand in a text word for word.

        "Want to be here" tells all, and none of its words tells anything.
        """
        runs = (
            tuple(every[start:end])
            for start in range(len(every))
            for end in range(start + 2, min(start + self._longest, len(every)) + 1)
        )
        return tuple(dict.fromkeys(self._sayings[run] for run in runs if run in self._sayings))

    def of(self, words: Sequence[str]) -> Mapping[str, float]:
        """How surely each need is meant, 1 for the surest; empty when the words mean none.

        A phrase typed in part counts for that part only, and not at all for whom it is of: a
        "wife" may be hit, or hit somebody, or be looked after.
        """
        best: dict[str, float] = {}
        for row, score in self._told(words).items():
            need, whole = self._whole[row - 1]
            best[need] = max(score * min(1.0, score / whole), best.get(need, 0.0))
        surest = max(best.values(), default=1.0)
        return {need: score / surest for need, score in best.items()}

    def _told(self, words: Sequence[str]) -> dict[int, float]:
        """The score of each phrase that shares more with the words than whom they are of."""
        telling = [word for word in words if word not in PEOPLE_WORDS]
        if len(telling) == len(words):
            return self._scores(words)
        shared = self._scores(telling) if telling else {}
        return {row: score for row, score in self._scores(words).items() if row in shared}

    def _scores(self, words: Sequence[str]) -> dict[int, float]:
        query = " OR ".join(f'"{word}"' for word in words)
        with self._lock:
            return dict(self._phrases.execute(_SEARCH, (query,)))


def _is_saying(words: Words) -> bool:
    return len(words.every) > 2 * len([word for word in words.telling if word in words.every])


def _phrases() -> Iterator[tuple[str, str]]:
    for need, phrase in NEEDS.items():
        for text in (phrase, *SYNONYMS[need]):
            yield need, text
