"""The words somebody typed, as FTS5 would cut them: nothing of the text is ever an operator."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

# Letters and digits of any script: what FTS5's unicode61 tokenizer keeps, so nothing else gets in.
_WORD: Final = re.compile(r"[^\W_]+")
# "can't" is one word to whoever types it, with or without the apostrophe.
_APOSTROPHES: Final = re.compile("['’]")

# Words that say nothing about a service; used only when they are all there is.
_DATA: Final = Path(__file__).parents[1] / "data"
_SMALL_WORDS: Final = frozenset((_DATA / "small_words.txt").read_text(encoding="utf-8").split())
# Words that say of whom somebody speaks ("my wife"), and nothing of what is the matter.
PEOPLE_WORDS: Final = frozenset((_DATA / "people_words.txt").read_text(encoding="utf-8").split())

MOST_CHARACTERS: Final = 200
MOST_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, case-folded, in order, and those among them that tell something."""

    every: tuple[str, ...]
    telling: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """The first words of a text; there may be none."""
        every = split(text)[:MOST_WORDS]
        return cls(every, tuple(word for word in every if word not in _SMALL_WORDS) or every)

    @property
    def only_say_whom(self) -> bool:
        """Whether they say of whom somebody speaks and nothing else ("my son"), or nothing."""
        return (PEOPLE_WORDS | _SMALL_WORDS).issuperset(self.every)


def split(text: str) -> tuple[str, ...]:
    """The words of a text, case-folded and without apostrophes."""
    return tuple(_WORD.findall(_APOSTROPHES.sub("", text[:MOST_CHARACTERS].casefold())))
