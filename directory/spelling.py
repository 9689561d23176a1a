"""Words the directory knows, to find the one that was meant by one it does not know."""

import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Self

from directory.model import NEEDS, SYNONYMS

_WORD: Final = re.compile(r"[^\W\d_]+")
_TEXTS: Final = "SELECT name, organisation, description FROM service_text"

# Damerau: one mistake is a letter too many, missing, wrong, or two swapped. Short words differ by
# one letter from many others ("till", "bill"): there only two letters swapped are forgiven. Nobody
# types words that are longer.
FEWEST_LETTERS: Final = 5
FEWEST_SWAPPED: Final = 4
LETTERS_FOR_TWO_MISTAKES: Final = 8
MOST_LETTERS: Final = 30
MOST_SUGGESTIONS: Final = 3


class Vocabulary:
    """The words of a directory, with how often each occurs."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._times = Counter(word for text in texts for word in _WORD.findall(_plain(text)))
        self._of_length: dict[int, list[str]] = {}
        for word in self._times:
            self._of_length.setdefault(len(word), []).append(word)

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Self:
        """The words of an open published directory and of its need categories."""
        return cls(_texts(connection))

    def suggestions(self, word: str) -> tuple[str, ...]:
        """The known words with the fewest mistakes between them and this one, most used first.

        Empty for a word that is too short to tell, or with no known word near it.
        """
        typed = _plain(word)
        if not FEWEST_SWAPPED <= len(typed) <= MOST_LETTERS:
            return ()
        if len(typed) < FEWEST_LETTERS:
            return self._swapped(typed)
        # Only who mistypes pays for the library.
        from rapidfuzz.distance import OSA  # noqa: PLC0415
        from rapidfuzz.process import extract  # noqa: PLC0415

        most = 2 if len(typed) >= LETTERS_FOR_TWO_MISTAKES else 1
        near = extract(
            typed, self._near(len(typed), most), scorer=OSA.distance, score_cutoff=most, limit=None
        )
        ranked = sorted((mistakes, -self._times[found], found) for found, mistakes, _ in near)
        fewest = [found for mistakes, _, found in ranked if mistakes == ranked[0][0]]
        return tuple(fewest[:MOST_SUGGESTIONS])

    def _swapped(self, typed: str) -> tuple[str, ...]:
        """The known words of which this one has two neighbouring letters swapped, or none."""
        swaps = (
            typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :] for at in range(len(typed) - 1)
        )
        found = {word for word in (typed, *swaps) if word in self._times}
        return (typed,) if typed in found else tuple(sorted(found, key=self._rank))

    def _rank(self, word: str) -> tuple[int, str]:
        return -self._times[word], word

    def _near(self, length: int, most: int) -> list[str]:
        lengths = range(max(length - most, FEWEST_LETTERS - 1), length + most + 1)
        return [word for size in lengths for word in self._of_length.get(size, ())]


def _texts(connection: sqlite3.Connection) -> Iterator[str]:
    for texts in connection.execute(_TEXTS):
        yield from texts
    for need, phrase in NEEDS.items():
        yield phrase
        yield from SYNONYMS[need]


def _plain(text: str) -> str:
    """Case-folded and without accents or apostrophes, as the index and `searching.words` see it."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if letter not in "'’" and not _is_accent(letter))


def _is_accent(letter: str) -> bool:
    return unicodedata.combining(letter) != 0
