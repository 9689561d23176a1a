"""Names that are published in capitals, as people write them."""

import re
from typing import Final

_SMALL: Final = frozenset({"and", "at", "by", "for", "in", "of", "on", "the", "upon", "with"})
# Abbreviations of the NHS that stay in capitals; letters with digits (LS25) do too.
_CAPITALS: Final = frozenset({"BCSS", "CIC", "GP", "GPS", "HMP", "ICB", "NHS", "PCN", "UK", "YOI"})
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WITHOUT_VOWEL: Final = re.compile(r"[^AEIOUY]+")
_TITLES: Final = frozenset({"DR", "DRS", "MR", "MRS", "ST", "RD"})


def as_people_write(name: str) -> str:
    """A name in title case if it is published in capitals; any other as it is. White space is one.

    "DR G LEES & PARTNERS" becomes "Dr G Lees & Partners". Nothing but the case changes.
    """
    name = " ".join(name.split())
    if name != name.upper():
        return name
    written = _WORD.sub(lambda found: _word(found[0]), name)
    return written[:1].upper() + written[1:]


def _word(word: str) -> str:
    if word in _CAPITALS or any(sign.isdigit() for sign in word):
        return word
    if word.lower() in _SMALL:
        return word.lower()
    if _WITHOUT_VOWEL.fullmatch(word) and word not in _TITLES:
        return word
    return word.capitalize()
