"""What stands first when whoever needs help is a child, from `data/children.json`.

Services for children seldom say the worst in so many words: of self harm they say "mental health",
of having nowhere to sleep "worried". So what they do say of a need is looked for as well.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from directory.searching.full_text import Admits, Term, candidates

_FILE: Final = Path(__file__).parents[1] / "data" / "children.json"
_DATA: Final[Mapping[str, Any]] = orjson.loads(_FILE.read_bytes())

_FOR_CHILDREN: Final = Term(tuple(_DATA["words"]), is_told=True)
WORDS_BY_NEED: Final[Mapping[str, tuple[str, ...]]] = {
    need: tuple(words) for need, words in _DATA["needs"].items()
}

# Under this age nobody is an adult.
ADULT: Final = 18
# A need half as sure as the surest is not what was meant.
SURE: Final = 0.7
# More than any service scores that is not named in the words typed.
HELPS_CHILDREN: Final = 2.4
TOLD_BEST: Final = 0.3
SPEAKS_OF_CHILDREN: Final = 0.3


def for_children(
    connection: sqlite3.Connection, needs: Mapping[str, float], admits: Admits | None
) -> Mapping[int, float]:
    """What is added to the score of services that say they are for children.

    Most to those that say so of a need that is meant: they count whatever was typed.
    """
    speaking = candidates(connection, [_FOR_CHILDREN], admits).scores
    added = dict.fromkeys(speaking, SPEAKS_OF_CHILDREN)
    sure = [need for need, how in needs.items() if how >= SURE]
    words = dict.fromkeys(word for need in sure for word in WORDS_BY_NEED.get(need, ()))
    if words:
        telling = candidates(connection, [Term(tuple(words), is_told=True)], admits).scores
        best = max(telling.values(), default=1.0)
        for row in speaking.keys() & telling.keys():
            added[row] += HELPS_CHILDREN + TOLD_BEST * telling[row] / best
    return added
