"""Finding: words typed become a few hundred candidates, and these are put in order."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from directory.postings import NEED_BITS, Entry
from directory.searching.alternatives import ALTERNATIVES
from directory.searching.children import HELPS_CHILDREN, for_children
from directory.searching.full_text import (
    MOST_CANDIDATES,
    Admits,
    Candidates,
    Term,
    candidates,
    occurs,
)
from directory.searching.needs_meant import NeedsMeant
from directory.searching.words import PEOPLE_WORDS, Words, split
from directory.spelling import Vocabulary

# What counts beside the text (which is 1 for the best candidate): the need that was meant, and
# holding every word typed. Chosen on the tuning half of tests/relevance.
NEED_MEANT: Final = 1.0
EVERY_WORD: Final = 0.3
NAMED: Final = 0.5
# A candidate so much worse than the best one shares only a common word with what was typed.
LEAST: Final = 0.3
# One that is half as good holds one word of two, or helps with what may not be meant.
WEAK: Final = 0.5


class Ranking(NamedTuple):
    """Rows of services, best first; what was corrected; and the needs meant, surest first.

    `scores` is of every row, as it was ordered; the best text alone counts 1. `weak` are rows much
    worse than the best one. `capped`: more services hold these words than were ranked.
    """

    rows: Sequence[int]
    corrected: Mapping[str, str]
    needs: Sequence[str]
    capped: bool = False
    scores: Mapping[int, float] = MappingProxyType({})
    weak: frozenset[int] = frozenset()


class Finder:
    """Full text search over the entries of one published directory."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._masks = {entry.row: entry.needs for entry in entries}
        self._meant = NeedsMeant()
        self._known: Vocabulary | None = None

    def find(
        self,
        connection: sqlite3.Connection,
        text: str,
        admits: Admits | None = None,
        *,
        is_child: bool = False,
    ) -> Ranking:
        """The services that suit the words typed; none for no words.

        `admits` says of a row whether it may be among them; without it, any may. `is_child`: who
        needs help is under 18.
        """
        words = Words.of(text)
        if not words.telling:
            return Ranking((), {}, ())
        terms, corrected = self._terms(connection, words.telling)
        terms += self._said(connection, words.every)
        if not terms:
            return Ranking((), {}, ())
        found = candidates(connection, terms, admits)
        needs = self._needs(terms)
        scores = self._scores(found, needs)
        # What is for a child comes first, and makes nothing else worse.
        best = max(scores.values(), default=0.0)
        if is_child:
            for row, more in for_children(connection, needs, admits).items():
                # Having to do with children alone is no reason to be among them.
                if row in scores or more >= HELPS_CHILDREN:
                    scores[row] = scores.get(row, 0.0) + more
        rows = [row for row in scores if scores[row] >= LEAST * best]
        rows.sort(key=lambda row: (-scores[row], row))
        weak = frozenset(row for row in rows if scores[row] < WEAK * best)
        surest = sorted(needs, key=lambda need: -needs[need])
        is_capped = len(scores) >= MOST_CANDIDATES
        return Ranking(rows, corrected, surest, is_capped, scores, weak)

    def _terms(
        self, connection: sqlite3.Connection, telling: Sequence[str]
    ) -> tuple[list[Term], dict[str, str]]:
        terms: list[Term] = []
        corrected: dict[str, str] = {}
        for place, word in enumerate(telling, start=1):
            meanings = (word, *ALTERNATIVES.get(word, ()))
            is_of_people = PEOPLE_WORDS.issuperset(meanings)
            term = Term(meanings, is_told=is_of_people)
            if not occurs(connection, term):
                if is_of_people:
                    continue
                # The last word may be the beginning of one that is still being typed.
                beginning = Term((word,), is_beginning=True)
                if place == len(telling) and occurs(connection, beginning):
                    term = beginning
                else:
                    meant = self._vocabulary(connection).suggestions(word)
                    if meant:
                        term = Term(meant)
                    if meant and meant[0] != word:
                        corrected[word] = meant[0]
            terms.append(term)
        return terms, corrected

    def _said(self, connection: sqlite3.Connection, every: Sequence[str]) -> list[Term]:
        terms = (Term((" ".join(split(phrase)),)) for phrase in self._meant.said(every))
        return [term for term in terms if occurs(connection, term)]

    def _vocabulary(self, connection: sqlite3.Connection) -> Vocabulary:
        # Two threads may both read the words once: they read the same ones.
        if self._known is None:
            self._known = Vocabulary.of(connection)
        return self._known

    def _needs(self, terms: Sequence[Term]) -> Mapping[str, float]:
        return self._meant.of([word for term in terms for word in term.words])

    def _scores(self, found: Candidates, needs: Mapping[str, float]) -> dict[int, float]:
        best = max(found.scores.values(), default=1.0)
        meant = {mask: _worth(mask, needs) for mask in {self._masks[row] for row in found.scores}}
        return {
            row: text / best
            + (EVERY_WORD if row in found.complete else 0.0)
            + (NAMED if row in found.named else 0.0)
            + meant[self._masks[row]]
            for row, text in found.scores.items()
        }


def _worth(mask: int, needs: Mapping[str, float]) -> float:
    """What the surest need that a service holds is worth.

    Squared, because half sure is much less than half as good.
    """
    surest = max((sure for need, sure in needs.items() if mask & NEED_BITS[need]), default=0.0)
    return NEED_MEANT * surest * surest
